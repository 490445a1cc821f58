// The pane comes alive: choosing a difference lights its words, playing it plays just its stretch of sound.
// All listeners sit on the document, so that a pane which arrives later (a new case in the app) works the same.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const current = () => document.querySelector(".card.now");
  const visible = (card) => !card.closest("details:not([open])");
  let playing = null;

  function choose(card, scroll = true) {
    if (!card) return;
    const before = current()?.closest(".case");
    const fold = card.closest("details");
    if (fold) fold.open = true;
    all(".card.now, tbody.now, .lit").forEach((element) => element.classList.remove("now", "lit", "said"));
    card.classList.add("now");
    const pane = card.closest(".case");
    const rows = new Set();
    for (const span of all(".columns .diff", pane)) {
      if (!span.dataset.d.split(" ").includes(card.dataset.d)) continue;
      span.classList.add("lit");
      if ((span.dataset.exact || "").split(" ").includes(card.dataset.d)) span.classList.add("said");
      rows.add(span.closest("tbody"));
    }
    rows.forEach((row) => row.classList.add("now"));
    if (scroll) {
      if (pane !== before) pane.scrollIntoView({ block: "start" });
      if (!rows.size) card.scrollIntoView({ block: "nearest" });
      rows.forEach((row) => row.scrollIntoView({ block: "nearest" }));
      card.scrollIntoView({ block: "nearest" });
      card.focus({ preventScroll: true });
    }
    document.dispatchEvent(new CustomEvent("pane:chosen", { detail: card.dataset.d }));
  }

  function step(by) {
    const cards = all(".card").filter(visible);
    if (!cards.length) return;
    const at = cards.indexOf(current());
    choose(cards[at < 0 ? (by > 0 ? 0 : cards.length - 1) : (at + by + cards.length) % cards.length]);
  }

  function stop() {
    if (!playing) return;
    playing.pause();
    playing.currentTime = 0;
    ended();
  }

  function ended() {
    playing?.previousElementSibling?.classList.remove("playing");
    playing = null;
  }

  function play(card) {
    const sound = card?.querySelector("audio");
    const again = sound && sound === playing;
    stop();
    if (!sound || again) return;
    playing = sound;
    sound.previousElementSibling.classList.add("playing");
    sound.onended = ended;
    sound.play().catch(ended);
  }

  function unfold() {
    const card = current();
    const folds = all("details.folded", card ? card.closest(".case") : document);
    const open = folds.some((fold) => !fold.open);
    folds.forEach((fold) => { fold.open = open; });
  }

  const keys = { n: () => step(1), p: () => step(-1), f: unfold, " ": () => play(current()) };

  document.addEventListener("click", (event) => {
    const card = event.target.closest(".card");
    if (event.target.closest("button.play")) { choose(card, false); play(card); return; }
    if (card) { if (!event.target.closest("button")) choose(card, false); return; }
    const word = event.target.closest(".columns .diff");
    if (!word) return;
    const first = word.dataset.d.split(" ")[0];
    choose(all(".card", word.closest(".case")).find((other) => other.dataset.d === first));
  });

  document.addEventListener("focusin", (event) => {
    if (event.target.classList?.contains("card") && event.target !== current()) choose(event.target, false);
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable], dialog[open]")) return;
    if (event.key === " " && event.target.closest?.("button, summary, a, [role=button], audio")) return;
    const action = keys[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  });

  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all("details").filter((fold) => !fold.open);
    folded.forEach((fold) => { fold.open = true; });
  });
  addEventListener("afterprint", () => folded.forEach((fold) => { fold.open = false; }));

  window.pane = { choose, current, play, stop, keys };
})();
