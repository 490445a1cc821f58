// Run in the page of pane_page.py, one by its name: what is told, shown and closed. `plain` is a sentence as the server tells it.
async (name, plain) => {
  const OPEN = "a".repeat(32), OTHER = "b".repeat(32), THIRD = "c".repeat(32), NONE = null;
  const place = document.querySelector("#notices"), find = (selector) => document.querySelector(selector);
  const hears = (text, of, more = {}) => window.hear({ ...plain, text, case: of, error: true, ...more });
  const says = (text, of, more = {}) => hears(text, of, { error: false, ...more });
  const opens = (id, patient = "EXAMPLE, Ada") => window.hear({
    kind: "case", case: id, stage: "review", banner: `<div class="identity"><span><b>${patient}</b></span></div>`,
  });
  const opensOther = () => opens(OTHER, "OTHER, Bob"), opensThird = () => opens(THIRD, "THIRD, Eve");
  const press = (key, altKey = false) => document.activeElement.dispatchEvent(
    new KeyboardEvent("keydown", { key, altKey, code: `Key${key.toUpperCase()}`, bubbles: true, cancelable: true }));
  const escape = () => press("Escape"), altX = () => press("x", true);
  const inRow = () => [...document.querySelectorAll("#notices > p")].filter((line) => line.checkVisibility() && line.offsetHeight);
  const lines = () => [...document.querySelectorAll("#notices > p")].filter((line) => // also those one press away
    (inRow().includes(line) || line.matches("[data-folded]")) && !line.matches(".older:not(.elsewhere)"));
  const saying = (line) => [...line.querySelectorAll("*")].reduce((text, { hidden, textContent }) => (hidden ? text.replace(textContent, "") : text), line.textContent).replace(/×$/, "").trim();
  const shown = () => lines().map(saying);
  const line = (text) => lines().find((one) => one.textContent.includes(text));
  const close = (text) => line(text).querySelector("button").click();
  const soon = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const equal = (found, expected, what = "") => {
    if (JSON.stringify(found) !== JSON.stringify(expected)) throw new Error(`${JSON.stringify(found)}, not ${JSON.stringify(expected)} ${what}`);
  };
  const shows = (...expected) => equal(shown(), expected);
  const places = (...parts) => parts.map((part) => JSON.stringify(find(part).getBoundingClientRect()));
  opens(OPEN);
  await ({

    "a sentence about one case is not read beside another and is there again with its own": () => {
      says("Communicated; the impression says to whom.", OPEN);
      hears("The disk is nearly full.", NONE);
      shows("Communicated; the impression says to whom.", "The disk is nearly full.");
      opensOther();
      shows("The disk is nearly full.");
      says("Communicated; the impression says to whom.", OTHER);
      opens(OPEN);
      shows("Communicated; the impression says to whom.", "The disk is nearly full.");
    },

    "an error that nobody has closed stays over another case with whose it is": () => {
      hears("The last words were not heard.", OPEN);
      opensOther();
      shows("Of another case, EXAMPLE, Ada: The last words were not heard.");
      opens(OPEN);
      shows("The last words were not heard.");
    },

    "a sentence about sound of a case that this page never showed names its patient": () => {
      const full = "The disk is full; free space.";
      hears(full, OTHER, { about: "sound", whose: "OTHER, <i>Bob" });
      hears(full, OPEN, { about: "sound", whose: "EXAMPLE, Ada" });
      shows(`Of another case, OTHER, <i>Bob: ${full}`, full);
    },

    "a sentence that comes late says whose it is, until it was read with its own case": () => {
      opensOther();
      hears("Not signed: the disk is full.", OPEN);
      hears("The order was cancelled.", "d".repeat(32)); // which this page never showed
      const late = ["Of another case, EXAMPLE, Ada: Not signed: the disk is full.", "Of another case: The order was cancelled."];
      shows(...late);
      opensThird();
      shows(...late);
      opens(OPEN);
      shows("Not signed: the disk is full.", late[1]);
    },

    "a plain sentence that comes late stays until it was seen with its own case": () => {
      opensOther();
      says("The order changed.", OPEN);
      for (let again = 0; again < 2; again++) {
        shows("Of another case, EXAMPLE, Ada: The order changed.");
        opensThird();
      }
      opens(OPEN);
      shows("The order changed.");
      opensThird();
      shows();
    },

    "a sentence about no case stays over every case": () => {
      hears("The microphone is gone.", NONE);
      window.hear({ kind: "notice", text: "Choose another one.", error: true });
      for (const id of [OTHER, OPEN]) {
        opens(id);
        shows("The microphone is gone.", "Choose another one.");
      }
    },

    "what was refused is no news any more once it is done, but a letter that was": () => {
      hears("Not signed: the disk is full.", OPEN, { do: "sign" });
      hears("The text was not kept.", OPEN, { do: "type" });
      for (const done of [{ do: "sign", case: OTHER }, { do: "compare", case: OPEN }, { do: "type", case: OPEN }]) window.hear({ kind: "obeyed", ...done });
      shows("Not signed: the disk is full.", "The text was not kept.");
      window.hear({ kind: "obeyed", do: "sign", case: OPEN });
      shows("The text was not kept.");
    },

    "a sentence that stands is not written again at each command": async () => {
      opensOther();
      hears("The last words were not heard.", OPEN);
      hears("The disk is nearly full.", OTHER);
      const seen = [], watch = new MutationObserver((changes) => seen.push(...changes.map(({ type }) => type)));
      watch.observe(place, { childList: true, characterData: true, attributes: true, subtree: true });
      window.desk.emit("obeyed", { do: "type", case: window.desk.state.case });
      await soon();
      equal(seen, []);
    },

    "Escape closes the newest sentence that can be read, and no error, which has its key": () => {
      for (const [text, of] of [["first", OPEN], ["second", NONE], ["third", OPEN], ["of another", OTHER]]) says(text, of);
      opensOther();
      escape();
      shows("second");
      escape();
      escape();
      opens(OPEN);
      shows("first", "third");
      close("first");
      shows("third");
      escape();
      hears("An error.", OPEN);
      hears("Another error.", OPEN);
      for (let again = 0; again < 2; again++) {
        escape();
        shows("An error.", "Another error.");
      }
      altX();
      shows("An error.");
      equal(window.desk.keys.list().filter(({ label }) => label === "close the newest error").length, 1);
    },

    "Escape closes the panel before a sentence": () => {
      says("first", OPEN);
      document.body.classList.add("panel-open");
      escape();
      shows("first");
      equal(document.body.classList.contains("panel-open"), false);
      escape();
      shows();
    },

    "an error stays until somebody closes it whatever comes after it": () => {
      hears("The last words were not heard.", OPEN);
      for (let number = 0; number < 6; number++) says(`Copied: ${number}.`, OPEN);
      hears("The disk is full.", NONE);
      const copied = ["Copied: 2.", "Copied: 3.", "Copied: 4.", "Copied: 5."];
      shows("The last words were not heard.", ...copied, "The disk is full.");
      close("not heard");
      shows(...copied, "The disk is full.");
    },

    "beside many errors the last plain sentences can be read and an offer is seen": () => {
      place.insertAdjacentHTML("beforeend", "<p class='offer' data-case='x'><span>Add “rib”?</span><button>Yes</button><button>No</button></p>");
      for (let number = 0; number < 4; number++) hears(`Error ${number}.`, OPEN);
      for (let number = 0; number < 4; number++) says(`Taken back: ${number}.`, OPEN);
      equal(shown().filter((text) => text.includes("Taken")), ["Taken back: 0.", "Taken back: 1.", "Taken back: 2.", "Taken back: 3."]);
      equal(find("#notices .offer").checkVisibility(), true);
    },

    "one row holds the newest and a way to the older ones, over no text, and nothing else moves": () => {
      const said = [0, 1, 2, 3, 4, 5].map((number) => `Error ${number}.`), parts = ["#pad", "#columns", "#cards", "#bar"], before = places(...parts);
      const row = (...expected) => equal(inRow().map(saying), expected);
      const box = (part) => find(part).getBoundingClientRect();
      for (const text of said) hears(text, OPEN);
      row("and 5 more", "Error 5.");
      equal(new Set(inRow().map((one) => Math.round(one.getBoundingClientRect().bottom))).size, 1, "one row");
      equal([box("#columns").bottom <= box("#notices").top, box("#notices").bottom <= box("#bar").top], [true, true], "over no text");
      equal(places(...parts), before, "nothing moved");
      const button = find("#notices .older button");
      button.click();
      row("hide 5 of them", ...said);
      equal(button.getAttribute("aria-expanded"), "true");
      line("Error 0.").querySelector("button").focus();
      close("Error 0.");
      row("hide 4 of them", ...said.slice(1));
      equal(document.activeElement.matches("#notices p:last-child button"), true);
      button.click();
      row("and 4 more", "Error 5.");
      for (let again = 1; again < said.length; again++) altX();
      row();
      equal([place.children.length, places(...parts)], [0, before]);
    },

    "an error that is of its moment goes by itself and one that is not stays": async () => {
      const later = window.setTimeout, due = [];
      window.setTimeout = (run, ms) => (ms >= 10000 ? due.push(run) : later(run, ms));
      hears("Not signed: the disk is full.", OPEN);
      hears("The microphone was not ready yet.", OPEN, { passing: true });
      window.setTimeout = later;
      equal(due.length, 1);
      due[0]();
      shows("Not signed: the disk is full.");
    },

    "what was seen with cases that were left is one line with its number, opened by key": () => {
      for (const text of ["The last words were not heard.", "Not signed: the disk is full."]) hears(text, OPEN);
      opensOther();
      hears("What you typed was not taken.", OTHER);
      opensThird();
      hears("Nothing is recorded.", THIRD);
      shows("3 messages, other patients: EXAMPLE, Ada; OTHER, Bob", "Nothing is recorded.");
      altX();
      shows("3 messages, other patients: EXAMPLE, Ada; OTHER, Bob");
      altX();
      shows(
        "hide 3 messages, other patients", "Of another case, EXAMPLE, Ada: The last words were not heard.",
        "Of another case, EXAMPLE, Ada: Not signed: the disk is full.", "Of another case, OTHER, Bob: What you typed was not taken.");
      altX();
      equal([shown()[0], shown().length], ["hide 2 messages, other patients", 3]);
      opens(OPEN);
      shows("The last words were not heard.", "Not signed: the disk is full.");
      opensThird();
      shows("2 messages, other patients: EXAMPLE, Ada");
      for (let again = 0; again < 3; again++) altX();
      shows();
    },

    "what was refused goes with its case once it could be read": async () => {
      hears("Nothing is recorded.", OPEN, { passing: true });
      opens(OPEN);
      shows("Nothing is recorded.");
      opensOther();
      shows("Of another case, EXAMPLE, Ada: Nothing is recorded.");
      find("#notices [data-passing]").dataset.passing = -60000; // a minute later
      opensThird();
      for (let again = 0; again < 100 && find("#notices [data-passing]"); again++) await soon();
      opens(OPEN);
      shows();
    },

    "what is not in the outbox stands over every case until it is there, which is said": () => {
      const outbox = (text) => window.hear({ kind: "outbox", text });
      outbox("1 signed report is not yet in the outbox.");
      opensOther();
      outbox("2 signed reports are not yet in the outbox.");
      equal([...document.querySelectorAll("#outbox")].map((one) => one.textContent), ["2 signed reports are not yet in the outbox."]);
      outbox("");
      shows("All signed reports are in the outbox now.");
      equal(find("#outbox"), null);
      outbox("");
      shows("All signed reports are in the outbox now.");
    },

    "the one in the row says the key that closes it": () => {
      const hints = () => [...document.querySelectorAll("#notices > p")].map((one) => one.querySelector("button").dataset.hint ?? "");
      hears("An error.", OPEN);
      hears("Another error.", OPEN);
      says("Copied.", OPEN);
      equal(hints(), ["", "", "", "Esc"]);
      escape();
      equal(hints(), ["", "", "Alt X"]);
      altX();
      equal(hints(), ["Alt X"]);
    },

    "the newest sentence of its kind takes the place of the one before": () => {
      for (const seconds of [1.2, 3.4]) hears(`The microphone took ${seconds} s to open.`, OPEN, { like: "late" });
      hears("The microphone is gone.", OPEN);
      shows("The microphone took 3.4 s to open.", "The microphone is gone.");
      hears("No sound comes from the microphone.", OPEN, { about: "level" });
      says("Sound comes from the microphone again.", OPEN, { about: "level" });
      shows("The microphone took 3.4 s to open.", "The microphone is gone.", "Sound comes from the microphone again.");
    },

    "closing by the mouse leaves the caret where it is": () => {
      document.body.insertAdjacentHTML("afterbegin", "<input id=here>");
      find("#here").focus();
      hears("The disk is full.", NONE);
      equal(line("disk").querySelector("button").dispatchEvent(new MouseEvent("mousedown", { bubbles: true, cancelable: true })), false);
      close("disk");
      shows();
      equal(document.activeElement.id, "here");
    },

    "closing the last error by key gives the focus back, or to the text where it was is gone": () => {
      for (const isGone of [false, true]) {
        hears("The disk is full.", NONE);
        const before = find(".statement[data-statement=r7]");
        before.focus();
        line("disk").querySelector("button").focus();
        if (isGone) before.remove();
        close("disk");
        shows();
        equal(document.activeElement.matches(isGone ? "#columns" : ".statement[data-statement=r7]"), true, `${isGone}`);
      }
    },

    "a signed-out page has no sentence and its user finds the errors again": () => {
      window.hear({ kind: "outbox", text: "1 signed report waits." });
      for (let number = 0; number < 4; number++) hears(`Do it again: rib ${number}.`, OPEN);
      says("“rib” is among your words.", NONE);
      const before = shown().filter((text) => text.includes("rib") && !text.includes("words"));
      window.desk.emit("signed-out");
      equal(place.textContent, "1 signed report waits.");
      hears("The last words were not heard.", OPEN);
      equal(place.textContent, "1 signed report waits.", "told while nobody is signed in");
      window.desk.emit("connected");
      opens(OPEN);
      equal(shown().at(-1), "1 signed report waits.");
      equal(shown().includes("The last words were not heard."), true);
      find("#notices .older button").click();
      equal(shown().filter((text) => text.includes("Do it again")).length, 4);
    },

    "a wording that was begun is told of on no page that nobody is signed in to": () => {
      window.desk.tell = (text, { of }) => window.desk.emit("notice", { text, error: false, case: of });
      find(".statement[data-statement=r7] .wording").dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
      const field = find(".wording-field");
      field.value += " At all.";
      field.dispatchEvent(new InputEvent("input"));
      window.desk.emit("signed-out"); // the wording that was begun tells that it waits
      equal(place.textContent, "");
    },

  }[name])();
}
