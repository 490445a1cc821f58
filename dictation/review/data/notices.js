// Sentences for whoever sits here. One is about a case, or about none: that of a case is out of sight while another one is
// open, and there again with it. One that comes when its case is not open any more says whose it is, and stays in sight.
const TOLD_MS = 12000; // a sentence that is no error goes by itself
const MOST = 4; // in sight, besides that of the outbox
const TRIED_AGAIN = ["sign", "compare", "communicate", "addendum", "sent", "takeover"]; // as a whole: done at last, none was refused

export function install(desk) {
  const place = document.querySelector("#notices");
  const patients = new Map(); // case → whose it is, as the banner says
  const open = () => desk.state?.case;
  const lines = () => [...place.children].filter((line) => line.id !== "outbox" && !line.hidden);

  function show() {
    for (const line of place.querySelectorAll("[data-case]:not(.offer)")) {
      const { case: of } = line.dataset, isOpen = of === open(), whose = line.querySelector(".whose");
      if (isOpen) delete line.dataset.late;
      line.hidden = !isOpen && line.dataset.late === undefined;
      whose.hidden = isOpen;
      whose.textContent = patients.has(of) ? `Of another case, ${patients.get(of)}: ` : "Of another case: ";
    }
    for (const old of lines().slice(0, -MOST)) old.remove();
  }

  function tell({ text, error, case: of, do: refused, whose: patient }) { // `refused`: the command that it answers
    if (patient && !patients.has(of)) patients.set(of, patient);
    const isOf = of !== null && of !== undefined; // else it is about no case
    for (const line of [...place.children]) if (line.dataset.text === text && line.dataset.case === (isOf ? of : undefined)) line.remove();
    const line = document.createElement("p"), words = document.createElement("span"), whose = document.createElement("b");
    line.dataset.text = text;
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
    place.append(line);
    show();
    if (!error) setTimeout(() => line.remove(), TOLD_MS);
  }

  function closing(line) {
    const close = document.createElement("button");
    close.type = "button";
    close.setAttribute("aria-label", "close this message");
    close.textContent = "×";
    close.addEventListener("click", () => line.remove());
    return close;
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

  desk.on("notice", tell);
  desk.on("outbox", outbox);
  desk.on("obeyed", ({ do: what, case: of }) => {
    for (const line of TRIED_AGAIN.includes(what) ? [...place.children] : []) if (line.dataset.refused === what && line.dataset.case === of) line.remove();
  });
  desk.on("case", ({ case: id }) => {
    const patient = document.querySelector("#banner .identity b")?.textContent; // it is drawn by now
    if (patient) patients.set(id, patient);
    show();
  });
  desk.keys.add({
    key: "Escape", label: "close the newest message", group: "Page", always: true,
    when: () => lines().length > 0,
    run: () => lines().at(-1).querySelector("button:last-of-type").click(), // of an offer it is "No"
  });
}
