// The user's own words: from a selection by one key, or offered where the same correction was made twice.
const MOST_WORDS = 6, MOST_CHARACTERS = 80;
const TEXTS = "#pad, #report, #columns, #cards";

export function install(desk) {
  const notices = document.querySelector("#notices");
  let offered = [], line = null;

  function selected() {
    const selection = document.getSelection();
    const node = selection.anchorNode;
    const inText = (node?.nodeType === Node.TEXT_NODE ? node.parentElement : node)?.closest?.(TEXTS);
    return inText ? selection.toString().replace(/\s+/g, " ").trim().replace(/^[.,;:()“”"]+|[.,;:()“”"]+$/g, "") : "";
  }

  function close() {
    line?.remove();
    [offered, line] = [[], null];
  }

  async function learn(phrase, spoken = "") {
    const { ok } = await desk.send({ do: "vocabulary", phrase, spoken });
    if (ok) desk.tell(`“${phrase}” is among your words from now on.`, { of: null });
  }

  async function add() {
    const phrase = selected();
    if (!phrase && offered.length) {
      const all = offered;
      close();
      for (const one of all) await learn(one.phrase, one.spoken);
      return;
    }
    if (!phrase) desk.tell("Select a word or a short phrase, then press Ctrl+D to add it to your words.");
    else if (phrase.length > MOST_CHARACTERS || phrase.split(" ").length > MOST_WORDS) {
      desk.tell(`That is too long for one of your words; select at most ${MOST_WORDS} words.`, { error: true });
    } else await learn(phrase);
  }

  function offer({ phrases }) {
    close();
    if (!phrases?.length) return;
    offered = phrases;
    line = document.createElement("p");
    line.className = "offer";
    line.dataset.case = desk.state?.case;
    const words = document.createElement("span");
    words.textContent = `You corrected this twice: ${phrases.map(({ phrase, spoken }) => `“${spoken}” to “${phrase}”`).join(", ")}`;
    const accept = document.createElement("button"), refuse = document.createElement("button");
    accept.type = refuse.type = "button";
    accept.innerHTML = "<kbd>Ctrl D</kbd> add to my words";
    accept.dataset.key = "Ctrl+d";
    refuse.textContent = "No";
    refuse.addEventListener("mousedown", (event) => event.preventDefault()); // the caret stays
    refuse.addEventListener("click", close);
    line.append(words, accept, refuse);
    notices.append(line);
  }

  desk.on("offer", offer);
  desk.on("case", ({ case: id }) => { if (line && line.dataset.case !== id) close(); });
  desk.keys.add({ key: "Ctrl+d", label: "add the selection to my words", group: "Dictation", run: add, always: true, over: "#worklist" });
}
