// The page's one connection: commands out in order, each obeyed once; state, answers and notices in.
// A command is in the browser's database until the server has answered: a reload or a dead server loses none.
import { Covers } from "./covers.js";
import { install as dialogs } from "./dialogs.js";
import { createKeys } from "./keys.js";
import { Outbox } from "./outbox.js";
import { install as capture } from "./capture.js";
import { install as pad } from "./pad.js";
import { install as cards } from "./cards.js";
import { install as viewer } from "./viewer.js";
import { install as fields } from "./fields.js";
import { install as normals } from "./normals.js";
import { install as asking } from "./asking.js";
import { install as second } from "./second.js";
import { install as signing } from "./signing.js";
import { install as worklist } from "./worklist.js";
import { install as vocabulary } from "./vocabulary.js";
import { install as help } from "./help.js";
import { install as hints } from "./hints.js";
import { install as hid } from "./hid.js";
import { install as choosing } from "./choosing.js";
import { install as preferences } from "./preferences.js";
import { install as regions } from "./regions.js";
import { tellLeftOvers } from "./leftovers.js";
import { install as users, whoIsHere } from "./users.js";

const SIGN_IN_AGAIN = 4401; // the server's close code
const FIRST_WAIT_MS = 300, LONGEST_WAIT_MS = 5000;
const TYPING_MS = 700; // after a letter, another one may come
const MOST_STRAYED = 20; // runs of words that are told in one sentence
const hex = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// A tab that was duplicated brings its twin's session storage along: a page is whoever holds the lock of its name.
async function ownName() {
  const kept = sessionStorage.getItem("desk.page");
  for (const name of [kept, hex()]) {
    if (!name) continue;
    const isOwn = await new Promise((answer) => {
      navigator.locks.request(`desk-page-${name}`, { ifAvailable: true }, (lock) => {
        answer(Boolean(lock));
        return lock ? new Promise(() => {}) : undefined; // held as long as the page lives
      });
    });
    if (isOwn) {
      sessionStorage.setItem("desk.page", name);
      return name;
    }
  }
  throw new Error("no name for this page");
}

// What a viewer put into the address opens a case once; it must stay in no bookmark and no history.
function takenTicket() {
  const address = new URL(location.href);
  const ticket = address.searchParams.get("open");
  if (ticket === null) return null;
  address.searchParams.delete("open");
  history.replaceState(history.state, "", address);
  return ticket.slice(0, 100);
}

class Desk {
  constructor(page, outbox, who) {
    this.page = page;
    this.who = who; // {user, display, role, by, session}; user is "" where nobody signs in
    this.outbox = outbox;
    this.state = null;
    this.connected = false;
    this.typed_ms = this.wrote_ms = -Infinity; // when somebody typed in the text; or that, or went there
    this.asked_ms = -Infinity; // when somebody said to be done with it
    this.mayType = false; // whether the text went from under somebody who may go on typing, and nothing has had the focus since
    const inText = (does) => ({ target }) => { if (target.closest?.("#pad")) does(); };
    document.addEventListener("input", inText(() => { this.typed_ms = this.wrote_ms = performance.now(); }), true);
    document.addEventListener("focusin", inText(() => { this.wrote_ms = performance.now(); }));
    document.addEventListener("focusin", () => { this.mayType = false; });
    this.listeners = new Map();
    this.covers = new Covers(this);
    this.strayed = new Map(); // case → the words that were typed where nothing took them, until somebody has closed them
    this.keys = createKeys(document, (what, cover, why = `it came within typed words, and the focus was nowhere. ${this.whereToWrite()}`) => {
      if (cover) return this.covers.refuse(what, cover);
      this.emit("refused");
      this.tell(`${what}: ${why}`, { error: true, like: "stray", passing: true });
    }, (words, isWhole, isOnAlert) => this.tellStrayed(words, isWhole, isOnAlert), () => this.state?.case);
    this.shell = document.querySelector("#shell");
    this.waiting = new Map(); // number → resolve
    this.number = 0;
    this.wait = FIRST_WAIT_MS;
    this.ticket = null; // of a viewer: which case to open
    this.sendings = Promise.resolve();
  }

  on(kind, listener) {
    if (!this.listeners.has(kind)) this.listeners.set(kind, []);
    this.listeners.get(kind).push(listener);
  }

  emit(kind, message = {}) {
    for (const listener of this.listeners.get(kind) ?? []) {
      try {
        listener(message);
      } catch (error) {
        console.error(error); // one part of the page that fails must not stop the others
      }
    }
  }

