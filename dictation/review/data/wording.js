// The wording of one statement, changed in its own place: a field over it, as high as it is, so that nothing moves.
let field = null; // the open one
let place = () => {};

export const layEditor = () => place(); // the columns were drawn anew

export function openEditor(desk, columns, statement, difference = "") {
  field?.remove();
  place = () => {};
  const { statement: id, says } = statement.dataset;
  const before = statement.querySelector(".wording").textContent;
  const box = document.createElement("textarea");
  field = box;
  box.className = "wording-field";
  box.value = before;
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

  function close(back = true) {
    if (field !== box) return;
    field = null;
    place = () => {};
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
    const { ok } = await desk.send({ do: "edit", statement: id, before: says, text, discrepancy: difference });
    if (ok) return;
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
  box.addEventListener("blur", () => { if (box.value.trim() === before.trim()) close(false); }); // changed words stay open
  columns.addEventListener("scroll", lay, { passive: true });
  watch.observe(columns);
  place = lay;
  lay();
  box.focus({ preventScroll: true });
  box.setSelectionRange(before.length, before.length);
}
