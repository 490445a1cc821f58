// The wording of one statement, changed in its own place: a field over it, as high as it is, so that nothing moves.
// What was begun there and is not kept yet waits in its user's own database of this browser, with its case, at every letter.
import { placeOf } from "./asked.js";
import { tellUntilClosed } from "./leftovers.js";

let field = null; // the open one
let place = () => {}, leave = () => {}, isChanged = () => false;
const begun = new Map(); // case → statement → the words that were begun there and have no field now
let looked = null; // the case that is open, once it was looked for what an earlier loading of the page began there
let looking = null; // resolves when that is found
let writing = Promise.resolve(); // into the database, in the order of the letters
const newest = new Map(); // case and statement → what is written last of it
const tidy = (text) => text.replace(/\s+/g, " ").trim();

export const hasBegun = () => isChanged(); // whether one is open whose words are not kept
export const layEditor = () => place(); // the columns were drawn anew

export function leaveEditor(next) { // case `next` is open
  leave(next);
  if (looked !== next) looked = null;
}

export const unkept = (of) => // the words that were begun in the case that is open, as they are to be quoted
  [...(isChanged() ? [field.value] : []), ...[...waiting(of).values()].map(({ text }) => text)].map((text) => `“${tidy(text) || "(taken out)"}”`);

function waiting(of) {
  if (!begun.has(of)) begun.set(of, new Map());
  return begun.get(of);
}

function store(desk, of, id, words, after = null) { // null: nothing is begun of that statement any more, once `after` has come
  const isOfOthers = () => desk.state.case === of && desk.state.lock?.mine === false; // another page may have begun there
  if (isOfOthers()) return;
  const mine = {}, name = `${of} ${id}`;
  newest.set(name, mine);
  writing = writing.then(() => after).then(() => {
    if (newest.get(name) !== mine || isOfOthers()) return null; // more letters came meanwhile
    newest.delete(name);
    return words ? desk.outbox.putBegun(of, words) : desk.outbox.forgetBegun(of, id);
  }).catch(console.error);
}

export function lookForBegun(desk, of) { // → resolves when it is found, null where it is
  if (looked === of || desk.state.lock?.mine === false) return looking;
  const mine = looking = look(desk, of).catch(console.error).finally(() => { if (looking === mine) looking = null; });
  return looking;
}

async function look(desk, of) { // what an earlier loading of the page began in the case that is open waits here too
  looked = of;
  await writing;
  for (const words of await desk.outbox.begun(of)) {
    const { id } = words, isKnown = waiting(of).has(id) || newest.has(`${of} ${id}`) || field?.dataset.of === id;
    if (looked === of && !isKnown) waiting(of).set(id, { ...words, isOfBefore: true });
  }
}

// The columns of a case were drawn: what was begun there is there again. `isNext`: another one was just kept or left, and
// whoever did that types for it, or for the cards, and not for one that is unread.
export async function resumeEditor(desk, columns, isNext = false) {
  const { case: of } = desk.state, mayOpen = () => !field && desk.state.case === of && desk.state.lock?.mine !== false;
  if (!mayOpen()) return;
  const found = lookForBegun(desk, of);
  if (found) await found;
  if (!mayOpen() || document.body.dataset.stage !== "review") return;
  for (const words of [...waiting(of).values()]) if (reopened(desk, columns, of, words, isNext)) return; // the next one comes after it
}

function reopened(desk, columns, of, { id, says, text, difference, isOfBefore }, isNext) { // → whether there is a field for it
  waiting(of).delete(id);
  const same = [...columns.querySelectorAll(".statement")].filter(({ dataset }) => dataset.statement === id);
  const statement = same.find((one) => one.matches("[tabindex]") && one.dataset.says === says);
  if (statement) {
    const others = waiting(of).size, more = `${others} more ${others === 1 ? "waits" : "wait"} behind it.`;
    openEditor(desk, columns, statement, difference, text, !isNext);
    const told = isNext ? `Another wording that you began is not kept yet: “${tidy(text)}”. E or a click goes to it.`
      : isOfBefore && "The wording that you began is not kept yet: Enter keeps it, Esc leaves it.";
    if (told) desk.tell(`${told}${others ? ` ${more}` : ""}`, { of });
    return true;
  }
  const isKept = same.some(({ dataset }) => tidy(dataset.says) === tidy(text)); // after all
  store(desk, of, id, null, isKept ? null : tellUntilClosed(desk, `The sentence that you began to edit reads otherwise by now, so your words were not taken: “${text}”`, of));
  return false;
}

export function toEditor(desk) { // → whether one is open whose words are not kept: two at once would hide one under the other
  if (!isChanged()) return false;
  field.focus({ preventScroll: true });
  desk.tell("Another sentence is being edited: Enter keeps your words, Esc leaves them; then edit this one.");
  return true;
}

