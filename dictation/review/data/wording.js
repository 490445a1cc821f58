// The wording of one statement, changed in its own place: a field over it, as high as it is, so that nothing moves.
let field = null; // the open one
let place = () => {}, leave = () => {}, isChanged = () => false;
const begun = new Map(); // case → the words that were begun there when another one was opened

export const layEditor = () => place(); // the columns were drawn anew
export const leaveEditor = (next) => leave(next); // case `next` is open

export function resumeEditor(desk, columns) { // the columns of a case were drawn: what was begun there is there again
  const { case: of } = desk.state, words = begun.get(of);
  if (!words || field) return;
  begun.delete(of);
  const { id, says, text, difference } = words;
  const statement = [...columns.querySelectorAll(".statement[tabindex]")].find(({ dataset }) => dataset.statement === id && dataset.says === says);
  if (statement) openEditor(desk, columns, statement, difference, text);
  else desk.tell(`The sentence that you began to edit reads otherwise by now, so your words were not taken: “${text}”`, { error: true, of });
}

export function openEditor(desk, columns, statement, difference = "", text = null) {
  if (isChanged()) { // two at once would hide one under the other
    field.focus({ preventScroll: true });
    desk.tell("Another sentence is being edited: Enter keeps your words, Esc leaves them; then edit this one.");
    return;
  }
  field?.remove();
  place = leave = () => {};
  const { case: of } = desk.state;
  const { statement: id, says } = statement.dataset;
  const before = statement.querySelector(".wording").textContent;
  const box = document.createElement("textarea");
  field = box;
  box.className = "wording-field";
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
    box.style.top = `${Math.min(Math.max(text.top - 5, all.top), all.bottom - text.height - 10)}px`;
    if (box.scrollHeight > box.clientHeight) box.style.height = `${Math.min(box.scrollHeight + 4, all.height)}px`; // it grew while typing
  }
  const watch = new ResizeObserver(lay);
  isChanged = () => box.value.trim() !== before.trim();

  function close(back = true) {
    if (field !== box) return;
    field = null;
    place = leave = () => {};
    isChanged = () => false;
    watch.disconnect();
    columns.removeEventListener("scroll", lay);
    box.remove();
    if (back) find()?.focus({ preventScroll: true });
  }

  async function keep() {
    const text = box.value.replace(/\s+/g, " ").trim();
    close();
    if (text === before.trim()) return;
    const wording = find()?.querySelector(".wording");
    if (wording) wording.textContent = text || "(taken out)"; // at once; the server draws it with its marks
    wording?.classList.add("sent");
    const { ok } = await desk.send({ do: "edit", case: of, statement: id, before: says, text, discrepancy: difference });
    if (ok) return;
    if (desk.state.case !== of) { begun.set(of, { id, says, text, difference }); return; }
    const now = find()?.querySelector(".wording.sent");
    if (now) { now.textContent = before; now.classList.remove("sent"); }
  }

  box.addEventListener("keydown", (event) => {
    if (event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Enter") keep();
    else close();
  });
  box.addEventListener("input", lay);
  box.addEventListener("blur", () => { if (!isChanged()) close(false); }); // changed words stay open
  columns.addEventListener("scroll", lay, { passive: true });
  watch.observe(columns);
  place = lay;
  leave = (next) => {
    if (next === of) return;
    const text = box.value, wasChanged = isChanged();
    close(false);
    if (!wasChanged) return;
    begun.set(of, { id, says, text, difference });
    desk.tell("The wording that you began was not sent; it is there again when you open this case.", { of });
  };
  lay();
  box.focus({ preventScroll: true });
  box.setSelectionRange(box.value.length, box.value.length);
}
