// Dialogs of the page: labelled, closed by Esc, the focus goes back to where it was (as <dialog> does by itself).
// A dialog is of the case over which it was opened, and closed when another is, unless it is of the page: what was begun for one
// patient never goes to the next.
export function makeDialog(name, label, html, { isOfPage = false } = {}) {
  const dialog = document.createElement("dialog");
  dialog.className = name;
  dialog.setAttribute("aria-label", label);
  dialog.tabIndex = -1;
  dialog.toggleAttribute("data-of-page", isOfPage);
  dialog.innerHTML = html; // our own words only; what comes from elsewhere is put in as text
  document.querySelector("#dialogs").append(dialog);
  return dialog;
}

export function install(desk) {
  let of = desk.state?.case ?? null;
  desk.on("case", ({ case: id }) => {
    const isAnother = of !== null && of !== id;
    of = id;
    for (const dialog of isAnother ? [...document.querySelectorAll("#dialogs > dialog[open]:not([data-of-page])")].reverse() : []) {
      dialog.close();
      desk.tell(`Another case was opened: “${dialog.getAttribute("aria-label")}” was closed.`, { error: true, of: null });
    }
  });
}

const two = (number) => String(number).padStart(2, "0");

export function nowLocal(date = new Date()) { // as <input type="datetime-local"> writes it
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

export function withZone(local) { // "2026-11-25T14:05" → with the zone of this machine at that time
  const minutes = -new Date(local).getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${local}:00${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
