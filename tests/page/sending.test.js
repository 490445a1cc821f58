// The blocks of a take on their way to the server: what it has is forgotten, what it has not is kept and comes again.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mock, test } from "node:test";

import { Sending } from "../../dictation/review/data/sending.js";

const soon = () => new Promise((done) => setImmediate(done)); // whatever is answered by now was heard
const CASE = "a".repeat(32), TAKE = "1".repeat(32), GONE = "2".repeat(32);
const block = (number) => Uint8Array.of(number + 1, 0).buffer;
const hash = (pcm) => createHash("sha256").update(new Uint8Array(pcm)).digest("hex");

class Outbox { // of a browser, for all its pages
  blocks = new Map();
  kept = new Map();

  async putBlock(take, number, pcm, isLost = false) { this.blocks.set(`${take} ${number}`, { take, number, pcm, isLost }); }

  of(take) { return [...this.blocks.values()].filter((row) => row.take === take).sort((one, other) => one.number - other.number); }

  async blocksAfter(take, first, limit) { return this.of(take).filter(({ number }) => number >= first).slice(0, limit); }

  async ackBlocks(take, saved) { for (const { number } of this.of(take)) if (number < saved) this.blocks.delete(`${take} ${number}`); }

  async numbers(take) { return this.of(take).map(({ number }) => number); }

  async putTake(row) { this.kept.set(row.take, row); }

  async takes() { return [...this.kept.values()]; }

  async forgetTake(take) { this.kept.delete(take); }
}

class Server { // `disk`: what it has of each take; it says so when it is asked for the take, and when `says` is called
  disk = new Map();
  heard = []; // the numbers of the blocks, as they came
  asked = []; // commands
  refuses = false;

