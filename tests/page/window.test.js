// The images of a study: which are held, and what grey a stored number becomes.
import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Shelf, table } from "../../dictation/review/data/window.js";

function sent(bytes) { // as review/pixels.py packs an image
  const header = new TextEncoder().encode(JSON.stringify({ bits: 8 })), packed = new Uint8Array(bytes);
  new DataView(packed.buffer).setUint32(0, header.length, true);
  packed.set(header, 4);
  return { ok: true, arrayBuffer: async () => packed.buffer };
}

test("what was not used for longest is let go", async () => {
  mock.method(globalThis, "fetch", async () => sent(9000));
  const shelf = new Shelf((number) => number, 40, 5 * 9000);
  for (let number = 0; number < 20; number++) await shelf.get(number);
  await shelf.get(16);
  await shelf.get(20);
  assert.deepEqual([...shelf.held.keys()], [17, 18, 19, 16, 20]);
});

test("an image that is larger than all room is held alone, and is asked for once by whoever asks at the same time", async () => {
  const asked = mock.method(globalThis, "fetch", async () => sent(9000)), shelf = new Shelf((number) => number, 40, 100);
  await Promise.all([shelf.get(1), shelf.get(1)]);
  await shelf.get(2);
  assert.deepEqual([[...shelf.held.keys()], asked.mock.callCount()], [[2], 2]);
});

test("what is looked at next is fetched ahead, and what lies outside of the study is not", async () => {
  const asked = mock.method(globalThis, "fetch", async () => sent(100)), shelf = new Shelf((number) => number, 40);
  await shelf.get(38);
  await shelf.ahead(38, 1);
  assert.deepEqual(asked.mock.calls.map(({ arguments: [number] }) => number), [38, 39, 37]);
});

test("a window makes black below it, white above it, and is turned over", () => {
  const header = { bits: 16, lowest: -1024, step: 1, centre: 0, width: 100 };
  const grey = (hu, ...how) => table(header, ...how)[hu + 1024];
  assert.deepEqual([-51, 0, 51].map((hu) => grey(hu)), [0, 128, 255]);
  assert.deepEqual([-51, 51].map((hu) => grey(hu, null, true)), [255, 0]);
  assert.equal(grey(400, { centre: 400, width: 1800 }), 128);
});
