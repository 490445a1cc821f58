// Whether the text of the case can be seen and acted on: it can unless a dialog or the worklist lies over it. Whatever acts on
// a case asks here: keys, buttons and pedals (keys.js), the microphone (capture.js). What the worklist covers is inert, as the
// browser makes what a dialog covers: it takes no focus, no letter, no paste, no file.
const COVERS = "dialog:modal, #worklist:not([hidden])";
const UNDER_THE_WORKLIST = "#shell > main > :not(#worklist), #panel, .wording-field";

export const coverOf = (document) => [...document.querySelectorAll(COVERS)].at(-1) ?? null;

export class Covers {
  constructor(desk) {
    this.desk = desk;
    this.known = null;
    const watch = new MutationObserver(() => this.look());
    watch.observe(document, { attributes: true, attributeFilter: ["open", "hidden"], subtree: true });
  }

  get now() { return coverOf(document); } // → the dialog or worklist that lies over the case, or null

  look() { // at once, for whoever opens or closes one and goes on; else it is seen by itself
    const cover = this.now, isList = document.querySelector("#worklist")?.hidden === false;
    for (const part of document.querySelectorAll(UNDER_THE_WORKLIST)) part.inert = isList;
    if (cover === this.known) return;
    this.known = cover;
    this.desk.emit("covered", { cover });
  }

  refuse(what, cover = this.now) { // where the eyes are, in a dialog itself, which darkens the sentences of the page; and aloud
    this.desk.emit("refused");
    if (cover?.localName !== "dialog") {
      this.desk.tell(`${what}: the worklist lies over the case. Enter opens the marked one, Esc closes the list.`, { error: true, like: "covered", passing: true });
      return;
    }
    const line = cover.querySelector(":scope > .refused") ?? document.createElement("p");
    line.className = "refused";
    line.setAttribute("role", "alert");
    line.textContent = `${what}: close this first, as what it means lies behind it.`;
    cover.append(line);
    cover.addEventListener("close", () => line.remove(), { once: true });
  }
}
