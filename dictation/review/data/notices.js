// Sentences for whoever sits here. One is about a case, or about none: that of a case is out of sight while another one is
// open, and there again with it. One that comes when its case is not open any more says whose it is, and stays in sight.
// An error stays in sight until somebody closes it, over other cases too, where it says whose it is: the older ones fold
// under a button. Any other sentence goes by itself.
const TOLD_MS = 12000;
const MOST = 4; // in sight, besides that of the outbox
const MOST_ERRORS = 3; // of them
const LEAST_PLAIN = 3; // the last of them stay beside any errors: one utterance may be told of in two
const TRIED_AGAIN = ["sign", "compare", "communicate", "addendum", "sent", "takeover"]; // as a whole: done at last, none was refused

export function install(desk) {
  const place = document.querySelector("#notices");
  const patients = new Map(); // case → whose it is, as the banner says
  const whenClosed = new WeakMap(); // line → what is to be called then
  desk.whose = (of) => patients.get(of);
  const older = foldLine();
  const away = []; // lines of a user who is signed out
  let isAway = false;
  let before = null; // what had the focus before a line of these
  place.addEventListener("focusin", ({ relatedTarget }) => { if (!place.contains(relatedTarget)) before = relatedTarget; });
  new ResizeObserver(() => place.parentElement.style.setProperty("--notices", `${place.offsetHeight}px`)).observe(place); // what it covers
  let isUnfolded = false;
  const open = () => desk.state?.case;
  const all = () => [...place.children].filter((line) => !["outbox", "missing", "unplaced"].includes(line.id) && line !== older);
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
    for (const old of plain.slice(0, -Math.max(LEAST_PLAIN, MOST - errors.length))) old.remove();
    fold(errors.slice(0, -MOST_ERRORS));
  }

  function fold(old) {
    isUnfolded &&= old.length > 0;
    for (const line of all()) line.hidden = !isHere(line) || (!isUnfolded && old.includes(line));
    const button = older.firstElementChild, words = isUnfolded ? `hide ${old.length} of them` : `and ${old.length} more`;
    if (button.textContent !== words) button.textContent = words;
    button.setAttribute("aria-expanded", String(isUnfolded));
    if (!old.length) older.remove();
    else if (!older.isConnected) place.prepend(older);
  }

  function foldLine() {
    const line = document.createElement("p"), button = document.createElement("button");
    line.className = "older";
    button.type = "button";
    button.addEventListener("mousedown", (event) => event.preventDefault()); // the caret stays
    button.addEventListener("click", () => { isUnfolded = !isUnfolded; show(); });
    line.append(button);
    return line;
  }

  function tell({ text, error, case: of, do: refused, whose: patient, like = "", closed }) { // `refused`: the command that it answers
    if (patient && !patients.has(of)) patients.set(of, patient);
    const isOf = of !== null && of !== undefined; // else it is about no case
    const isSame = ({ text: its, like: name = "" }) => its === text || (like && name === like);
    const same = all().filter(({ dataset }) => isSame(dataset) && dataset.case === (isOf ? of : undefined));
    const line = document.createElement("p"), words = document.createElement("span"), whose = document.createElement("b");
    whenClosed.set(line, [...same.flatMap((one) => whenClosed.get(one)), ...(closed ? [closed] : [])]);
    for (const one of same) one.remove();
    line.dataset.text = text;
    if (like) line.dataset.like = like;
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
    if (!error) setTimeout(() => line.remove(), TOLD_MS);
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
  desk.on("case", ({ case: id }) => {
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
    key: "Alt+x", label: "close the newest error", group: "Page", always: true, over: "#worklist", when: () => errors().length > 0, run: () => close(errors().at(-1)),
  });
}
