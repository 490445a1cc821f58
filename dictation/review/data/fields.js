// The [fields] of the report: Tab goes from one to the next, a digit or an arrow and Enter picks, typing fills.
// What may stand in a field opens beside the text, over it: nothing moves. The server draws what was filled. A page that
// only looks on may go to a field and read it; filling is refused in a sentence.
const FIELD = "[data-field]", MOST_DIGITS = 9;
const TYPING_MS = 700; // after a letter, another one may come: of words that were meant for the text

let desk, box, field = "", home = null, wanted = "", stood = ""; // stood: in the line, when it was opened
let chosen = 0, typed = "", isMeant = false; // isMeant: somebody moved to the choice that is marked, or typed its beginning

const all = () => [...document.querySelectorAll(`#report ${FIELD}, #columns ${FIELD}`)].filter((one) => one.checkVisibility());
const find = (id) => all().find((one) => one.dataset.field === id);
const choices = (element) => JSON.parse(element.dataset.choices ?? "[]");
const isMine = () => desk.state?.lock?.mine !== false;
const FILLING = /^(Enter| |Delete|Backspace|[0-9])$/; // keys that fill; letters are the page's where nothing can be filled
const OF_TYPING = /^(.|Delete|Backspace|Enter|Home|End|Arrow.*)$/u; // what is meant for the line that is typed into
const line = () => box.querySelector("input");
const text = (element) => element.dataset.value ?? "";

