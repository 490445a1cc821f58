// Signing, copying, telling of a critical result, adding to a final report. The server tells, as state, what stands in the
// way (`sign`) and what may be done about each thing, by a letter or digit; a clean case is signed by Ctrl+Enter and Enter.
// Nothing here signs by voice.
import { answersTo } from "./asked.js";
import { compare } from "./comparing.js";
import { makeDialog, nowLocal, withZone } from "./dialogs.js";
import { copyKeys } from "./copying.js";
import { isSign } from "./keys.js";
import { playButton } from "./missing.js";
import { toWord, unkept } from "./wording.js";

const AS = { preliminary: "preliminary", final: "final", addendum: "addendum to a final report" };
const WAITING = ["hearing", "comparing"]; // blockers that go away by themselves
const UNCOUNTED = [...WAITING, "empty", "final", "role"]; // of the case as it stands, and nothing that is left open in it
const NAME = "desk.author";

const organsLine = ({ unmentioned = [] }) => (unmentioned.length ? `Not mentioned: ${unmentioned.join(", ")}.` : ""); // of the template

export function install(desk) {
  let told = null; // the last message `sign`, of the case that is open
  let chosen = {}; // blocker → reason
  let plans = {}; // critical result → who will tell it, and how
  let current = "";
  let sending = false;
  let wanted = null; // the case that is to be signed once it is compared
  let refused = ""; // why the server did not sign, until it is tried again

  const signing = makeDialog("signing", "sign the report", `
    <form method="dialog"><h2></h2><p class="who"></p><p class="side"></p><p class="over quiet"></p><p class="left quiet"></p><p class="organs quiet"></p>
    <ul class="blockers"></ul><ol class="reasons" aria-label="what may be done about it"></ol>
    <label>Signed by <input name="author" autocomplete="name" maxlength="100" required></label>
    <p class="status" role="status"></p>
    <div class="choices"><button class="confirm">Sign <kbd>⏎</kbd></button>
    <button type="button" class="close">Not yet <kbd>Esc</kbd></button></div></form>`);
  const part = (selector) => signing.querySelector(selector);
  const author = part("[name=author]"), play = playButton(desk);
  part(".left").append(document.createElement("span"), " ", play);

  const isOpen = () => (desk.state && told?.case === desk.state.case ? told : null);
  const nameOf = (blocker) => blocker.discrepancy || `${blocker.kind} ${blocker.text}`;
  const must = (blocker) => !(blocker.may_override && chosen[blocker.discrepancy]) && !plans[blocker.discrepancy];
  const isAnsweredHere = (blocker) => blocker.may_override || ["edit", "word"].includes(blocker.kind);
  const reasonsOf = (id) => (isOpen()?.reasons ?? []).filter(({ key }) => told.blockers.some((one) => one.discrepancy === id && one.reasons.includes(key)));
  desk.reasonsFor = reasonsOf; // for who dismisses a card
  const stops = () => (isOpen()?.blockers ?? []).filter(must);

  const unkeptHere = () => { // signed, the report would be without them
    const begun = unkept(desk.state.case);
    return begun.length ? `Not signed, as words that you began are not kept yet: ${begun.join(", ")}. E goes to them; Enter keeps them, Esc leaves them.` : "";
  };

  function draw() {
    const sign = isOpen();
    if (!signing.open || !sign) return;
    const left = stops();
    const waits = left.some((one) => WAITING.includes(one.kind));
    part("h2").textContent = sending ? "Signing…" : `Sign as ${AS[sign.as]}`;
    part(".who").textContent = `${sign.patient} · ${sign.exam}`;
    const said = sign.said_sides.join(" and ");
    part(".side").textContent = [sign.side && `ordered: ${sign.side}`, said && `report: ${said}`].filter(Boolean).join("  ·  ").toUpperCase();
    part(".over").textContent = (sign.typed_over ?? []).map(({ said, typed }) => `You said “${said}” and typed ${typed ? `“${typed}”` : "nothing"} for it.`).join(" ");
    part(".left span").textContent = sign.left_out ? `${sign.left_out}.` : "";
    part(".organs").textContent = organsLine(sign);
    play.show(desk.state.missing ?? []);
    const open = left.filter(isAnsweredHere);
    if (!left.some((one) => nameOf(one) === current)) current = left.length ? nameOf(open[0] ?? left[0]) : "";
    part(".blockers").replaceChildren(...sign.blockers.map((one) => line(one)));
    part(".reasons").replaceChildren(...answers().map(({ key, label, run }) => choice(key, label, run)));
    const confirm = part(".confirm"), isFirm = left.some((one) => !isAnsweredHere(one)), next = left.length > 1 ? " ↑ ↓ go to another." : "";
    confirm.disabled = sending || left.length > 0 || !author.value.trim();
    const words = refused ? refused : left.length
      ? waits ? "Wait: this goes away by itself." : !open.length ? `Resolve this first, by its letter.${next}`
        : isFirm ? `Resolve first what takes no reason, by its letter.${next}` : `Answer by letter or digit.${next}`
      : !author.value.trim() ? "Your name is missing." : sign.blockers.length ? "Signed over what is open, with your answers." : "";
    if (part(".status").textContent !== words) part(".status").textContent = words;
    if (![signing, document.body].includes(document.activeElement)) return;
    const isNameMissing = !left.length && !author.value.trim(); // a letter that answers never falls into the name
    (isNameMissing ? author : confirm.disabled ? signing : confirm).focus();
  }

  function line(blocker) {
    const item = document.createElement("li");
    const reason = chosen[blocker.discrepancy], plan = plans[blocker.discrepancy];
    item.textContent = blocker.text;
    item.dataset.kind = blocker.kind;
    item.classList.toggle("current", nameOf(blocker) === current && must(blocker));
    const answer = plan ? ` Communication pending: ${plan.person}, ${plan.method}` : reason ? ` Signed over: ${reason}` : "";
    if (answer) item.append(Object.assign(document.createElement("span"), { className: "origin", textContent: answer }));
    return item;
  }

  function answers() { // to the current one: what may be done about it, and the reasons for signing over it
    const blocker = (isOpen()?.blockers ?? []).find((one) => nameOf(one) === current && must(one));
    if (!blocker) return [];
    return answersTo(blocker, stops(), reasonsOf(current))
      .map((one) => ({ ...one, run: () => (one.reason ? because(one.reason) : go(one.way, one.of)) }));
  }

  function go(way, blocker) {
    const { discrepancy: id, says, word } = blocker, of = desk.state.case;
    const leave = (run) => { signing.close(); run(); };
    ({
      told: () => desk.keys.run("k"),
      plan: () => askPlan(isOpen(), author.value, resultsLeft(), (plan, ids) => { for (const one of ids) plans[one] = plan; draw(); }),
      conclude: () => askConclusion(),
      order: () => leave(() => desk.keys.run("o")),
      worklist: () => leave(() => desk.keys.run("w")),
      field: () => leave(() => desk.keys.run("g")),
      addendum: () => leave(() => desk.keys.run("a")),
      text: () => leave(() => (desk.keys.run("b") || desk.keys.run("t"))),
      card: () => leave(() => window.pane?.choose(document.querySelector(`#cards .card[data-d="${CSS.escape(id)}"]`))),
      compare: () => desk.send({ do: "compare", case: of }),
      normals: () => desk.send({ do: "confirm", case: of, normals: isOpen().gave_way }),
      heard: () => desk.send({ do: "accept_word", case: of, word: id }),
      play: () => desk.playOf(word.recording, word.start_s, word.end_s),
      word: () => leave(() => toWord(desk, word)),
      hear: () => desk.send({ do: "hear", case: of }),
    }[way] ?? (() => desk.send({ do: "wording", case: of, edit: id, says, chosen: way })))();
  }

  const resultsLeft = () => { // critical results that nobody has answered for yet, in the words of the report
    const left = stops().filter((one) => one.kind === "critical").map((one) => one.discrepancy);
    return left.map((id) => told.results.find((one) => one.id === id) ?? { id, says: told.blockers.find((one) => one.discrepancy === id).text });
  };

  function step(by) { // to another thing that is left
    const left = stops().map(nameOf);
    if (!left.length) return;
    current = left[(left.indexOf(current) + by + left.length) % left.length];
    draw();
  }

  function choice(key, words, run) {
    const item = document.createElement("li"), button = document.createElement("button"), name = document.createElement("kbd");
    button.type = "button";
    name.textContent = key.toUpperCase();
    button.append(name, ` ${words}`);
    button.addEventListener("click", run);
    item.append(button);
    return item;
  }

  function because(reason) {
    if (!current) return;
    chosen[current] = reason;
    draw();
    if (!stops().length) part(".confirm").focus();
  }

  function open() {
    if (desk.state?.lock && !desk.state.lock.mine) return desk.tell("Somebody else works on this case; take it over before you sign it.", { error: true });
    const sign = isOpen();
    if (!sign) return desk.tell("There is no report to sign yet.");
    if (sign.blockers.some((one) => one.kind === "final")) return desk.tell(sign.blockers[0].text);
    if (desk.state.listening) return desk.tell(`The microphone is on; stop with ${desk.state.key ?? "F9"}, then sign.`);
    if (desk.state.stage === "dictating") { // what was typed is compared first, then the dialog opens by itself
      wanted = desk.state.case;
      return compare(desk);
    }
    if (unkeptHere()) return desk.tell(unkeptHere());
    [chosen, plans, current, refused] = [{}, {}, "", ""];
    author.readOnly = Boolean(sign.is_known); // who is signed in signs
    author.value = sign.signer || localStorage.getItem(NAME) || "";
    signing.showModal();
    signing.focus();
    draw();
  }

  async function sign() {
    draw();
    if (part(".confirm").disabled || sending) return;
    refused = desk.capture?.isWanted ? `The microphone is on; stop with ${desk.state.key ?? "F9"}, then sign.` : unkeptHere();
    if (refused) return draw();
    const name = author.value.trim();
    localStorage.setItem(NAME, name);
    sending = true;
    draw();
    const known = new Set(isOpen().blockers.map((one) => one.discrepancy));
    const ofKnown = (answers) => Object.fromEntries(Object.entries(answers).filter(([id]) => known.has(id)));
    const overrides = ofKnown(chosen), planned = ofKnown(plans);
    const [patient] = isOpen().patient.split(" · "), of = desk.state.case;
    if (desk.isOpen) await desk.capture?.leave("");
    else await desk.capture?.stop?.(); // it waits for the server, and the case is dictated into meanwhile
    const answer = await desk.send({ do: "sign", case: of, author: name, overrides, planned });
    sending = false;
    const isHere = () => desk.state?.case === of; // else the dialog is another case's by now
    if (!answer.next || !isHere()) desk.capture?.stay("");
    if (!isHere()) draw();
    else if (answer.ok) signing.close();
    else {
      refused = answer.message || "Not signed; try again.";
      draw();
    }
    if (!answer.ok) return;
    if (!answer.state) return desk.tell("That signature had been answered before; see above how the report stands.", { error: true, of });
    const copied = answer.clean ? await copying.write(answer.clean) : false;
    const other = answer.next ? `: ${patient}.` : ". No other case is waiting."; // it is read beside the next case
    desk.tell(`Signed as ${answer.state}${copied ? " and copied" : ""}${other}`, { of: answer.next && isHere() ? null : of });
    if (answer.next && isHere()) desk.worklist.openCase(answer.next);
  }

  part("form").addEventListener("submit", (event) => { event.preventDefault(); sign(); });
  part(".close").addEventListener("click", () => signing.close());
  author.addEventListener("input", draw);
  signing.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    const isButton = event.target.closest("button:not(.confirm)");
    if (event.key === "Enter") {
      const isScanned = desk.keys.isOfWords(event);
      if (isScanned || !isButton) event.preventDefault();
      if (!isScanned && !isButton) sign();
    }
    if (event.target === author) return;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) { event.preventDefault(); step(by); }
    if (!isSign(event.key) || (event.key === " " && isButton)) return;
    event.preventDefault();
    desk.keys.answer(event, () => signing.open && answers().find((one) => one.key === event.key.toLowerCase())?.run());
  });

  const copying = copyKeys(desk, isOpen);
  addendumKey(desk, isOpen);
  communicationKey(desk, isOpen);
  const askPlan = planDialog(), askConclusion = conclusionDialog(desk);
  for (const dialog of document.querySelectorAll("#dialogs dialog")) if (dialog !== signing) dialog.addEventListener("close", draw);
  desk.keys.add({
    key: "s", label: "sent: the signed report was brought to where it belongs", group: "Sign", acts: true,
    when: () => desk.state && desk.state.state !== "draft",
    run: async () => {
      const of = desk.state.case;
      if ((await desk.send({ do: "sent" })).ok) desk.tell("Noted as sent.", { of });
    },
  });
  desk.keys.add({ key: "Ctrl+Enter", label: "sign", group: "Sign", run: () => signing.open || open(), always: true, over: ".signing" });
  desk.on("sign", (message) => {
    told = message;
    const open = message.blockers.filter((one) => !UNCOUNTED.includes(one.kind)).length;
    document.querySelector("#bar .sign .open").textContent = open && desk.state?.stage === "review" ? ` (${open} open)` : "";
    draw();
  });
  desk.on("case", ({ case: id, stage, listening }) => {
    if (wanted && (wanted !== id || listening)) wanted = null;
    if (wanted && stage === "review") { wanted = null; open(); }
  });
  desk.on("signed-out", () => { // nobody reads on; the dialog is drawn anew each time that it opens
    for (const of of [".who", ".side", ".over", ".left span", ".organs", ".blockers"]) part(of).replaceChildren();
    play.show([]);
  });
  desk.on("ask", ({ what }) => { if (what === "sign") desk.tell("Press Ctrl+Enter to sign; a spoken word signs nothing."); });
}

