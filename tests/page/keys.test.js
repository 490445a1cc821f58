// Keys: what a letter means where, how fast, and under what; what is no key is words, and does nothing.
import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { keyNow } from "../../dictation/review/data/hints.js";
import { createKeys, named, shown } from "../../dictation/review/data/keys.js";

function place(...fits) { // something that may have the focus
  return {
    dataset: { d: "d1" }, isContentEditable: fits.includes("text"), checkVisibility: () => true, matches: (selector) => fits.includes(selector),
    closest(selectors) { return selectors.split(", ").some((one) => fits.includes(one)) ? this : null; },
    contains(other) { return other === this; },
  };
}
const CARD = ["#cards", "[data-d]"], BUTTON = [...CARD, "button"], STATEMENT = ["#columns .statement", "[data-statement]"], NOWHERE = [];

function page(fits = NOWHERE) { // with the keys of a card
  const listeners = [], windowed = new Map(), body = place();
  let now_ms = 10_000, of = "a";
  const document = globalThis.document = {
    body, activeElement: fits.length ? place(...fits) : body, covers: [], querySelectorAll: () => document.covers, querySelector: () => null,
    addEventListener: (type, run, isEarly = false) => listeners[isEarly ? "unshift" : "push"]({ type, run }),
    defaultView: { addEventListener: (type, run) => windowed.set(type, run) },
  };
  const did = [], refused = [], lost = [];
  const keys = createKeys(document, (what, cover, why) => refused.push(why ?? what), (words, isWhole) => { if (isWhole) lost.push(words); }, () => of);
  for (const key of ["h", "r", "d", "e", "u", " "]) keys.add({ key, label: key, group: "x", acts: true, run: () => did.push(key) });
  for (const key of ["n", "p"]) keys.add({ key, label: key, group: "x", moves: true, run: () => did.push(key) });
  for (const key of ["o", "w", "Ctrl+,"]) keys.add({ key, label: key, group: "Page", run: () => did.push(key) });
  function pass(ms) { now_ms += ms; mock.timers.tick(ms); }
  function press(key, more = {}, type = "keydown") {
    const event = {
      key, code: `Key${key.toUpperCase()}`, timeStamp: now_ms, isTrusted: true, target: document.activeElement,
      preventDefault() { this.defaultPrevented = true; }, stopImmediatePropagation() { this.isStopped = true; }, ...more,
    };
    for (const { run } of listeners.filter((one) => one.type === type)) if (!event.isStopped) run(event);
    return event;
  }
  const type = (burst, pause_ms = 5) => [...burst].map((one) => {
    pass(pause_ms);
    return press({ "\n": "Enter", "\t": "Tab" }[one] ?? one);
  }).at(-1);
  return { keys, document, did, refused, lost, pass, press, type, open: (id) => { of = id; }, leaves: () => windowed.get("blur")() };
}

test.beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
test.afterEach(() => mock.timers.reset());

for (const fits of [CARD, BUTTON, STATEMENT]) {
  for (const burst of ["RH4711\n", "the patient has a fracture", "RR", "hr\n", "R\n", "4711r\t", " dh", "2045511\n", "nnr", "prh"]) {
    test(`a scanner's burst or words decide nothing where an alert has the focus: ${JSON.stringify(burst)} on ${fits.at(-1)}`, () => {
      const { type, did, lost, pass } = page(fits);
      assert.ok(type(burst).defaultPrevented, "its last key presses no button and moves nothing");
      pass(3000);
      assert.deepEqual(did.filter((one) => !"np".includes(one)), []);
      assert.equal(lost[0], (fits === BUTTON ? burst.trim() : burst.trimEnd()), "a Space that comes first is the button's");
    });
  }
}

