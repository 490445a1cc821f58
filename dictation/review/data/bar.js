// The bar: loading → idle → recording → sending → transcribing → ready or error. Its state is always one word on the page.
const find = (selector) => element.querySelector(selector);
const bar = find(".bar");
const GREETING = "Press F9 and speak, or choose a recording.";
const QUIET = 0.03, LOUD = 0.98; // peak of full scale: about -30 dB, and clipping
let peak = 0;
let unsent = false; // until the program says that it has kept the recording
let sent = "";
const recorder = new Recorder((level) => { peak = Math.max(peak * 0.9, level); }, lost);

const clock = (s) => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")}`;

function show(state, message = "", fraction = 0) {
  bar.dataset.state = state;
  find(".message").textContent = message;
  find(".message").title = message;
  find("progress").value = fraction;
  find(".what").textContent = state === "recording" ? "Stop" : recorder.length ? "Go on" : "Record";
  document.body.classList.toggle("recording", state === "recording");
}

function tick() {
  find(".clock").textContent = clock(recorder.seconds);
  const percent = Math.round(Math.sqrt(peak) * 100);
  find(".meter i").style.width = `${percent}%`;
  find(".meter").setAttribute("aria-valuenow", percent);
  const word = peak > LOUD ? "too loud" : peak < QUIET ? "too quiet" : "level good";
  find(".level").textContent = recorder.running ? word : "";
  if (recorder.running) requestAnimationFrame(tick);
  else find(".meter i").style.width = "0";
}

function file() { // what was recorded, also for the link that saves it
  const wav = recorder.wav();
  const link = find(".save");
  if (link.href) URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(wav);
  return wav;
}

async function send() {
  show("sending", "sending the recording");
  try {
    ({ path: sent } = await upload(file()));
    trigger("submit", { path: sent });
  } catch {
    show("error", "The recording could not be sent; it is kept in this page, so try again or save it.");
  }
}

async function record() {
  if (["sending", "starting"].includes(bar.dataset.state)) return;
  if (recorder.running) {
    await recorder.stop();
    tick();
    if (recorder.length) await send();
    return;
  }
  if (bar.dataset.state === "transcribing") trigger("stop");
  show("starting", "opening the microphone");
  try {
    await recorder.start();
  } catch (error) {
    const why = error.name === "NotAllowedError" ? "allow it in the browser's address bar" : "connect one";
    show("error", `No microphone can be heard; ${why}, then press F9 again.`);
    return;
  }
  unsent = true;
  panel(false);
  show("recording");
  tick();
}

async function lost() {
  if (!recorder.running) return;
  await recorder.stop();
  tick();
  if (recorder.length) file();
  const kept = recorder.length ? "F9 goes on, Try again sends what was said until then" : "connect one, then press F9 again";
  show("error", `The microphone was disconnected; ${kept}.`);
}

function panel(open) {
  const shown = document.body.classList.toggle("panel-open", open);
  if (shown) document.querySelector("#panel button")?.focus({ preventScroll: true });
  else if (document.activeElement.closest("#panel")) document.activeElement.blur(); // the next key is for the page
}

function fresh() {
  if (recorder.running || ["sending", "starting"].includes(bar.dataset.state)) return; // it would end up in the new case
  if (unsent && !confirm("The last recording was not sent. Begin a new case without it?")) return;
  recorder.forget();
  unsent = false;
  tick();
  show("idle", GREETING);
  panel(true);
  trigger("clear");
}

find(".record").addEventListener("click", record);
find(".cancel").addEventListener("click", () => trigger("stop"));
find(".retry").addEventListener("click", () => (unsent && recorder.length ? send() : trigger("retry")));
find(".inputs").addEventListener("click", () => panel());
find(".fresh").addEventListener("click", fresh);
find(".help").addEventListener("click", () => find("dialog").showModal());

document.addEventListener("keydown", (event) => {
  if (event.key === "F9" && !event.repeat) { event.preventDefault(); record(); }
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) panel(false);
});
Object.assign(window.pane.keys, { o: () => panel(), "?": () => find("dialog").showModal() });

addEventListener("beforeunload", (event) => {
  if (!unsent) return;
  event.preventDefault();
  event.stopImmediatePropagation(); // gradio would hang up, and who then stays could send nothing any more
}, true);

let shownCase = "";
watch("value", () => {
  const { state, message, fraction, spoken, told } = props.value;
  document.dispatchEvent(new CustomEvent("pane:told", { detail: told ?? [] }));
  if (recorder.running || bar.dataset.state === "starting") return; // older work must not hide an open microphone
  const arrived = Boolean(sent) && props.value.sent === sent;
  if (bar.dataset.state === "sending" && !arrived && props.value.refused !== sent) return; // nor what is not kept yet
  if (bar.dataset.state === "error" && state === "idle") return; // the greeting of a slow start: an error stays told
  if (arrived) { unsent = false; sent = ""; }
  if (state === "ready" && spoken === false && !unsent) recorder.forget();
  show(state, message, fraction);
  if (state === "ready" && props.value.case !== shownCase) panel(false);
  shownCase = props.value.case ?? shownCase;
});

panel(true);
show("idle", GREETING);
