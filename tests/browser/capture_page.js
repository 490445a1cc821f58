// The page of test_capture.py: the capture of the real page with the smallest desk that it can stand on.
import { Outbox } from "./assets/outbox.js";
import { install } from "./assets/capture.js";

const hex = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const listeners = {};
const waiting = new Map();
const page = (sessionStorage.page ??= hex());
const outbox = await Outbox.open();
let socket;

const desk = window.desk = {
  page, outbox, state: null, connected: false, number: await outbox.lastNumber(page), told: [], errors: [],
  newId: hex,
  on(kind, listener) { (listeners[kind] ??= []).push(listener); },
  emit(kind, message = {}) { for (const listener of listeners[kind] ?? []) listener(message); },
  tell(text, { error = false } = {}) { desk.told.push(text); (error ? desk.errors : []).push(text); document.querySelector(".message").textContent = text; },
  keys: {
    add({ key, run, release }) {
      addEventListener("keydown", (event) => event.key === key && run(event));
      addEventListener("keyup", (event) => event.key === key && release(event));
    },
  },
  send(command) {
    const number = ++desk.number, full = { ...command, number };
    desk.sending = (desk.sending ?? Promise.resolve()).then(async () => {
      await outbox.putCommand(page, number, full);
      if (desk.connected) socket.send(JSON.stringify(full));
    });
    return new Promise((resolve) => { waiting.set(number, resolve); });
  },
  postBlock(bytes) {
    if (!desk.connected) return false;
    socket.send(bytes);
    return true;
  },
  get buffered() { return socket?.bufferedAmount ?? 0; },
  hangUp() { socket.close(); },
  covers: { now: null },
  isDoneWriting() {},
};

function connect() {
  socket = new WebSocket(new URL("desk", location.href.replace(/^http/, "ws")));
  const own = socket;
  own.onopen = async () => {
    await desk.sending;
    own.send(JSON.stringify({ do: "hello", page, case: new URLSearchParams(location.search).get("case"), number: 0 }));
  };
  own.onmessage = async ({ data }) => {
    const message = JSON.parse(data);
    if (message.kind === "case") {
      const isOpen = new URLSearchParams(location.search).has("open"); // else the sound of the fake one begins with the page
      desk.state = { preferences: { microphone_open: isOpen }, ...message };
      if (!desk.connected) {
        desk.connected = true;
        for (const { number, command } of await outbox.commandsAfter(page, 0)) {
          if (!waiting.has(number)) waiting.set(number, () => {});
          own.send(JSON.stringify(command));
        }
        desk.emit("connected");
      }
    }
    if (message.kind === "answer") {
      outbox.ackCommand(page, message.number);
      waiting.get(message.number)?.(message);
      waiting.delete(message.number);
    }
    desk.emit(message.kind, message);
  };
  own.onclose = () => {
    if (desk.connected) desk.emit("disconnected");
    desk.connected = false;
    setTimeout(connect, window.retryMs ?? 200);
  };
}

// What the tests put in the way of the real page, or keep of it.
Object.assign(window, {
  keepTapped() { // every sample that the tap gives
    window.tapped = [];
    const { microphone } = desk.capture, { onBlock } = microphone;
    microphone.onBlock = (block) => { tapped.push(new Uint8Array(block.pcm.slice(0))); onBlock(block); };
  },
  keepAhead() { // how much of the first block is of before the key
    const { microphone } = desk.capture, { onBlock } = microphone;
    microphone.onBlock = (block) => { window.ahead ??= block.ahead; onBlock(block); };
  },
  slowTail() { // the end of a take comes once the test calls tail()
    const { microphone } = desk.capture, { stop } = microphone;
    microphone.stop = async () => {
      await new Promise((go) => { window.tail = go; });
      microphone.stop = stop;
      return stop.call(microphone);
    };
  },
  slowOpen() { // the microphone is there once the test calls allow()
    const { microphone } = desk.capture, { open } = microphone;
    const clicked = new Promise((go) => { window.allow = go; });
    microphone.open = () => clicked.then(() => open.call(microphone));
  },
  connected(devices) { // [id, name] of each microphone; `asked` are the ids that were opened
    const all = devices.map(([deviceId, label]) => ({ kind: "audioinput", deviceId, label }));
    navigator.mediaDevices.enumerateDevices = async () => all;
    opens(() => {});
  },
  hidden(isAllowed) { // as long as no microphone was allowed, the browser names none
    let told = { kind: "audioinput", deviceId: "", label: "" };
    navigator.mediaDevices.enumerateDevices = async () => [told];
    opens(() => {
      if (!isAllowed) throw new DOMException("", "NotAllowedError");
      told = { kind: "audioinput", deviceId: "a", label: "SpeechMike" };
    });
  },
});

function opens(before) {
  const { getUserMedia } = MediaDevices.prototype;
  window.asked = [];
  navigator.mediaDevices.getUserMedia = ({ audio }) => {
    asked.push(audio.deviceId.exact);
    before();
    return getUserMedia.call(navigator.mediaDevices, { audio: true });
  };
}

await install(desk);
connect();
