// What this user likes: the key to dictate with, whether it is held or tapped, after how much silence a tapped one ends, how
// long before that it warns, what is told by tones; and what was learned from corrections, each with a way to forget it.
import { makeDialog } from "./dialogs.js";
import { named, shown } from "./keys.js";

export function install(desk) {
  const dialog = makeDialog("preferences", "preferences", `
    <form method="dialog"><h2>Preferences</h2>
    <label>Key to dictate with <input name="key" readonly aria-describedby="key-help"></label>
    <p id="key-help" class="quiet">Put the focus there and press the key.</p>
    <label>That key is <select name="microphone"><option value="tap">tapped to start and to stop, or held</option>
      <option value="hold">only held</option></select></label>
    <label>A tapped one ends after <input name="silence_s" type="number" min="0" max="600" step="1"> s of silence (0: after 10 minutes)</label>
    <label>It warns <input name="warn_s" type="number" min="0" max="60" step="1"> s before (0: not at all)</label>
    <label class="tick"><input name="microphone_open" type="checkbox"> The microphone stays open while a case is, so that the first word is whole</label>
    <label>Tones <select name="tones"><option value="all">as recording begins and ends, and for warnings</option>
      <option value="warnings">for warnings only</option><option value="none">none</option></select></label>
    <fieldset class="learned" hidden><legend>Learned from your corrections</legend><ul></ul></fieldset>
    <div class="choices"><button class="confirm">Keep <kbd>⏎</kbd></button>
    <button type="button" class="close">Close <kbd>Esc</kbd></button></div></form>`, { isOfPage: true });
  const field = (name) => dialog.querySelector(`[name=${name}]`);
  const key = field("key");

  key.addEventListener("keydown", (event) => {
    const name = named(event);
    if (["Tab", "Shift+Tab", "Enter", "Escape", "Control", "Shift", "Alt", "Meta"].includes(name)) return;
    event.preventDefault();
    event.stopPropagation();
    const isText = name.length === 1; // it would dictate where somebody types
    const isTaken = desk.keys.list().some((one) => one.key === name && one.key !== desk.state.key);
    key.setCustomValidity(isText ? "A letter is typed; choose a key like F9." : isTaken ? "That key has a meaning already." : "");
    key.dataset.key = name;
    key.value = shown(name);
    key.reportValidity();
  });

  dialog.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!dialog.querySelector("form").reportValidity()) return;
    const { preferences } = desk.state;
    const chosen = { key: key.dataset.key, microphone: field("microphone").value, silence_s: Number(field("silence_s").value), warn_s: Number(field("warn_s").value), tones: field("tones").value, microphone_open: field("microphone_open").checked };
    for (const [name, value] of Object.entries(chosen)) {
      if (value !== preferences[name] && !(await desk.send({ do: "prefer", name, value })).ok) return;
    }
    dialog.close();
    if (chosen.microphone_open !== preferences.microphone_open) desk.capture.keepOpen(chosen.microphone_open);
    if (chosen.key !== preferences.key) desk.tell(`Dictate with ${shown(chosen.key)} from now on; reload the page to use it.`, { of: null });
  });
  function list({ entries = [] }) {
    const place = dialog.querySelector(".learned");
    place.hidden = !entries.length;
    place.querySelector("ul").replaceChildren(...entries.map(({ id, says, corrected, dictations, right, heard_right }) => {
      const row = document.createElement("li"), words = document.createElement("span"), forget = document.createElement("button");
      words.textContent = `${says}: corrected ${corrected} times, ${right + heard_right} words right in ${dictations} dictations`;
      forget.type = "button";
      forget.textContent = "Forget";
      forget.setAttribute("aria-label", `Forget that ${says}`);
      forget.addEventListener("click", async () => {
        list(await desk.send({ do: "forget", id }));
        field("microphone").focus();
      });
      row.append(words, forget);
      return row;
    }));
  }

  dialog.querySelector(".close").addEventListener("click", () => dialog.close());

  desk.keys.add({
    key: "Ctrl+,", label: "preferences", group: "Page", always: true, over: "#worklist", when: () => Boolean(desk.state),
    run: () => {
      const { preferences } = desk.state;
      key.dataset.key = preferences.key;
      key.value = shown(preferences.key);
      key.setCustomValidity("");
      for (const name of ["microphone", "silence_s", "warn_s", "tones"]) field(name).value = preferences[name];
      field("microphone_open").checked = preferences.microphone_open;
      list({});
      dialog.showModal();
      field("microphone").focus();
      desk.send({ do: "learned" }).then(list);
    },
  });
}
