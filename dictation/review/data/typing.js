// What a person types into a text that the server changes too: what is not answered yet lies over what the server told.
// One change at a time is with the server, so that "version" and a place in that version say exactly what was meant.
import { applied, difference, joined, moved, over } from "./changes.js";

const inverse = ({ start, stop, text }) => ({ start, stop: start + text.length, length: stop - start });

export class Typing {
  base = null; // { version, text, spans, anchor } as the server told last
  sent = null; // the change that is with the server, in places of base
  later = []; // and those after it, each in places of what the ones before it made
  count = 0;
  seen = 0; // the number of our last command that is in base

  get own() { return this.sent ? [this.sent, ...this.later] : this.later; }

  get text() { return this.own.reduce(applied, this.base?.text ?? ""); }

  get isSettled() { return !this.sent && !this.later.length; }

  // A place of base, in the text as it is shown.
  shown(at, stays = false) { return this.own.reduce((place, change) => moved(place, change, stays), at); }

  get anchor() { return this.base?.anchor == null ? null : this.shown(this.base.anchor); }

  get spans() {
    if (this.isSettled) return this.base?.spans ?? [];
    return this.base.spans.map((span) => ({ ...span, start: this.shown(span.start), end: this.shown(span.end, true) }));
  }

  type(change) {
    const last = this.later.at(-1);
    const both = last && joined(last, change);
    if (both) this.later.splice(-1, 1, both);
    else this.later.push(change);
  }

  // The change to send now, or null.
  next() {
    if (this.sent || !this.later.length || !this.base) return null;
    this.sent = { ...this.later.shift(), id: ++this.count };
    return this.sent;
  }

  // A newer text from the server. Returns what changes in the text that is shown, one after the other.
  hear({ version, text, spans, anchor, changes, seen }) {
    const before = this.base;
    this.base = { version, text, spans: spans ?? [], anchor };
    this.seen = seen ?? this.seen;
    const told = [];
    for (const change of before ? fitting(changes, before.text, text) : []) {
      if (this.sent && isSame(change, this.sent)) { this.sent = null; continue; }
      let own = change;
      if (this.sent) {
        const by = this.sent;
        this.sent = over(by, change);
        own = over(change, by, true);
      }
      this.later = this.later.map((one) => {
        const ours = over(one, own);
        own = over(own, one, true);
        return ours;
      });
      told.push(own);
    }
    return [...told, ...this.settle(seen === undefined)];
  }

  // The server has answered the change that it had. Returns what changes in the text that is shown.
  answer(change, { ok, number }) {
    if (this.sent?.id !== change.id) return []; // it was seen in a newer text before
    if (ok) { this.sent.number = number ?? 0; return this.settle(false); }
    if (this.sent.again) return this.drop();
    this.later.unshift({ ...this.sent, again: true }); // it was told of a version that the server no longer has
    this.sent = null;
    return [];
  }

  settle(isAny) { return this.sent?.number !== undefined && (isAny || this.seen >= this.sent.number) ? this.drop() : []; }

  drop() { // in base already, or refused
    const out = inverse(this.sent);
    this.sent = null;
    let own = out;
    this.later = this.later.map((one) => {
      const ours = over(one, own);
      own = over(own, one, true);
      return ours;
    });
    return [own];
  }
}

const isSame = (change, sent) => change.start === sent.start && change.stop === sent.stop && change.length === sent.text.length
  && (change.text === undefined || change.text === sent.text);

// The changes that were told, where they make the one text into the other; else the one that does.
function fitting(changes, before, after) {
  const length = (changes ?? []).reduce((sum, one) => sum + one.length - (one.stop - one.start), before.length);
  if (changes?.length === 1 && length === after.length) {
    const [{ start, stop, length: put }] = changes;
    return [{ start, stop, length: put, text: after.slice(start, start + put) }];
  }
  if (changes && length === after.length) return changes;
  const one = difference(before, after);
  return one ? [one] : [];
}
