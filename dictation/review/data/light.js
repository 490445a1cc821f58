// One sign that is read at arm's length: that recording is about to end by itself, and that it has, until that is noticed.
// It lies over the bar and over every dialog, so nothing moves and no text of a case is covered.
export class Light {
  constructor() {
    const sign = this.sign = document.createElement("p");
    [this.words, this.count, this.hint] = ["b", "b", "span"].map((name) => document.createElement(name));
    sign.id = "light";
    sign.popover = "manual";
    this.words.setAttribute("role", "alert");
    this.count.setAttribute("aria-hidden", "true"); // nobody wants each second read out
    sign.append(this.words, this.count, this.hint);
    sign.addEventListener("click", () => this.onNoticed?.());
    document.querySelector("#shell").append(sign);
  }

  get is() { return this.sign.dataset.is ?? ""; } // "warning", "stopped", or ""

  show(is, words, { count = "", hint = "" } = {}) {
    for (const [part, text] of [[this.words, words], [this.count, count], [this.hint, hint]]) if (part.textContent !== text) part.textContent = text;
    this.sign.dataset.is = is;
    document.body.dataset.light = is;
    this.raise();
  }

  raise() { // over a dialog that was opened since
    if (!this.is || this.top === this.over()) return;
    this.top = this.over();
    if (this.sign.matches(":popover-open")) this.sign.hidePopover();
    this.sign.showPopover();
  }

  over() { return document.querySelectorAll("dialog:modal").length; }

  clear() {
    if (!this.is) return;
    delete this.sign.dataset.is;
    delete document.body.dataset.light;
    this.top = undefined;
    this.sign.hidePopover();
  }
}
