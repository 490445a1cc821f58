// The dictation: one text in which dictated words arrive while somebody types. The browser edits, the difference is sent; what the
// server tells comes in around the caret, which stays where it was put.
import { difference, moved } from "./changes.js";
import { lost, tellUntilClosed } from "./leftovers.js";
import { Runs, runsOf } from "./runs.js";
import { isCorrection, Typing } from "./typing.js";

const PAUSE_MS = 250, LONGEST_MS = 800; // a burst of keys is one change, and one step of undo
const AIMING_MS = 700; // after the pointer moved over the text: what is aimed at stays where it is

export async function install(desk) {
  const region = document.querySelector("#pad");
  region.innerHTML = `<div class="head"><h2 id="pad-name">Dictation</h2></div>
    <div class="text" role="textbox" aria-multiline="true" aria-labelledby="pad-name" spellcheck="false" tabindex="0"></div>
    <p class="unseen told" aria-live="polite"></p>`;
  const root = region.querySelector(".text");
  const runs = new Runs(root);
  let typing = new Typing();
  let caseId = null, provisional = "", spokenAt = null, mayEdit = false;
  let isOut = false; // signed out: the text is not on the page, until the server tells its case again
  let wasHere = false; // whether it had the focus then
  let chosen = null; // { anchor, focus }: the selection, also while the focus is elsewhere
  let wish = null; // { at, take, block }: where the person put the caret, not told yet
  let wasAt = null; // where dictation went before the caret was put elsewhere and nothing was said or written there yet
  let putAt = null; // where it was put then: what is written from there on is no correction
  let told = null; // { at, number }: where the server was told last that dictation goes in, and by which command
  let timer = 0, first = 0; // of a burst
  const numbered = desk.number; // of the last command before a reload that was stored
  let kept = await desk.outbox.typing(desk.page); // what was typed before it
  const reloaded = kept;
  const isUnanswered = kept?.sent && (await desk.outbox.commandsAfter(desk.page, 0)).some(({ number }) => number === kept.sent.number);
  const untaken = []; // words that the server refused, until they are told
  let writing = null; // resolves when what is kept now is on the disk
  let isComposing = false, isPointing = false;
  let aimedAt = -Infinity, aimed = 0; // when the pointer moved over the text, and the drawing that waits for it to rest
  const waiting = []; // messages that came while an input method was composing
  const settling = []; // who waits for that
  const afterwards = []; // commands that go once everything typed is with the server

  const isHere = () => document.activeElement === root;
  const isShown = () => root.checkVisibility();
  const isSeen = () => isShown() && document.querySelector("#worklist").hidden; // the list lies over it

  const covered = () => parseFloat(getComputedStyle(root).scrollPaddingBottom) || 0; // px of its lower end, by notices

  // — showing —

  function show(changes = []) { // after the server said something
    const eyes = isShown() ? whereEyesAre() : null;
    const goes = (at, change) => moved(at, change);
    if (chosen) chosen = { anchor: changes.reduce(goes, chosen.anchor), focus: changes.reduce(goes, chosen.focus) };
    changes.forEach(movePlaces);
    draw();
    eyes?.(changes);
  }

  function draw() {
    if (isOut) return;
    const { text } = typing;
    root.classList.toggle("empty", !text && !provisional);
    root.classList.toggle("mixed", typing.spans.some(({ origin }) => origin === "dictated"));
    const speaking = provisional && spokenAt !== null ? typing.shown(Math.min(spokenAt, typing.base.text.length)) : null;
    const place = mayEdit ? speaking ?? typing.anchor ?? text.length : null;
    const gap = provisional && /\S$/.test(text.slice(0, place ?? 0)) && /^[^\s.,;:?!)]/.test(provisional) ? " " : "";
    const gapAfter = provisional && /^[^\s.,;:?!)]/.test(text.slice(place ?? text.length)) ? " " : "";
    runs.show(runsOf(text, typing.spans, place, gap + provisional + gapAfter));
    if (isHere() && chosen) {
      const now = runs.selection;
      if (now?.anchor !== chosen.anchor || now?.focus !== chosen.focus) runs.select(chosen);
    }
  }

  // Remembers what is looked at, and brings it back there: the end where it was followed, else the first line in sight.
  function whereEyesAre() {
    const low = root.scrollHeight - covered() - root.scrollTop - root.clientHeight < root.clientHeight / 6;
    const last = typing.text.length;
    if (low && !isAiming() && (typing.anchor === last || (isHere() && chosen?.focus === last))) return () => { root.scrollTop = root.scrollHeight; };
    if (!root.scrollTop) return null;
    const box = root.getBoundingClientRect();
    const seen = placeAt(box.left + 30, box.top + 8);
    if (seen === null) return null;
    const top = (at) => { const range = document.createRange(); range.setStart(...runs.point(at)); return range.getBoundingClientRect().top; };
    const was = top(seen);
    return (changes) => { root.scrollTop += top(changes.reduce((at, change) => moved(at, change), seen)) - was; };
  }

  function placeAt(x, y) {
    const found = document.caretPositionFromPoint?.(x, y);
    const range = found ? { startContainer: found.offsetNode, startOffset: found.offset } : document.caretRangeFromPoint?.(x, y);
    return range && root.contains(range.startContainer) ? runs.offset(range.startContainer, range.startOffset) : null;
  }

  function edit(allowed) {
    mayEdit = allowed;
    root.contentEditable = allowed ? "plaintext-only" : "false";
    if (allowed && root.contentEditable !== "plaintext-only") root.contentEditable = "true";
    root.setAttribute("aria-readonly", String(!allowed));
    root.dataset.greeting = allowed ? `Press ${desk.state?.key ?? "F9"} and speak, or T and type.` : "";
  }

  // — typing —

  function typed(change) {
    if (!change) return;
    written(change);
    chosen = runs.selection ?? chosen;
    root.classList.toggle("empty", !typing.text && !provisional);
    keep();
    soon();
  }

  function soon() {
    first ||= Date.now();
    clearTimeout(timer);
    timer = setTimeout(pump, Math.min(PAUSE_MS, first + LONGEST_MS - Date.now()));
  }

  function replace(text) { // what is selected, by the page itself
    const at = runs.selection;
    if (!at) return;
    const start = Math.min(at.anchor, at.focus), stop = Math.max(at.anchor, at.focus);
    written({ start, stop, length: text.length, text });
    chosen = { anchor: start + text.length, focus: start + text.length };
    draw();
    keep();
    pump();
    reveal();
  }

  function reveal() { // the caret, where the browser does not by itself
    const range = document.createRange();
    range.setStart(...runs.point(chosen.focus));
    const line = range.getClientRects()[0] ?? runs.end.getBoundingClientRect();
    const box = root.getBoundingClientRect(), edge = line.height, low = box.bottom - covered() - edge;
    if (line.bottom > low) root.scrollTop += line.bottom - low;
    else if (line.top < box.top) root.scrollTop += line.top - box.top - edge;
  }

  const takeIn = () => { if (!isOut) typed(difference(typing.text, runs.text, runs.selection?.focus)); };

  // A correction leaves dictation where it was; who writes behind a sentence has it go on there.
  function written(change) {
    const isOne = isCorrection(typing.text, change, putAt);
    typing.type(change);
    movePlaces(change);
    if (isOne) leaveIt();
    else wasAt = null;
  }

  function movePlaces(change) {
    if (wish) wish.at = moved(wish.at, change);
    if (told) told.at = moved(told.at, change);
    if (wasAt !== null) wasAt = moved(wasAt, change);
    if (putAt !== null) putAt = moved(putAt, change, true);
  }

  // What is said from now on is meant for the place; with no sound, whatever comes next.
  function mean(at) { wish = { at, ...(desk.capture?.soundNow ?? { take: null, block: null }) }; }

  // The caret was put somewhere: dictation goes in there, unless somebody is speaking, who only looks or corrects there.
  function put(at) {
    if (provisional || desk.capture?.isSpeaking) return;
    wasAt ??= wish?.at ?? goesIn() ?? typing.text.length;
    putAt = at;
    mean(at);
  }

  function leaveIt() {
    if (wasAt !== null) mean(wasAt);
    wasAt = null;
  }

  const goesIn = () => (told && typing.seen < told.number ? told.at : typing.anchor); // where dictation goes in

  function pump() {
    clearTimeout(timer);
    first = 0;
    const change = typing.next();
    if (change) {
      const { start, stop, text } = change, epoch = typing;
      change.number = desk.number + 1;
      keep();
      desk.sendings = desk.sendings.then(() => writing); // before the command, or a reload would type it once more
      desk.send({ do: "type", version: typing.base.version, start, stop, text }).then(({ ok }) => {
        if (!ok && epoch === typing) refused(change); // where it is in the text otherwise, the text tells
      });
      return;
    }
    if (!typing.isSettled || !typing.base) return;
    tellUntaken();
    if (afterwards.length) sendAfterwards();
    settling.splice(0).forEach((done) => done());
    if (wish && wish.at !== goesIn()) {
      desk.send({ do: "cursor", version: typing.base.version, ...wish });
      told = { at: wish.at, number: desk.number };
    }
    wish = null;
  }

  function sendAfterwards() { // kept until each is stored as a command, and known then by its number: a reload does it once
    afterwards.forEach((one, nth) => { one.number = desk.number + 1 + nth; });
    keep();
    desk.sendings = desk.sendings.then(() => writing);
    for (const one of afterwards.splice(0)) desk.send(one);
    desk.sendings.then(keep);
  }

  function refused({ number, text }) {
    if (text.trim()) untaken.push(text.trim());
    if (typing.sent?.number === number) {
      look();
      show(typing.refused());
      keep();
    }
    pump();
  }

  function later(command) {
    if (!mayEdit) return;
    afterwards.push(command);
    keep();
    pump();
  }

  function tellUntaken() {
    if (untaken.length) tellUntilClosed(desk, `What you typed was not taken: “${untaken.splice(0).join(" … ")}”`, caseId);
  }

  // For a reload, in the user's own database: what was sent is there as a command too, what came after it only here.
  function keep() {
    const { base, sent, later: after } = typing, { page, outbox } = desk;
    const mine = (typing.isSettled && !afterwards.length) || !base ? null : { case: caseId, whose: desk.whose?.(caseId), version: base.version, text: base.text, sent: sent && { ...sent }, later: [...after], afterwards: afterwards.map((one) => ({ ...one })) };
    if (!mine && !kept) return;
    const told = kept && kept.case !== caseId ? tellLeft(kept) : null;
    kept = mine;
    const put = () => (mine ? outbox.putTyping(page, mine, () => mine === kept) : mine === kept && outbox.forgetTyping(page));
    const written = told ? told.then(put) : Promise.resolve(put());
    const before = writing;
    writing = written.catch(console.error).then(() => before);
  }

  function tellLeft({ case: of, whose, sent, later: after, afterwards: last = [] }) { // → resolves when that is kept; another case is open: what was not even sent means a text of that one
    const isCommand = ({ number }) => number && (number <= numbered || kept !== reloaded);
    const unsent = [...(sent ? [sent] : []), ...after].map((one) => ({ ...one, do: "type" }));
    const words = lost([...unsent, ...last].filter((one) => !isCommand(one)));
    return words ? tellUntilClosed(desk, `Another case was opened before this was saved, so do it again: ${words}`, of, whose) : null;
  }

  function bringBack() {
    if (!kept || kept.case !== caseId || typing.base) return false;
    const { version, text, sent, later: after } = kept, isStored = sent && sent.number <= numbered;
    typing.base = { version, text, spans: [], anchor: null };
    typing.sent = isStored ? sent : null;
    typing.later = sent && !isStored ? [sent, ...after] : after;
    afterwards.push(...(kept.afterwards ?? []).filter(({ number }) => !(number <= numbered)));
    if (isUnanswered) desk.waiting.set(sent.number, ({ ok }) => { if (!ok && kept?.case === caseId) refused(sent); });
    return true;
  }

  // A browser has one history for all fields of a page, and asks here also where another one has the focus.
  const undone = (what) => { if (isHere() && isSeen()) later({ do: what }); };

  root.addEventListener("beforeinput", (event) => {
    const by = {
      insertParagraph: () => replace("\n"),
      insertLineBreak: () => replace("\n"),
      historyUndo: () => undone("undo"),
      historyRedo: () => undone("redo"),
    };
    if (root.contentEditable === "true" && ["insertFromPaste", "insertFromDrop"].includes(event.inputType)) {
      by[event.inputType] = () => replace(event.dataTransfer?.getData("text/plain").replaceAll("\r\n", "\n") ?? "");
    }
    if (!by[event.inputType] || isComposing) return;
    event.preventDefault();
    by[event.inputType]();
  });
  root.addEventListener("input", () => { if (!isComposing) takeIn(); });
  root.addEventListener("compositionstart", () => { isComposing = true; });
  root.addEventListener("compositionend", () => {
    isComposing = false;
    takeIn();
    waiting.splice(0).forEach(heard);
  });

  // — caret —

  const isAiming = () => isPointing || performance.now() - aimedAt < AIMING_MS;
  root.addEventListener("pointermove", () => { aimedAt = performance.now(); });

  function showOnceAimed() { // what may still change grows without moving the word that is about to be clicked
    clearTimeout(aimed);
    if (isAiming()) aimed = setTimeout(showOnceAimed, AIMING_MS / 4);
    else show();
  }

  function look() { // whether the person put the caret elsewhere
    const now = isHere() && !isComposing && !isOut ? runs.selection : null;
    if (!now || (now.anchor === chosen?.anchor && now.focus === chosen?.focus)) return false;
    const isSamePlace = now.focus === chosen?.focus;
    chosen = now;
    if (!mayEdit) return false;
    if (now.anchor !== now.focus) leaveIt(); // what is selected is read or corrected, and no place to go on
    else if (!isSamePlace) put(now.focus);
    else return false;
    return true;
  }

  // Browsers tell of a moved caret later than of the key or the click that then takes the focus away.
  for (const event of ["selectionchange", "keydown", "pointerdown"]) {
    document.addEventListener(event, () => { if (look() && !isPointing) pump(); }, true);
  }
  root.addEventListener("blur", pump);
  root.addEventListener("pointerdown", () => { isPointing = true; });
  // Told once the button is up: the answer draws the word anew, and a word that goes under a button that is down is not clicked.
  for (const event of ["pointerup", "pointercancel"]) {
    document.addEventListener(event, () => {
      if (!isPointing) return;
      isPointing = false;
      look();
      pump();
    });
  }
  addEventListener("blur", () => { isPointing = false; }); // a button that is let up in another window is not told
  root.addEventListener("focus", () => { // by key or by a dialog that closes: where it was, else where dictation goes in
    if (isPointing || isOut) return;
    const at = typing.anchor ?? typing.text.length;
    chosen ??= { anchor: at, focus: at };
    runs.select(chosen);
    reveal();
  });

  // — listening to what was said —

  function play(at) {
    const span = typing.spans.find(({ start, end, take }) => take != null && start <= at && at < end);
    if (span?.start_s == null || !desk.play) return false;
    desk.play(span.take, span.start_s, span.end_s);
    return true;
  }
  root.addEventListener("click", (event) => {
    const at = event.altKey ? placeAt(event.clientX, event.clientY) : null;
    if (at !== null) play(at);
  });
  root.addEventListener("dblclick", () => { // the word is selected now
    const at = runs.selection;
    if (at) play(Math.min(at.anchor, at.focus));
  });

  // — the server —

  function heard(message) {
    if (isComposing) { waiting.push(message); return; }
    const isBack = bringBack();
    look();
    const isFirst = !typing.base, { anchor } = typing;
    const follows = isHere() && !wish && typing.isSettled && chosen?.focus === anchor && chosen.anchor === anchor; // the caret is where dictation goes in
    const changes = typing.hear(message);
    spoken(message);
    show(changes);
    if (follows && typing.anchor !== null && typing.anchor !== chosen.focus) {
      chosen = { anchor: typing.anchor, focus: typing.anchor };
      draw();
    }
    if (isBack && typing.sent && !isUnanswered) refused(typing.sent); // it was, before the reload: else the text had it
    if (!isFirst) tellFinals(changes, message);
    if (!isOut) goBack();
    keep();
    if (!first) pump();
  }

  function goBack() { // who typed when the session ended types on
    if (wasHere && isSeen() && document.activeElement === document.body) root.focus();
    wasHere = false;
  }

  function spoken({ provisional: words }) {
    provisional = [words?.stable, words?.rest].filter(Boolean).join(" ").replace(/ {2,}/g, " ");
    spokenAt = words?.at ?? null;
    if (provisional) wasAt = null; // it is spoken where the caret was put
  }

  function tellFinals(changes, { text, spans }) {
    const told = changes.filter(({ start, stop, length }) => start === stop && length)
      .filter(({ start, length }) => (spans ?? []).some((span) => span.origin === "dictated" && span.start < start + length && span.end > start));
    if (told.length) region.querySelector(".told").textContent = told.map(({ start, length }) => text.slice(start, start + length)).join(" ");
  }

  desk.on("case", (state) => {
    const isBack = isOut;
    isOut = false;
    if (state.case !== caseId) {
      tellUntaken(); // of the case before
      caseId = state.case;
      typing = new Typing();
      [chosen, wish, told, wasAt, putAt, provisional] = [null, null, null, null, null, ""];
      waiting.length = afterwards.length = 0;
      region.querySelector(".told").textContent = ""; // of another patient, for who hears the page
      edit(false);
      show();
    }
    const isSigned = state.is_final && !state.addendum; // an addendum has a text of its own
    const allowed = state.lock.mine && !isSigned;
    if (allowed !== mayEdit || isBack) { edit(allowed); show(); }
  });
  desk.on("pad", heard);
  desk.on("signed-out", () => { // nobody reads on; whoever signs in again is told all of it
    wasHere ||= isHere();
    look(); // the caret may have moved, and the browser not have told of it yet
    root.blur();
    takeIn(); // what an input method was composing
    isOut = true; // what stands on the page from here on is not the text
    edit(false);
    runs.show([]);
    region.querySelector(".told").textContent = "";
  });
  desk.on("partial", (message) => {
    if (isComposing || !typing.base) return;
    spoken(message);
    showOnceAimed();
  });
  edit(false);
  // `settled`, before another case: resolves when everything that was typed is with the server.
  desk.pad = { flush: pump, settled: () => (typing.isSettled ? Promise.resolve() : new Promise((done) => { settling.push(done); pump(); })) };

  const own = { group: "Dictation", scope: root, always: true };
  desk.keys.add({ key: "t", label: "write in the dictation", group: "Dictation", when: () => isShown() && mayEdit, run: () => root.focus() });
  desk.keys.add({
    key: "t", label: "write in the dictation", group: "Dictation",
    when: () => desk.state?.stage === "review" && Boolean(desk.state.lock?.mine) && !isShown(),
    run: () => desk.tell(`The dictation is not shown here. ${desk.whereToWrite()}`),
  });
  desk.keys.add({ ...own, key: "Escape", label: "leave the text, so that single keys work", run: () => root.blur() });
  const unseen = () => desk.tell("Nothing was undone or redone: the dictation is not shown here; B brings it back.");
  for (const [key, label, what] of [["Ctrl+z", "undo what was typed or dictated", "undo"], ["Ctrl+y", "redo", "redo"], ["Ctrl+Shift+z", "redo", "redo"]]) {
    const run = () => later({ do: what });
    desk.keys.add({ ...own, key, label, when: isSeen, run });
    desk.keys.add({ group: "Dictation", key, label, when: isSeen, run });
    desk.keys.add({ group: "Dictation", key, label, when: () => desk.state?.stage === "review" && !isShown(), run: unseen });
  }
}
