// The pane in the app: decisions by key or button, and after each new state of the case the next open card is chosen.
const decide = (action) => {
  const card = window.pane.current();
  const key = card?.querySelector(`[data-action="${action}"]`);
  if (key) trigger("select", { id: card.dataset.d, action });
};
element.addEventListener("click", (event) => {
  const key = event.target.closest("[data-action]");
  if (!key) return;
  const { statement } = key.closest("[data-statement]")?.dataset ?? {};
  if (statement) { trigger("select", { id: statement, action: key.dataset.action }); return; }
  window.pane.choose(key.closest(".card"), false);
  decide(key.dataset.action);
});
Object.assign(window.pane.keys, {
  h: () => decide("take_heard"),
  r: () => decide("take_written"),
  d: () => decide("dismiss"),
  u: () => decide("reopen"),
});

// While a report is written: each statement beside the first sentence that it rests on; the rows stay where they are.
let told = [];
function put() {
  for (const { id, evidence, text } of told) {
    const cell = [...element.querySelectorAll("td.open")].find((one) => one.dataset.evidence.split(" ").includes(evidence));
    if (!cell || cell.querySelector(`[data-told="${id}"]`)) continue;
    const statement = document.createElement("span");
    statement.dataset.told = id;
    statement.textContent = `${text} `;
    cell.firstElementChild.append(statement);
  }
}
document.addEventListener("pane:told", ({ detail }) => { told = detail; put(); });

let place = { id: null, index: 0 };
document.addEventListener("pane:chosen", ({ detail }) => {
  const cards = [...element.querySelectorAll(".card")];
  place = { id: detail, index: cards.findIndex((card) => card.dataset.d === detail) };
});
let scrolled = 0; // a new state of the case must not take the text from under somebody's eyes
element.addEventListener("scroll", ({ target }) => { if (target.matches(".texts")) scrolled = target.scrollTop; }, true);
watch("value", () => {
  put();
  element.querySelector(".texts")?.scrollTo({ top: scrolled, behavior: "instant" });
  window.pane.stop();
  const open = [...element.querySelectorAll(".cards .stay > .card")];
  const same = open.find((card) => card.dataset.d === place.id);
  window.pane.choose(same ?? open[Math.min(Math.max(place.index, 0), open.length - 1)], !same);
});
