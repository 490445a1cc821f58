// What may have been said and is not in the text: one quiet line over the bar, for as long as it is so, and a button that
// plays its stretches one after the other.
const SHOWN = 3; // stretches by their seconds

export function playButton(desk) { // what it plays is told with the case
  const button = Object.assign(document.createElement("button"), { type: "button", className: "play" });
  let stretches = [], next = 0;
  const at = () => stretches[next % stretches.length];
  const name = () => { button.textContent = `▶ ${at().clock}${stretches.length > 1 ? ` (${(next % stretches.length) + 1} of ${stretches.length})` : ""}`; };
  button.setAttribute("aria-description", "plays what is not in the text, one stretch after the other");
  button.addEventListener("mousedown", (event) => event.preventDefault()); // the caret stays
  button.addEventListener("click", () => {
    const { recording, start_s, end_s } = at();
    desk.playOf(recording, start_s, end_s);
    next += 1;
    name();
  });
  button.show = (told) => {
    if (JSON.stringify(told) === JSON.stringify(stretches)) return;
    [stretches, next] = [told, 0];
    button.hidden = !told.length;
    if (told.length) name();
  };
  button.hidden = true;
  return button;
}

function unheard(stretches) {
  const clocks = stretches.filter((one) => one.is_unheard).map((one) => one.clock);
  const more = clocks.length > SHOWN ? ` and ${clocks.length - SHOWN} more` : "";
  return clocks.length ? `Not heard: ${clocks.slice(0, SHOWN).join(", ")}${more} – Alt+H hears it again.` : "";
}

export function install(desk) {
  const line = document.createElement("p"), words = document.createElement("span"), play = playButton(desk);
  line.id = "missing";
  line.setAttribute("aria-live", "off"); // it changes while somebody dictates
  line.append(words, play);
  const show = ({ missing = [], left_out = "", softer = false }) => {
    const leftOut = left_out && `${left_out}${softer ? " – Alt+Shift+H hears the softer voice as yours" : ""}.`;
    const text = [unheard(missing), leftOut].filter(Boolean).join(" ");
    if (words.textContent !== text) words.textContent = text;
    play.show(missing);
    if (!text) line.remove();
    else if (!line.isConnected) document.querySelector("#notices").append(line);
  };
  desk.on("case", show);
  desk.on("signed-out", () => show({}));
  desk.keys.add({
    key: "Alt+Shift+h", label: "hear the softer voice that was left out as yours", group: "Dictation", always: true, over: ".signing",
    when: () => Boolean(desk.state?.softer), run: () => desk.send({ do: "hear", softer: true }),
  });
}
