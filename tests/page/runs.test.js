// The runs of characters that a text is drawn in.
import assert from "node:assert/strict";
import { test } from "node:test";

import { runsOf } from "../../dictation/review/data/runs.js";
import { chance } from "./chance.js";

const KINDS = [{ origin: "dictated" }, { origin: "typed" }, { origin: "macro" }, { origin: "dictated", doubtful: true }, { origin: "dictated", confidence: 0.2 }];

function anyText(any) { return Array.from({ length: any.below(40) }, () => any.of([..."ab \n"])).join(""); }

function anySpans(any, text) {
  const spans = [];
  for (let at = any.below(5); at < text.length;) {
    const end = at + 1 + any.below(8);
    spans.push({ start: at, end, ...any.of(KINDS) });
    at = end + any.below(4);
  }
  return spans;
}

test("they are the text, none is empty but where dictation goes in at its end, and none crosses a line or that place", () => {
  const any = chance(3);
  for (let round = 0; round < 3000; round++) {
    const text = anyText(any), place = any.below(2) ? any.below(text.length + 1) : null, runs = runsOf(text, anySpans(any, text), place, "soon");
    assert.equal(runs.map((run) => run.text).join(""), text);
    let at = 0;
    for (const run of runs) {
      assert.ok(run.text || at === place);
      assert.ok(!run.text.slice(0, -1).includes("\n"));
      assert.equal(run.ahead, at === place ? "soon" : undefined);
      assert.ok(place === null || place <= at || place >= at + run.text.length);
      at += run.text.length;
    }
    assert.equal(runs.filter((run) => run.ahead === "soon").length, place === null ? 0 : 1);
  }
});

test("each character looks as its span says, and plain where there is none", () => {
  const any = chance(4);
  const look = ({ origin, doubtful, confidence = 1 }) => (origin !== "dictated" ? origin : doubtful || confidence < 0.5 ? "doubt" : "");
  for (let round = 0; round < 3000; round++) {
    const text = anyText(any), spans = anySpans(any, text);
    const drawn = runsOf(text, spans).flatMap((run) => Array(run.text.length).fill(run.look));
    for (let at = 0; at < text.length; at++) {
      const span = spans.find(({ start, end }) => start <= at && at < end);
      assert.equal(drawn[at], span ? look(span) : "");
    }
  }
});

test("what looks alike on one line is one run", () => {
  const spans = [{ start: 0, end: 2, origin: "typed" }, { start: 2, end: 4, origin: "typed" }];
  assert.deepEqual(runsOf("abcd ef", spans).map((run) => run.text), ["abcd", " ef"]);
  assert.deepEqual(runsOf("abcdef\ngh", []).map((run) => run.text), ["abcdef\n", "gh"]);
});

test("what the ear doubts says how sure it was, what was typed that it was", () => {
  const [unsure] = runsOf("mass", [{ start: 0, end: 4, origin: "dictated", confidence: 0.25 }]);
  assert.equal(unsure.title, "Unsure word."); // in words: a measured number is no help to whoever reads it
  assert.equal(runsOf("mass", [{ start: 0, end: 4, origin: "typed" }])[0].title, "typed");
});

test("what was heard with doubt, corrected or otherwise written is marked, and says why", () => {
  const words = [
    ["consolidation", { confidence: 0.41 }, "doubt", "Unsure word."],
    [" hilar", { doubtful: true, title: "Heard “hylar”, which is no known word." }, "doubt"],
    [" mediastinum", { corrected: true, title: "Heard “mediascinum”." }, "corrected"],
    [" 5.2 cm", { title: "Heard “five point two centimeters”." }, ""],
  ];
  let at = 0;
  const spans = words.map(([text, more]) => ({ start: at, end: at += text.length, origin: "dictated", ...more }));
  const drawn = runsOf(words.map(([text]) => text).join(""), spans).map(({ text, look, title }) => [text, look, title]);
  assert.deepEqual(drawn, words.map(([text, { title }, look, unsure]) => [text, look, unsure ?? title]));
});