export function openEditor(desk, columns, statement, difference = "", text = null, takesFocus = true) {
  if (toEditor(desk)) return;
  field?.remove();
  place = leave = () => {};
  const { case: of } = desk.state;
  const { statement: id, says } = statement.dataset;
  const before = statement.querySelector(".wording").textContent;
  const card = document.activeElement?.closest("#cards .card")?.dataset.d; // where E was pressed
  const box = document.createElement("textarea");
  field = box;
  box.className = "wording-field";
  box.dataset.of = id;
  box.value = text ?? before;
  box.spellcheck = true;
  box.setAttribute("aria-label", "wording of this statement. Enter: keep, Escape: leave");
  document.querySelector("#shell").append(box);

  const find = () => columns.querySelector(`.statement[data-statement="${CSS.escape(id)}"]`);
  function lay() {
    const now = find();
    if (!now) return; // drawn anew without it: the words stay where they are until they are kept or left
    const text = now.getBoundingClientRect(), cell = now.closest("td").getBoundingClientRect(), all = columns.getBoundingClientRect();
    box.style.left = `${cell.left}px`;
    box.style.width = `${cell.width}px`;
    box.style.height = `${text.height + 10}px`;
    const covered = parseFloat(getComputedStyle(columns).scrollPaddingBottom) || 0; // by notices
    box.style.top = `${Math.min(Math.max(text.top - 5, all.top), all.bottom - covered - text.height - 10)}px`;
    if (box.scrollHeight > box.clientHeight) box.style.height = `${Math.min(box.scrollHeight + 4, all.height)}px`; // it grew while typing
  }
  const watch = new ResizeObserver(lay);
  isChanged = () => box.value.trim() !== before.trim();
  const words = () => ({ id, says, text: box.value, difference });
  function changed() {
    box.classList.toggle("unkept", isChanged());
    store(desk, of, id, isChanged() ? words() : null);
    lay();
  }

  const opener = () => card && document.querySelector(`#cards .card[data-d="${CSS.escape(card)}"]`);
  function close(back = find()) {
    if (field !== box) return;
    field = null;
    place = leave = () => {};
    isChanged = () => false;
    watch.disconnect();
    columns.removeEventListener("scroll", lay);
    box.remove();
    back?.focus({ preventScroll: true });
  }

  async function keep() {
    const text = tidy(box.value), begunHere = words();
    close();
    if (text === before.trim()) return forget();
    const wording = find()?.querySelector(".wording");
    if (wording) wording.textContent = text || "(taken out)"; // at once; the server draws it with its marks
    wording?.classList.add("sent");
    const answer = desk.send({ do: "edit", case: of, statement: id, before: says, text, discrepancy: difference });
    forget(desk.sendings); // the command is in the database by then
    if (!(await answer).ok) refused(begunHere);
  }

  function left() { // what waits behind it comes, unless another one is opened now
    close(null);
    queueMicrotask(() => resumeEditor(desk, columns, true));
  }

  function forget(after) {
    store(desk, of, id, null, after);
    resumeEditor(desk, columns, true);
  }

  function refused(begunHere) {
    const isBegunAnew = field?.dataset.of === id && desk.state.case === of && isChanged();
    if (!isBegunAnew) {
      waiting(of).set(id, begunHere);
      store(desk, of, id, begunHere);
    }
    if (desk.state.case !== of) return;
    const now = find()?.querySelector(".wording.sent");
    if (now) { now.textContent = before; now.classList.remove("sent"); }
    resumeEditor(desk, columns);
  }

  box.addEventListener("keydown", (event) => {
    if (event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.repeat) return; // held since before this field was there
    if (event.key === "Enter") return keep();
    if (isChanged()) desk.tell(`Left, and not kept: “${tidy(box.value)}”`, { of });
    close(opener() ?? find());
    forget();
  });
  box.addEventListener("input", changed);
  box.addEventListener("blur", () => { if (field === box && !isChanged()) left(); }); // changed words stay open
  columns.addEventListener("scroll", lay, { passive: true });
  watch.observe(columns);
  place = lay;
  leave = (next) => {
    if (next === of) return;
    const begunHere = words(), wasChanged = isChanged();
    close(null);
    if (!wasChanged) return;
    waiting(of).set(id, begunHere);
    desk.tell("The wording that you began was not sent; it is there again when you open this case.", { of });
  };
  box.classList.toggle("unkept", isChanged());
  lay();
  box.setSelectionRange(box.value.length, box.value.length);
  if (takesFocus) box.focus({ preventScroll: true });
}

export function toWord(desk, { statement: id, text }) { // where it is typed anew: in the sentence of the report that holds it
  const columns = document.querySelector("#columns");
  const statement = columns?.querySelector(`td.written .statement[data-statement="${CSS.escape(id)}"]`);
  if (!statement) return desk.tell("The sentence with this word is not shown; B goes to the text.");
  openEditor(desk, columns, statement);
  const field = document.activeElement, place = placeOf(text, field?.value ?? "");
  if (place) field.setSelectionRange(...place);
}