function part(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

// the list, or the line, beside the field

function open(element) {
  const { label, kind, takes } = element.dataset;
  if (kind === "pick") {
    const list = choices(element);
    chosen = Math.max(0, list.indexOf(text(element) || element.dataset.offered));
    const items = list.map((choice, index) => {
      const item = part("li", { role: "option", id: `field-choice-${index}` });
      if (index < MOST_DIGITS) item.append(part("kbd", { "aria-hidden": "true" }, `${index + 1}`), " ");
      item.append(choice);
      item.addEventListener("mousedown", (event) => { event.preventDefault(); fill(choice); });
      return item;
    });
    const words = part("p", { id: "field-typed", role: "status" });
    typed = "";
    isMeant = list.includes(text(element) || element.dataset.offered);
    box.replaceChildren(part("ul", { role: "listbox", id: "field-choices", "aria-label": label }, ...items), words);
    element.setAttribute("aria-controls", "field-choices");
  } else {
    const input = part("input", { id: "field-line", autocomplete: "off", "aria-describedby": "field-takes" });
    if (kind === "number") input.inputMode = "decimal";
    input.value = stood = text(element);
    box.replaceChildren(part("label", { for: "field-line" }, label), input, part("p", { id: "field-takes" }, takes));
  }
  element.setAttribute("aria-expanded", "true");
  if (!box.matches(":popover-open")) box.showPopover();
  show(element);
  place();
  if (kind !== "pick") { line().focus({ preventScroll: true }); line().select(); }
}

function show(element) {
  box.querySelectorAll("[role=option]").forEach((item, index) => item.setAttribute("aria-selected", String(index === chosen)));
  if (element.dataset.kind === "pick") {
    element.setAttribute("aria-activedescendant", `field-choice-${chosen}`);
    box.querySelector("#field-typed").textContent = !typed ? "" : isMeant ? typed : `“${typed}” is none of the choices`;
    place();
  }
  box.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
}

function place() {
  const element = find(field);
  if (!element || !box.matches(":popover-open")) return;
  const rectangles = element.getClientRects(), at = rectangles[0] ?? element.getBoundingClientRect();
  const { width, height } = box.getBoundingClientRect();
  const below = (rectangles[rectangles.length - 1] ?? at).bottom + 4;
  box.style.left = `${Math.max(4, Math.min(at.left, innerWidth - width - 4))}px`;
  box.style.top = `${below + height < innerHeight - 4 ? below : Math.max(4, at.top - height - 4)}px`;
}

function shut() {
  if (box.matches(":popover-open")) box.hidePopover();
  box.replaceChildren();
  typed = "";
  const element = find(field);
  element?.setAttribute("aria-expanded", "false");
  element?.removeAttribute("aria-activedescendant");
  element?.removeAttribute("aria-controls");
}

// from field to field

function at(id) { // what is said now is meant for this field
  if (field === id) return;
  field = id;
  if (desk.state && "field" in desk.state && isMine()) desk.send({ do: "field", id, ...(desk.capture?.soundNow ?? {}) });
}

function enter(element) { // the focus is on it
  if (field !== element.dataset.field) shut();
  at(element.dataset.field);
  document.querySelectorAll(`${FIELD}.now`).forEach((one) => one !== element && one.classList.remove("now"));
  element.classList.add("now");
  if (isMine() && !box.matches(":popover-open")) open(element);
}

function leave(back = false) {
  shut();
  find(field)?.classList.remove("now");
  at("");
  if (back && home?.isConnected) home.focus({ preventScroll: true });
  if (back) home = null;
}

function go(element) {
  const active = document.activeElement;
  if (!active?.closest?.(FIELD) && !box.contains(active)) home = active;
  element.scrollIntoView({ block: "nearest" });
  element.focus({ preventScroll: true });
}

function beside(step, isOpen = false) { // the next one; with `isOpen` the next that nobody filled, round and round
  const list = all(), at = list.findIndex((one) => one.dataset.field === field);
  if (!isOpen) return list[at + step];
  return [...list.slice(at + 1), ...list.slice(0, at + 1)].find((one) => one.classList.contains("open"));
}

let came_ms = -Infinity; // when a letter brought the focus here, or one of the same word came after it

function toOpen(event) {
  const element = beside(1, true);
  if (event?.key === "g" && !event.altKey) came_ms = event.timeStamp;
  if (element) go(element);
  else desk.tell("No field is open.");
}

// filling

function refuse() {
  desk.tell(desk.state.may_work === false ? "Your role here looks at cases and fills nothing." : "Not filled: another page works on this case; press T to take it over.", { error: true });
}

function lost() { // another page took the case over while a list or a line was open
  const element = find(field), written = line()?.value.trim();
  const isKept = !written || written === text(element ?? box), isLine = box.contains(document.activeElement);
  shut();
  if (element && isLine) quietly(element);
  if (!isKept) desk.tell(`“${written}” was not filled in, as another page works on this case now.`, { error: true });
}

function signedOut() { // the report is off the page already; what stands in the line waits with the other commands
  if (!field) return;
  const written = line()?.value.trim();
  if (written && written !== stood && isMine()) desk.send({ do: "fill", field, value: written });
  leave();
  home = null;
}

async function fill(value) {
  const element = find(field), id = field;
  if (!element) return;
  if (!isMine()) return refuse();
  const before = { text: element.textContent, value: text(element), open: element.classList.contains("open") };
  const isLine = box.contains(document.activeElement);
  shut();
  if (isLine) quietly(element);
  if (value === before.value) return;
  if (value) element.textContent = value; // at once; the server draws it with its marks
  element.classList.toggle("open", !value);
  const { ok } = await desk.send({ do: "fill", field: id, value });
  const now = find(id);
  if (ok || !now || text(now) !== before.value) return;
  now.textContent = before.text;
  now.classList.toggle("open", before.open);
}

function quietly(element) { // the focus goes back to the field, its line stays shut
  element.dataset.quiet = "";
  element.focus({ preventScroll: true });
  delete element.dataset.quiet;
}

// keys; those that mean nothing here go on to the page's

function pick(event, element) {
  const { key } = event, list = choices(element), isOpen = box.matches(":popover-open");
  const step = { ArrowDown: 1, ArrowUp: -1, ArrowRight: 1, ArrowLeft: -1 }[key];
  if (step || key === "Home" || key === "End") {
    if (!isOpen) open(element);
    else chosen = step ? (chosen + step + list.length) % list.length : key === "Home" ? 0 : list.length - 1;
    typed = "";
    isMeant = true;
    show(element);
    return true;
  }
  if (key === "Enter" || (key === " " && !typed)) {
    if (!isOpen) open(element);
    else if (isMeant) fill(list[chosen]);
    else if (key === "Enter") notFilled();
    return true;
  }
  if (key === "Backspace" && typed) return type(typed.slice(0, -1), element);
  if (/^[1-9]$/.test(key) && !typed && list[key - 1] !== undefined) {
    fill(list[key - 1]);
    return true;
  }
  return key.length === 1 && type(typed + key.toLowerCase(), element);
}

function notFilled() {
  const why = typed ? `“${typed}” is none of the choices` : "Go to a choice (↓), or press its digit";
  desk.tell(`${why}: nothing was filled in.`, { error: true });
}

function type(words, element) { // the beginning of a choice; what is none of them chooses nothing
  if (!box.matches(":popover-open")) open(element);
  typed = words;
  const found = choices(element).findIndex((choice) => choice.toLowerCase().startsWith(typed.trimEnd()));
  isMeant = Boolean(typed.trim()) && found >= 0;
  if (isMeant) chosen = found;
  show(element);
  return true;
}

function write(event, element) {
  const { key } = event;
  if (event.target !== line()) { // on the field, its line is shut
    if (key === "Enter" || key === " " || key === "ArrowDown") { open(element); return true; }
    if (key.length === 1) { open(element); line().value = key; return true; }
    return false;
  }
  if (key === "Enter") { fill(line().value.trim()); return true; }
  return false;
}

function pressed(event) {
  if (event.isComposing) return;
  const isHere = event.target.closest?.(FIELD) || box.contains(event.target);
  const element = isHere ? find(field) : null;
  if (!element) return;
  const { key } = event;
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const isOfWord = key.length === 1 && event.timeStamp - came_ms < TYPING_MS;
  came_ms = isOfWord ? event.timeStamp : key === "Shift" ? came_ms : -Infinity;
  if (isOfWord) { // somebody types words, and not an answer
    event.preventDefault();
    event.stopPropagation();
    return;
  }
  let done = false;
  if (key === "Tab") {
    const next = beside(event.shiftKey ? -1 : 1);
    if (line()) fill(line().value.trim());
    else if (typed && isMeant) fill(choices(element)[chosen]);
    else if (typed) notFilled();
    if (next) go(next);
    else if (element !== document.activeElement) quietly(element); // Tab leaves the fields from here
    done = Boolean(next);
  } else if (key === "Escape") {
    if (!box.matches(":popover-open")) leave(true);
    else if (box.contains(event.target)) { shut(); quietly(element); }
    else shut();
    done = true;
  } else if (!isMine()) {
    if (FILLING.test(key)) { refuse(); done = true; }
  } else if ((key === "Delete" || key === "Backspace") && event.target === element && text(element) && !typed) {
    fill("");
    done = true;
  } else done = element.dataset.kind === "pick" ? pick(event, element) : write(event, element);
  if (done) event.preventDefault();
  if (done || (event.target === line() && OF_TYPING.test(key))) event.stopPropagation(); // the dictation key is always obeyed
}

// the server drew the text anew: the field that has the focus is another element now

function drawn() {
  const element = wanted ? find(wanted) : find(field);
  if (wanted && element) { wanted = ""; return go(element); }
  if (!field) return;
  if (!element) return leave(true);
  element.classList.add("now");
  if (box.matches(":popover-open")) {
    element.setAttribute("aria-expanded", "true");
    place();
  }
  if (document.activeElement === document.body) box.matches(":popover-open") ? element.focus({ preventScroll: true }) : quietly(element);
}

export function install(ofPage) {
  desk = ofPage;
  box = part("div", { id: "field-box", popover: "manual" });
  (document.querySelector("#shell") ?? document.body).append(box);
  document.addEventListener("keydown", pressed, true);
  document.addEventListener("focusin", ({ target }) => {
    const element = target.closest?.(FIELD);
    if (element && "quiet" in element.dataset) return;
    if (element) enter(element);
  });
  document.addEventListener("focusout", ({ target, relatedTarget }) => {
    if (!field || !(target.closest?.(FIELD) || box.contains(target))) return;
    if (relatedTarget && (box.contains(relatedTarget) || relatedTarget.dataset?.field === field)) return;
    setTimeout(() => { // a field that was drawn anew has the focus again by now
      const active = document.activeElement;
      if (!field || box.contains(active) || active?.dataset?.field === field || active === document.body) return;
      if (line()?.value.trim() && line().value.trim() !== text(find(field) ?? box)) fill(line().value.trim());
      if (!active?.closest?.(FIELD)) leave();
    });
  });
  document.addEventListener("click", ({ target }) => {
    const element = target.closest?.(FIELD);
    if (element?.dataset.field !== field || box.matches(":popover-open")) return;
    if (isMine()) open(element);
    else if (element) refuse();
  });
  document.addEventListener("mousedown", ({ target }) => {
    if (field && !box.contains(target) && !target.closest?.(FIELD)) leave();
  });
  document.addEventListener("scroll", place, { capture: true, passive: true });
  addEventListener("resize", place);
  desk.on("drawn", drawn);
  desk.on("report", drawn);
  desk.on("case", () => { if (!isMine() && box.matches(":popover-open")) lost(); });
  desk.on("signed-out", signedOut);
  desk.on("field", ({ id }) => { // by voice: "next field"
    if (!isMine()) return; // somebody else says it
    if (field !== id) { // told back to the server it would come late, and undo where somebody has gone on by then
      shut();
      find(field)?.classList.remove("now");
      field = id;
    }
    if (!id) return leave(true);
    const element = find(id);
    if (element) go(element);
    else wanted = id; // it is drawn in a moment
  });
  const group = "Report";
  desk.keys.add({ key: "g", label: "go to the next field that is not filled", group, run: toOpen, when: () => all().length > 0 });
  desk.keys.add({ key: "Alt+g", label: "go to the next field, also while you type", group, run: toOpen, always: true });
}
