// The user's own words: from a selection by one key, and what was learned where the same correction was made twice.
const MOST_WORDS = 6, MOST_CHARACTERS = 80;
const TEXTS = "#pad, #report, #columns, #cards";

export function install(desk) {
  const notices = document.querySelector("#notices");
  let line = null;

  function selected() {
    const selection = document.getSelection();
    const node = selection.anchorNode;
    const inText = (node?.nodeType === Node.TEXT_NODE ? node.parentElement : node)?.closest?.(TEXTS);
    return inText ? selection.toString().replace(/\s+/g, " ").trim().replace(/^[.,;:()“”"]+|[.,;:()“”"]+$/g, "") : "";
  }

  function close() {
    line?.remove();
    line = null;
  }

  async function learn(phrase, spoken = "") {
    const { ok } = await desk.send({ do: "vocabulary", phrase, spoken });
    if (ok) desk.tell(`“${phrase}” is among your words from now on.`, { of: null });
  }

  async function add() {
    const phrase = selected();
    if (!phrase) desk.tell("Select a word or a short phrase, then press Ctrl+D to add it to your words.");
    else if (phrase.length > MOST_CHARACTERS || phrase.split(" ").length > MOST_WORDS) {
      desk.tell(`That is too long for one of your words; select at most ${MOST_WORDS} words.`, { error: true });
    } else await learn(phrase);
  }

  const said = ({ says, state, corrected, dictations }) => state === "active"
    ? `${says} (corrected ${corrected} times, tried on ${dictations} ${dictations === 1 ? "dictation" : "dictations"})`
    : `${says}: no longer used, as it was wrong in a dictation`;

  function button(text, run) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("mousedown", (event) => event.preventDefault()); // the caret stays
    made.addEventListener("click", run);
    return made;
  }

  function learned({ entries }) {
    close();
    if (!entries?.length) return;
    line = document.createElement("p");
    line.className = "offer";
    line.dataset.case = desk.state?.case;
    const words = document.createElement("span");
    words.textContent = `Learned from your corrections: ${entries.map(said).join("; ")}.`;
    const used = entries.filter(({ state }) => state === "active");
    line.append(words, button("Keep", close));
    if (used.length) {
      line.append(button("Forget", async () => {
        close();
        for (const { id } of used) await desk.send({ do: "forget", id });
        desk.tell("Forgotten; it is not learned again.", { of: null });
      }));
    }
    notices.append(line);
  }

  desk.on("learned", learned);
  desk.on("case", ({ case: id }) => { if (line && line.dataset.case !== id) close(); });
  desk.keys.add({ key: "Ctrl+d", label: "add the selection to my words", group: "Dictation", run: add, always: true, over: "#worklist" });
}