function addendumKey(desk, isOpen) {
  const dialog = makeDialog("addendum", "addendum", `
    <form method="dialog"><h2>Addendum to a final report</h2>
    <p class="quiet">The report stays as it was signed; what you dictate next stands behind it, under your name.</p>
    <label>Reason <input name="reason" maxlength="500" required autocomplete="off"></label>
    <div class="choices"><button class="confirm">Begin <kbd>⏎</kbd></button>
    <button type="button" class="drop">Give up the addendum</button>
    <button type="button" class="close">Close <kbd>Esc</kbd></button></div></form>`);
  const reason = dialog.querySelector("[name=reason]");
  const drop = dialog.querySelector(".drop");
  const isFinal = () => ["final", "addended"].includes(desk.state?.state);

  function open() {
    if (!isFinal()) return desk.tell("Only a final report gets an addendum; this one can still be changed.");
    reason.value = isOpen()?.addendum ?? "";
    drop.hidden = !reason.value;
    dialog.showModal();
    reason.focus();
  }
  async function send(words) {
    const answer = await desk.send({ do: "addendum", reason: words });
    if (answer.ok) dialog.close();
  }
  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (reason.value.trim()) send(reason.value.trim());
  });
  drop.addEventListener("click", () => send(""));
  dialog.querySelector(".close").addEventListener("click", () => dialog.close());
  desk.keys.add({ key: "a", label: "addendum to a final report", group: "Sign", when: () => Boolean(desk.state), run: open });
}

