// The bar names a key only where it works: letters are words while somebody types, and do nothing where nothing is to be done.
import { shown } from "./keys.js";

const KEYS = { w: ["w", "Alt+w"], "?": ["?", "F1"] }; // ways to one thing; any other button has its own key alone

export function keyNow(keys, name) { // → the key that does now, where the focus is, what a button does; "" where none does
  return (KEYS[name] ?? [name]).find((one) => keys.works(one)) ?? "";
}

export function install(desk) {
  const buttons = [...document.querySelectorAll("#bar .hints [data-key]")].filter((one) => one.querySelector("kbd"));
  const show = () => {
    for (const button of buttons) {
      const name = button.dataset.key, isBack = name === "w" && document.querySelector("#worklist")?.hidden === false;
      const key = isBack ? "Escape" : keyNow(desk.keys, name), label = button.querySelector("kbd");
      const words = key === "Ctrl+Enter" ? "Ctrl\u00a0⏎" : shown(key).replaceAll(" ", "\u00a0");
      if (key && label.textContent !== words) label.textContent = words;
      label.style.visibility = key ? "" : "hidden"; // the bar does not move
    }
  };
  const soon = () => queueMicrotask(show); // once whatever takes the focus has it
  for (const kind of ["focusin", "focusout"]) document.addEventListener(kind, soon);
  for (const kind of ["case", "stage", "covered", "drawn"]) desk.on(kind, soon);
  show();
}
