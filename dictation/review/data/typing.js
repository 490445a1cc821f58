// What a person types into a text that the server changes too: what is not in the server's text yet lies over it.
// One change at a time is with the server, so that "version" and a place in that version say exactly what was meant.
import { applied, difference, joined, moved, over } from "./changes.js";

const delta = ({ start, stop, length }) => length - (stop - start);

// Whether a change corrects what stands there: it takes away what was there before the caret was put at `putAt`, or it adds
// inside a sentence. Behind a sentence, or at the end of a line, somebody writes on.
export function isCorrection(text, { start, stop }, putAt) {
  if (stop > start) return putAt === null || start < putAt;
  const isFollowed = /^[^\n]*\S/.test(text.slice(start));
  return isFollowed && !/(^|[.?!:]\s*|\n\s*)$/.test(text.slice(0, start));
}

export class Typing {
  base = null; // { version, text, spans, anchor } as the server told last
  sent = null; // the change that is with the server, in places of base; `number` is that of its command
  later = []; // and those after it, each in places of what the ones before it made
  seen = 0; // the number of our last command that base has seen

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
    this.sent = this.later.shift();
    return this.sent;
  }

  // A newer text from the server. Returns what changes in the text that is shown, one after the other.
  hear({ version, text, spans, anchor, changes, seen }) {
    const before = this.base;
    this.base = { version, text, spans: spans ?? [], anchor };
    this.seen = seen;
    if (!before) return [];
    let told = fitting(changes, before.text, text);
    let own = -1;
    if (this.sent && seen >= this.sent.number) {
      own = among(told, this.sent, before.text, text);
      if (own < 0) { // it came together with other changes, and cannot be told from them
        told = fitting(null, applied(before.text, this.sent), text);
        this.sent = null;
      }
    }
    const shown = [];
    told.forEach((change, i) => {
      if (i === own) { this.sent = null; return; }
      let foreign = change;
      if (this.sent) [this.sent, foreign] = [over(this.sent, foreign), over(foreign, this.sent, true)];
      shown.push(this.under(foreign));
    });
    return shown;
  }

  // A change of the text below what is typed later. Returns it as a change of the text that is shown.
  under(foreign) {
    this.later = this.later.map((one) => {
      const ours = over(one, foreign);
      foreign = over(foreign, one, true);
      return ours;
    });
    return foreign;
  }

  // The server refused what it had. Returns what changes in the text that is shown.
  refused() {
    const { start, stop, text } = this.sent;
    this.sent = null;
    return [this.under({ start, stop: start + text.length, length: stop - start })];
  }
}

// Which of the changes is the one that was sent. The server may tell "aa|a" as "a|aa": both make the same text.
function among(told, sent, before, after) {
  if (told.length === 1) return applied(before, sent) === after ? 0 : -1;
  let expected = sent; // as the server moved it for what came before
  for (const [i, change] of told.entries()) {
    if (change.start === expected.start && delta(change) === delta(expected)) return i;
    expected = over(expected, change);
  }
  const alike = told.map((change, i) => [i, Math.abs(change.start - sent.start)]).filter(([i]) => delta(told[i]) === delta(sent));
  alike.sort(([, one], [, other]) => one - other);
  return alike[0]?.[0] ?? -1;
}

// The changes that were told, where they make the one text into the other; else the one that does.
function fitting(changes, before, after) {
  if (changes && before.length + changes.reduce((sum, one) => sum + delta(one), 0) === after.length) return changes;
  const one = difference(before, after);
  return one ? [one] : [];
}