const METHODS = '<fieldset><legend>How <span class="quiet">(digit)</span></legend><div class="methods"></div></fieldset>';

function showMethods(dialog, methods) { // the first is chosen
  dialog.querySelector(".methods").replaceChildren(...methods.map(({ key, method }, number) => {
    const label = document.createElement("label"), input = document.createElement("input"), name = document.createElement("kbd");
    Object.assign(input, { type: "radio", name: "method", value: method, checked: number === 0 });
    name.textContent = key;
    label.append(input, name, ` ${method}`);
    return label;
  }));
}

function chooseMethod(dialog, methods, event) { // by its digit, but in a line that is typed
  if (event.target.matches("input:not([type=radio], [type=checkbox])") || event.ctrlKey || event.altKey) return;
  const found = methods?.find((one) => one.key === event.key);
  if (found) dialog.querySelector(`[value="${found.method}"]`).checked = true;
}

const RESULTS = '<fieldset class="of"><legend>Of <span class="quiet">(Alt and digit)</span></legend><div class="results"></div></fieldset>';

function showResults(dialog, results) { // all are meant, until one is taken out; one alone is not asked about
  dialog.querySelector(".of").hidden = results.length < 2;
  dialog.querySelector(".results").replaceChildren(...results.map(({ id, says }, number) => {
    const label = document.createElement("label"), input = document.createElement("input"), name = document.createElement("kbd");
    Object.assign(input, { type: "checkbox", name: "result", value: id, checked: true });
    name.textContent = number < 9 ? `Alt ${number + 1}` : "";
    label.append(input, ` ${says} `, name);
    return label;
  }));
  needResult(dialog);
}

