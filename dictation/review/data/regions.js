// What the server renders goes into its region; a region that did not change is not touched, and nothing scrolls.
import { compare } from "./comparing.js";
import { giveFocusBack, keepFocus } from "./focus.js";
import { install as missing } from "./missing.js";
import { install as notices } from "./notices.js";

const REGIONS = { banner: "#banner", image: "#image" };
const AROUND_S = 0.4;
const shown = new Map();

function put(selector, html, of) { // what belongs to case `of`
  const place = document.querySelector(selector);
  if (!place || shown.get(selector) === html) return;
  shown.set(selector, html);
  keepFocus(place, of);
  const { scrollTop, scrollLeft } = place;
  place.innerHTML = html;
  place.scrollTo({ top: scrollTop, left: scrollLeft, behavior: "instant" });
}

export function install(desk) {
  const find = (selector) => document.querySelector(selector);
  const sound = new Audio();
  let opened = null, takes = [];

  desk.play = (take, from_s, to_s) => { // a word, with a little of what is around it
    if (takes[take] !== undefined) desk.playOf(takes[take], from_s, to_s);
  };
  desk.playOf = (recording, from_s, to_s) => {
    if (!desk.state) return;
    const address = desk.url(`sound/${desk.state.case}/${recording}`);
    address.search = `from=${Math.max(0, from_s - AROUND_S)}&to=${to_s + AROUND_S}&page=${desk.page}`;
    sound.src = address;
    sound.play().catch(({ name: why }) => {
      if (why !== "AbortError") document.dispatchEvent(new CustomEvent("pane:silent", { detail: { address, why } })); // cards.js tells why
    });
  };
  desk.on("pad", (message) => { takes = message.takes; });

  desk.on("case", (message) => {
    for (const [name, selector] of Object.entries(REGIONS)) if (name in message) put(selector, message[name], message.case);
    find("#report .template").textContent = message.templates?.find((one) => one.name === message.template)?.title ?? "no template";
    find("#bar .again").hidden = !message.unheard;
    if (message.case !== opened) { // the panel's list of files belongs to the case before
      opened = message.case;
      find("#panel-shown")?.click();
    }
  });
  for (const kind of ["change", "drop", "click"]) { // which case files are given to, or taken from: an upload takes a while
    document.addEventListener(kind, ({ target }) => {
      if (target.closest?.("#files")) desk.givenTo = desk.state?.case;
    }, true);
  }
  desk.on("report", ({ html }) => {
    put("#report .text", html, desk.state?.case);
    giveFocusBack(true);
  });
  desk.on("pane", ({ columns, cards }) => {
    put("#columns", columns, desk.state?.case);
    put("#cards", cards, desk.state?.case);
    desk.emit("drawn");
    giveFocusBack(true);
  });
  desk.on("signed-out", () => { // nobody reads on; all of it is told again
    for (const selector of shown.keys()) find(selector).replaceChildren();
    shown.clear();
  });
  desk.on("bar", ({ state, message, fraction }) => {
    const bar = find("#bar");
    bar.dataset.work = state;
    find("#bar .message").textContent = message;
    find("#bar .message").title = message;
    find("#bar progress").value = fraction;
  });
  desk.on("disconnected", () => { document.body.dataset.away = ""; });
  desk.on("connected", () => { delete document.body.dataset.away; });
  find("#bar .stop").addEventListener("click", () => desk.send({ do: "stop" }));

  desk.keys.add({ key: "Alt+h", label: "hear again what could not be heard", group: "Dictation", always: true, over: ".signing", when: () => Boolean(desk.state?.unheard), run: () => desk.send({ do: "hear" }) });

  function panel(open) {
    const isOpen = document.body.classList.toggle("panel-open", open);
    const first = () => [...document.querySelectorAll("#panel :is(button, input, textarea)")].find((one) => one.checkVisibility() && !one.disabled);
    if (isOpen) {
      find("#panel").tabIndex = -1;
      (first() ?? find("#panel")).focus({ preventScroll: true }); // not an alert behind it, which letters decide
    }
    else if (document.activeElement?.closest("#panel")) document.activeElement.blur();
  }
  desk.keys.add({ key: "o", label: "order, files, a report to check", group: "Case", run: () => panel() });
  desk.keys.add({ key: "Escape", label: "close", group: "Case", when: () => document.body.classList.contains("panel-open"), always: true, run: () => panel(false) });
  missing(desk);
  notices(desk); // Esc closes the panel first
  desk.keys.add({ key: "t", label: "take over a case that another page has", group: "Case", acts: true, when: () => desk.state?.lock && !desk.state.lock.mine, run: () => desk.send({ do: "takeover" }) });
  desk.keys.add({ key: "b", label: "back to the text", group: "Case", when: () => desk.state?.stage === "review", run: () => desk.send({ do: "text" }) });
  desk.keys.add({ key: "Alt+r", label: "write and compare", group: "Case", always: true, over: ".signing", when: () => desk.state?.stage === "dictating", run: () => compare(desk) });
}
