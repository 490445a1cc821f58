// The worklist over the page: search, a state, a row, Enter. It is read anew each time that it opens, and page by page.
import { createLeaving } from "./leaving.js";
import { NOT_COMMUNICATED, element, freshLine, lineOf, time } from "./rows.js";

const STATES = [
  ["", "all"], ["critical", NOT_COMMUNICATED], ["draft", "draft"], ["preliminary", "preliminary"], ["final", "final"],
  ["addended", "addended"], ["sent", "sent"], ["cancelled", "cancelled"],
];
const PAUSE_MS = 120; // between keys of a search
const NEAR_PX = 400; // how far from its end the list asks for more

export function install(desk) {
  const region = document.querySelector("#worklist");
  region.innerHTML = `<div class="ask"><input type="search" role="combobox" aria-expanded="true" aria-haspopup="grid" aria-controls="cases"
      aria-label="search the worklist" placeholder="name, ID, accession or exam" maxlength="200" autocomplete="off" spellcheck="false">
      <div class="states" role="group" aria-label="state"><kbd>Alt</kbd> ${STATES.map(([state, name], i) =>
        `<button type="button" data-state="${state}" aria-pressed="${!state}"><kbd>${i + 1}</kbd> ${name} <span class="count"></span></button>`).join("")}</div></div>
    <div class="list" tabindex="0" role="region" aria-label="cases"><table id="cases" role="grid" aria-label="cases" aria-readonly="true">
      <thead><tr><th>Time</th><th>Patient</th><th>Exam</th><th>Accession</th><th>State</th><th>To note</th></tr></thead><tbody></tbody></table></div>
    <p class="status" role="status"></p>`;
  const find = (selector) => region.querySelector(selector);
  const search = find("input"), list = find(".list"), body = find("tbody"), status = find(".status");
  let rows = [], state = "", next = null, asked = 0, isReading = false, timer = 0;
  let at = -1; // the marked row: 0 is a new case, -1 none
  let isAnswered = false; // whether the rows are those that are asked for now
  let isHeld = false; // whether Enter was pressed before they were
  let isMarked = false; // whether somebody marked the row, and not the list by itself
  let before = null; // what had the focus
  let question = null; // the row that it is about
  let sought = ""; // what was searched for when the session ended

  // — reading —

  async function read(isMore = false) {
    if (isMore && (isReading || !next || !isAnswered)) return;
    clearTimeout(timer);
    timer = 0;
    const mine = ++asked, found = [], wanted = isMore || !isAnswered ? 1 : rows.length; // as far as it was read before
    isReading = true;
    region.setAttribute("aria-busy", "true");
    if (!rows.length) say("Reading the worklist …");
    try {
      let told = { next: isMore ? next : null };
      do {
        told = await page(told.next);
        if (mine !== asked) return; // somebody typed on
        found.push(...told.rows);
      } while (told.next && found.length < wanted);
      next = told.next ?? null;
      if (isMore) more(found);
      else if (isAnswered) again(found);
      else first(found);
      for (const [name, count] of Object.entries(told.counts ?? {})) {
        const place = [...region.querySelectorAll("[data-state]")].find((one) => one.dataset.state === name);
        if (place) place.querySelector(".count").textContent = count;
      }
    } catch (error) {
      if (mine !== asked) return;
      if (!isAnswered) forget(); // they are of another search
      const why = error instanceof TypeError ? "The server does not answer; what you dictated is kept." : error.message;
      say(`${why} Press Alt+R to try again.`, true);
    } finally {
      if (mine === asked) {
        isReading = false;
        region.removeAttribute("aria-busy");
        enterHeld();
      }
    }
  }

  async function page(after) {
    const url = new URL("worklist", desk.url?.("") ?? document.baseURI);
    url.search = new URLSearchParams({ state, ...(after ? { after } : {}) });
    const words = encodeURIComponent(search.value.trim()); // of a patient: an address stands in the log of a proxy
    const answer = await fetch(url, { cache: "no-store", headers: { "X-Search": words } });
    if (!answer.ok) throw new Error((await answer.text()) || "The worklist could not be read.");
    return answer.json();
  }

  // Something else is asked for: until it is here nothing is marked, and what is on its way is for nobody.
  function askAnew() {
    asked += 1;
    isAnswered = isHeld = isMarked = false;
    closeQuestion();
    choose(-1);
  }

  function stop() {
    askAnew();
    clearTimeout(timer);
    timer = 0;
    isReading = false;
    region.removeAttribute("aria-busy");
  }

  function forget() {
    rows = [];
    body.replaceChildren();
  }

  function say(text, isError = false) {
    status.textContent = text;
    status.classList.toggle("error", isError);
  }

  function complain(text) { // also where a case is opened without the list, as after a signature
    if (region.hidden) desk.tell(text, { error: true });
    else say(text, true);
  }

  // — drawing —

  function draw() {
    if (!body.children.length) body.append(freshLine());
    for (const row of rows.slice(body.children.length - 1)) body.append(lineOf(row, body.children.length, isHere(row)));
    const what = search.value.trim() ? "Nothing fits this search" : "No case";
    const where = state ? ` among “${STATES.find(([name]) => name === state)[1]}”` : "";
    say(rows.length ? `${rows.length}${next ? " or more" : ""} ${rows.length === 1 ? "case" : "cases"}` : `${what}${where}.`);
    if (next && list.scrollHeight <= list.clientHeight + NEAR_PX) queueMicrotask(() => read(true));
  }

  function more(found) {
    rows.push(...found);
    draw();
  }

  function first(found) {
    isAnswered = true;
    closeQuestion();
    forget();
    more(found);
    list.scrollTop = 0;
    choose(rows.length ? 1 : search.value.trim() || state ? -1 : 0);
  }

  // The same list, newer: the marked case stays marked, and the one under the mouse stays under it.
  function again(found) {
    const places = () => [...body.children];
    const top = (index) => places()[index].getBoundingClientRect().top;
    const id = rows[at - 1]?.id, hovered = places().findIndex((one) => one.matches(":hover"));
    const under = rows[hovered - 1]?.id, before = under ? top(hovered) : 0, { scrollTop } = list;
    forget();
    more(found);
    list.scrollTop = scrollTop;
    const place = (one) => rows.findIndex((row) => row.id === one) + 1;
    if (place(under)) list.scrollTop += top(place(under)) - before;
    if (rows[place(question?.id) - 1]?.locked_by !== question?.locked_by) closeQuestion();
    const isGone = id !== undefined && !place(id);
    choose(isGone ? -1 : place(id) || at, false);
    if (isGone) say("The case that was marked is not in this list any more.", true);
  }

  const isHere = (row) => row.id === desk.state?.case;

  function choose(index, isSeen = true) {
    const lines = body.children;
    body.querySelector("[aria-selected=true]")?.removeAttribute("aria-selected");
    at = Math.min(index, lines.length - 1);
    for (const one of [search, find("table")]) one.removeAttribute("aria-activedescendant");
    if (at < 0) return;
    lines[at].setAttribute("aria-selected", "true");
    lines[at].classList.toggle("offered", !isMeant()); // Enter opens it, but nobody marked it
    for (const one of [search, find("table")]) one.setAttribute("aria-activedescendant", lines[at].id);
    if (isSeen) lines[at].scrollIntoView({ block: "nearest" });
    if (at > lines.length - 10) read(true);
  }

  function step(by) {
    isHeld = false;
    if (!isAnswered) return;
    closeQuestion();
    if (at < 0 && by > 0 && !rows.length) return openMarked(); // which says that nothing fits; ↑ alone marks a new case
    isMarked = true;
    choose(at < 0 ? Number(by > 0) : Math.max(0, at + by));
  }

  // — opening a case —

  function enter() {
    if (isAnswered) { openMarked(); return; }
    isHeld = true;
    if (timer || !isReading) read();
  }

  function enterHeld() { // nobody has seen these rows: only a single one can be the one that was meant
    const isAsked = isHeld && isAnswered;
    isHeld = false;
    if (!isAsked) return;
    if (rows.length === 1 || at < 0) openMarked();
    else say("Enter opens the marked row.");
  }

  function openMarked() {
    if (at < 0) {
      say(rows.length ? "No case is marked, so none was opened; mark one with ↑ or ↓." : "Nothing fits, so no case was opened; ↑ marks a new one.", true);
      return;
    }
    const row = rows[at - 1];
    if (row && isHere(row)) { close(); return; }
    if (row?.locked_by && question?.id !== row.id) { ask(row); return; }
    leaveTo(row, Boolean(row?.locked_by));
  }

  const isMeant = () => isMarked || (Boolean(search.value.trim()) && rows.length === 1); // the marked row: by hand, or found alone

  // The dictation key: what is said goes into the row that somebody marked, once it is open, and into no other. → whether it is.
  function dictate() {
    const row = rows[at - 1];
    const why = !isAnswered ? "The list is still being read"
      : at < 0 || !isMeant() ? "The worklist lies over the case, and no row of it was marked with ↑ or ↓"
      : row?.locked_by && !isHere(row) ? `${row.locked_by} has the marked case open` : "";
    if (why) {
      desk.emit("refused");
      desk.tell(`Nothing is recorded. ${why}: Enter opens the marked one, Esc closes the list.`, { error: true, like: "covered", passing: true });
      return false;
    }
    if (!row || !isHere(row)) return leaveTo(row, false);
    close();
    return true;
  }

  function ask(row) {
    closeQuestion();
    question = row;
    const since = row.locked_at ? ` since ${time(row.locked_at)}` : "";
    const words = element("span", "", `${row.locked_by} has this case open${since}. `);
    const take = element("button"), look = element("button"), back = element("button");
    take.append(element("kbd", "", "Enter"), " take it over");
    look.append(element("kbd", "", "Alt L"), " only look");
    back.append(element("kbd", "", "Esc"), " back");
    take.addEventListener("click", () => leaveTo(row, true));
    look.addEventListener("click", () => leaveTo(row, false));
    back.addEventListener("click", closeQuestion);
    for (const button of [take, look, back]) button.type = "button";
    const line = element("p", "question");
    line.setAttribute("role", "alert");
    line.append(words, take, look, back);
    status.before(line);
  }

  function closeQuestion() {
    find(".question")?.remove();
    question = null;
  }

  const leaving = createLeaving(desk, { say, complain }, () => { if (!region.hidden) close(); });

  function leaveTo(row, isTaken) {
    closeQuestion();
    return leaving.leaveTo(row, isTaken);
  }

  function openCase(id) { // by itself, after a signature or from a viewer
    return id === desk.state?.case ? undefined : leaving.leaveTo({ id }, false, true);
  }

  // A case that somebody else has open is only looked at, until T.
  desk.worklist = { show: () => { if (region.hidden) open(); }, openCase, dictate };

  function back() { // to the case that was open
    desk.capture?.unask();
    close();
  }

  function open() {
    if (!region.hidden) { back(); return; }
    before = document.activeElement;
    region.hidden = false;
    desk.covers.look();
    document.body.dataset.worklist = "";
    search.value = "";
    search.focus();
    filter("");
  }

  function close() {
    region.hidden = true;
    delete document.body.dataset.worklist;
    stop();
    leaving.giveUp();
    desk.covers.look(); // what was covered takes the focus again
    if (before?.isConnected && before.checkVisibility()) before.focus();
  }

  function filter(name) {
    state = name;
    for (const one of region.querySelectorAll("[data-state]")) one.setAttribute("aria-pressed", String(one.dataset.state === name));
    askAnew();
    forget();
    read();
  }

  search.addEventListener("input", () => {
    askAnew();
    clearTimeout(timer);
    timer = setTimeout(() => read(), PAUSE_MS);
  });
  list.addEventListener("scroll", () => { if (list.scrollTop + list.clientHeight > list.scrollHeight - NEAR_PX) read(true); });
  body.addEventListener("click", ({ target }) => {
    const index = [...body.children].indexOf(target.closest("tr"));
    if (index < 0) return;
    closeQuestion();
    choose(index, false);
    openMarked(); // which is seen, whatever is being read
  });
  find(".states").addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button) filter(button.dataset.state);
  });
  desk.on("connected", () => {
    search.value ||= sought;
    sought = "";
    if (!region.hidden) read();
  });
  desk.on("signed-out", () => { // nobody reads on; an open list is read again once its user is back
    sought ||= search.value;
    search.value = "";
    stop();
    forget();
    say("");
  });
  desk.on("worklist", () => { if (!region.hidden) read(); });

  desk.keys.add({ group: "Page", key: "w", label: "worklist, and back", run: open, over: "#worklist" });
  desk.keys.add({ group: "Page", key: "Alt+w", label: "worklist, and back", run: open, always: true, over: "#worklist" });
  const own = { group: "In the worklist", scope: region, always: true };
  desk.keys.add({ ...own, key: "ArrowDown", label: "next, previous case", run: () => step(1), repeats: true });
  desk.keys.add({ ...own, key: "ArrowUp", label: "next, previous case", run: () => step(-1), repeats: true });
  desk.keys.add({ ...own, key: "j", label: "next, previous case", run: () => step(1), always: false, repeats: true });
  desk.keys.add({ ...own, key: "k", label: "next, previous case", run: () => step(-1), always: false, repeats: true });
  desk.keys.add({ ...own, key: "PageDown", label: "a page on, a page back", run: () => step(15), repeats: true });
  desk.keys.add({ ...own, key: "PageUp", label: "a page on, a page back", run: () => step(-15), repeats: true });
  desk.keys.add({ ...own, key: "Enter", label: "open the case; take it over where another has it", run: enter });
  desk.keys.add({ ...own, key: "Alt+l", label: "only look at a case that another has open", run: () => leaveTo(rows[at - 1], false), when: () => Boolean(question) });
  desk.keys.add({ ...own, key: "Alt+r", label: "read the worklist again", run: () => read() });
  desk.keys.add({ ...own, key: "Escape", label: "close", run: () => (question ? closeQuestion() : back()) });
  desk.keys.add({ ...own, key: "/", label: "search", run: () => search.focus(), always: false });
  desk.keys.add({ ...own, key: "w", label: "close", run: back, always: false });
  STATES.forEach(([name], i) => {
    desk.keys.add({ ...own, key: `${i + 1}`, listed: `1 … ${STATES.length}`, label: "all cases, or those of one state", run: () => filter(name), always: false });
    desk.keys.add({ ...own, key: `Alt+${i + 1}`, listed: `Alt 1 … ${STATES.length}`, label: "all cases, or those of one state", run: () => filter(name) });
  });
}
