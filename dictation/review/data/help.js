// Every key and every spoken command in one overlay, made from the tables that are obeyed; typing into it searches.
import { shown } from "./keys.js";

const ORDER = ["Dictation", "Differences", "Report", "Sign", "Case", "Image", "Page"]; // what is needed most comes first
const rank = ([name]) => (ORDER.indexOf(name) + 1 || ORDER.length + 1);

export function install(desk) {
  const dialog = document.createElement("dialog");
  dialog.className = "help";
  dialog.toggleAttribute("data-of-page", true); // it is of no case
  dialog.setAttribute("aria-label", "keys and spoken commands");
  dialog.innerHTML = `<form method="dialog"><h2>Keys and spoken commands</h2>
    <input type="search" aria-label="search keys and commands" placeholder="type to search" autocomplete="off">
    <button>Close <kbd>Esc</kbd></button></form><div class="all" tabindex="0" role="region" aria-label="keys and commands"><div class="sheets"></div></div>
    <p class="quiet">A spoken command is obeyed as a whole utterance: pause before and after it. Inside one “scratch that” is text.
    Not a medical device: a clinician verifies every report.</p>`;
  document.querySelector("#dialogs").append(dialog);
  const search = dialog.querySelector("input"), all = dialog.querySelector(".sheets");

  const told = () => desk.state?.commands ?? [];

  function groups() {
    const keys = new Map();
    for (const { key, label, group, listed } of desk.keys.list()) {
      const rows = keys.get(group) ?? keys.set(group, new Map()).get(group);
      rows.set(label, [...new Set([...(rows.get(label) ?? []), listed ?? shown(key)])]); // two keys for one thing: one row
    }
    const made = [...keys].sort((one, other) => rank(one) - rank(other)).map(([name, rows]) => [name, [...rows].map(([label, names]) => ({ keys: names, does: label }))]);
    if (told().length) made.push(["Say", told().map(({ say, does, example }) => ({ say, does, example }))]);
    return made;
  }

  function row({ keys, say, does, example }) {
    const line = document.createElement("div");
    const left = document.createElement("dt"), right = document.createElement("dd");
    for (const name of keys ?? []) {
      const key = document.createElement("kbd");
      key.textContent = name;
      left.append(key, " ");
    }
    if (say) left.append(`“${say}”`);
    right.textContent = does;
    if (example && example !== say) {
      const more = document.createElement("span");
      more.className = "quiet";
      more.textContent = ` “${example}”`;
      right.append(more);
    }
    line.append(left, right);
    return line;
  }

  function draw() {
    const asked = search.value.trim().toLowerCase();
    all.replaceChildren();
    for (const [name, rows] of groups()) {
      const fits = rows.filter((one) => JSON.stringify([name, ...Object.values(one)]).toLowerCase().includes(asked));
      if (!fits.length) continue;
      const section = document.createElement("section"), title = document.createElement("h3"), list = document.createElement("dl");
      title.textContent = name;
      list.append(...fits.map(row));
      section.append(title, list);
      section.classList.toggle("said", name === "Say");
      all.append(section);
    }
    if (!all.childElementCount) all.textContent = "No key and no command is called that.";
  }

  function open() {
    search.value = "";
    draw();
    dialog.showModal(); // closing gives the focus back
    search.focus();
  }

  search.addEventListener("input", draw);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // would close
    if (event.key === "Escape" && search.value) { event.preventDefault(); dialog.close(); } // not only the words
  });
  desk.keys.add({ key: "?", label: "keys and spoken commands", group: "Page", run: open });
  desk.keys.add({ key: "F1", label: "keys and spoken commands", group: "Page", run: open, always: true, over: true, when: () => !dialog.open });
}