const resultsOf = (dialog) => [...dialog.querySelectorAll("[name=result]:checked")].map((one) => one.value);

function needResult(dialog) {
  const isNone = Boolean(dialog.querySelector("[name=result]")) && !resultsOf(dialog).length;
  dialog.querySelector(".confirm").disabled = isNone;
}

function chooseResult(dialog, event) { // by Alt and its digit, also in a line that is typed
  const number = event.altKey && !event.ctrlKey ? /^Digit([1-9])$/.exec(event.code ?? "")?.[1] : null;
  const found = number ? dialog.querySelectorAll("[name=result]")[number - 1] : null;
  if (!found) return;
  event.preventDefault();
  found.click();
}

function withResults(dialog) {
  dialog.addEventListener("keydown", (event) => chooseResult(dialog, event));
  dialog.addEventListener("change", () => needResult(dialog));
}

function planDialog() { // who will tell a critical result that nobody was told of
  const dialog = makeDialog("plan", "communication pending of a critical result", `
    <form method="dialog"><h2>Critical result: communication pending</h2>
    <label>By whom <input name="person" maxlength="120" required autocomplete="off"></label>
    ${RESULTS}${METHODS}<div class="choices"><button class="confirm">Communication pending <kbd>⏎</kbd></button>
    <button type="button" class="close">Close <kbd>Esc</kbd></button></div></form>`);
  const person = dialog.querySelector("[name=person]");
  let methods = [], then = () => {};
  withResults(dialog);
  dialog.addEventListener("keydown", (event) => chooseMethod(dialog, methods, event));
  dialog.querySelector("form").addEventListener("submit", () => {
    then({ person: person.value.trim(), method: dialog.querySelector("[name=method]:checked")?.value ?? "" }, resultsOf(dialog));
  });
  dialog.querySelector(".close").addEventListener("click", () => dialog.close());
  function ask(sign, name, results, take) {
    [methods, then, person.value] = [sign.methods, take, name];
    showMethods(dialog, methods);
    showResults(dialog, results);
    dialog.showModal();
    person.focus();
    person.select();
  }
  return ask;
}

