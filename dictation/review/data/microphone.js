// One microphone, open and tapped. The one that was chosen, or none: it is never replaced by another.
const RATE = 16000; // Hz: what the ear hears; the browser's own resampling is better than ours would be
const RAW = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false }; // not a call
const ANSWER_MS = 3000; // a sound system that is gone answers nothing; a busy one is late
const KEPT = "capture.microphone";
const OF_THE_SYSTEM = ["default", "communications"]; // ids of whichever it is

export class Refused extends Error {} // its message is the sentence for the person

// Whether the browser gives the microphone without asking the person, who has just done nothing that asks for it.
export const isAllowed = async () => {
  try { return (await navigator.permissions.query({ name: "microphone" })).state === "granted"; } catch { return false; }
};

export const chosen = () => {
  try { return JSON.parse(localStorage.getItem(KEPT)); } catch { return null; }
};

export async function choose(device, before = []) { // {id, label}, or null for the one of the system; `before`: other ids, known longer
  keep(device && { ...device, known: before }); // at once: the page may be loaded anew before the browser has named the others
  if (!device) return;
  const known = [...new Set([...before, ...await ids()])];
  if (chosen()?.id === device.id) keep({ ...device, known });
}

function keep(device) {
  try {
    if (device) localStorage.setItem(KEPT, JSON.stringify(device));
    else localStorage.removeItem(KEPT);
  } catch { /* forbidden: then it is chosen again in the next page */ }
}

export async function connected() { // names are there once the microphone was allowed
  const devices = await navigator.mediaDevices?.enumerateDevices() ?? [];
  return devices.filter(({ kind, deviceId }) => kind === "audioinput" && !OF_THE_SYSTEM.includes(deviceId));
}

// Whether microphones are there of which the browser tells neither name nor id, as it does until one is allowed.
export const areHidden = (devices) => devices.length > 0 && !devices.some(({ label }) => label);

async function ids() { // of whatever is connected, loudspeakers and cameras too
  const devices = await navigator.mediaDevices?.enumerateDevices() ?? [];
  return devices.map(({ deviceId }) => deviceId).filter((id) => id && !OF_THE_SYSTEM.includes(id));
}

// Which of the connected ones a chosen one is, or undefined. Two of a make have one name: it tells who is meant only where
// the browser gave new ids to all devices, so that none of those that it knew is there, and one alone has that name.
export async function found({ id, label, known = [] }) {
  const there = await connected(), now = await ids();
  const same = there.find(({ deviceId }) => deviceId === id);
  if (same || !label || known.some((one) => now.includes(one))) return same;
  const alike = there.filter((one) => one.label === label);
  return alike.length === 1 ? alike[0] : undefined;
}

const notConnected = ({ label }) => new Refused(`The microphone “${label}” is not connected; connect it, or choose another one in the bar.`);

async function idOf(device) {
  const same = areHidden(await connected()) ? { deviceId: device.id } : await found(device); // hidden: the browser asks for it then
  if (!same) throw notConnected(device);
  return same.deviceId;
}

const SENTENCES = {
  NotAllowedError: "The browser does not allow the microphone; allow it beside the address, then press again.",
  SecurityError: "The browser does not allow the microphone; allow it beside the address, then press again.",
  NotFoundError: "No microphone is connected; connect one, then press again.",
  NotReadableError: "The microphone is in use by another program or does not answer; end that program, then press again.",
};

async function streamOf(device) {
  if (!navigator.mediaDevices) throw new Refused("This address is not secure, so the browser gives no microphone; open the page at 127.0.0.1.");
  const id = device && await idOf(device);
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: id ? { ...RAW, deviceId: { exact: id } } : RAW });
    if (id && chosen()?.id === device.id) await choose({ id, label: device.label }, id === device.id ? device.known : []); // and what is beside it by now
    return stream;
  } catch (error) {
    if (error.name === "OverconstrainedError" && device) throw notConnected(device);
    throw new Refused(SENTENCES[error.name] ?? `The microphone could not be opened (${error.name}); connect another one.`);
  }
}

export class Microphone {
  constructor(onBlock, onLost, onRest = () => {}) {
    this.onRest = onRest; // (peak: 0 to 1) of each 0.1 s while it is open and off
    this.onBlock = onBlock; // ({pcm: ArrayBuffer of 16-bit samples, peak: 0 to 1, ahead: samples from before the start, in the first})
    this.onLost = onLost; // (sentence)
  }

  get isOpen() { return Boolean(this.tap); }

  open() { // once, however many ask for it meanwhile
    if (this.isOpen) return Promise.resolve();
    return this.opening ??= this.opened().finally(() => { this.opening = null; });
  }

  async opened() {
    const stream = this.stream = await streamOf(chosen());
    try {
      await this.listen(stream);
    } catch (error) {
      await this.close(); // else it would stay open and nobody would listen
      if (error instanceof Refused) throw error;
      throw new Refused("This browser's sound system does not record at 16 kHz; use Chrome, Edge or Chromium.");
    }
  }

  async listen(stream) {
    const context = this.context = new AudioContext({ sampleRate: RATE });
    if (context.sampleRate !== RATE) throw new Error("another rate");
    await context.audioWorklet.addModule(new URL("tap.js", import.meta.url));
    const source = context.createMediaStreamSource(stream);
    const tap = new AudioWorkletNode(context, "tap", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
    tap.port.onmessage = ({ data }) => {
      if (data.stopped) this.stopped?.();
      else if (data.restPeak !== undefined) this.onRest(data.restPeak);
      else this.onBlock(data);
    };
    source.connect(tap);
    await inTime(context.resume());
    if (context.state !== "running") throw new Refused("The browser holds the sound back until you click into the page; click, then press again.");
    context.onstatechange = () => { if (context.state === "suspended") context.resume(); }; // as after a closed lid
    tap.onprocessorerror = () => this.lost();
    stream.getTracks().forEach((track) => { track.onended = () => this.lost(); }); // not when it is closed here
    this.tap = tap;
  }

  start() { this.tap.port.postMessage("start"); }

  forget() { this.tap?.port.postMessage("forget"); } // what was said before now

  async stop() { // every sample up to now has come when this returns
    const done = new Promise((resolve) => { this.stopped = resolve; });
    this.tap?.port.postMessage("stop");
    await inTime(this.tap ? done : null);
  }

  async close() {
    const { stream, context } = this;
    this.stream = this.context = this.tap = null;
    stream?.getTracks().forEach((track) => track.stop());
    if (context && context.state !== "closed") await inTime(context.close());
  }

  lost() {
    if (this.isOpen) this.onLost("The microphone was disconnected; connect it, then press again. What was said until then is kept.");
  }
}

const inTime = (done) => Promise.race([done, new Promise((resolve) => { setTimeout(resolve, ANSWER_MS); })]);
