// Changes of a text: { start, stop, length }, characters [start, stop) became `length` others; with `text` it says which.
// Places are UTF-16 units, as a browser counts. Where two changes meet at one place, the text that is already there stays first.

export const applied = (text, { start, stop, text: put }) => text.slice(0, start) + put + text.slice(stop);

const isLow = (text, at) => { const code = text.charCodeAt(at); return code >= 0xdc00 && code < 0xe000; };

// The one change between two texts; `caret` is where it ended, which tells "aa|a" from "a|aa". Null where they are the same.
export function difference(before, after, caret = after.length) {
  if (before === after) return null;
  const shorter = Math.min(before.length, after.length);
  let tail = 0;
  const most = Math.min(shorter, after.length - caret);
  while (tail < most && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  let start = 0;
  while (start < shorter - tail && before[start] === after[start]) start++;
  while (tail < shorter - start && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  while (start && (isLow(before, start) || isLow(after, start))) start--; // no half of a sign
  while (tail && (isLow(before, before.length - tail) || isLow(after, after.length - tail))) tail--;
  const text = after.slice(start, after.length - tail);
  return { start, stop: before.length - tail, length: text.length, text };
}

// Where a place goes: at an insertion, and inside what gives way, behind what came; with `stays` it remains before an insertion.
// The server moves places by the same rule (wording/pad_pieces.py), so that both agree on the text.
export function moved(at, { start, stop, length }, stays = false) {
  if (at < start || (at === start && (stays || start < stop))) return at;
  return Math.max(at, stop) + length - (stop - start);
}

// The same change in a text in which `by` came first. `isFirst`: what it inserts where `by` inserts too goes before that.
export function over(change, by, isFirst = false) {
  if (isFirst && isSwallowed(change, by)) {
    const start = by.start + by.length;
    return { ...change, start, stop: start + Math.max(0, change.stop - by.stop), length: 0, text: "" };
  }
  if (change.start === change.stop) {
    const at = moved(change.start, by, isFirst);
    return { ...change, start: at, stop: at };
  }
  const start = moved(change.start, by), stop = Math.max(start, moved(change.stop, by, true));
  const isAround = isFirst && change.start < by.start && by.start < change.stop; // what `by` put there stays, behind what comes
  return isAround ? { ...change, start, stop: by.start + by.length + Math.max(0, change.stop - by.stop), length: change.length + by.length } : { ...change, start, stop };
}

// Whether what `by` takes away holds the place at which `change` puts its text: then that text goes too, as on the server.
function isSwallowed(change, by) {
  const isRange = change.start < change.stop;
  return by.stop > change.start && (by.start < change.start || (isRange && by.start === change.start && by.start < by.stop));
}

// Two changes, one after the other, as one; null where they do not touch.
export function joined(first, second) {
  const end = first.start + first.text.length;
  if (second.start > end || second.stop < first.start) return null;
  const head = first.text.slice(0, Math.max(0, second.start - first.start));
  const rest = first.text.slice(Math.max(0, second.stop - first.start));
  const text = head + second.text + rest;
  const start = Math.min(first.start, second.start);
  return { start, stop: first.stop + Math.max(0, second.stop - end), length: text.length, text };
}
