// A region that is drawn anew takes the focus away with the element that had it; its equal in what came gets it back.
const NAMES = ["data-d", "data-statement", "data-action", "name"];
const PLACES = "[data-d], [data-statement], details"; // what an element is in
const drawnOf = new WeakMap(); // region → the case that it shows
let kept = null; // what had the focus

function named(element) {
  const name = NAMES.find((one) => element.hasAttribute(one));
  if (name) return `${element.localName}[${name}="${CSS.escape(element.getAttribute(name))}"]`;
  return element.localName + (element.classList.length ? `.${CSS.escape(element.classList[0])}` : "");
}

function steps(element, region) { // the places that it is in, from without, and itself
  const all = [named(element)];
  for (let at = element.parentElement.closest(PLACES); at && region.contains(at); at = at.parentElement.closest(PLACES)) all.unshift(named(at));
  return all;
}

const equals = (region, wanted) =>
  [...region.querySelectorAll(wanted.join(" "))].filter((one) => steps(one, region).join(" ") === wanted.join(" "));

export function keepFocus(region, of) { // before it is drawn, with what belongs to case `of`
  const element = document.activeElement, isSame = drawnOf.get(region) === of;
  drawnOf.set(region, of);
  if (!isSame || element === region || !region.contains(element) || element.matches("[data-field]")) return; // fields.js keeps its own
  const path = steps(element, region);
  kept = { element, region, path, nth: equals(region, path).indexOf(element) };
}

// Once what came can be seen, as folds are open again. `isLast`: if there is no equal, what is nearest to it.
export function giveFocusBack(isLast = false) {
  if (!kept) return;
  const { element, region, path, nth } = kept;
  const found = [element.isConnected ? element : equals(region, path)[nth]];
  if (isLast) {
    for (let length = path.length - 1; length > 0; length--) {
      const [place] = equals(region, path.slice(0, length));
      found.push(place, place?.querySelector("[data-action]"));
    }
    found.push(region);
    kept = null;
  }
  for (const one of found) if (document.activeElement === document.body) one?.focus({ preventScroll: true });
}