for (const words of ["and no change", "nd", "no pleural effusion is seen", "Normal heart", "unchanged", "A123", "copd", "hrd"]) {
  test(`words where nothing has the focus do nothing and are told whole: ${words}`, () => {
    for (const pause_ms of [5, 150, 250]) {
      const { type, did, lost, pass } = page();
      type(words, pause_ms);
      pass(3000);
      assert.deepEqual([did, lost], [[], [words]]);
    }
  });
}

for (const [what, fits, cover, names] of [
  ["nothing has the focus", NOWHERE, null, { w: "w", n: "n", c: "c", "?": "?", "Ctrl+Enter": "Ctrl+Enter" }],
  ["an alert has it", CARD, null, { w: "w", n: "n" }],
  ["somebody types", ["text"], null, { w: "Alt+w", n: "", c: "", "?": "F1", "Ctrl+Enter": "Ctrl+Enter" }],
  ["a dialog lies over the case", NOWHERE, place("dialog"), { w: "", n: "", c: "", "?": "F1", "Ctrl+Enter": "" }],
]) {
  test(`the bar names only keys that do something where the focus is: ${what}`, () => {
    const { keys, document, type, did, pass } = page(fits);
    for (const one of [{ key: "Alt+w", always: true }, { key: "c" }, { key: "?" }, { key: "F1", always: true, over: true }, { key: "Ctrl+Enter", always: true }]) {
      keys.add({ label: one.key, group: "x", run: () => did.push(one.key), ...one });
    }
    if (cover) document.covers.push(cover);
    for (const [name, key] of Object.entries(names)) assert.equal(keyNow(keys, name), key, name);
    type("w"); // and it does just what is said of it
    pass(3000);
    assert.deepEqual(did, names.w === "w" ? ["w"] : []);
  });
}

test("a key that has nothing to do is not named", () => {
  const { keys } = page();
  keys.add({ key: "c", label: "c", group: "x", when: () => false, run: () => {} });
  assert.equal(keyNow(keys, "c"), "");
});

test("two runs of such words are both told", () => {
  const { type, lost, pass } = page();
  for (const words of ["heart normal", "no effusion"]) { type(words); pass(1000); }
  assert.deepEqual(lost, ["heart normal", "no effusion"]);
});

test("letters that a person presses one after the other are all obeyed, and N at once", () => {
  const { press, did, pass } = page(CARD);
  for (const key of ["n", "p", "r", "n", "d"]) {
    press(key);
    assert.equal(did.at(-1) === key, "np".includes(key));
    pass(400);
    assert.equal(did.at(-1), key);
  }
});

test("a letter waits until it stands alone: shorter on an alert than where nothing has the focus", () => {
  for (const [fits, wait_ms] of [[CARD, 150], [NOWHERE, 300]]) {
    const { press, did, pass } = page(fits);
    press("o");
    pass(wait_ms - 1);
    assert.deepEqual(did, []);
    pass(1);
    assert.deepEqual(did, ["o"]);
  }
});

test("a letter before another key, before itself or before a capital stood alone", () => {
  for (const next of ["Control", "o", "W"]) {
    const { press, did } = page();
    press("o");
    if (next === "Control") press(",", { ctrlKey: true, code: "Comma" });
    else press(next);
    assert.equal(did[0], "o");
  }
});

test("a letter that acts is not obeyed on an alert soon after words that came while nothing had the focus", () => {
  const { type, press, document, did, refused, pass } = page();
  type("nd");
  pass(500);
  document.activeElement = place(...CARD);
  press("h");
  pass(100);
  assert.deepEqual(did, []);
  pass(2000);
  press("h");
  pass(200);
  assert.deepEqual([did, refused.length <= 1], [["h"], true]);
});

test("a letter that waits is not obeyed on another alert, nor in another case", () => {
  for (const change of [(one) => { one.document.activeElement = { ...place(...CARD), dataset: { d: "d2" } }; }, (one) => one.open("b")]) {
    const one = page(CARD);
    one.press("r");
    change(one);
    one.pass(500);
    assert.deepEqual([one.did, one.refused.length], [[], 1]);
  }
});

