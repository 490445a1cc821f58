// Buttons of dictation microphones and foot pedals, where the browser has WebHID, and `dictation key` of pedal software.
// What a device sends and what its buttons do is data (hid.json); "dictate" is pressed and released as the dictation key
// is, every other action is a key of the page, the first of these that now means something. Of several pages the one that
// was looked at last obeys: a lock of the browser is taken at focus, and freed with its page.
const KEYS = { next: ["n", "g"], previous: ["p"], play: [" "], accept: ["h"], undo: ["Ctrl+z"], redo: ["Ctrl+y"] };
const LOCK = "dictation-buttons";
const MAP = new URL("../hid.json", import.meta.url);

export function install(desk) {
  const { hid } = navigator;
  const opened = new Map(); // device → { name, buttons, held }
  desk.buttons = { supported: Boolean(hid), connect, names: () => [...new Set([...opened.values()].map((one) => one.name))] };
  desk.keys.add({ key: "Ctrl+m", label: "connect a dictation microphone or pedal", group: "Dictation", run: connect, when: () => Boolean(hid), always: true, over: true });
  const lock = locked();
  desk.on("key", ({ name }) => { if (lock.mine || document.body.hasAttribute("data-listening")) obey(name); });
  let devices = [], layouts = {};
  if (hid) begin().catch(() => desk.tell("Dictation microphones cannot be read now; reload the page.", { error: true, of: null }));

  async function begin() {
    const answer = await fetch(MAP);
    if (!answer.ok) throw new Error(`hid.json: ${answer.status}`);
    ({ devices, layouts } = await answer.json());
    hid.addEventListener("connect", ({ device }) => found(device));
    hid.addEventListener("disconnect", ({ device }) => gone(device));
    for (const device of await hid.getDevices()) await open(device);
  }

  const fits = (row, device) => row.vendorId === device.vendorId && row.productId === device.productId
    && (row.usagePage === null || device.collections.some((one) => one.usagePage === row.usagePage && one.usage === row.usage));

  async function open(device) {
    const row = devices.find((one) => fits(one, device));
    if (!row || opened.has(device)) return;
    const one = { name: row.name, buttons: layouts[row.layout], held: new Set() };
    opened.set(device, one);
    try {
      if (!device.opened) await device.open();
    } catch {
      opened.delete(device);
      desk.tell(`${row.name} could not be opened; close the program that uses it, then plug it in again.`, { error: true, of: null });
      return;
    }
    device.addEventListener("inputreport", ({ reportId, data }) => read(one, reportId, data));
  }

  function read(one, reportId, data) {
    const holds = (at) => (at < data.byteLength ? data.getUint8(at) : -1);
    for (const row of one.buttons) {
      const foreign = (row.report !== null && row.report !== reportId) || (row.only && holds(row.only.byte) !== row.only.value);
      if (foreign || row.byte >= data.byteLength) continue;
      const down = (holds(row.byte) & row.mask) === row.value;
      if (down === one.held.has(row)) continue;
      if (down && !lock.mine) continue; // another page is meant
      if (down) one.held.add(row); else one.held.delete(row);
      act(row.action, down);
    }
  }

  function act(action, down) {
    if (action === "dictate") desk.capture[down ? "press" : "release"]();
    else if (action && down) obey(action);
  }

  function obey(action) {
    if (action === "toggle") desk.capture.toggle();
    else if (action === "stop") desk.capture.stop();
    else if (KEYS[action]) {
      const what = `“${action}” of the pedal or microphone was not done`;
      const isFound = KEYS[action].some((key) => desk.keys.run(key, what));
      if (!isFound && desk.covers?.now) desk.covers.refuse(what); // what lies behind cannot be seen: that it has nothing to do, either
    }
  }

  async function found(device) {
    const before = opened.size;
    await open(device);
    if (opened.size > before && opened.has(device)) desk.tell(`${opened.get(device).name} is connected.`, { of: null });
  }

  function gone(device) {
    const one = opened.get(device);
    opened.delete(device);
    if (!one || [...opened.values()].some((other) => other.name === one.name)) return; // its other half says it
    const key = desk.state?.key ?? "F9";
    // What was held stays held: the last words before a cable comes loose must not be cut.
    desk.tell(`${one.name} was disconnected; dictation goes on with ${key}, and its buttons work again once it is plugged in.`, { error: true, of: null });
  }

  async function ask() {
    const filters = devices.map(({ vendorId, productId, usagePage, usage }) => (
      usagePage === null ? { vendorId, productId } : { vendorId, productId, usagePage, usage }));
    let chosen = [];
    try {
      chosen = await hid.requestDevice({ filters });
    } catch {
      desk.tell("The browser did not let a device be chosen; press the button again.", { error: true, of: null });
      return;
    }
    for (const device of chosen) await found(device);
  }

  function connect() { // the browser asks for a press of a key or a button before it shows its list
    if (!hid) desk.tell("This browser cannot read dictation microphones; Chrome and Edge can, and `dictation key` works with pedal software.", { error: true, of: null });
    else ask();
  }
}

function locked() {
  const lock = { mine: false };
  let waiting = false;
  const hold = () => { lock.mine = true; return new Promise(() => {}); }; // until it is stolen or the page is gone
  function wait() {
    if (waiting) return;
    waiting = true;
    navigator.locks.request(LOCK, () => { waiting = false; return hold(); }).catch(lost);
  }
  function lost() { lock.mine = false; wait(); }
  function claim() { if (!lock.mine) navigator.locks.request(LOCK, { steal: true }, hold).catch(lost); }
  addEventListener("focus", claim);
  if (document.hasFocus()) claim(); else wait();
  return lock;
}
