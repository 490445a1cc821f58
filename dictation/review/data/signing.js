// Signing, copying, telling of a critical result, adding to a final report. The server tells, as state, what stands in the
// way (`sign`); a clean case is signed by Ctrl+Enter and Enter. Nothing here signs by voice.
import { makeDialog, nowLocal, withZone } from "./dialogs.js";
import { copyKeys } from "./copying.js";
import { playButton } from "./missing.js";
import { unkept } from "./wording.js";

const AS = { preliminary: "preliminary", final: "final", addendum: "addendum to a final report" };
const WAITING = ["hearing", "comparing"]; // blockers that go away by themselves
const NAME = "desk.author";

export function install(desk) {
  let told = null; // the last message `sign`, of the case that is open
  let chosen = {}; // blocker → reason
  let current = "";
  let sending = false;
  let wanted = null; // the case that is to be signed once it is compared
  let refused = ""; // why the server did not sign, until it is tried again

  const signing = makeDialog("signing", "sign the report", `
    <form method="dialog"><h2></h2><p class="who"></p><p class="side"></p><p class="over quiet"></p><p class="left quiet"></p>
    <ul class="blockers"></ul><ol class="reasons" aria-label="reasons"></ol>
    <label>Signed by <input name="author" autocomplete="name" maxlength="100" required></label>
    <p class="status" role="status"></p>
    <div class="choices"><button class="confirm">Sign <kbd>⏎</kbd></button>
    <button type="button" class="close">Not yet <kbd>Esc</kbd></button></div></form>`);
  const part = (selector) => signing.querySelector(selector);
  const author = part("[name=author]"), play = playButton(desk);
  part(".left").append(document.createElement("span"), " ", play);

  const isOpen = () => (desk.state && told?.case === desk.state.case ? told : null);
  const must = (blocker) => !(blocker.may_override && chosen[blocker.discrepancy]);
  const reasonsOf = (sign) => sign.reasons.filter(({ key }) => sign.blockers.some((one) => one.discrepancy === current && one.reasons.includes(key)));
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
    play.show(desk.state.missing ?? []);
    const open = left.filter((one) => one.may_override);
    if (!open.some((one) => one.discrepancy === current)) current = open[0]?.discrepancy ?? "";
    part(".blockers").replaceChildren(...sign.blockers.map((one) => line(one)));
    const reasons = open.length ? reasonsOf(sign) : [];
    part(".reasons").replaceChildren(...reasons.map(({ key, reason }) => choice(key, reason, () => because(reason))));
    const confirm = part(".confirm"), isFirm = left.some((one) => !one.may_override);
    confirm.disabled = sending || left.length > 0 || !author.value.trim();
    const words = refused ? refused : left.length
      ? waits ? "Wait: this goes away by itself." : !open.length ? "Close and settle this first."
        : isFirm ? "Close and settle first what takes no reason." : "Give a reason by its digit, or close and settle it."
      : !author.value.trim() ? "Your name is missing." : sign.blockers.length ? "Signed over what is open, with your reasons." : "";
    if (part(".status").textContent !== words) part(".status").textContent = words;
    if ([signing, document.body].includes(document.activeElement)) (confirm.disabled ? signing : confirm).focus();
  }

  function line(blocker) {
    const item = document.createElement("li");
    const reason = chosen[blocker.discrepancy];
    item.textContent = blocker.text;
    item.classList.toggle("current", blocker.discrepancy === current && blocker.may_override && !reason);
    if (reason) item.append(Object.assign(document.createElement("span"), { className: "origin", textContent: ` Signed over: ${reason}` }));
    return item;
  }

  function choice(key, words, run) {
    const item = document.createElement("li"), button = document.createElement("button"), name = document.createElement("kbd");
    button.type = "button";
    name.textContent = key;
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
      desk.isDoneWriting();
      return desk.send({ do: "compare" });
    }
    if (unkeptHere()) return desk.tell(unkeptHere());
    [chosen, current, refused] = [{}, "", ""];
    author.readOnly = Boolean(sign.is_known); // who is signed in signs
    author.value = sign.signer || localStorage.getItem(NAME) || "";
    signing.showModal();
    draw();
    if (!author.value) author.focus();
    else (part(".confirm").disabled ? signing : part(".confirm")).focus();
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
    const overrides = Object.fromEntries(Object.entries(chosen).filter(([id]) => known.has(id)));
    const [patient] = isOpen().patient.split(" · "), of = desk.state.case;
    if (desk.isOpen) await desk.capture?.leave("");
    else await desk.capture?.stop?.(); // it waits for the server, and the case is dictated into meanwhile
    const answer = await desk.send({ do: "sign", case: of, author: name, overrides });
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
    if (event.key === "Enter" && !isButton) { event.preventDefault(); sign(); }
    const reason = event.target === author || !isOpen() ? null : reasonsOf(isOpen()).find((one) => one.key === event.key);
    if (reason && current) { event.preventDefault(); because(reason.reason); }
  });

  const copying = copyKeys(desk, isOpen);
  addendumKey(desk, isOpen);
  communicationKey(desk, isOpen);
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
    const open = message.blockers.filter((one) => ["difference", "patient", "order", "field", "edit", "unheard"].includes(one.kind)).length;
    document.querySelector("#bar .sign .open").textContent = open && desk.state?.stage === "review" ? ` (${open} open)` : "";
    draw();
  });
  desk.on("case", ({ case: id, stage, listening }) => {
    if (wanted && (wanted !== id || listening)) wanted = null;
    if (wanted && stage === "review") { wanted = null; open(); }
  });
  desk.on("case", (message) => { if (signing.open && told?.case !== message.case) signing.close(); });
  desk.on("signed-out", () => { // nobody reads on; the dialog is drawn anew each time that it opens
    for (const of of [".who", ".side", ".over", ".left span", ".blockers"]) part(of).replaceChildren();
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

function communicationKey(desk, isOpen) {
  const dialog = makeDialog("communication", "communication of a critical result", `
    <form method="dialog"><h2>Critical result: who was told</h2>
    <label>Person <input name="person" maxlength="120" required autocomplete="off"></label>
    <label>When <input name="at" type="datetime-local" required></label>
    <fieldset><legend>How <span class="quiet">(digit)</span></legend><div class="methods"></div></fieldset>
    <label class="check"><input name="back" type="checkbox"> read back and confirmed <kbd>Alt B</kbd></label>
    <div class="choices"><button class="confirm">Into the impression <kbd>⏎</kbd></button>
    <button type="button" class="close">Close <kbd>Esc</kbd></button></div></form>`);
  const field = (name) => dialog.querySelector(`[name=${name}]`);

  function open() {
    const methods = isOpen()?.methods;
    if (!methods) return desk.tell("There is no report yet that could say who was told.");
    dialog.querySelector(".methods").replaceChildren(...methods.map(({ key, method }, number) => {
      const label = document.createElement("label"), input = document.createElement("input"), name = document.createElement("kbd");
      Object.assign(input, { type: "radio", name: "method", value: method, checked: number === 0 });
      name.textContent = key;
      label.append(input, name, ` ${method}`);
      return label;
    }));
    field("person").value = "";
    field("at").value = nowLocal();
    field("back").checked = false;
    dialog.showModal();
    field("person").focus();
  }
  dialog.addEventListener("keydown", (event) => {
    const isTyping = event.target.matches("[name=person], [name=at]");
    const method = !isTyping && !event.ctrlKey && isOpen()?.methods.find((one) => one.key === event.key);
    if (method) dialog.querySelector(`[value="${method.method}"]`).checked = true;
    if (event.altKey && event.code === "KeyB") { event.preventDefault(); field("back").checked = !field("back").checked; }
  });
  dialog.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const method = dialog.querySelector("[name=method]:checked")?.value ?? "", of = desk.state.case;
    const answer = await desk.send({
      do: "communicate", person: field("person").value.trim(), at: withZone(field("at").value), method, read_back: field("back").checked,
    });
    if (answer.ok) { dialog.close(); desk.tell("The impression says who was told.", { of }); }
  });
  dialog.querySelector(".close").addEventListener("click", () => dialog.close());
  desk.keys.add({ key: "k", label: "communication of a critical result", group: "Sign", when: () => Boolean(desk.state), run: open });
}
