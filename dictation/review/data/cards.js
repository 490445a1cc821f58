// The differences and the columns in review: choosing, playing from the server, deciding, the wording of a statement.
// Choosing and playing are the exported page's own (exchange/data/pane.js); here are its keys, its sound and its decisions.
import { makeDialog } from "./dialogs.js";
import { giveFocusBack } from "./focus.js";
import { isSign } from "./keys.js";
import { hasBegun, layEditor, leaveEditor, lookForBegun, openEditor, resumeEditor, toEditor, toWord } from "./wording.js";

const WORDINGS = { wording_mine: "mine", wording_report: "report", wording_both: "both" };
const UNFIT = { // an open alert that does not offer it
  take_heard: "“H” was not done: what was dictated has no wording for the report here; E edits it, D dismisses the alert.",
  take_written: "“R” was not done: this alert has no second wording to choose against; D dismisses it.",
};
const FOLDS = ["folded", "off", "settled", "kinds", "none"];

export function install(desk) {
  const { pane } = window, cards = document.querySelector("#cards"), columns = document.querySelector("#columns");
  for (const key of Object.keys(pane.keys)) delete pane.keys[key]; // this page has one table of keys
  pane.address = (recording, from, to) =>
    desk.url(`sound/${desk.state.case}/${recording}?page=${desk.page}&from=${from.toFixed(2)}&to=${to.toFixed(2)}`).href;

  document.addEventListener("pane:silent", async ({ detail: { address, why } }) => {
    const of = desk.state?.case, answer = await fetch(address).catch(() => null);
    const text = answer && !answer.ok ? (await answer.text()).slice(0, 300) : "";
    if (why === "NotAllowedError") desk.tell("The browser plays no sound before a key or a button of this page was pressed once.", { error: true, of: null });
    else desk.tell(text || "The sound could not be played; try again.", { error: answer?.status !== 410, of }); // 410: deleted by rule
  });

  let place = { id: null, index: 0 }; // of the chosen card
  let lastDecided = null;
  const askWhy = dismissalDialog(desk);
  const unfolded = new Set(), sent = new Set();
  const isReview = () => document.body.dataset.stage === "review";
  const chosen = () => (isReview() ? cards.querySelector(".card.now") : null);
  const open = () => [...cards.children].filter((one) => one.matches(".card"));
  const isOnCards = () => Boolean(document.activeElement?.closest("#cards"));
  const isBusy = () => { // somebody types, or did as the text went, and may type on
    const typed = document.activeElement?.closest("input, textarea, select, [contenteditable]");
    return Boolean(document.querySelector("dialog[open]") || (typed?.checkVisibility() ?? false) || desk.mayType);
  };

  // ----- deciding
  async function decide(action, card = chosen()) {
    const isWord = card?.matches(".word");
    if (isWord && action === "take_written") action = "keep_word";
    if (!card?.querySelector(`[data-action="${action}"]`)) {
      if (isWord) desk.tell("That was not done: R keeps this word as it stands, E edits it, Space plays it.", { error: true, like: "stray", passing: true });
      if (card?.querySelector('[data-action="dismiss"]') && UNFIT[action]) desk.tell(UNFIT[action], { error: true, like: "stray", passing: true });
      return;
    }
    const { d: id } = card.dataset;
    if (action === "edit") { editOf(card); return; }
    if (action === "communicate") { desk.keys.run("k"); return; } // signing.js asks whom, when and how
    if (sent.has(id)) return; // pressed again before the server answered
    if (WORDINGS[action]) { desk.send({ do: "wording", edit: id, says: card.dataset.says, chosen: WORDINGS[action] }); return; }
    const reasons = action === "dismiss" ? desk.reasonsFor?.(id) ?? [] : []; // of what is critical only
    if (reasons.length) askWhy(card, reasons, (reason) => settle(card, action, reason));
    else settle(card, action);
  }

  async function settle(card, action, reason = "") {
    const { d: id } = card.dataset;
    sent.add(id);
    if (action !== "keep_word") lastDecided = id;
    card.setAttribute("aria-busy", "true");
    await desk.send(action === "keep_word" ? { do: "accept_word", word: id } : { do: "decide", id, action, ...(reason ? { reason } : {}) });
    sent.delete(id);
    cards.querySelector(`.card[data-d="${CSS.escape(id)}"]`)?.removeAttribute("aria-busy");
  }

  const statementOf = (id) => [...columns.querySelectorAll("td.written .diff")]
    .find((span) => span.dataset.d.split(" ").includes(id))?.closest(".statement");

  function editOf(card) {
    if (card.matches(".word")) { toWord(desk, { statement: card.dataset.of, text: card.dataset.says }); return; }
    const statement = statementOf(card.dataset.d);
    if (statement) openEditor(desk, columns, statement, card.dataset.d);
    else desk.tell("These words are not in the report, so there is nothing to edit; use the dictation (H), or dictate them.");
  }

  function edit() { // what is not kept yet, else the statement that has the focus, else that of the chosen card
    if (toEditor(desk)) return;
    const statement = document.activeElement?.closest("#columns .statement"), card = chosen();
    if (statement && !(card && statementOf(card.dataset.d) === statement)) openEditor(desk, columns, statement);
    else decide("edit");
  }

  document.addEventListener("click", (event) => {
    const key = event.target.closest("#cards [data-action], #columns [data-action]");
    if (!key) return;
    const { statement, says } = key.closest("li[data-statement]")?.dataset ?? {};
    if (statement) desk.send({ do: "accept", statement, text: says, on: key.dataset.action === "accept" });
    else {
      const card = key.closest(".card");
      pane.choose(card, false);
      decide(key.dataset.action, card);
    }
  });
  columns.addEventListener("dblclick", (event) => {
    const statement = event.target.closest("td.written .statement[tabindex]");
    if (!statement) return;
    getSelection().removeAllRanges();
    openEditor(desk, columns, statement);
  });
  cards.addEventListener("change", ({ target }) => { // which kinds are shown
    if (!target.closest(".kinds")) return;
    const off = [...cards.querySelectorAll(".kinds input:not(:checked)")].map((box) => box.name);
    desk.send({ do: "prefer", name: "hidden", value: off });
  });

  // ----- what is drawn anew keeps the place: the same card, the same folds
  document.addEventListener("pane:chosen", ({ detail }) => {
    place = { id: detail, index: [...cards.querySelectorAll(".card")].findIndex((card) => card.dataset.d === detail) };
  });
  for (const region of [cards, columns]) {
    region.addEventListener("toggle", ({ target }) => {
      const name = FOLDS.find((one) => target.classList.contains(one));
      if (name && target.isConnected) unfolded[target.open ? "add" : "delete"](name);
    }, true);
  }
  let drawn = null; // the case of the cards that are there
  let reviewed = null; // the case whose review is on the screen, with a card that is marked
  desk.on("drawn", () => {
    pane.stop();
    if (drawn !== desk.state?.case) {
      drawn = desk.state?.case;
      place = { id: null, index: 0 };
      unfolded.clear();
    }
    for (const name of unfolded) document.querySelectorAll(`:is(#cards, #columns) details.${name}`).forEach((fold) => { fold.open = true; });
    giveFocusBack(); // before another card is chosen: a switch keeps it
    if (!isReview()) return;
    layEditor();
    mark();
    resumeEditor(desk, columns);
  });
  function mark() { // the same card as before; the focus goes to one that was not, and to the first of a review that comes
    const all = [...cards.querySelectorAll(".card")], same = all.find((card) => card.dataset.d === place.id);
    const isSettled = same?.closest("details.settled"), isNew = reviewed !== desk.state.case;
    const next = isSettled || !same ? open()[Math.min(Math.max(place.index, 0), open().length - 1)] : same;
    reviewed = desk.state.case;
    if (next) pane.choose(next, (next !== same || isNew) && !isBusy());
  }
  function begin() { // a review that is on the screen by now, whichever came first, its cards or its stage
    if (!isReview() || drawn !== desk.state.case) return;
    if (reviewed !== drawn) mark();
    resumeEditor(desk, columns);
  }
  desk.on("stage", begin); // it came late, as somebody typed: where the next letters go they do not know (isBusy)
  desk.on("signed-out", () => { // what was begun comes again with the columns
    leaveEditor("");
    drawn = reviewed = null;
  });
  desk.on("case", ({ case: of }) => {
    leaveEditor(of);
    lookForBegun(desk, of); // before anybody signs
    if (isReview()) return begin(); // or it was taken over, and may be edited now
    pane.stop();
    reviewed = null;
  });

  // ----- the report while it grows: what is new is marked and in sight, unless somebody is reading elsewhere
  const report = document.querySelector("#report .text") ?? document.querySelector("#report");
  let told = new Set(), scrolledAt = 0;
  for (const kind of ["wheel", "pointerdown", "keydown"]) report?.addEventListener(kind, () => { scrolledAt = Date.now(); }, { passive: true });
  desk.on("report", () => queueMicrotask(() => {
    const now = new Set();
    let last = null;
    for (const statement of report.querySelectorAll("[data-statement]")) {
      now.add(statement.textContent);
      if (told.size && !told.has(statement.textContent)) { statement.classList.add("fresh"); last = statement; }
    }
    told = now;
    if (last && Date.now() - scrolledAt > 4000) last.scrollIntoView({ block: "nearest", behavior: "instant" });
  }));

  // ----- the layout: side by side, or stacked for a portrait screen
  const narrow = matchMedia("(max-width: 899px)");
  let layout = "auto", preferred = null; // as the server told it last
  function lay() {
    const is = layout === "auto" ? (narrow.matches ? "narrow" : "columns") : layout;
    document.body.dataset.layout = is;
    desk.emit("laid");
  }
  narrow.addEventListener("change", lay);
  desk.on("case", ({ preferences }) => {
    if (!preferences || preferences.layout === preferred) return;
    layout = preferred = preferences.layout;
    lay();
  });
  lay();
  function turn() {
    layout = document.body.dataset.layout === "narrow" ? "columns" : "narrow";
    lay();
    desk.send({ do: "prefer", name: "layout", value: layout });
    const how = layout === "narrow" ? "one below the other" : "side by side"; // it stays so in every case from now on
    desk.tell(`The columns stand ${how} from now on; L turns it.`, { of: null, like: "layout" });
  }

  // ----- keys
  const add = (key, label, run, more = {}) => desk.keys.add({ key, label, group: "Differences", run, when: isReview, ...more });
  // A letter acts on the card that is marked, where the focus is among the cards: whoever believes to be in the text and
  // types decides nothing. A pedal, which comes without an event, is no letter.
  function act(key, label, run, hasFocus = isOnCards) {
    const stray = () => {
      desk.emit("refused");
      desk.tell(`“${label}” was not done: no alert has the focus; N goes to the one that is marked.`, { error: true, like: "stray", passing: true });
    };
    add(key, label, (event) => (!event || hasFocus() ? run() : stray()), { acts: true });
  }
  function go(by) { // to the marked one first, which is where letters act
    const now = chosen();
    if (now && !isOnCards() && now.checkVisibility()) pane.choose(now);
    else pane.step(by);
  }
  add("n", "next difference", () => go(1), { moves: true });
  add("p", "previous difference", () => go(-1), { moves: true });
  act(" ", "play what was said, or stop", () => pane.play(chosen()));
  act("h", "use dictation", () => decide("take_heard"));
  act("r", "keep report", () => decide("take_written"));
  act("e", "edit the statement", edit, () => isOnCards() || hasBegun() || Boolean(document.activeElement?.closest("#columns .statement")));
  act("d", "dismiss", () => decide("dismiss"));
  act("u", "open a resolved one again", reopen);
  add("f", "show or hide the hidden ones", pane.unfold);
  desk.keys.add({ key: "l", label: "columns side by side, or one below the other", group: "Page", run: turn,
    when: () => Boolean(document.body.dataset.stage) });

  // Two wordings of one sentence are chosen between by the letters of the sign dialog, which mean that on such a card only.
  const wordingsHere = () => document.activeElement?.closest("#cards .card.wordings");
  for (const [key, action, label] of [
    ["p", "wording_mine", "put the edit in, of two wordings"],
    ["r", "wording_report", "keep report, of two wordings"],
    ["b", "wording_both", "keep both wordings"],
  ]) {
    add(key, label, () => decide(action, wordingsHere()), {
      acts: true, scope: cards, when: () => isReview() && Boolean(wordingsHere()?.querySelector(`[data-action="${action}"]`)),
    });
  }

  function reopen() { // the chosen one, else the one that was settled last
    const card = chosen();
    if (card?.closest("details.settled")) decide("reopen", card);
    else {
      const settled = [...cards.querySelectorAll("details.settled .card")];
      const last = settled.find((one) => one.dataset.d === lastDecided) ?? settled.at(-1);
      if (last) decide("reopen", last);
    }
  }
}

