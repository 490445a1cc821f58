// An answer that did not go into the field that was asked for: where it belongs is asked in one line, until that is said.
const MOST = 9;

export function install(desk) {
  const line = document.createElement("p"), words = document.createElement("span");
  let fields = [];
  line.id = "unplaced";
  line.className = "offer";
  line.setAttribute("role", "alert");

  function button(name, words) {
    const made = document.createElement("button"), key = document.createElement("kbd");
    made.type = "button";
    key.textContent = name.replace("+", " ");
    made.dataset.key = name;
    made.append(key, ` ${words}`);
    return made;
  }

  desk.on("case", ({ unplaced }) => {
    fields = unplaced?.fields.slice(0, MOST) ?? [];
    if (!unplaced) return line.remove();
    words.textContent = `“${unplaced.said}” is not what the field takes that you went to, and stands in the text. Where does it belong?`;
    const into = fields.map(({ name, holds }, number) => button(`Alt+${number + 1}`, holds ? `${name}, for “${holds}”` : name));
    line.replaceChildren(words, ...into, button("Alt+0", "leave it in the text"));
    if (!line.isConnected) document.querySelector("#notices").append(line);
  });
  desk.on("signed-out", () => line.remove());

  const place = (id) => desk.send({ do: "answer", field: id });
  const add = (key, when, run) => desk.keys.add({ key, when, run, group: "Report", always: true, listed: "Alt 0 … 9", label: "where an answer belongs that is asked about" });
  for (let number = 0; number < MOST; number++) add(`Alt+${number + 1}`, () => number < fields.length, () => place(fields[number].id));
  add("Alt+0", () => fields.length > 0, () => place(""));
}
