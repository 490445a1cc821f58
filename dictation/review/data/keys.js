// One table of keys for the whole page. Two meanings for one key are refused when the page loads, not found out at work.
// A key acts on the case, so it is refused while a dialog or the worklist lies over it (covers.js), unless it is `over`.
// A key is { key, label, group, run, release?, repeats?, when?, always?, over?, acts?, listed?, scope? }:
//   key      KeyboardEvent.key with "Ctrl+", "Alt+", "Shift+" before it; letters are small: "h", "Ctrl+Enter", "Alt+w", "?"
//   run      on press, once however long it is held, unless it `repeats`; release: when it is let go
//   when     obeyed only while it says so; a key may mean two things where both have one
//   always   also while somebody types
//   over     also while the case is covered: it acts on no case (true), or a cover that this selector fits tells what it does
//   acts     changes the case: a letter that does is not obeyed soon after one that came while nothing had the focus
//   moves    only moves the focus: obeyed at once on an alert, too
//   listed   how the help calls it, where it is one of a row of keys
//   scope    an element: obeyed only while the focus is in it, and before a key of the page; of a cover also while it is nowhere
// A letter is obeyed once it stands alone (strays.js), on the alert or statement that had the focus as it came.
import { coverOf } from "./covers.js";
import { IN_DIALOG, NOWHERE, ON_ALERT, Strays } from "./strays.js";

