// The pane comes alive: choosing a difference lights its words, playing it plays just its stretch of sound, and any
// dictated word plays from its own recording. All listeners sit on the document, so that a pane which arrives later
// (a new case in the app) works the same. In the app `pane.address` says where the server has a stretch of sound;
// without it a word plays from a clip of a card that holds it, where there is one.
(() => {
  const AROUND_S = 0.5; // a word cut at its very edge cannot be judged
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const current = () => document.querySelector(".card.now");
  const visible = (card) => !card.closest("details:not([open])");
  const root = (element) => element?.closest(".case") ?? document;
  let playing = null; // { sound, sign: the button or word that shows it }

  function choose(card, scroll = true) {
    if (!card) return;
    const before = current();
    const fold = card.closest("details");
    if (fold) fold.open = true;
    all(".card.now, tbody.now, .lit").forEach((element) => element.classList.remove("now", "lit", "said"));
    card.classList.add("now");
    const pane = root(card);
    const rows = new Set();
    for (const span of all(".columns .diff", pane)) {
      if (!span.dataset.d.split(" ").includes(card.dataset.d)) continue;
      span.classList.add("lit");
      if ((span.dataset.exact || "").split(" ").includes(card.dataset.d)) span.classList.add("said");
      rows.add(span.closest("tbody"));
    }
    const { of, take, from, to } = card.dataset; // of a word to check
    for (const one of of ? all(".columns .statement, .columns .w", pane) : []) {
      const isSaid = take && one.dataset.take === take && Number(one.dataset.from) >= from && Number(one.dataset.to) <= to;
      if (isSaid) one.classList.add("lit");
      if (isSaid || one.dataset.statement === of) rows.add(one.closest("tbody"));
    }
    rows.forEach((row) => row.classList.add("now"));
    if (scroll) {
      if (pane !== document && pane !== root(before)) pane.scrollIntoView({ block: "start" });
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
    const { sound, sign } = playing;
    playing = null;
    sound.pause();
    sound.onended = sound.ontimeupdate = null;
    sign?.classList.remove("playing");
  }

  // Plays stretches one after the other; each is { sound, from, to } with from and to in seconds of that sound.
  function begin(stretches, sign) {
    stop();
    const [first, ...rest] = stretches;
    if (!first) return;
    const { sound, from, to } = first;
    playing = { sound, sign };
    sign?.classList.add("playing");
    const over = () => { if (playing?.sound === sound) { stop(); begin(rest, sign); } };
    sound.onended = over;
    sound.ontimeupdate = () => { if (to !== undefined && sound.currentTime >= to) over(); };
    sound.currentTime = from ?? 0;
    sound.play().catch((error) => {
      if (playing?.sound !== sound || error.name === "AbortError") return; // stopped on purpose
      stop();
      document.dispatchEvent(new CustomEvent("pane:silent", { detail: { address: sound.src, why: error.name } }));
    });
  }

  function recordings(pane) {
    return (pane.querySelector("[data-recordings]")?.dataset.recordings ?? "").split(" ");
  }

  function served(pane, take, from, to) {
    return { sound: new Audio(window.pane.address(recordings(pane)[take], Math.max(0, from - AROUND_S), to + AROUND_S)) };
  }

  function play(card) {
    const key = card?.querySelector("button.play");
    const again = key && playing?.sign === key;
    stop();
    if (!key || again) return;
    const clip = card.querySelector("audio");
    if (clip) begin([{ sound: clip }], key);
    else if (window.pane.address && key.dataset.said) {
      begin(key.dataset.said.split(";").map((one) => served(root(card), ...one.split(" ").map(Number))), key);
    }
  }

  // The sound of one word: from the server, else from the clip that holds it.
  function soundOf(word) {
    const [take, from, to] = ["take", "from", "to"].map((name) => Number(word.dataset[name]));
    if (window.pane.address) return served(root(word), take, from, to);
    const clip = all("audio[data-from]", root(word)).find((one) =>
      Number(one.dataset.take) === take && one.dataset.from <= from + 0.01 && one.dataset.to >= to - 0.01);
    if (!clip) return null;
    const start = Number(clip.dataset.from);
    return { sound: clip, from: Math.max(0, from - AROUND_S - start), to: to + AROUND_S - start };
  }

  function say(word) {
    const again = playing?.sign === word;
    const sound = again ? null : soundOf(word);
    stop();
    if (sound) begin([sound], word);
  }

  function unfold() {
    const folds = all("details.folded", root(current()));
    const open = folds.some((fold) => !fold.open);
    folds.forEach((fold) => { fold.open = open; });
  }

  const keys = { n: () => step(1), p: () => step(-1), f: unfold, " ": () => play(current()) };

  document.addEventListener("click", (event) => {
    const card = event.target.closest(".card");
    if (event.target.closest("button.play")) { choose(card, false); play(card); return; }
    if (card) { if (!event.target.closest("button")) choose(card, false); return; }
    const word = event.target.closest(".columns .w");
    const differs = event.target.closest(".columns .diff");
    if (differs) {
      const first = differs.dataset.d.split(" ")[0];
      choose(all(".card", root(differs)).find((other) => other.dataset.d === first));
    }
    if (word) say(word);
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

  window.pane = { choose, current, step, play, say, stop, unfold, keys, address: null };
})();
