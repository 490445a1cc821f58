// A desk that answers as the server does, for the page's modules alone: it keeps one text with its versions, moves what was typed
// in an older version, and tells a page at once what happened since it was told last.
import { Covers } from "./covers.js";
import { createKeys } from "./keys.js";
import { Outbox } from "./outbox.js";
import { install as help } from "./help.js";
import { install as hints } from "./hints.js";
import { install as pad } from "./pad.js";
import { install as vocabulary } from "./vocabulary.js";
import { install as preferences } from "./preferences.js";
import { install as worklist } from "./worklist.js";

const listeners = new Map();
const emit = (kind, message = {}) => (listeners.get(kind) ?? []).forEach((listener) => listener(message));

class Server {
  sent = []; // commands, as they came
  held = null; // answers that wait, or null: none waits
  answers = {}; // what the answer to a command holds besides
  version = 1;
  text = "";
  spans = [];
  anchor = 0;
  provisional = null;
  history = []; // { version, start, stop, length }
  told = 0;
  number = 0;
  past = [];
  future = [];

  remember() { this.past.push([this.text, this.spans]); this.future = []; }

  change(start, stop, text, origin, more = {}) {
    const shift = text.length - (stop - start);
    const spans = [];
    for (const span of this.spans) {
      if (span.end <= start) spans.push(span);
      else if (span.start >= stop) spans.push({ ...span, start: span.start + shift, end: span.end + shift });
      else {
        if (span.start < start) spans.push({ ...span, end: start });
        if (span.end > stop) spans.push({ ...span, start: stop + shift, end: span.end + shift });
      }
    }
    if (text) spans.push({ start, end: start + text.length, origin, take: null, confidence: null, corrected: false, doubtful: false, title: "", ...more });
    this.spans = spans.sort((a, b) => a.start - b.start).filter(({ start, end }) => end > start);
    this.become(this.text.slice(0, start) + text + this.text.slice(stop));
  }

  become(text) { // told as the smallest change, whatever was meant (Change.between in wording/pad_pieces.py)
    const before = this.text, shorter = Math.min(before.length, text.length);
    let start = 0, tail = 0;
    while (start < shorter && before[start] === text[start]) start++;
    while (tail < shorter - start && before.at(-1 - tail) === text.at(-1 - tail)) tail++;
    this.text = text;
    this.version += 1;
    this.history.push({ version: this.version, start, stop: before.length - tail, length: text.length - tail - start });
    this.anchor = this.since(this.version - 1, this.anchor);
  }

  since(version, at) { // a place of an older version in the newest one
    for (const one of this.history.filter((entry) => entry.version > version)) {
      if (at > one.start || (at === one.start && one.start === one.stop)) at = Math.max(at, one.stop) + one.length - (one.stop - one.start);
    }
    return at;
  }

  tell() {
    const { version, text, spans, anchor, provisional } = this;
    const changes = this.told ? this.history.filter((entry) => entry.version > this.told) : null;
    this.told = version;
    emit("pad", { kind: "pad", version, seen: this.number, text, spans, anchor, provisional, changes });
  }

  dictate(text, more = {}) { // a final: words with their seconds
    this.remember();
    this.provisional = null;
    const at = this.anchor;
    this.change(at, at, text, "dictated", { take: 0, start_s: 1, end_s: 2, ...more });
    this.anchor = at + text.length;
    this.tell();
  }

  hear(stable, rest) {
    this.provisional = { stable, rest };
    this.tell();
  }

  swap([text, spans]) {
    this.spans = spans;
    this.become(text);
  }

  obey(command) {
    if (command.do === "type") {
      this.remember();
      const [start, stop] = [command.start, command.stop].map((at) => this.since(command.version, at)).sort((a, b) => a - b);
      this.change(start, stop, command.text, "typed");
    } else if (command.do === "cursor") this.anchor = this.since(command.version, command.at);
    else if (command.do === "undo" && this.past.length) {
      this.future.push([this.text, this.spans]);
      this.swap(this.past.pop());
    } else if (command.do === "redo" && this.future.length) {
      this.past.push([this.text, this.spans]);
      this.swap(this.future.pop());
    } else if (command.do === "open" || command.do === "new") this.open(command.id);
  }

  open(id, isFirst = false) {
    Object.assign(this, { text: "", spans: [], anchor: 0, provisional: null, version: this.version + 1, history: [], told: 0, past: [], future: [] });
    if (isFirst) window.after?.(this); // what a server has that was there before this page
    desk.state = { case: id, state: "draft", stage: "dictating", lock: { mine: true }, is_final: false, addendum: "", key: "F9", commands: COMMANDS };
    emit("case", desk.state);
    this.tell();
  }
}

const COMMANDS = [
  { say: "scratch that", does: "takes the last sentence out", example: "" },
  { say: "go to <section>", does: "the next words go in there", example: "go to impression" },
  { say: "replace <x> with <y>", does: "changes the last x", example: "replace left with right" },
];
const server = new Server();
const desk = {
  whereToWrite: () => "B goes back to the text.", state: null, connected: true, isOpen: true, page: "0".repeat(32), keys: createKeys(document), played: [], notices: [], left: [], stayed: [],
  sendings: Promise.resolve(), waiting: new Map(),
  outbox: Object.assign(await Outbox.open(), { acked: [], ackCommand(page, number) { // "acked": of commands
    if (page === desk.page) this.acked.push(number);
    return Outbox.prototype.ackCommand.call(this, page, number);
  } }),
  on(kind, listener) { listeners.set(kind, [...(listeners.get(kind) ?? []), listener]); },
  tell(text, { error = false } = {}) { desk.notices.push({ text, error }); document.querySelector("#bar .message").textContent = text; },
  url: (path) => new URL(path, document.baseURI),
  newId: () => "f".repeat(32),
  play(...what) { desk.played.push(what); },
  capture: {
    soundNow: { take: "e".repeat(32), block: 7 },
    leave: async (id) => { server.sent.push({ do: "stopped" }); desk.left.push(id); },
    stay: (id) => desk.stayed.push(id),
    unask() {},
  },
  number: window.number ?? 0,
  send(command) {
    server.sent.push(command);
    const number = ++desk.number;
    return new Promise((answer) => {
      const act = () => {
        const ok = !server.refuses;
        if (ok) {
          server.number = number;
          server.obey(command);
        }
        server.tell();
        answer({ ok, number, message: "", ...server.answers[command.do] });
      };
      if (server.held) server.held.push(act);
      else setTimeout(act, 0);
    });
  },
};
desk.emit = emit;
desk.isDoneWriting = () => {};
desk.covers = new Covers(desk);
server.emit = emit;
server.release = () => { const acts = server.held; server.held = null; acts.forEach((act) => act()); };
for (const install of [pad, worklist, vocabulary, help, preferences, hints]) await install(desk);
server.open("a".repeat(32), true);
Object.assign(window, { desk, server, ready: true });
