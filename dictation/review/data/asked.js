// What may be answered to a thing that stands in the way of a signature, and where in a sentence a doubtful word stands.

// `reasons` [{key, reason}] are those for signing over it; of `others` that stand in the way, normals take their key at any time.
export function answersTo(blocker, others, reasons) {
  const anyTime = others.filter((one) => one.kind === "normals" && one !== blocker); // one key, whatever else is left
  const ways = [blocker, ...anyTime].flatMap((one) => one.ways.map(({ key, label, do: way }) => ({ key, label, way, of: one })));
  return [...ways, ...(blocker.may_override ? reasons.map(({ key, reason }) => ({ key, label: reason, reason })) : [])];
}

// The place [start, stop) of words in a sentence, whole and in any capitals; null where they are not in it.
export function placeOf(words, sentence) {
  const isLetter = (at) => /[\p{L}\p{N}]/u.test(sentence[at] ?? "");
  const all = sentence.toLowerCase(), sought = words.toLowerCase();
  for (let at = all.indexOf(sought); at >= 0 && sought; at = all.indexOf(sought, at + 1)) {
    if (!isLetter(at - 1) && !isLetter(at + sought.length)) return [at, at + sought.length];
  }
  return null;
}
