// What the server renders goes into its region; a region that did not change is not touched, and nothing scrolls.
const REGIONS = { banner: "#banner", image: "#image" };

const shown = new Map();

function put(selector, html) {
  const place = document.querySelector(selector);
  if (!place || shown.get(selector) === html) return;
  shown.set(selector, html);
  const { scrollTop, scrollLeft } = place;
  place.innerHTML = html;
  place.scrollTo({ top: scrollTop, left: scrollLeft, behavior: "instant" });
}

export function install(desk) {
  desk.on("case", (message) => {
    for (const [name, selector] of Object.entries(REGIONS)) if (name in message) put(selector, message[name]);
  });
  desk.on("report", ({ html }) => put("#report .text", html));
  desk.on("pane", ({ columns, cards }) => {
    put("#columns", columns);
    put("#cards", cards);
    desk.emit("drawn");
  });
}
