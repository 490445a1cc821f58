// Whether what a person writes corrects what stands there, so that dictation goes on where it was, or goes on there itself.
import assert from "node:assert/strict";
import { test } from "node:test";

import { isCorrection } from "../../dictation/review/data/typing.js";

const TEXT = "Stone of 6 mm in May. Kidneys normal.\nNo effusion";
const at = (words, after = 0) => TEXT.indexOf(words) + after;

const CASES = [ // what is done, [start, stop), where the caret was put before, whether it is a correction
  ["typed over a word", at("May"), at("May", 3), null, true],
  ["typed over a word on which the caret was put", at("May"), at("May", 3), at("May", 1), true],
  ["a word inside a sentence", at(" in"), at(" in"), at(" in"), true],
  ["a letter to the end of a word", at("Kidney", 6), at("Kidney", 6), at("Kidney", 6), true],
  ["a sentence between two", at("Kidneys"), at("Kidneys"), at("Kidneys"), false],
  ["a sentence behind the space between two", at(" Kidneys"), at(" Kidneys"), at(" Kidneys"), false],
  ["behind the last sentence of a line", at("\n"), at("\n"), at("\n"), false],
  ["before the first word of a line", at("No effusion"), at("No effusion"), at("No effusion"), false],
  ["before all", 0, 0, 0, false],
  ["behind all, where no stop stands yet", TEXT.length, TEXT.length, TEXT.length, false],
  ["a slip of what was just written is taken back", at("Kidneys", 2), at("Kidneys", 4), at("Kidneys"), false],
  ["more than was just written is taken back", at("May", 1), at("Kidneys", 4), at("Kidneys"), true],
];

for (const [what, start, stop, putAt, expected] of CASES) {
  test(what, () => assert.equal(isCorrection(TEXT, { start, stop }, putAt), expected));
}