function dismissalDialog(desk) { // what is critical is dismissed with the reason that signing over it needs, by its key
  const dialog = makeDialog("dismissal", "why is this dismissed", `
    <h2>Why is this dismissed?</h2><p class="what"></p><ol class="reasons" aria-label="reasons"></ol>
    <div class="choices"><button type="button" class="close">Not dismissed <kbd>Esc</kbd></button></div>`);
  let reasons = [], then = () => {};
  function take({ reason }) { dialog.close(); then(reason); }
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && desk.keys.isOfWords(event)) event.preventDefault();
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || !isSign(event.key) || event.key === " ") return;
    event.preventDefault();
    const found = reasons.find((one) => one.key === event.key.toLowerCase());
    desk.keys.answer(event, () => found && dialog.open && take(found));
  });
  dialog.querySelector(".close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => { dialog.querySelector(".what").textContent = ""; });
  desk.on("signed-out", () => dialog.close());
  return (card, listed, settle) => {
    [reasons, then] = [listed, settle];
    dialog.querySelector(".what").textContent = card.querySelector("p").textContent;
    dialog.querySelector(".reasons").replaceChildren(...reasons.map((one) => {
      const item = document.createElement("li"), button = document.createElement("button"), key = document.createElement("kbd");
      button.type = "button";
      key.textContent = one.key.toUpperCase();
      button.append(key, ` ${one.reason}`);
      button.addEventListener("click", () => take(one));
      item.append(button);
      return item;
    }));
    dialog.showModal();
    dialog.focus();
  };
}
