// C copies the report as plain text, Shift+C one section of it; the server made it printable ASCII.
import { makeDialog } from "./dialogs.js";

export function copyKeys(desk, isOpen) {
  const sections = makeDialog("sections", "copy one section", `
    <h2>Copy one section</h2><ol></ol><button type="button" class="close">Close <kbd>Esc</kbd></button>`);
  const byHand = makeDialog("by-hand", "copy by hand", `
    <h2>Copy with Ctrl+C</h2><p class="quiet">This browser keeps its clipboard to itself; the text is marked.</p>
    <textarea readonly rows="16" cols="80" aria-label="report as plain text"></textarea>
    <button type="button" class="close">Close <kbd>Esc</kbd></button>`, { isOfPage: true }); // a signed report is copied while the next case opens
  for (const dialog of [sections, byHand]) dialog.querySelector(".close").addEventListener("click", () => dialog.close());
  const list = () => Object.entries(isOpen()?.clean.sections ?? {});

  async function write(text) { // true where the clipboard has it
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const box = byHand.querySelector("textarea");
      box.value = text;
      byHand.showModal();
      box.focus();
      box.select();
      if (!document.execCommand("copy")) return false; // the text stays shown and marked
      byHand.close();
      return true;
    }
  }

  async function copy(text, what) {
    const clean = isOpen()?.clean, of = desk.state?.case;
    if (!text || !(await write(text))) return;
    const unsigned = text.startsWith("UNSIGNED DRAFT") ? " It says that nobody signed it." : "";
    desk.tell(clean?.warning ? clean.warning : `Copied: ${what}.${unsigned}`, { error: Boolean(clean?.warning), of });
  }

  function ask() {
    if (!list().length) return desk.tell("There is no section to copy yet.");
    sections.querySelector("ol").replaceChildren(...list().map(([name], number) => {
      const item = document.createElement("li"), button = document.createElement("button"), key = document.createElement("kbd");
      button.type = "button";
      key.textContent = number + 1;
      button.append(key, ` ${name}`);
      button.addEventListener("click", () => take(number));
      item.append(button);
      return item;
    }));
    sections.showModal();
    sections.querySelector("li button").focus();
  }

  async function take(number) {
    const [name, text] = list()[number] ?? [];
    sections.close();
    if (name) await copy(text, name);
  }

  sections.addEventListener("keydown", (event) => {
    if (/^[1-9]$/.test(event.key) && !event.ctrlKey && list()[event.key - 1]) { event.preventDefault(); take(event.key - 1); }
  });
  desk.keys.add({
    key: "c", label: "copy the report as plain text (Shift+C: one section)", group: "Sign", when: () => Boolean(desk.state),
    run: (event) => {
      if (event?.shiftKey) return ask();
      if (!isOpen()) return desk.tell("There is no report to copy yet.");
      return copy(isOpen().clean.text, "the whole report");
    },
  });
  return { write };
}
