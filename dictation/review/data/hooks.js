// The pane in the app: decisions by key or button, and after each new state of the case the next open card is chosen.
const decide = (action) => {
  const card = window.pane.current();
  const key = card?.querySelector(`[data-action="${action}"]`);
  if (key) trigger("select", { id: card.dataset.d, action });
};
element.addEventListener("click", (event) => {
  const key = event.target.closest("[data-action]");
  if (!key) return;
  window.pane.choose(key.closest(".card"), false);
  decide(key.dataset.action);
});
Object.assign(window.pane.keys, {
  h: () => decide("take_heard"),
  r: () => decide("take_written"),
  d: () => decide("dismiss"),
  u: () => decide("reopen"),
});

let place = { id: null, index: 0 };
document.addEventListener("pane:chosen", ({ detail }) => {
  const cards = [...element.querySelectorAll(".card")];
  place = { id: detail, index: cards.findIndex((card) => card.dataset.d === detail) };
});
watch("value", () => {
  window.pane.stop();
  const open = [...element.querySelectorAll(".cards .stay > .card")];
  const same = open.find((card) => card.dataset.d === place.id);
  window.pane.choose(same ?? open[Math.min(Math.max(place.index, 0), open.length - 1)]);
});
