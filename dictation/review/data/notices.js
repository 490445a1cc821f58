// Sentences for whoever sits here. One is about a case, or about none: that of a case is out of sight while another one is
// open, and there again with it. One that comes when its case is not open any more says whose it is, and stays in sight.
// The newest has the one row that is there for it, below the work and over no text; the older ones fold under a button of
// that row, as do those that were seen with a case that was left since. An error stays until somebody closes it, over other
// cases too, where it says whose it is; one that is of its moment only, and any other sentence, goes by itself. The one in the
// row says the key that closes it.
const TOLD_MS = 12000, PAST_MS = 30000; // a sentence; an error that is of its moment only
const MOST_NAMED = 3; // patients of messages of other cases
const MOST_PLAIN = 4; // that are kept: one utterance may be told of in two
const STATES = { delay: "delay", level: "level" }; // what the newest sentence about says goes for the ones before
const TRIED_AGAIN = ["sign", "compare", "communicate", "addendum", "sent", "takeover"]; // as a whole: done at last, none was refused

export function install(desk) {
  const place = document.querySelector("#notices");
  const patients = new Map(); // case → whose it is, as the banner says
  const whenClosed = new WeakMap(); // line → what is to be called then
  desk.whose = (of) => patients.get(of);
  const older = foldLine("older", () => { isUnfolded = !isUnfolded; });
  const elsewhere = foldLine("older elsewhere", () => { isElsewhereShown = !isElsewhereShown; });
  const away = []; // lines of a user who is signed out
  let isAway = false;
  let before = null; // what had the focus before a line of these
  place.addEventListener("focusin", ({ relatedTarget }) => { if (!place.contains(relatedTarget)) before = relatedTarget; });
  let isUnfolded = false, isElsewhereShown = false;
  const open = () => desk.state?.case;
  const all = () => [...place.children].filter((line) => !["outbox", "missing", "unplaced"].includes(line.id) && line !== older && line !== elsewhere);
  const lines = () => all().filter((line) => !line.hidden);
  const isError = (line) => line.classList.contains("error");
  const isOffer = (line) => line.classList.contains("offer");
  const isHere = (line) => line.dataset.case === undefined || isError(line) || isOffer(line) || line.dataset.case === open() || line.dataset.late !== undefined;

  function show() {
    for (const line of place.querySelectorAll("[data-case]:not(.offer)")) {
      const { case: of } = line.dataset, isOpen = of === open(), whose = line.querySelector(".whose");
      if (isOpen) delete line.dataset.late;
      if (whose.hidden !== isOpen) whose.hidden = isOpen;
      const words = patients.has(of) ? `Of another case, ${patients.get(of)}: ` : "Of another case: ";
      if (whose.textContent !== words) whose.textContent = words; // written again, it would be read out again
    }
    const here = all().filter(isHere), errors = here.filter(isError);
    const plain = here.filter((line) => !isError(line) && !isOffer(line)); // an offer is there until it is answered
    for (const old of plain.slice(0, -MOST_PLAIN)) old.remove();
    const seen = errors.filter(isLeft), left = seen.length > 1 ? seen : []; // one alone is read as fast as its number
    isElsewhereShown &&= left.length > 0;
    const old = here.filter((line) => line.isConnected && !isOffer(line) && !left.includes(line)).slice(0, -1);
    isUnfolded &&= old.length > 0;
    const isFolded = (line) => (!isElsewhereShown && left.includes(line)) || (!isUnfolded && old.includes(line));
    for (const line of all()) {
      const isHidden = !isHere(line) || isFolded(line);
      if (line.hidden !== isHidden) line.hidden = isHidden;
      line.toggleAttribute("data-folded", isHere(line) && isFolded(line) && !left.includes(line)); // one press away
    }
    const isOpened = isUnfolded || isElsewhereShown;
    if (place.classList.contains("unfolded") !== isOpened) place.classList.toggle("unfolded", isOpened);
    fold(older, old, isUnfolded, isUnfolded ? `hide ${old.length} of them` : `and ${old.length} more`);
    fold(elsewhere, left, isElsewhereShown, `${isElsewhereShown ? "hide " : ""}${left.length} messages, other patients${isElsewhereShown ? "" : `: ${whoseAre(left)}`}`);
    nameKeys();
  }

  const isLeft = ({ dataset }) => dataset.case !== undefined && dataset.case !== open() && dataset.late === undefined;

  function whoseAre(left) {
    const names = [...new Set(left.map(({ dataset }) => patients.get(dataset.case) ?? "not shown here"))];
    return `${names.slice(0, MOST_NAMED).join("; ")}${names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : ""}`;
  }

  function fold(line, folded, isOpen, words) {
    const button = line.firstElementChild;
    if (button.textContent !== words) button.textContent = words;
    if (button.ariaExpanded !== String(isOpen)) button.ariaExpanded = String(isOpen);
    if (!folded.length) line.remove();
    else if (!line.isConnected) place.prepend(line);
  }

  function foldLine(name, turn) {
    const line = document.createElement("p"), button = document.createElement("button");
    line.className = name;
    button.type = "button";
    button.addEventListener("mousedown", (event) => event.preventDefault()); // the caret stays
    button.addEventListener("click", () => { turn(); show(); });
    line.append(button);
    return line;
  }

  function nameKeys() { // on the line that each would close, or open
    const wanted = new Map([[plain().at(-1), "Esc"], [errors().at(-1) ?? (elsewhere.isConnected ? elsewhere : undefined), "Alt X"]]);
    for (const line of [...all(), elsewhere]) {
      const button = line.querySelector("button:last-of-type"), key = wanted.get(line);
      if (button.dataset.hint === key) continue;
      if (key) button.dataset.hint = key;
      else delete button.dataset.hint;
    }
  }

  function tell({ text, error, case: of, do: refused, whose: patient, about, like = STATES[about] ?? "", closed, passing }) { // `refused`: the command that it answers
    if (patient && !patients.has(of)) patients.set(of, patient);
    const isOf = of !== null && of !== undefined; // else it is about no case
    const isSame = ({ text: its, like: name = "" }) => its === text || (like && name === like);
    const same = all().filter(({ dataset }) => isSame(dataset) && dataset.case === (isOf ? of : undefined));
    const line = document.createElement("p"), words = document.createElement("span"), whose = document.createElement("b");
    whenClosed.set(line, [...same.flatMap((one) => whenClosed.get(one)), ...(closed ? [closed] : [])]);
    for (const one of same) one.remove();
    line.dataset.text = text;
    if (like) line.dataset.like = like;
    if (passing) line.dataset.passing = Math.round(performance.now());
    line.className = error ? "error" : "";
    whose.className = "whose";
    whose.hidden = true;
    words.append(whose, text);
    line.append(words, closing(line));
    if (refused) line.dataset.refused = refused;
    if (isOf) {
      line.dataset.case = of;
      if (of !== open()) line.dataset.late = "";
    }
    if (isAway) { // nobody reads it now
      if (error) away.push(line);
      return;
    }
    place.append(line);
    show();
    line.scrollIntoView({ block: "nearest" });
    if (!error || passing) setTimeout(() => { line.remove(); show(); }, error ? PAST_MS : TOLD_MS);
  }

  function goSoon(line) { // as any other sentence does: it may have come as the case was left
    setTimeout(() => {
      line.remove();
      show();
    }, Number(line.dataset.passing) + TOLD_MS - performance.now());
  }

  function closing(line) {
    const close = document.createElement("button");
    close.type = "button";
    close.setAttribute("aria-label", "close this message");
    close.textContent = "×";
    close.addEventListener("mousedown", (event) => event.preventDefault()); // the caret stays
    close.addEventListener("click", () => {
      const hadFocus = line.contains(document.activeElement);
      line.remove();
      show();
      if (hadFocus) giveFocusOn();
      for (const closed of whenClosed.get(line)) closed();
    });
    return close;
  }

  function giveFocusOn() { // to the next line, else back to where it was, else to the text
    const text = document.body.dataset.stage === "review" ? "#columns" : "#pad .text";
    const next = lines().at(-1)?.querySelector("button:last-of-type") ?? (before?.isConnected && before.checkVisibility() ? before : document.querySelector(text));
    next?.focus({ preventScroll: !place.contains(next) });
  }

  function outbox({ text }) { // stays as long as it is so
    const line = document.querySelector("#outbox") ?? Object.assign(document.createElement("p"), { id: "outbox", className: "error" });
    if (text) {
      if (line.textContent !== text) line.textContent = text;
      place.prepend(line);
    } else if (line.isConnected) {
      line.remove();
      tell({ text: "All signed reports are in the outbox now.", error: false, case: null });
    }
  }

  desk.on("signed-out", () => { // nobody reads on; what must be read is there again once its user is back
    isAway = true;
    away.push(...all().filter(isError));
    for (const line of all()) line.remove();
    show();
  });
  desk.on("connected", () => {
    isAway = false;
    place.prepend(...away.splice(0));
    show();
  });
  desk.on("notice", tell);
  desk.on("outbox", outbox);
  desk.on("obeyed", ({ do: what, case: of }) => {
    for (const line of TRIED_AGAIN.includes(what) ? all() : []) if (line.dataset.refused === what && line.dataset.case === of) line.remove();
    show();
  });
  let shown = null; // the case
  desk.on("case", ({ case: id }) => {
    if (id !== shown) {
      isElsewhereShown = false;
      for (const line of all()) if (line.dataset.passing && line.dataset.case !== id) goSoon(line);
    }
    shown = id;
    const patient = document.querySelector("#banner .identity b")?.textContent; // it is drawn by now
    if (patient) patients.set(id, patient);
    show();
  });
  const close = (line) => line?.querySelector("button:last-of-type").click(); // of an offer it is "No"
  const plain = () => lines().filter((line) => !isError(line)), errors = () => lines().filter(isError);
  desk.keys.add({ // an error may hold the only copy of words, and Esc is pressed for much else
    key: "Escape", label: "close the newest message that is no error", group: "Page", always: true, over: "#worklist",
    when: () => plain().length > 0,
    run: () => close(plain().at(-1)),
  });
  desk.keys.add({
    key: "Alt+x", label: "close the newest error", group: "Page", always: true, over: "#worklist",
    when: () => (errors().length > 0 || elsewhere.isConnected) && desk.capture?.light.is !== "stopped", // whose large sign names this key
    run: () => (errors().length ? close(errors().at(-1)) : elsewhere.firstElementChild.click()),
  });
}