  // `of`: the case that it is about, null: none; `whose`: its patient's name, for a page that may not have shown it.
  // `like`: it takes the place of one that was called so; `closed` is called once somebody has closed it; `passing`: what was
  // refused is of its moment only, and of no use any more once its case is left.
  tell(text, { error = false, of = this.state?.case, whose, like, closed, passing } = {}) {
    this.emit("notice", { text, error, case: of, whose, like, closed, passing });
  }

  tellStrayed(words, isWhole, isOnAlert) { // the older ones stay in sight with them: nobody has them otherwise
    const of = this.state?.case ?? null, before = this.strayed.get(of) ?? [];
    if (!isWhole) this.emit("refused");
    else this.strayed.set(of, [...before, words].slice(-MOST_STRAYED));
    const all = (isWhole ? this.strayed.get(of) : [...before, `${words}…`]).map((one) => `“${one}”`).join(" and ");
    const why = isOnAlert ? "no text had the focus: nothing was decided, and nothing has it" : "nothing had the focus: no text has it, and no key was obeyed";
    const sentence = `${all} came while ${why}. ${this.whereToWrite()}`;
    this.tell(sentence, { error: true, of, like: "strayed", closed: () => this.strayed.delete(of) });
  }

  whereToWrite() { // the key that helps whoever believes to be in the text
    const { state } = this;
    if (!state) return "No case is open.";
    if (state.may_work === false) return "Your role here changes no text.";
    if (state.lock && !state.lock.mine) return "Another page works on this case; T takes it over.";
    if (state.is_final && !state.addendum) return "The report is signed; A begins an addendum.";
    return document.body.dataset.stage === "review" ? "B goes back to the text." : "T writes in the text.";
  }