  takes(message) {
    const bytes = new Uint8Array(message), take = [...bytes.slice(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const number = new DataView(bytes.buffer).getUint32(16, true), pcm = bytes.slice(20).buffer;
    this.heard.push(number);
    this.kept(take)[number] = pcm;
    return true;
  }

  kept(take) { return this.disk.get(take) ?? this.disk.set(take, []).get(take); }

  state(take, saved) {
    const kept = this.kept(take);
    return { taken: kept.length, hashes: Object.fromEntries(kept.map((pcm, number) => [number, hash(pcm)]).slice(saved)) };
  }

  async answers(command) {
    this.asked.push(command);
    if (command.do !== "take") return { ok: true };
    return this.refuses ? { ok: false } : { ok: true, ...this.state(command.take, command.saved) };
  }
}

function page({ outbox = new Outbox(), server = new Server() } = {}) {
  const heard = new Map(), told = [], refused = [];
  const desk = {
    page: "p", buffered: 0, newId: () => TAKE, on: (kind, run) => heard.set(kind, run), tell: (text, more) => told.push({ text, ...more }),
    send: (command) => server.answers(command), postBlock: (message) => desk.isCut ? false : server.takes(message),
  };
  const sending = new Sending(desk, outbox, () => {}, (take) => refused.push(take.take));
  return {
    desk, sending, outbox, server, told, refused,
    emit: async (kind, message) => { heard.get(kind)(message); await soon(); },
    says: async (hashes, taken = server.kept(TAKE).length) => { heard.get("ack")({ take: TAKE, taken, hashes }); await soon(); },
    async records(count) { // a take that goes on
      await sending.begin();
      const take = sending.open(CASE);
      sending.on(take);
      for (let number = 0; number < count; number++) sending.add(take, block(number));
      await soon();
      return take;
    },
  };
}

test.before(() => {
  mock.timers.enable({ apis: ["setInterval"] }); // of blocks that are stuck
  mock.method(crypto.subtle, "digest", async (name, bytes) => Uint8Array.from(createHash("sha256").update(new Uint8Array(bytes)).digest()).buffer); // at once
  const locks = { request: async (name, run) => run() }; // whoever else had it is gone
  Object.defineProperty(globalThis, "navigator", { value: { locks }, configurable: true });
  globalThis.BroadcastChannel = class { postMessage() {} };
});

async function left(one, { count, saved, onDisk, isOn = false }) { // by a page that is gone: blocks from `saved` on are in the browser
  for (let number = saved; number < count; number++) await one.outbox.putBlock(GONE, number, block(number));
  await one.outbox.putTake({ take: GONE, case: CASE, saved, isOn, owner: "gone", pages: ["before"] });
  for (let number = 0; number < onDisk; number++) one.server.kept(GONE).push(block(number));
  await one.sending.begin();
  await soon();
}

for (const isOn of [true, false]) {
  test(`a take of a page that is gone, of which the server had all before, is forgotten once it says so: ${isOn ? "recorded" : "ended"}`, async () => {
    const one = page();
    await left(one, { count: 3, saved: 3, onDisk: 3, isOn });
    assert.deepEqual(one.server.asked[0], { do: "take", case: CASE, take: GONE, saved: 3, before: ["before"] });
    assert.deepEqual([one.sending.takes.size, await one.outbox.takes(), one.server.heard, one.told], [0, [], [], []]);
  });

  test(`of one of which the server had a part the rest is sent, and it is forgotten when all is on the disk: ${isOn ? "recorded" : "ended"}`, async () => {
    const one = page();
    await left(one, { count: 4, saved: 1, onDisk: 2, isOn });
    assert.deepEqual([one.server.heard, await one.outbox.numbers(GONE)], [[2, 3], [2, 3]]);
    await one.emit("ack", { take: GONE, ...one.server.state(GONE, 2) });
    assert.deepEqual([one.sending.takes.size, await one.outbox.takes(), await one.outbox.numbers(GONE)], [0, [], []]);
  });
}

test("blocks that were only in the memory of the page that is gone are told, and those behind them keep their place", async () => {
  const one = page();
  await one.outbox.putBlock(GONE, 3, block(3));
  await left(one, { count: 1, saved: 0, onDisk: 0 });
  assert.deepEqual(one.server.heard, [0, 1, 2, 3]);
  assert.deepEqual(one.told, [{ text: "0.2 s of sound were lost with a page that was closed; check what was said there.", error: true, of: CASE }]);
});

test("a block is forgotten once the server has said the hash of what is on its disk, and it is that of the block", async () => {
  const one = page(), take = await one.records(3);
  assert.deepEqual(one.server.heard, [0, 1, 2]);
  await one.says({}); // it has them, but not on the disk
  await one.says({ 1: hash(block(1)) }); // nor the one before
  assert.deepEqual(await one.outbox.numbers(TAKE), [0, 1, 2]);
  await one.says({ 0: hash(block(0)) });
  assert.deepEqual([await one.outbox.numbers(TAKE), take.saved], [[2], 2]);
  await one.says({ 2: hash(block(9)) });
  assert.deepEqual(await one.outbox.numbers(TAKE), [2]);
  assert.deepEqual([one.refused, one.told], [[TAKE], [
    { text: "0.1 s of sound are not what the server has in their place and stay in this browser; say again what matters.", error: true, of: CASE },
  ]]);
});

test("a block that is not whole is compared with what the disk has of it, filled up with silence", async () => {
  const one = page(), whole = new Uint8Array(3200);
  await one.records(1);
  whole.set(new Uint8Array(block(0)));
  await one.says({ 0: hash(whole.buffer) });
  assert.deepEqual([await one.outbox.numbers(TAKE), one.told], [[], []]);
});

test("a take that is ended once the server has all of it is forgotten at once, and asked for again when it goes on", async () => {
  const one = page(), take = await one.records(1);
  await one.says({ 0: hash(block(0)) });
  assert.equal(one.sending.takes.size, 1, "more may come");
  one.sending.off(take);
  assert.deepEqual([one.sending.takes.size, await one.outbox.takes()], [0, []]);
  one.sending.on(take);
  one.sending.add(take, block(1));
  await soon();
  assert.deepEqual([one.server.heard, one.server.asked.map(({ do: what, block: at }) => at === undefined ? what : `${what} ${at}`)], [
    [0, 1], ["take", "listen 0", "listen 1", "take", "listen 1"],
  ]);
});

test("after a new connection the blocks go again from where the server's disk has them", async () => {
  const one = page(), take = await one.records(4);
  await one.says({ 0: hash(block(0)) });
  one.server.kept(TAKE).length = 2; // what it had in its memory alone is gone
  one.desk.isCut = true;
  one.sending.add(take, block(4));
  await soon();
  one.desk.isCut = false;
  one.server.heard.length = 0;
  await one.emit("connected");
  assert.deepEqual([one.server.heard, one.server.asked.at(-1)], [[2, 3, 4], { do: "listen", case: CASE, take: TAKE, on: true, block: 0 }]);
  assert.equal(one.server.asked.at(-2).saved, 1);
  assert.deepEqual(await one.outbox.numbers(TAKE), [2, 3, 4], "the second was on the disk");
});

test("a block that the server did not take comes again, and with it all behind it", async () => {
  const one = page();
  await one.records(3);
  await one.says({ 0: hash(block(0)) }, 1);
  one.sending.heard = 0; // long ago
  one.server.heard.length = 0;
  one.sending.unstick();
  await soon();
  assert.deepEqual(one.server.heard, [1, 2]);
});

test("a slow connection is given no more than it can take", async () => {
  const one = page();
  one.desk.buffered = 1e6;
  const take = await one.records(2);
  assert.deepEqual([one.server.heard, one.sending.unsent_s], [[], 0.2]);
  one.desk.buffered = 0;
  await one.sending.pump();
  assert.deepEqual([one.server.heard, take.sent], [[0, 1], 2]);
});

test("a take that is refused stays, is told once, and is asked for again when the case becomes this page's", async () => {
  const one = page();
  one.server.refuses = true;
  await one.records(3);
  await one.emit("connected");
  assert.deepEqual([one.server.heard, await one.outbox.numbers(TAKE), one.told], [[], [0, 1, 2], [
    { text: "0.3 s of sound were not taken by the server and stay in this browser; they are sent once this page has their case (T).", error: true, of: CASE },
  ]]);
  one.server.refuses = false;
  for (const given of [{ case: CASE, lock: { mine: false } }, { case: "b", lock: { mine: true } }]) await one.emit("case", given);
  assert.deepEqual(one.server.heard, []);
  await one.emit("case", { case: CASE, lock: { mine: true } });
  assert.deepEqual(one.server.heard, [0, 1, 2]);
});

test("what comes after the report was signed is told once, stays in the browser, and is not sent again and again", async () => {
  const one = page(), take = await one.records(2), { answers } = one.server;
  one.server.answers = async (command) => ({ ...await answers.call(one.server, command), closed: true });
  one.server.kept(TAKE).length = 1;
  await one.emit("ack", { take: TAKE, taken: 0, closed: true });
  const asked = one.server.asked.length;
  one.server.heard.length = 0;
  one.sending.unstick();
  await one.emit("connected");
  assert.deepEqual([one.server.heard, one.server.asked.slice(asked).map((command) => command.do), take.state], [[], ["listen"], "closed"]);
  assert.deepEqual([await one.outbox.numbers(TAKE), one.told.map(({ text }) => text)], [
    [1], ["0.1 s of sound came after their report was signed, so they are not in it and stay in this browser; say again what matters."],
  ]);
});
