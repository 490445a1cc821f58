// An order whose exam has a case already: the page says so at once, and leads there. A second case is an explicit choice.
import { makeDialog } from "./dialogs.js";

export function install(desk) {
  const dialog = makeDialog("second", "this exam has a case already", `
    <form method="dialog"><h2>This exam has a case already</h2><p class="says"></p>
    <div class="choices"><button type="button" class="confirm go"><span></span> <kbd>⏎</kbd></button>
    <button type="button" class="meant">A second case is meant <kbd>M</kbd></button>
    <button type="button" class="close">Leave the order out <kbd>Esc</kbd></button></div></form>`);
  const part = (selector) => dialog.querySelector(selector);
  let asked = null, adds = null; // what is asked; the case that is to be added to, once it is open

  async function answer(meant) {
    const isDone = (await desk.send({ do: "second", case: desk.state.case, meant })).ok;
    if (isDone) dialog.close();
    return isDone;
  }
  async function go() {
    const { case: id, adds: isSigned } = asked;
    if (!id || !(await answer(false))) return;
    adds = isSigned ? id : null;
    desk.worklist.openCase(id);
  }

  part("form").addEventListener("submit", (event) => event.preventDefault());
  part(".go").addEventListener("click", go);
  part(".meant").addEventListener("click", () => answer(true));
  part(".close").addEventListener("click", () => answer(false));
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); answer(false); });
  dialog.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (event.key === "Enter" && !event.target.closest("button")) { event.preventDefault(); go(); }
    if (event.key.toLowerCase() === "m") { event.preventDefault(); answer(true); }
  });
  desk.on("case", ({ case: id, second, lock }) => {
    if (adds === id) { adds = null; desk.keys.run("a"); }
    asked = lock?.mine ? second ?? null : null;
    if (!asked) { dialog.close(); return; }
    part(".says").textContent = asked.text;
    part(".go").hidden = !asked.case;
    part(".go span").textContent = asked.adds ? "Go to it and make an addendum" : "Go to that case";
    if (dialog.open) return;
    dialog.showModal();
    (asked.case ? part(".go") : dialog).focus();
  });
  desk.on("signed-out", () => { part(".says").textContent = ""; dialog.close(); });
}
