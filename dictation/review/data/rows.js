// A row of the worklist as it is drawn: when, who, which exam, how far, and what is to be noted of it.
export const NOT_COMMUNICATED = "critical, not communicated";
const SHAPES = { draft: "○", preliminary: "◐", final: "●", addended: "◉" };

const two = (number) => String(number).padStart(2, "0");
const day = (at) => `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
const clock = (at) => `${two(at.getHours())}:${two(at.getMinutes())}`;

export function time(iso) { // of today: without its day
  const at = new Date(iso);
  if (!iso || Number.isNaN(at.getTime())) return "";
  return day(at) === day(new Date()) ? clock(at) : `${day(at)} ${clock(at)}`;
}

export function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text; // never markup: names come from orders and headers
  return made;
}

function cells(number, ...parts) {
  const row = element("tr");
  row.setAttribute("role", "row");
  row.id = `case-${number}`;
  for (const part of parts) {
    const cell = element("td");
    cell.setAttribute("role", "gridcell");
    cell.append(...[part].flat());
    row.append(cell);
  }
  return row;
}

function mark(className, shape, words) {
  const made = element("span", className);
  const sign = element("i", "", shape);
  sign.setAttribute("aria-hidden", "true");
  made.append(sign, ` ${words}`);
  return made;
}

export function freshLine() { // the first one: a new case
  const row = cells(0, element("b", "", "New case"));
  row.className = "fresh";
  return row;
}

export function lineOf(row, number, isHere) { // isHere: its case is open on this page
  const notes = [];
  if (row.is_critical && !row.is_communicated) notes.push(mark("critical", "▲", NOT_COMMUNICATED));
  if (["stat", "high"].includes(row.priority)) notes.push(mark("major", "!", row.priority));
  if (row.order_status === "cancelled") notes.push(mark("major", "×", "order cancelled"));
  if (isHere) notes.push(mark("here", "▸", "open here"));
  else if (row.locked_by) notes.push(mark("major", "◪", `open by ${row.locked_by}${row.locked_at ? ` since ${time(row.locked_at)}` : ""}`));
  if (row.is_dictated && row.state === "draft") notes.push(mark("minor", "◔", "begun"));
  if (row.sent_at) notes.push(mark("quiet", "→", `sent ${time(row.sent_at)}`));
  else if (["final", "addended"].includes(row.state)) notes.push(mark("minor", "◇", "not sent"));
  const exam = row.procedure || [row.modality, row.body_part].filter(Boolean).join(" ") || "no exam";
  const when = time(row.created_at).split(" ").flatMap((part) => [element("span", "part", part), " "]);
  const who = [element("b", "", row.name || "no patient selected"), " ", element("span", "quiet part", row.patient_id)];
  const how = mark(`state ${row.state}`, SHAPES[row.state] ?? "?", row.state);
  return cells(number, when, who, exam, row.accession, how, notes.flatMap((note) => [note, " "]));
}
