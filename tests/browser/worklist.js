// Run in the page of desk_page.py, one by its name: the list of 120 cases, found, chosen and opened by keys. `cases` and `fresh`, an
// order that comes, are rows as the records tell them. Which case is opened in the end, whatever comes between, is in tests/page/leaving.test.js.
async (name, { cases, fresh }) => {
  const { desk, server } = window, PAGE = 50, find = (selector) => document.querySelector(selector);
  const id = (number) => number.toString(16).padStart(32, "0"), search = find("#worklist input"), list = find("#worklist .list");
  let rows = cases, fails = "", isHeld = false;
  const asked = [], waiting = [];

  const fits = (one, state, words) => (state === "critical" ? one.is_critical && !one.is_communicated : !state || one.state === state)
    && words.toLowerCase().split(/\s+/).every((word) => `${one.name} ${one.accession} ${one.procedure}`.toLowerCase().includes(word));
  window.fetch = async (url, { headers }) => { // as the records do: filtered, searched, a page at a time
    const words = decodeURIComponent(headers["X-Search"]), { state, after = "" } = Object.fromEntries(url.searchParams);
    asked.push(`${words} ${after}`.trim());
    if (isHeld) await new Promise((come) => waiting.push({ come, words }));
    if (fails === "away") throw new TypeError("Failed to fetch");
    const found = rows.filter((one) => fits(one, state, words)), start = Number(after), next = found.length > start + PAGE ? String(start + PAGE) : null;
    return { ok: !fails, text: async () => fails, json: async () => ({ rows: found.slice(start, start + PAGE), next }) };
  };

  const soon = () => new Promise((done) => setTimeout(done, 5));
  async function until(isSo, what) { // whoever waits in vain says what there was instead
    for (let again = 0; again < 2000; again++) {
      if (isSo()) return;
      await soon();
    }
    throw new Error(`${what}; there is: ${find("#worklist .status").textContent} | ${chosen()} | ${JSON.stringify(did())}`);
  }
  const same = (found, expected) => JSON.stringify(found) === JSON.stringify(expected);
  const equal = (found, expected, what = "") => {
    if (!same(found, expected)) throw new Error(`${JSON.stringify(found)}, not ${JSON.stringify(expected)} ${what}`);
  };
  const marked = () => find("#worklist tr[aria-selected=true]"), chosen = () => marked()?.innerText ?? "";
  const question = () => find("#worklist .question"), isOpen = () => !find("#worklist").hidden;
  const did = () => server.sent.filter((one) => ["open", "new", "takeover", "stopped"].includes(one.do)).map((one) => [one.do, one.id ?? one.case]);
  const opened = (number) => [["stopped", undefined], ["open", id(number)]];
  const does = (...what) => until(() => same(did(), what), JSON.stringify(what));
  const said = (words) => until(() => find("#worklist .status").textContent.includes(words), words);
  const chooses = (words) => until(() => chosen().includes(words), words);
  const closes = () => until(() => !isOpen(), "it closes");
  async function press(...keys) { // → whether the last is nobody's key, and is typed
    let isTyped = false;
    for (const pressed of keys) {
      const [key, alt] = pressed.split("+").reverse();
      isTyped = document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {
        key, code: /^[a-z]$/.test(key) ? `Key${key.toUpperCase()}` : "", altKey: Boolean(alt), bubbles: true, cancelable: true,
      }));
      await until(() => desk.keys.isQuiet(), "the key is obeyed");
    }
    return isTyped;
  }
  async function opens(key = "w") {
    await press(key);
    await until(marked, "a row is marked");
  }
  function type(words) {
    search.value += words;
    search.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
  function seek(words) {
    search.value = "";
    type(words);
  }
  async function comes(words) { // an answer that waits, to these words
    await until(() => waiting.some((one) => one.words === words), `an answer to “${words}”`);
    waiting.splice(waiting.findIndex((one) => one.words === words), 1)[0].come();
    await soon();
  }
  async function writes(words) { // in the dictation, behind what stands there
    await press("t");
    find("#pad .text").focus();
    document.execCommand("insertText", false, words);
  }
  const shown = (part) => find(part)?.checkVisibility({ visibilityProperty: true }) ?? false;
  document.activeElement.blur();
  await ({

    "a signed-out page has no row of the list and reads it again for its user": async () => {
      await opens();
      type("bernd 011");
      await said("2 cases");
      const left = () => ["SPECIMEN", "Bernd", "0042", "bernd"].filter((word) =>
        (document.body.textContent + [...document.querySelectorAll("input")].map(({ value }) => value)).includes(word));
      server.emit("signed-out");
      equal([document.querySelectorAll("#worklist tbody tr").length, left()], [0, []]);
      asked.length = 0;
      server.emit("connected");
      await chooses("Bernd");
      await said("2 cases");
      equal([search.value, asked], ["bernd 011", ["bernd 011"]]);
      await press("Escape");
      server.emit("signed-out"); // the closed list has rows too
      equal(left(), []);
    },

    "rows that come after the session ended are for nobody": async () => {
      isHeld = true;
      await press("w");
      await until(() => waiting.length, "it is asked for");
      server.emit("signed-out");
      await comes("");
      equal(document.querySelectorAll("#worklist tbody tr").length, 0);
    },

    "a case is found by typing and opened by Enter": async () => {
      await opens();
      await chooses("EXAMPLE, Ada");
      type("bernd 0113");
      await said("1 case");
      await chooses("0042-0113");
      await press("Enter");
      await closes();
      await does(...opened(113));
      await opens();
      equal(search.value, "");
    },

    "arrows move from the search field and letters from the list": async () => {
      await opens();
      await press("ArrowDown", "ArrowDown", "ArrowUp");
      await chooses("0042-0001");
      equal(search.getAttribute("aria-activedescendant"), marked().id);
      list.focus();
      await press("j", "j", "k");
      await chooses("0042-0002");
      await press("4"); // preliminary: a key in the list
      await said("1 case");
      await press("/", "Alt+1"); // all: also while the search is typed in
      equal(document.activeElement === search, true);
      await said("50 or more cases");
      equal(await press("1"), true, "a digit of the search");
    },

    "more cases come while the list is scrolled": async () => {
      await opens();
      equal(document.querySelectorAll("#worklist tbody tr").length, 1 + PAGE);
      list.scrollTop = list.scrollHeight;
      await said("100 or more cases");
      await press(...Array(10).fill("PageDown"));
      await said("120 cases");
      equal(asked, ["", "50", "100"]);
      equal(new Set([...document.querySelectorAll("#worklist td:nth-child(4)")].map((one) => one.innerText)).size, 120);
    },

    "each state has a shape and a word and what is to note is told": async () => {
      await opens();
      const told = [...document.querySelectorAll("#worklist tbody tr")].map((one) => one.innerText);
      for (const [number, words] of [
        [1, ["○ draft", "▲ critical, not communicated", "! stat"]], [2, ["◪ open by Dr. Okafor"]], [3, ["◐ preliminary"]],
        [4, ["● final", "◇ not sent", "SAMPLE, <b>Dora</b>"]], [5, ["→ sent"]], [6, ["◉ addended", "CR CHEST"]], [7, ["× order cancelled", "◔ begun"]],
      ]) equal(words.filter((one) => !told[number].includes(one)), [], told[number]);
      equal([told[1].includes("begun"), told[5].includes("critical")], [false, false]);
      await press("Alt+2");
      await said("1 case");
      await chooses("0042-0000");
    },

    "another one's case is asked for before it is taken": async () => {
      await opens();
      await press("ArrowDown", "Enter");
      equal(question().textContent.includes("Dr. Okafor has this case open"), true);
      await press("Escape");
      equal([question(), isOpen(), did()], [null, true, []]);
      await press("Enter", "Enter");
      await closes();
      await does(...opened(1), ["takeover", id(1)]);
    },

    "another one's case is only looked at": async () => {
      await opens();
      await press("ArrowDown", "Enter", "Alt+l");
      await closes();
      await does(...opened(1));
    },

    "the first row is a new case, and nothing is recorded until it is open": async () => {
      await opens();
      await press("ArrowUp", "Enter");
      await closes();
      await does(["stopped", undefined], ["new", "f".repeat(32)]);
      equal([desk.left, desk.stayed], [["f".repeat(32)], []]);
    },

    "what was typed is with the server before another case opens": async () => {
      await writes("last words");
      await opens("Alt+w");
      await press("Enter");
      await closes();
      equal(server.sent.filter((one) => ["type", "open"].includes(one.do)).map((one) => one.text ?? one.do), ["last words", "open"]);
    },

    "closing gives the caret back": async () => {
      await writes("ab");
      getSelection().modify("move", "backward", "character");
      await opens("Alt+w");
      await press("Escape");
      await closes();
      document.execCommand("insertText", false, "-");
      equal(find("#pad .text").innerText.trim(), "a-b");
      await press("Escape");
      await opens();
      await press("Alt+w");
      await closes();
    },

    "nothing found and nothing read are said in words": async () => {
      await opens();
      type("nobody");
      await said("Nothing fits this search.");
      equal(marked(), null);
      await press("Alt+5");
      await said("Nothing fits this search among “final”.");
      fails = "The database is locked by a backup.";
      await press("Alt+r");
      await said("The database is locked by a backup. Press Alt+R to try again.");
      fails = "";
      seek("");
      await press("Alt+1");
      await said("50 or more cases");
      fails = "away";
      await press("Alt+r");
      await said("The server does not answer; what you dictated is kept.");
      fails = "";
      server.emit("connected");
      await said("50 or more cases");
    },

    "only the newest search is shown": async () => {
      await opens();
      isHeld = true;
      seek("bernd");
      await until(() => waiting.length === 1, "it is asked for");
      seek("cornelia 0002");
      await comes("cornelia 0002");
      await said("1 case");
      await comes("bernd");
      await said("1 case");
      await chooses("MUSTER, Cornelia");
    },

    "Enter waits for the case that was typed or scanned": async () => {
      await opens();
      isHeld = true;
      type("0042-0113");
      await press("Enter");
      equal(did(), []);
      await comes("0042-0113");
      await closes();
      await does(...opened(113));
    },

    "letters after Enter take it back": async () => {
      await opens();
      isHeld = true;
      type("bernd 0113");
      await press("Enter");
      seek("bernd 011");
      await comes("bernd 0113");
      await comes("bernd 011");
      await said("2 cases");
      equal([did(), isOpen()], [[], true]);
    },

    "Enter for what fits many or none opens nothing and says so": async () => {
      await opens();
      isHeld = true;
      type("0042-000");
      await press("Enter");
      await comes("0042-000");
      await said("Enter opens the marked row.");
      await chooses("0042-0000");
      type("x");
      await press("Enter");
      await comes("0042-000x");
      await said("Nothing fits, so no case was opened");
      await press("Enter", "ArrowDown", "Enter"); // a wrong number opens no nameless case
      equal([did(), marked()], [[], null]);
      await press("ArrowUp");
      equal(chosen(), "New case");
    },

    "Enter in a list that opens again opens nothing unseen": async () => {
      await opens();
      for (const why of ["", "The database is locked by a backup."]) {
        await press("PageDown", "Escape");
        [fails, isHeld] = [why, true];
        await press("w", "Enter");
        await comes("");
        await said(why || "Enter opens the marked row.");
        await press("ArrowDown");
        equal(did(), []);
      }
    },

    "an order that comes moves no mark and no question": async () => {
      await opens();
      list.scrollTop = list.scrollHeight;
      await said("100 or more cases");
      await press(...Array(4).fill("PageDown"));
      const mine = chosen();
      rows = [{ ...fresh, id: id(200), priority: "stat", name: "NEW, Stat" }, ...cases];
      server.emit("worklist");
      await until(() => find("#worklist tbody").textContent.includes("NEW, Stat"), "the order is there");
      equal(chosen(), mine);
      seek("0042-0001");
      await said("1 case");
      await press("Enter");
      equal(Boolean(question()), true);
      rows = [{ ...fresh, id: id(201), accession: "0042-0001-B" }, ...cases];
      server.emit("worklist");
      await said("2 cases");
      equal([Boolean(question()), chosen().includes("Okafor")], [true, true]);
      rows = rows.filter((one) => !one.locked_by);
      server.emit("worklist");
      await said("is not in this list any more");
      equal([question(), marked()], [null, null]);
      await press("Enter");
      await said("No case is marked");
      equal(did(), []);
    },

    "no case opens while the server is away, and one that breaks off is told over the closed list": async () => {
      await opens();
      desk.isOpen = false;
      await press("Enter");
      await said("The server does not answer, so no other case was opened");
      equal(did(), [], "the microphone goes on");
      desk.isOpen = true;
      server.held = [];
      await press("Enter");
      await does(...opened(0));
      await press("Escape");
      server.emit("disconnected");
      await until(() => same(desk.outbox.acked, [desk.number]), "it is not sent again");
      await until(() => desk.notices.at(-1)?.text.includes("The connection broke"), "it is told");
    },

    "a case that the server refuses leaves the key with the one that is open": async () => {
      await opens();
      server.refuses = true;
      await press("Enter");
      await until(() => same([desk.left, desk.stayed], [[id(0)], [id(0)]]), "the key stays");
    },

    "who chooses a case while another opens by itself gets the chosen one, or none after Escape": async () => {
      for (const [keys, last] of [[["Enter"], 0], [["Enter", "Escape"], null]]) {
        server.open("a".repeat(32));
        server.sent.length = 0;
        server.held = [];
        desk.worklist.openCase("b".repeat(32));
        await opens();
        await press(...keys);
        await until(() => server.held.length === 1, "the first is asked for");
        server.release();
        await until(() => desk.state.case === (last === null ? "b".repeat(32) : id(last)), "it is open");
        await closes();
        await soon();
        equal(server.sent.filter((one) => one.do === "open").map((one) => one.id), ["b".repeat(32), ...(last === null ? [] : [id(last)])]);
      }
    },

    "each key that is shown over the list is the one that works": async () => {
      const key = () => find("#bar [data-key=w] kbd").innerText, other = "#bar [data-key=n]";
      equal([key(), shown(other)], ["W", true]);
      await opens();
      equal([key(), shown(other), find("#worklist .states").innerText.startsWith("Alt")], ["Esc", false, true]);
      await press("Alt+4");
      await said("1 case");
      await press("Escape");
      equal([isOpen(), key()], [false, "W"]);
    },

  }[name])();
}