test("a letter that is held is one letter, and a pedal is none", () => {
  const { press, keys, did, pass } = page(CARD);
  press("r");
  for (let again = 0; again < 9; again++) { pass(30); press("r", { repeat: true }); }
  pass(500);
  assert.deepEqual(did, ["r"]);
  assert.deepEqual([keys.run("h"), keys.run("x"), did], [true, false, ["r", "h"]]);
});

test("in a text letters are letters, and only keys that are meant to work there do", () => {
  const { press, keys, did, pass } = page(["text"]);
  keys.add({ key: "F9", label: "dictate", group: "x", always: true, run: () => did.push("on"), release: () => did.push("off") });
  for (const key of ["h", "o", " ", "Enter"]) assert.ok(!press(key).defaultPrevented);
  pass(500);
  press("F9", { code: "F9" });
  press("F9", { code: "F9", repeat: true });
  press("F9", { code: "F9" }, "keyup");
  assert.deepEqual(did, ["on", "off"]);
});

test("a key that goes up in another window is let go", () => {
  const { press, keys, did, leaves } = page();
  keys.add({ key: "F9", label: "dictate", group: "x", run: () => did.push("on"), release: () => did.push("off") });
  press("F9", { code: "F9" });
  leaves();
  press("F9", { code: "F9" }, "keyup");
  assert.deepEqual(did, ["on", "off"]);
});

test("under a dialog the keys of the page do nothing and say so, but those that are meant to", () => {
  const { press, keys, did, refused, document } = page();
  keys.add({ key: "F9", label: "dictate", group: "x", over: true, run: () => did.push("F9") });
  keys.add({ key: "F8", label: "sign", group: "x", over: ".signing", run: () => did.push("F8") });
  for (const cover of [place(".help"), place(".signing")]) {
    document.covers = [cover];
    for (const key of ["F9", "F8", "h"]) press(key);
    press(",", { ctrlKey: true, code: "Comma" });
  }
  assert.deepEqual(did, ["F9", "F9", "F8"]);
  assert.equal(refused.filter((what) => what.includes("sign")).length, 1);
  assert.equal(keys.run("o"), true);
  assert.ok(!did.includes("o"), "nor does a button or a pedal reach what is covered");
});

test("two meanings of one key are refused, and so is a key of the browser's own", () => {
  const { keys } = page(), one = { label: "twice", group: "x", run() {} };
  assert.throws(() => keys.add({ ...one, key: "w" }), { message: 'the key w is taken: "w" and "twice"' });
  assert.throws(() => keys.add({ ...one, key: "Ctrl+w" }), { message: 'the browser keeps Ctrl+w for itself: "twice"' });
});

test("a key may mean two things where each says when", () => {
  const { keys, did } = page();
  let is = "b";
  for (const one of ["a", "b"]) keys.add({ key: "x", label: one, group: "x", when: () => is === one, run: () => did.push(one) });
  assert.equal(keys.run("x"), true);
  is = "";
  assert.equal(keys.run("x"), false);
  assert.deepEqual(did, ["b"]);
});

test("a key has one name whatever keyboard and capital it comes from", () => {
  const name = (key, more = {}) => named({ key, code: "KeyW", ...more });
  assert.deepEqual([name("W", { shiftKey: true }), name("w"), name("ц")], ["w", "w", "w"]);
  assert.deepEqual([name("∑", { altKey: true }), name("w", { ctrlKey: true, shiftKey: true })], ["Alt+w", "Ctrl+Shift+w"]);
  assert.equal(name("Enter", { metaKey: true, code: "Enter" }), "Ctrl+Enter");
  assert.deepEqual(["Ctrl+Enter", " ", "Alt+w", "Ctrl++"].map(shown), ["Ctrl ⏎", "Space", "Alt W", "Ctrl +"]);
});
