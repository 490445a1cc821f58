// What a page that was closed tells of the commands that it had not sent.
import assert from "node:assert/strict";
import { test } from "node:test";

import { lost } from "../../dictation/review/data/leftovers.js";

const typed = (text, start, stop = start) => ({ do: "type", text, start, stop });

test("what was typed on and on stands in one piece, however it was sent", () => {
  assert.equal(lost([typed("L", 0), typed("eft rib", 1), typed(" fracture.", 8)]), "Left rib fracture.");
});

test("what was typed elsewhere, or over other words, stands apart", () => {
  assert.equal(lost([typed("Left.", 0), typed("Right.", 20)]), "Left. … Right.");
  assert.equal(lost([typed("Left.", 0), typed("Right.", 5, 9)]), "Left. … Right.");
});

test("a deletion and an undo are counted, and no text is made of them", () => {
  assert.equal(lost([typed("No", 0), typed("", 2, 9), { do: "undo" }]), "No; and 2 actions: a deletion, an undo");
});
