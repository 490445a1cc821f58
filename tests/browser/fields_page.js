// A desk for fields.js alone: what it sends is answered by the test, which fills the report and draws it as the server does.
import { install } from "./fields.js";

const listeners = new Map();
const emit = (kind, message = {}) => (listeners.get(kind) ?? []).forEach((listener) => listener(message));
const desk = {
  state: { lock: { mine: true }, field: "" },
  sent: [],
  keys: { table: [], add(key) { this.table.push(key); } },
  told: [],
  answering: 0, // commands that are not answered yet
  on(kind, listener) { listeners.set(kind, [...(listeners.get(kind) ?? []), listener]); },
  tell(text) { desk.told.push(text); },
  async send(command) {
    desk.sent.push(command);
    if (command.do === "field") return { ok: true };
    desk.answering += 1;
    const answer = await window.answer(command);
    if (answer.html) draw(answer.html);
    if (!answer.ok) desk.tell(answer.message);
    desk.answering -= 1;
    return answer;
  },
};
function draw(html) {
  document.querySelector("#report").innerHTML = html;
  emit("report");
}
install(desk);
Object.assign(window, { desk, emit, draw, ready: true });