  url(path) { return new URL(path, location.href.split(/[?#]/)[0]); }

  newId() { return hex(); }

  // Somebody stops dictating, compares or signs: what is typed after that is meant for whatever has the focus then.
  isDoneWriting() { this.asked_ms = performance.now(); }

  send(command) {
    if (!["type", "cursor"].includes(command.do)) this.pad?.flush?.(); // what was typed before it comes before it
    const number = ++this.number;
    const full = { ...command, number };
    if (full.case === undefined && this.state) full.case = this.state.case;
    const answer = new Promise((resolve) => { this.waiting.set(number, resolve); });
    const whose = this.whose?.(full.case); // for who is told of it, should this page be closed before the answer
    this.sendings = this.sendings.then(async () => { // stored and sent in the order of the calls
      await this.outbox.putCommand(this.page, number, whose ? { ...full, whose } : full);
      this.post(full);
    }).catch(console.error); // what comes after it is still stored and sent
    return answer;
  }

  post(command) {
    if (this.isOpen) this.socket.send(JSON.stringify(command));
  }

  get isOpen() { return this.connected && this.socket.readyState === WebSocket.OPEN; }

  postBlock(bytes) { // false: not sent now, it stays in the outbox
    if (!this.isOpen) return false;
    this.socket.send(bytes);
    return true;
  }

  get buffered() { return this.socket?.bufferedAmount ?? 0; }

  // Its user leaves: nobody reads on, and no key and no pedal does anything. What was typed and said is still sent.
  beginLeaving() {
    this.isLeaving = true;
    this.keys.close();
    this.emit("signed-out");
  }

  // Its user has left: nothing comes in any more. What is not sent yet stays in the outbox.
  leave() {
    const { socket } = this;
    this.hasLeft = true;
    this.connected = false;
    this.socket = null;
    socket?.close();
    this.emit("signed-out"); // also what was drawn meanwhile
    this.state = null;
  }

  connect() {
    if (this.hasLeft) return;
    const address = this.url("desk");
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.opened(socket);
    socket.onmessage = ({ data }) => { if (socket === this.socket) this.heard(JSON.parse(data)); };
    socket.onclose = ({ code }) => this.closed(socket, code);
  }

  async opened(socket) {
    const number = ++this.number;
    const known = sessionStorage.getItem("desk.case");
    this.waiting.set(number, () => this.greeted(socket));
    socket.send(JSON.stringify({ do: "hello", number, page: this.page, user: this.who.user, case: known || null }));
  }

  async greeted(socket) {
    if (socket !== this.socket) return;
    this.wait = FIRST_WAIT_MS;
    this.sendings = this.sendings.then(async () => { // none overtakes those before: the server would take them for obeyed
      const commands = await this.outbox.commandsAfter(this.page, 0);
      if (socket !== this.socket || socket.readyState !== WebSocket.OPEN) return;
      for (const { number, command: { whose, ...command } } of commands) {
        if (!this.waiting.has(number)) this.waiting.set(number, () => {}); // of the page before a reload
        socket.send(JSON.stringify(command));
      }
      this.connected = true;
    }).catch(console.error);
    await this.sendings;
    if (!this.connected || socket !== this.socket) return;
    this.emit("connected");
    const ticket = this.ticket;
    this.ticket = null;
    const answer = ticket && await this.send({ do: "redeem", ticket, case: null });
    if (answer?.ok) await this.worklist.openCase(answer.id);
    if (!this.state) this.send({ do: "new", id: hex(), case: null });
    if (answer && !answer.ok) this.worklist.show();
  }

  closed(socket, code) {
    if (socket !== this.socket) return;
    const was = this.connected;
    this.connected = false;
    if (was) this.emit("disconnected");
    if (code === SIGN_IN_AGAIN) { // it connects again once the same user is signed in again
      this.emit("signed-out");
      return;
    }
    setTimeout(() => this.connect(), this.wait);
    this.wait = Math.min(LONGEST_WAIT_MS, this.wait * 2);
  }

  // A review takes the text away: not from under somebody's fingers, whose letters would be keys of the cards.
  showStage() {
    const { stage } = this.state, rest_ms = this.typed_ms + TYPING_MS - performance.now();
    const mayGoOn = stage === "review" && this.wrote_ms > this.asked_ms && Boolean(document.activeElement?.closest("#pad"));
    clearTimeout(this.stageLater);
    if (mayGoOn && rest_ms > 0) {
      this.stageLater = setTimeout(() => { this.showStage(); this.emit("stage"); }, rest_ms);
      return;
    }
    if (document.body.dataset.stage !== stage) this.mayType = mayGoOn;
    document.body.dataset.stage = stage;
  }

  heard(message) {
    if (message.kind === "answer") {
      this.outbox.ackCommand(this.page, message.number);
      const resolve = this.waiting.get(message.number);
      this.waiting.delete(message.number);
      this.number = Math.max(this.number, message.obeyed ?? 0); // where the browser has lost its database
      if (message.ok) this.emit("obeyed", message);
      else if (message.message) this.emit("notice", { text: message.message, error: true, case: message.case, do: message.do });
      resolve?.(message);
      return;
    }
    if (message.kind === "case") {
      this.state = message;
      sessionStorage.setItem("desk.case", message.case);
      this.showStage();
      document.body.dataset.state = message.state;
    }
    this.emit(message.kind, message);
  }
}

async function begin() {
  const ticket = takenTicket();
  await new Promise((found) => { // Gradio draws its page after this script is loaded
    const look = () => document.querySelector("#shell #pad") && (watch.disconnect(), found());
    const watch = new MutationObserver(look);
    watch.observe(document, { childList: true, subtree: true });
    look();
  });
  const { key, ...who } = await whoIsHere();
  const page = await ownName();
  const outbox = await Outbox.open(who.user, key);
  const desk = new Desk(page, outbox, who);
  desk.ticket = ticket;
  desk.number = await outbox.lastNumber(page);
  window.desk = desk;
  for (const install of [dialogs, regions, capture, pad, fields, asking, cards, normals, viewer, signing, second, worklist, vocabulary, choosing, preferences, hid, help, users, hints]) {
    await install(desk);
  }
  desk.emit("installed");
  navigator.storage?.persist?.(); // what is not on the server yet must not be evicted
  addEventListener("beforeunload", (event) => { // what only this page has would go with it
    if ((!desk.isOpen && desk.waiting.size && !desk.hasLeft) || (outbox.isTroubled && (desk.capture?.sending.unsent_s > 0 || outbox.held.commands.size))) event.preventDefault();
  });
  addEventListener("online", () => { if (!desk.connected) desk.socket?.close(); });
  await tellLeftOvers(desk);
  desk.connect();
}

begin().catch((error) => {
  console.error(error);
  const shell = document.querySelector("#shell") ?? document.body;
  shell.insertAdjacentHTML("afterbegin", '<p role="alert">This page could not start; reload it, with a current Chromium, Edge or Firefox.</p>');
});