function conclusionDialog(desk) { // an impression that is empty is written here
  const dialog = makeDialog("conclusion", "write the impression", `
    <form method="dialog"><h2>Impression</h2>
    <label>One sentence or more <textarea name="text" rows="4" maxlength="5000" required></textarea></label>
    <div class="choices"><button class="confirm">Into the report <kbd>⏎</kbd></button>
    <button type="button" class="close">Close <kbd>Esc</kbd></button></div></form>`);
  const field = dialog.querySelector("[name=text]");
  async function keep() {
    const text = field.value.replace(/\s+/g, " ").trim();
    if (text && (await desk.send({ do: "conclude", text })).ok) { field.value = ""; dialog.close(); }
  }
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    keep();
  });
  dialog.querySelector("form").addEventListener("submit", (event) => { event.preventDefault(); keep(); });
  dialog.querySelector(".close").addEventListener("click", () => dialog.close());
  const forget = () => { field.value = ""; dialog.close(); };
  desk.on("case", ({ case: id }) => { if (dialog.dataset.of !== id) forget(); }); // what was begun is of its own case
  desk.on("signed-out", forget);
  return () => {
    dialog.dataset.of = desk.state.case;
    dialog.showModal();
    field.focus();
  };
}

function communicationKey(desk, isOpen) {
  const dialog = makeDialog("communication", "communication of a critical result", `
    <form method="dialog"><h2>Critical result: communicated</h2>
    <label>Person <input name="person" maxlength="120" required autocomplete="off"></label>
    <label>When <input name="at" type="datetime-local" required></label>
    ${RESULTS}${METHODS}
    <label class="check"><input name="back" type="checkbox"> read back and confirmed <kbd>Alt B</kbd></label>
    <div class="choices"><button class="confirm">Into the impression <kbd>⏎</kbd></button>
    <button type="button" class="close">Close <kbd>Esc</kbd></button></div></form>`);
  const field = (name) => dialog.querySelector(`[name=${name}]`);

  function open() {
    const methods = isOpen()?.methods;
    if (!methods) return desk.tell("There is no report yet that could say to whom it was communicated.");
    showMethods(dialog, methods);
    showResults(dialog, isOpen().results);
    field("person").value = "";
    field("at").value = nowLocal();
    field("back").checked = false;
    dialog.showModal();
    field("person").focus();
  }
  withResults(dialog);
  dialog.addEventListener("keydown", (event) => {
    chooseMethod(dialog, isOpen()?.methods, event);
    if (event.altKey && event.code === "KeyB") { event.preventDefault(); field("back").checked = !field("back").checked; }
  });
  dialog.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const method = dialog.querySelector("[name=method]:checked")?.value ?? "", of = desk.state.case;
    const answer = await desk.send({
      do: "communicate", person: field("person").value.trim(), at: withZone(field("at").value), method, read_back: field("back").checked,
      results: resultsOf(dialog),
    });
    if (answer.ok) { dialog.close(); desk.tell("Communicated; the impression says to whom.", { of }); }
  });
  dialog.querySelector(".close").addEventListener("click", () => dialog.close());
  desk.keys.add({ key: "k", label: "communication of a critical result", group: "Sign", when: () => Boolean(desk.state), over: ".signing", run: open });
}
