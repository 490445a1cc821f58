// The keys that answer what stands in the way of a signature, and where a doubtful word stands in its sentence.
import assert from "node:assert/strict";
import { test } from "node:test";

import { answersTo, placeOf } from "../../dictation/review/data/asked.js";

const WAYS = [{ do: "heard", key: "y", label: "Right as it stands" }, { do: "play", key: "p", label: "Play it" }, { do: "word", key: "g", label: "Go to it" }];
const word = (discrepancy) => ({ kind: "word", discrepancy, may_override: false, ways: WAYS });
const reasons = [{ key: "1", reason: "Checked on the images" }];

test("a doubtful word has its keys, each of which means this word, and no reason signs over it", () => {
  const [one, two] = [word("a"), word("b")];
  const answers = answersTo(two, [one, two], reasons);
  assert.deepEqual(answers.map(({ key, way, of }) => [key, way, of.discrepancy]), [["y", "heard", "b"], ["p", "play", "b"], ["g", "word", "b"]]);
});

test("what may be signed over has its reasons behind its ways", () => {
  const blocker = { kind: "difference", may_override: true, ways: [{ do: "card", key: "g", label: "Go to it" }] };
  assert.deepEqual(answersTo(blocker, [blocker], reasons).map(({ key, reason = null }) => [key, reason]), [["g", null], ["1", "Checked on the images"]]);
});

for (const [words, sentence, place] of [
  ["pulmonary", "Small right pulmonary effusion.", [12, 21]],
  ["Pulmonary", "Small right pulmonary effusion.", [12, 21]],
  ["right", "Upright film, right effusion.", [14, 19]],
  ["nodes are not in the", "The nodes are not in the.", [4, 24]],
  ["left", "Small right effusion.", null],
  ["", "Small right effusion.", null],
]) test(`where “${words}” stands in “${sentence}”`, () => assert.deepEqual(placeOf(words, sentence), place));
