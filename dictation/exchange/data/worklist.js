// Verdicts on the flags: R real, F false, U none, S saves them as CSV. They stay in this browser until they are saved
// elsewhere, where it keeps anything for files. Choosing and playing are the pane's.
(() => {
  const cards = [...document.querySelectorAll(".card[data-flag]")];
  const told = document.getElementById("judged");
  const store = "dictation-recheck-" + cards.map((card) => card.dataset.d).sort().join("").slice(0, 200);
  const keeps = (work) => { try { return work(localStorage); } catch { return null; } };
  let unsaved = false;

  function show(card, verdict) {
    card.dataset.verdict = verdict;
    card.querySelector(".given").textContent = verdict;
  }

  function count() {
    const given = cards.filter((card) => card.dataset.verdict).length;
    told.textContent = `${given} of ${cards.length} judged${unsaved ? ", not saved" : ""}`;
  }

  function say(card, verdict) {
    if (!card?.dataset.flag) return;
    show(card, verdict);
    unsaved = true;
    const all = Object.fromEntries(cards.map((one) => [one.dataset.d, one.dataset.verdict]));
    keeps((kept) => kept.setItem(store, JSON.stringify(all)));
    count();
  }

  function judge(verdict) {
    const card = window.pane.current();
    say(card, verdict);
    if (card && verdict) window.pane.step(1);
  }

  const cell = (text) => `"${(/^[=+\-@\t\r]/.test(text) ? "'" + text : text).replaceAll('"', '""')}"`;

  function save() {
    const judged = cards.filter((card) => card.dataset.verdict);
    const rows = judged.map((card) => [...JSON.parse(card.dataset.flag), card.dataset.verdict].map(cell).join(","));
    const text = "\ufeff" + ["id,report,kind,severity,verdict", ...rows].join("\r\n") + "\r\n";
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    link.download = "verdicts.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    unsaved = false;
    count();
  }

  Object.assign(window.pane.keys, { r: () => judge("real"), f: () => judge("false"), u: () => judge(""), s: save });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-save]")) save();
    const button = event.target.closest("[data-say]");
    if (button) say(button.closest(".card"), button.dataset.say);
  });

  addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });

  const kept = keeps((browser) => JSON.parse(browser.getItem(store) ?? "{}")) ?? {};
  cards.forEach((card) => { if (kept[card.dataset.d] && !card.dataset.verdict) show(card, kept[card.dataset.d]); });
  count();
})();
