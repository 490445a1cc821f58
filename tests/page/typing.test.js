// What a person types while the server changes the same text: whatever comes in whatever order, both end with one text.
import assert from "node:assert/strict";
import { test } from "node:test";

import { applied, difference, joined, moved, over } from "../../dictation/review/data/changes.js";
import { Typing } from "../../dictation/review/data/typing.js";
import { chance } from "./chance.js";

const ALPHABET = [..."aab \n", "é", "😀"];

class Server { // keeps a text, takes changes of any of its versions, dictates by itself
  text = "The lungs are clear. ";
  log = []; // the changes, one a version
  seen = 0;
  told = 0; // how many of them the page has heard of

  put(change) {
    this.text = applied(this.text, change);
    this.log.push({ start: change.start, stop: change.stop, length: change.text.length });
  }

  take({ version, number, ...change }) {
    this.put(this.log.slice(version).reduce((one, by) => over(one, by), change));
    this.seen = number;
  }

  tell() {
    const changes = this.log.slice(this.told);
    this.told = this.log.length;
    return { version: this.log.length, text: this.text, spans: [], anchor: null, changes, seen: this.seen };
  }
}

function changeOf(text, any) {
  const start = any.below(text.length + 1), stop = Math.min(text.length, start + any.below(4));
  const put = Array.from({ length: any.below(4) }, () => any.of(ALPHABET)).join("");
  return { start, stop, length: put.length, text: put };
}

let foretold = 0;

for (let seed = 0; seed < 600; seed++) {
  test(`page and server agree whatever comes when, seed ${seed}`, () => {
    const any = chance(seed), server = new Server(), typing = new Typing();
    const up = [], down = []; // what is on its way, in order
    let number = 0, shown = "", seen = 0;
    const hear = (news) => {
      const before = typing.base ? typing.text.length : null, told = typing.hear(news);
      const grown = told.reduce((sum, one) => sum + one.length - (one.stop - one.start), 0);
      if (before !== null) assert.equal(typing.text.length, before + grown, "what is told is what changed");
      seen = news.version;
      shown = typing.text;
    };
    const send = () => {
      const change = typing.next();
      if (!change) return;
      change.number = ++number;
      up.push({ version: typing.base.version, start: change.start, stop: change.stop, text: change.text, number });
    };
    hear(server.tell());
    for (let step = 0; step < 60; step++) {
      const what = any.below(6);
      if (what < 2) {
        const change = changeOf(shown, any);
        typing.type(change);
        shown = applied(shown, change);
        assert.equal(typing.text, shown, "what is typed is shown at once");
        send();
      } else if (what === 2) server.put(changeOf(server.text, any));
      else if (what === 3 && up.length) server.take(up.shift());
      else if (what === 4) down.push(server.tell());
      else if (down.length) { hear(down.shift()); send(); }
    }
    while (down.length) { hear(down.shift()); send(); }
    if (seen !== server.log.length || up.length !== (typing.sent ? 1 : 0)) return settle(); // it knows of all that is there
    const foreseen = typing.text;
    settle();
    assert.equal(server.text, foreseen, "nobody else changed anything: what was shown stays");
    foretold++;

    function settle() {
      while (up.length || down.length || !typing.isSettled) {
        if (up.length) server.take(up.shift());
        down.push(server.tell());
        while (down.length) { hear(down.shift()); send(); }
      }
      assert.equal(typing.text, server.text);
    }
  });
}

test("in enough of them what was shown could be foretold", () => assert.ok(foretold > 30, `${foretold}`));

test("the one change between two texts makes the one into the other, and splits no sign", () => {
  const any = chance(1);
  for (let round = 0; round < 5000; round++) {
    const before = Array.from({ length: any.below(8) }, () => any.of(ALPHABET)).join("");
    const signs = [...before];
    signs.splice(any.below(signs.length + 1), any.below(3), ...Array.from({ length: any.below(3) }, () => any.of(ALPHABET)));
    const after = signs.join(""), change = difference(before, after);
    if (before === after) { assert.equal(change, null); continue; }
    assert.equal(applied(before, change), after);
    assert.ok(change.text.isWellFormed() && before.slice(change.start, change.stop).isWellFormed());
  }
});

test("two changes that touch are one, which does what both did", () => {
  const any = chance(2);
  let joint = 0;
  for (let round = 0; round < 5000; round++) {
    const text = "0123456789".slice(0, any.below(11)), first = changeOf(text, any), between = applied(text, first);
    const second = changeOf(between, any), both = joined(first, second);
    if (!both) continue;
    joint++;
    assert.equal(applied(text, both), applied(between, second));
  }
  assert.ok(joint > 1000);
});

test("a place stays with its letter; at an insertion it goes behind it, or stays where that is asked", () => {
  assert.equal(moved(3, { start: 5, stop: 5, length: 2 }), 3);
  assert.equal(moved(5, { start: 5, stop: 5, length: 2 }), 7);
  assert.equal(moved(5, { start: 5, stop: 5, length: 2 }, true), 5);
  assert.equal(moved(6, { start: 2, stop: 4, length: 0 }), 4);
  assert.equal(moved(3, { start: 2, stop: 6, length: 1 }), 3);
});