const BROWSERS = ["Ctrl+n", "Ctrl+t", "Ctrl+w", "Ctrl+Shift+n", "Ctrl+Shift+t", "Ctrl+Shift+w"]; // a page never gets them
const NAMES = { " ": "Space", Enter: "⏎", Escape: "Esc", ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→" };

export const shown = (key) => key.split(/\+(?=.)/).map((part) => NAMES[part] ?? (part.length === 1 ? part.toUpperCase() : part)).join(" ");

export function named(event) { // the name of what was pressed
  let { key } = event;
  if (key === undefined) return ""; // a browser fills in a form
  const printed = key.length === 1;
  const isAltGr = event.getModifierState?.("AltGraph");
  const ctrl = (event.ctrlKey || event.metaKey) && !isAltGr, alt = event.altKey && !isAltGr;
  const letter = /^Key([A-Z])$/.exec(event.code ?? "")?.[1].toLowerCase();
  if (printed && letter && (alt || key > "~")) key = letter; // Alt makes signs of letters; a Cyrillic keyboard has none
  const shift = event.shiftKey && (!printed || ((ctrl || alt) && letter));
  return `${ctrl ? "Ctrl+" : ""}${alt ? "Alt+" : ""}${shift ? "Shift+" : ""}${printed ? key.toLowerCase() : key}`;
}

const OF_NO_CASE = "Page"; // the group of keys that do the same whatever case is open

const FIELDS = "input:not([type=checkbox], [type=radio], [type=button], [type=range]), textarea, select";
const CONTROLS = "button, summary, a[href], [role=button], audio, input[type=checkbox], input[type=radio]";
const isTyping = (target) => Boolean(target?.isContentEditable || target?.closest?.(FIELDS));
const ofControl = (target, key) => [" ", "Enter"].includes(key) && target?.closest?.(CONTROLS);

const worksOver = ({ over }, cover) => !cover || over === true || Boolean(over && cover.matches(over));
const OF_LETTERS = "#cards, #columns .statement"; // where letters are keys
function idOf(place) { // of the alert or statement that a letter is meant for
  const meant = place.closest("[data-d], [data-statement]") ?? document.querySelector("#cards .card.now");
  return meant ? meant.dataset.statement ?? meant.dataset.d : "";
}
const MODIFIERS = ["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock"];
export const isSign = (name) => [...name].length === 1; // a letter or a digit: over a dialog it is no slip of a key of the page

// refuse(what, cover, why): says aloud what was not done under a cover; null: for another reason, as a rule typed words
// lost(words, isWhole, isOnAlert): says aloud what was typed where nothing took it; caseOf(): which case is open
export function createKeys(document, refuse = () => {}, lost = () => {}, caseOf = () => null) {
  const table = [];
  const held = new Map(); // KeyboardEvent.code → key that is down
  const strays = new Strays(lost);
  let isClosed = false;

  function add(key) {
    if (isClosed) return;
    const same = table.find((one) => one.key === key.key && one.scope === key.scope && !(one.when && key.when));
    if (same) throw new Error(`the key ${key.key} is taken: "${same.label}" and "${key.label}"`);
    if (BROWSERS.includes(key.key)) throw new Error(`the browser keeps ${key.key} for itself: "${key.label}"`);
    table.push(key);
  }

  function remove(key) { table.splice(table.indexOf(key), 1); }

  function close() { // for good
    isClosed = true;
    strays.forget();
    table.length = 0;
  }

  function found(name, target) {
    const cover = coverOf(document);
    const scopes = [...new Set(table.map((one) => one.scope).filter(Boolean))];
    const inside = scopes.filter((scope) => scope.contains(target) || (scope === cover && target === document.body));
    const fits = (one) => one.key === name && (one.when?.() ?? true) && (one.always || !isTyping(target));
    const own = table.find((one) => inside.includes(one.scope) && (!cover || cover.contains(one.scope)) && fits(one));
    return own ?? table.find((one) => !one.scope && fits(one));
  }

  function isCovered(key, what = `“${key.label}” was not done`) { // → whether it is refused
    const cover = key.scope ? null : coverOf(document);
    if (worksOver(key, cover)) return false;
    refuse(what, cover);
    return true;
  }

  function placeOf(event) {
    // What was just closed has the focus until the page is drawn anew; a quick hand means the page.
    const target = event.isTrusted && event.target !== document.activeElement ? document.activeElement : event.target;
    return !target || target.checkVisibility?.() === false ? document.body : target;
  }

  function paceOf(name, target) { // of a letter that may be of words; null: of any other key
    if (!isSign(name) || coverOf(document) || isTyping(target)) return null;
    return target.closest?.(OF_LETTERS) ? ON_ALERT : NOWHERE;
  }

  document.addEventListener("keydown", (event) => { // before a button or an alert has it
    if (event.isComposing || !["Enter", "Tab"].includes(named(event))) return;
    const target = placeOf(event);
    if (coverOf(document) || isTyping(target) || !strays.close(event.timeStamp)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    const name = named(event), isModifier = MODIFIERS.includes(event.key);
    if (!isModifier && (!paceOf(name, placeOf(event)) || strays.isAlone(event.key, event.timeStamp))) strays.interrupt(); // which may give the focus to something
    const target = placeOf(event), key = found(name, target), pace = paceOf(name, target);
    if (ofControl(target, name) && (pace !== ON_ALERT || strays.isQuiet(event.timeStamp))) return; // Space within words presses nothing
    const isAfterStrays = pace === ON_ALERT && strays.pace === NOWHERE && !strays.waiting && !strays.words && strays.isRecent(event.timeStamp);
    if (!pace || key?.always || isAfterStrays || (pace === NOWHERE && key?.scope)) return obey(key, event);
    event.preventDefault();
    if (event.repeat) return;
    const meant = idOf(target), of = caseOf();
    strays.add(event.key, event.timeStamp, pace, () => {
      const now = placeOf(event);
      const key = found(name, now);
      if (caseOf() !== of && key?.group !== OF_NO_CASE) changedUnder(key, "another case is open by now.");
      else if (key?.acts && pace === ON_ALERT && idOf(now) !== meant) changedUnder(key, "another alert has the focus by now.");
      else obey(key, event);
    }, pace === ON_ALERT && key?.moves);
  });

  function changedUnder(key, why) { // what was decided on is gone: the letter was not meant for what is there now
    if (key) refuse(`“${key.label}” was not done`, null, why);
  }

  function obey(key, event) {
    if (!key) return;
    const name = named(event);
    const isOfCover = isSign(name) || name === "Escape"; // which has its own meaning for them, or none
    if (isOfCover && !key.scope && !worksOver(key, coverOf(document))) return;
    event.preventDefault(); // also of a repeat: Ctrl+D held down would make bookmarks
    if (event.repeat && !key.repeats) return;
    if (isCovered(key)) return;
    if (key.acts && isSign(name) && event.timeStamp > strays.last_ms && strays.isRecent(event.timeStamp)) return refuse(`“${key.label}” was not done`, null);
    if (key.release) held.set(event.code, key);
    key.run(event);
  }
  document.addEventListener("keyup", (event) => {
    held.get(event.code)?.release(event);
    held.delete(event.code);
  });
  const letGo = () => { // the key comes up in another window: nobody tells this one
    for (const key of held.values()) key.release();
    held.clear();
  };
  document.defaultView.addEventListener("blur", letGo);
  document.addEventListener("pointerdown", () => strays.interrupt(), true);

  // Buttons that say which key they are. Pressing one leaves the caret where it is.
  const button = (event) => event.target.closest?.("button[data-key]");
  document.addEventListener("mousedown", (event) => { if (button(event)) event.preventDefault(); });
  document.addEventListener("click", (event) => { if (button(event)) run(button(event).dataset.key); });

  function run(name, what) { // by a button, a pedal, a spoken word: whether there was something to do
    const key = table.find((one) => one.key === name && !one.scope && (one.when?.() ?? true));
    if (key && !isCovered(key, what)) key.run();
    return Boolean(key);
  }

  function works(name) { // whether it does something, pressed where the focus is now
    const cover = coverOf(document), key = found(name, placeOf({ target: document.activeElement ?? document.body }));
    return Boolean(key) && Boolean(key.scope || worksOver(key, cover));
  }

  // The letter or digit with which a dialog is answered, obeyed once it stands alone: a scanner's number answers nothing.
  function answer(event, obey) { strays.add(event.key, event.timeStamp, IN_DIALOG, obey); }

  function isOfWords(event) { // → whether Enter ends what came faster than a person answers; a letter that waits is obeyed
    if (strays.words && strays.close(event.timeStamp)) return true;
    strays.settle();
    return false;
  }

  return { add, remove, close, answer, isOfWords, list: () => table.slice(), run, works, isQuiet: () => strays.isQuiet(performance.now()) };
}
