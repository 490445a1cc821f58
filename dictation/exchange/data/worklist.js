// Verdicts on the flags: R real, F false, U none, S saves them as CSV. This browser keeps each under the id of its flag,
// so that it is still there on a later page, and whether it was saved. The window keeps them, too: what was stored just
// before a reload the browser may give back in an older state. Choosing and playing are the pane's. The first one that was
// not judged is chosen as the page opens.
(() => {
  const cards = [...document.querySelectorAll(".card[data-flag]")];
  const told = document.getElementById("judged");
  const keeps = (work) => { try { return work(localStorage); } catch { return null; } };
  const key = (card) => `dictation-recheck:${card.dataset.d}`;
  const unsaved = new Set(); // cards

  function show(card, verdict) {
    card.dataset.verdict = verdict;
    card.querySelector(".given").textContent = verdict;
  }

  function count() {
    const given = cards.filter((card) => card.dataset.verdict).length;
    told.textContent = `${given} of ${cards.length} judged${unsaved.size ? ", not saved" : ""}`;
  }

  const ofWindow = () => history.state?.verdicts ?? {};

  function keep(card, saved) {
    if (saved) unsaved.delete(card); else unsaved.add(card);
    const kept = { verdict: card.dataset.verdict, saved, at: Date.now() };
    keeps((browser) => browser.setItem(key(card), JSON.stringify(kept)));
    history.replaceState({ ...history.state, verdicts: { ...ofWindow(), [card.dataset.d]: kept } }, "");
  }

  // What was not saved goes before what the page brought: it is the later word of the two that can still be lost.
  function recall(card) {
    const own = ofWindow()[card.dataset.d], stored = keeps((browser) => JSON.parse(browser.getItem(key(card))));
    const kept = (stored?.at ?? 0) > (own?.at ?? 0) ? stored : own ?? stored; // another window may have judged since
    if (!["real", "false", ""].includes(kept?.verdict) || kept.verdict === card.dataset.verdict) return;
    if (!kept.saved) unsaved.add(card);
    if (!kept.saved || !card.dataset.verdict) show(card, kept.verdict);
  }

  function say(card, verdict) {
    if (!card?.dataset.flag || card.dataset.verdict === verdict) return;
    show(card, verdict);
    keep(card, false);
    count();
  }

  // By key: the next flag comes by itself, as the legend says.
  function judge(verdict) {
    const card = window.pane.current();
    say(card, verdict);
    if (card && verdict && card !== cards.at(-1)) window.pane.step(1); // behind the last, the first is judged
  }

  // As in pipelines/spreadsheet.py: an apostrophe before what would be a formula, for one that splits at ; or tabs, too.
  const harmless = (text) => text.replace(/(^|[;\t\r\n])([ \u00a0"]*)(?=[=+\-@])/g, "$1$2'").replace(/^[\t\r]/, "'$&");
  const cell = (text) => `"${harmless(text).replaceAll('"', '""')}"`;

  function save() {
    const judged = cards.filter((card) => card.dataset.verdict);
    const rows = judged.map((card) => [...JSON.parse(card.dataset.flag), card.dataset.verdict].map(cell).join(","));
    const text = "\ufeff" + ["id,report,kind,severity,verdict", ...rows].join("\r\n") + "\r\n";
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    link.download = "verdicts.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    [...unsaved].forEach((card) => keep(card, true));
    count();
  }

  Object.assign(window.pane.keys, { r: () => judge("real"), f: () => judge("false"), u: () => judge(""), s: save });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-save]")) save();
    const button = event.target.closest("[data-say]");
    if (button) say(button.closest(".card"), button.dataset.say);
  });

  addEventListener("beforeunload", (event) => { if (unsaved.size) event.preventDefault(); });

  cards.forEach(recall);
  count();
  window.pane.choose(cards.find((card) => !card.dataset.verdict && !card.closest("details:not([open])")), false); // so that the keys mean one at once
})();
