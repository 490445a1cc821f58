// A template for the case, a macro for the cursor: chosen from a list by typing a part of its name.
import { makeDialog } from "./dialogs.js";

// As the server says it of every other command (obeying.py).
const LOOKS_ON = "Your role here looks at cases and plays their sound, and changes nothing.";
const OF_ANOTHER = "Another page works on this case; press T to take it over.";

function makeList(name, label, title) {
  const dialog = makeDialog(name, label, `
    <form method="dialog"><h2></h2><label><span class="unseen">part of its name</span><input type="search" autocomplete="off"
      placeholder="type a part of its name" role="combobox" aria-expanded="true" aria-controls="${name}-list"></label>
    <ul id="${name}-list" role="listbox" aria-label="${label}"></ul>
    <div class="choices"><button class="confirm">Take <kbd>⏎</kbd></button>
    <button type="button" class="close">Close <kbd>Esc</kbd></button></div></form>`);
  dialog.classList.add("choosing");
  dialog.querySelector("h2").textContent = title;
  const search = dialog.querySelector("input"), list = dialog.querySelector("ul");
  let all = [], at = 0, take = () => {};

  const found = () => all.filter((one) => `${one.title} ${one.name}`.toLowerCase().includes(search.value.trim().toLowerCase()));

  function draw() {
    const shown = found();
    at = Math.max(0, Math.min(at, shown.length - 1));
    list.replaceChildren(...shown.map((one, number) => {
      const item = document.createElement("li");
      item.id = `${name}-${number}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", number === at);
      const words = document.createElement("b"), more = document.createElement("span");
      words.textContent = one.title;
      more.textContent = one.more ?? "";
      more.className = "quiet";
      item.append(words, " ", more);
      item.addEventListener("click", () => { at = number; choose(); });
      return item;
    }));
    if (!shown.length) list.textContent = "None is called so.";
    search.setAttribute("aria-activedescendant", shown.length ? `${name}-${at}` : "");
    list.children[at]?.scrollIntoView?.({ block: "nearest" });
  }

  function choose() {
    const one = found()[at];
    if (!one) return;
    dialog.close();
    take(one.name);
  }

  search.addEventListener("input", () => { at = 0; draw(); });
  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    at += step;
    draw();
  });
  dialog.querySelector("form").addEventListener("submit", (event) => { event.preventDefault(); choose(); });
  dialog.querySelector(".close").addEventListener("click", () => dialog.close());
  return (choices, chosen, then) => {
    [all, take, search.value] = [choices, then, ""];
    at = Math.max(0, choices.findIndex((one) => one.name === chosen));
    dialog.showModal();
    search.focus();
    draw();
  };
}

export function install(desk) {
  const templates = makeList("templates", "templates", "Template of this case");
  const macros = makeList("macros", "macros", "Insert a macro at the cursor");
  function add(key, run) {
    const refused = () => (desk.state.may_work === false ? LOOKS_ON : desk.state.lock?.mine ? "" : OF_ANOTHER);
    const told = () => desk.tell(refused(), { error: true });
    desk.keys.add({ ...key, always: true, when: () => Boolean(desk.state), run: () => (refused() ? told() : run()) });
  }
  add({ key: "Alt+t", label: "choose the template", group: "Case" }, () => templates(
    [{ name: "", title: "No template", more: "nothing is filled in" }, ...desk.state.templates],
    desk.state.template,
    (name) => desk.send({ do: "template", name }),
  ));
  add({ key: "Alt+m", label: "insert a macro", group: "Dictation" }, () => macros(
    desk.state.macros.map((one) => ({ name: one.name, title: one.name, more: one.text })), "",
    (name) => desk.send({ do: "macro", name }),
  ));
}
