// Leaving a case for another one: which one is opened in the end, and what a broken connection leaves behind.
import assert from "node:assert/strict";
import { test } from "node:test";

import { createLeaving } from "../../dictation/review/data/leaving.js";

const soon = () => new Promise((done) => setImmediate(done)); // whatever is answered by now was heard

function room() { // a desk whose server answers when it is told to
  const heard = new Map(), waiting = [], said = [], complained = [];
  let opened = 0;
  const desk = {
    isOpen: true, state: { case: "a" }, page: "p", number: 0, sendings: Promise.resolve(), newId: () => "new", sent: [], left: [], stayed: [], acked: [],
    capture: { leave: async (id) => { desk.left.push(id); }, stay: (id) => { desk.stayed.push(id); } },
    pad: { settled: async () => {} },
    outbox: { ackCommand: (page, number) => { desk.acked.push(number); } },
    on: (kind, run) => heard.set(kind, run),
    send: (command) => new Promise((answer) => {
      desk.number += 1;
      desk.sent.push(command);
      waiting.push((how) => {
        if (how.ok && command.do === "open") desk.state = { case: command.id };
        answer({ message: "", ...how });
      });
    }),
  };
  const leaving = createLeaving(desk, { say: (text) => said.push(text), complain: (text) => complained.push(text) }, () => { opened += 1; });
  return {
    ...leaving, desk, said, complained,
    get opened() { return opened; },
    asked: () => desk.sent.map(({ do: what, id, case: of }) => `${what} ${id ?? of}`),
    answer: async (how = { ok: true }) => { await soon(); waiting.shift()(how); await soon(); },
    breaks: async () => { heard.get("disconnected")(); await soon(); },
  };
}

test("sound and typing are with the server before it is asked for a case", async () => {
  const one = room();
  let isTyped;
  one.desk.pad.settled = () => new Promise((done) => { isTyped = done; });
  one.leaveTo({ id: "b" }, false);
  await soon();
  assert.deepEqual([one.desk.left, one.asked(), one.said], [["b"], [], ["Opening …"]]);
  isTyped();
  await one.answer();
  assert.deepEqual([one.asked(), one.opened, one.desk.stayed], [["open b"], 1, []]);
});

test("a new case and one that another has open are asked for as that", async () => {
  const one = room();
  one.leaveTo(null, false);
  await one.answer();
  one.leaveTo({ id: "b" }, true);
  await one.answer();
  await one.answer();
  assert.deepEqual([one.asked(), one.opened], [["new new", "open b", "takeover b"], 2]);
});

test("a case that is refused leaves the dictation key with the one that is open, and says why", async () => {
  const one = room();
  one.leaveTo({ id: "b" }, false);
  await one.answer({ ok: false, message: "It is locked." });
  assert.deepEqual([one.desk.stayed, one.complained, one.opened], [["b"], ["It is locked."], 0]);
});

test("who chooses a case while another opens by itself gets the chosen one, the last of two, and none after Escape", async () => {
  for (const [act, opens] of [
    [({ leaveTo }) => { leaveTo({ id: "c" }); }, ["open b", "open c"]],
    [({ leaveTo }) => { leaveTo({ id: "c" }); leaveTo({ id: "d" }); }, ["open b", "open d"]],
    [({ leaveTo, giveUp }) => { leaveTo({ id: "c" }); giveUp(); }, ["open b"]],
    [({ leaveTo, giveUp }) => { giveUp(); leaveTo({ id: "c" }); }, ["open b", "open c"]], // a list that was closed before
    [({ leaveTo }) => { leaveTo({ id: "b" }); }, ["open b"]], // the very one
  ]) {
    const one = room();
    one.leaveTo({ id: "b" }, false, true);
    act(one);
    await one.answer();
    assert.deepEqual(one.asked(), opens);
    if (opens.length > 1) await one.answer();
    assert.equal(one.desk.state.case, opens.at(-1).at(-1));
  }
});

test("a case that opens by itself closes no list", async () => {
  const one = room();
  one.leaveTo({ id: "b" }, false, true);
  await one.answer();
  assert.deepEqual([one.desk.state.case, one.opened], ["b", 0]);
});

test("no case is asked for while the server is away, and none later", async () => {
  const one = room();
  one.desk.isOpen = false;
  assert.equal(await one.leaveTo({ id: "b" }, false), false);
  one.desk.isOpen = true;
  await soon();
  assert.match(one.complained.at(-1), /The server does not answer, so no other case was opened/);
  assert.deepEqual([one.asked(), one.desk.left, one.desk.stayed], [[], [], [""]], "the microphone goes on");
});

test("a broken connection takes back what was asked for, and opens nothing of what was not asked for yet", async () => {
  const asked = room();
  asked.leaveTo({ id: "b" }, false);
  await soon();
  await asked.breaks();
  assert.match(asked.complained.at(-1), /The connection broke, so no other case was opened/);
  assert.deepEqual([asked.desk.acked, asked.desk.stayed], [[1], ["b"]], "it is not sent again");
  const typing = room();
  let isTyped;
  typing.desk.pad.settled = () => new Promise((done) => { isTyped = done; });
  typing.leaveTo({ id: "b" }, false);
  await soon();
  await typing.breaks();
  isTyped();
  await soon();
  assert.deepEqual([typing.asked(), typing.desk.acked, typing.complained.length], [[], [], 1]);
});

test("a takeover that breaks off behind an open case is no case that was not opened", async () => {
  const one = room();
  one.leaveTo({ id: "b" }, true);
  await one.answer();
  assert.deepEqual(one.asked(), ["open b", "takeover b"]);
  await one.breaks();
  assert.deepEqual([one.complained, one.opened], [[], 1]);
});

test("whoever gives up before a case was asked for keeps the one that is open", async () => {
  const one = room();
  let isTyped;
  one.desk.pad.settled = () => new Promise((done) => { isTyped = done; });
  one.leaveTo({ id: "b" }, false);
  await soon();
  one.giveUp();
  isTyped();
  await soon();
  assert.deepEqual([one.asked(), one.desk.stayed[0]], [[], "b"]);
});
