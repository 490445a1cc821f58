// The key to dictate with: held, it listens until it is let go; tapped, until the next tap. What is heard goes into the
// outbox before it goes anywhere else, and belongs to the case that was open when it was said.
import { Level } from "./level.js";
import { Light } from "./light.js";
import { Microphone, Refused, areHidden, choose, chosen, connected, found, isAllowed } from "./microphone.js";
import { Sending } from "./sending.js";
import { Tones } from "./tones.js";

const HELD_MS = 350; // longer than this and the key was held
const SILENCE_S = 60, FORGOTTEN_S = 600; // a tapped key ends by itself after so much; a preference may shorten the first
const WARN_S = 10; // before it ends by itself; a preference says otherwise, but never longer than a third of the silence
const DEAD_S = 8; // without a voice since it is on: the microphone may be muted
const SPOKEN = 4, SPOKEN_OF = 10, SAID_AGAIN_MS = 4000; // blocks with a voice of so many: somebody speaks, and nothing is recorded
const IDLE_MS = 600000; // an open microphone that nobody uses is closed, but for that of an open case that somebody looks at
const BLOCK_S = 0.1;
const LATE_MS = 300; // from the press to the first sample: longer, and a word may be missing
const MUTE_MS = 1500; // so long without a sample, and an open microphone has fallen silent, as after a closed lid
const SPEAKING_MS = 1000; // who pauses between words is still speaking
const VOICE = 0.02; // peak of full scale; what is below is a quiet room
const GOES_ON_MS = 15000; // after a reload
const ALONE = "dictation-recording"; // the lock of the window that records
const WAS_ON = "capture.on", KEY = "capture.key"; // the latter of its user, as the last case of this tab told

class Capture {
  constructor(desk, bar) {
    Object.assign(this, { desk, bar });
    this.state = "off"; // → opening → on → stopping
    this.isHeard = false; // whether the first sample has come since it is on
    this.isMute = false; // whether it was told that none came
    this.isVoid = false; // whether it was told that nothing is recorded of it
    this.late_ms = LATE_MS;
    this.held_ms = HELD_MS;
    this.isWanted = false; // whether it is on, or shall be as soon as it can
    this.take = null;
    this.samples = 0;
    this.awaited = null; // the case that is being opened: until it is there, nothing is recorded
    this.isMissed = false; // whether the key was pressed meanwhile
    this.isAsked = false; // whether it begins once the row of the worklist that was marked is open
    this.find = (selector) => bar.querySelector(selector);
    this.level = new Level(bar);
    this.light = new Light();
    this.light.onNoticed = () => { if (this.light.is === "stopped") this.light.clear(); };
    this.tones = new Tones((name, otherwise) => this.preference(name, otherwise));
    this.rested = []; // whether there was a voice in each of the last blocks that were not recorded
    this.saidAt = -Infinity; // when it was last said that nothing is
    this.microphone = new Microphone((block) => this.heard(block), (sentence) => this.lost(sentence), (peak) => this.rests(peak));
    this.sending = new Sending(desk, desk.outbox, () => this.showUnsent(), (take) => this.unwanted(take));
  }

  get key() { return this.desk.state?.key ?? sessionStorage.getItem(KEY) ?? "F9"; }

  get soundNow() { // what is said from here on: the take and its next block, null where nothing is recorded
    return this.state === "on" && this.take ? { take: this.take.take, block: this.take.next } : null;
  }

  get isSpeaking() { return this.state === "on" && performance.now() - this.loudAt < SPEAKING_MS; }

  preference(name, otherwise) { return this.desk.state?.preferences?.[name] ?? otherwise; }

  async start(askedAt = performance.now()) {
    if (this.isWanted || this.desk.isLeaving || this.isBetween() || this.isCovered(askedAt)) return;
    this.isWanted = true;
    this.askedAt = askedAt;
    await this.stopping; // the take before has its end first
    if (this.state !== "off" || !this.isWanted) return; // it is being opened already, or was taken back
    const of = this.refused() ? null : this.desk.state.case;
    this.isWanted = Boolean(of);
    if (!of) return;
    this.state = "opening";
    clearTimeout(this.idle);
    this.show("opening"); // until the first sample, also of one that is open already
    try {
      await this.ahead; // the key may be what the browser waited for
      await this.microphone.open();
    } catch (error) {
      this.rest();
      if (!(error instanceof Refused)) throw error;
      this.desk.tell(error.message, { error: true, of: null });
      if (chosen()) this.find(".microphone").focus();
      return;
    }
    this.showChoice();
    const isOther = this.desk.state.case !== of;
    if (this.isWanted && isOther) this.desk.tell(`Another case was opened meanwhile, and nothing was recorded; press ${this.key} and say it again.`, { error: true });
    if (!this.isWanted || isOther || this.refused()) { // let go meanwhile, or another case was opened, or a page took this one
      this.rest();
      this.closeLater();
      return;
    }
    if (this.take?.case !== of) {
      this.take = null;
      this.samples = 0;
    }
    this.quiet = this.wordless = 0;
    this.isVoiced = false; // whether there was a voice since it is on
    this.light.clear();
    this.state = "on";
    this.isHeard = this.isMute = this.isVoid = false;
    this.live = 0; // samples since it is on, besides those that the tap remembered
    this.startedAt = performance.now();
    this.name = document.querySelector("#banner .identity b")?.textContent ?? "this case"; // the next banner names another
    this.hold();
    this.microphone.start();
    this.take ??= this.sending.open(of);
    this.sending.on(this.take);
    clearTimeout(this.muteLater);
    this.muteLater = setTimeout(() => { this.muteLater = setTimeout(() => this.mute(), BLOCK_S * 1000); }, MUTE_MS); // twice: what waits on a busy page comes in between
  }

  hold() { // one window records at a time: two would hear one voice for two patients
    const over = new Promise((release) => { this.letGo = release; });
    navigator.locks.request(ALONE, { steal: true }, () => over).catch(() => {
      if (this.state === "on") this.stopByItself("another window records", this.ended("another window of this browser records now"), { error: true });
    });
  }

  mute() {
    if (this.state !== "on" || this.live > 0) return;
    this.isMute = true;
    this.isHeard = false;
    this.show("opening");
    this.warn("NO SOUND from the microphone");
    this.desk.tell(`No sound comes from the microphone, so nothing is recorded yet; press ${this.key} twice to open it again, and speak once the light is red.`, { error: true, like: "level" });
  }

  rest() { // nothing came of it
    this.state = "off";
    this.isWanted = false;
    this.show("off");
  }

  begun(ahead) { // its first sample is here
    this.isHeard = true;
    this.isMute = false;
    this.light.clear();
    this.show("on");
    this.tones.play("on");
    const from = ahead ? this.startedAt - ahead / 16 : performance.now() - BLOCK_S * 1000, late_ms = from - this.askedAt;
    if (late_ms > this.late_ms) this.desk.tell(`The microphone took ${(late_ms / 1000).toFixed(1)} s to open: what you said before the red light may be missing, so read the first words.`, { error: true, of: this.take.case, like: "late" });
  }

  refused() {
    const { state } = this.desk;
    if (!state) {
      sessionStorage.removeItem(WAS_ON); // nor does it go on by itself then
      this.desk.tell(`No case is open yet, so nothing is recorded; press ${this.key} again once one is.`, { error: true, of: null });
    } else if (this.desk.covers.now) this.desk.covers.refuse("Nothing is recorded");
    else if (state.may_work === false) this.desk.tell("Your role here looks at cases and dictates nothing.", { error: true });
    else if (state.lock && !state.lock.mine) this.desk.tell("This case is open in another page; take it over there or here first.", { error: true });
    else return false;
    return true;
  }

  // Nothing is recorded into a text that cannot be seen. Over the worklist the key means the row that was marked there.
  isCovered(askedAt) {
    const cover = this.desk.covers.now;
    if (!cover) return false;
    this.isAsked = cover.id === "worklist";
    if (this.isAsked) this.askRow(askedAt);
    else this.desk.covers.refuse("Nothing is recorded", cover);
    return true;
  }

  async askRow(askedAt) {
    this.askedAt = askedAt;
    if (!await this.desk.worklist.dictate()) this.unask();
  }

  unask() { this.isAsked = false; }

  beginAsked() {
    if (!this.isAsked || this.awaited !== null || this.desk.covers.now) return;
    this.unask();
    this.start(this.askedAt);
  }

  covered(cover) { // what is said from here on would go into a text that the list covers, beside rows of other patients
    if (cover?.id === "worklist" && this.state === "on") this.stop(this.ended("the worklist lies over it"), { error: true, of: null });
    this.light.raise();
    this.beginAsked();
  }

  isBetween() { // two cases: what is said now would belong to neither
    if (this.awaited === null) return false;
    if (!this.isMissed) this.desk.tell(`The next case is opening – not recording; press ${this.key} again once it is open.`, { error: true });
    this.isMissed = true;
    return true;
  }

  // The page asks for another case, or signs this one and goes on: what is said is kept whole when this returns, and nothing
  // begins until case `id` is open or `stay` says that it will not be. A key that is held then must be pressed again: the
  // half of a sentence that is left, as without its "no", may say the contrary.
  leave(id) {
    if (this.isWanted && this.state !== "on") this.isMissed = true; // pressed, and not on yet
    this.awaited = id;
    return this.stop(this.ended("another case is opened"), { of: null });
  }

  ended(why) { return `The dictation of ${this.name} has ended, as ${why}; what you said is kept with it.`; }

  stay(id = this.awaited) {
    if (id !== this.awaited) return;
    this.isMissed ||= this.isAsked;
    this.arrive("No other case was opened, and what you said meanwhile was not recorded");
  }

  arrive(sentence) {
    const isMissed = this.isMissed || this.isDown && this.mayHold;
    this.awaited = null;
    this.isMissed = false;
    if (!isMissed) return this.beginAsked();
    this.unask();
    this.desk.tell(`${sentence}; press ${this.key} and say it again.`, { error: true });
  }

  async stop(sentence, more) {
    this.isWanted = false;
    if (this.state === "on") {
      this.state = "stopping";
      this.show("off");
      this.stopping = this.end(this.take, sentence, more);
    }
    await this.stopping;
  }

  async end(take, sentence, more) {
    await this.microphone.stop();
    this.letGo();
    if (this.isMute) await this.microphone.close(); // the next press opens it anew
    this.sending.off(take);
    this.state = "off";
    if (take.case !== this.shownCase) this.resetClock(); // its last samples came after another case was shown
    if (this.light.is === "warning") this.light.clear();
    if (this.light.is !== "stopped") this.tones.play("off");
    this.closeLater();
    if (sentence) this.desk.tell(sentence, { of: take.case, ...more });
  }

  toggle() {
    this.desk.isDoneWriting();
    return this.isWanted ? this.stop() : this.start();
  }

  heard({ pcm, peak, ahead = 0 }) {
    if (this.state !== "on" && this.state !== "stopping") return;
    if (this.isVoid) return;
    if (this.state === "on" && !this.isHeard) this.begun(ahead);
    this.sending.add(this.take, pcm);
    this.samples += pcm.byteLength / 2;
    this.live += pcm.byteLength / 2 - ahead;
    this.level.hear(peak);
    this.showClock();
    const isLoud = peak >= VOICE; // as a warning is, which must not end the silence, nor may a voice beside it count as one
    this.isVoiced ||= isLoud && !this.tones.isHeard;
    if (isLoud && !this.tones.isHeard) this.loudAt = performance.now();
    if (!isLoud || !this.tones.isHeard || this.light.is !== "warning") this.quiet = isLoud ? 0 : this.quiet + BLOCK_S;
    this.wordless = this.desk.connected ? this.wordless + BLOCK_S : 0;
    const silence_s = Math.min(this.preference("silence_s", SILENCE_S) || FORGOTTEN_S, FORGOTTEN_S), isHeld = this.isDown && this.mayHold;
    this.warnBefore(isHeld ? Infinity : Math.min(silence_s - this.quiet, FORGOTTEN_S - this.wordless), silence_s, isHeld);
    if (isHeld) return;
    if (this.quiet >= silence_s) this.stopByItself(`${silence_s} s of silence`, `Dictation paused after ${silence_s} s of silence; press ${this.key} to go on.`);
    else if (this.wordless >= FORGOTTEN_S) this.stopByItself("nothing understood for 10 min", `Dictation paused: nothing was understood for 10 minutes; press ${this.key} to go on.`);
  }

  warnBefore(left_s, silence_s, isHeld) { // that it ends in so long; one that is held does not end, and may be dead all the same
    const before_s = Math.min(this.preference("warn_s", WARN_S), silence_s / 3);
    const isDead = before_s > 0 && ((!this.isVoiced && this.quiet >= DEAD_S) || (isHeld && this.quiet >= silence_s - before_s));
    if (before_s > 0 && left_s > 0 && left_s <= before_s) this.warn("SILENCE: recording ends in", `${Math.ceil(left_s)} s`);
    else if (isDead) this.warn("NOTHING HEARD: is the microphone on?", `${Math.floor(this.quiet)} s`);
    else if (this.light.is === "warning" && !this.isMute) this.light.clear();
  }

  warn(words, count = "") {
    if (this.light.is !== "warning") this.tones.play("warning");
    this.light.show("warning", words, { count });
  }

  tellStopped(why) {
    this.saidAt = performance.now();
    this.rested = [];
    this.light.show("stopped", `NOT RECORDING: ${why}`, { hint: `${this.key} goes on, Alt+X: seen` });
    this.tones.play("stopped");
  }

  stopByItself(why, sentence, more) { // nobody pressed a key: it is said until somebody has noticed
    this.tellStopped(why);
    return this.stop(sentence, more);
  }

  rests(peak) { // the microphone is open, and nothing of it is recorded
    if (this.light.is !== "stopped" || this.tones.isHeard) return;
    this.rested = [...this.rested, peak >= VOICE].slice(-SPOKEN_OF);
    if (this.rested.filter(Boolean).length < SPOKEN || performance.now() - this.saidAt < SAID_AGAIN_MS) return;
    this.tellStopped("you are speaking");
  }

  async lost(sentence) {
    const was = this.isWanted;
    await (was ? this.stopByItself("the microphone was disconnected") : this.stop());
    await this.microphone.close();
    if (was) this.desk.tell(sentence, { error: true, of: null });
    this.showChoice();
  }

  async unwanted(take) { // by the server: it has said why
    if (take !== this.take) return;
    await (this.isWanted ? this.stopByItself("it is not taken here") : this.stop());
    this.take = null; // the next press asks anew
  }

  // Whether the microphone stays open while nothing is recorded: one that opens with the key is late for the first word.
  get staysOpen() {
    const { state } = this.desk;
    const isWorkedOn = state?.case && state.may_work !== false && (!state.lock || state.lock.mine);
    return Boolean(isWorkedOn) && !document.hidden && this.preference("microphone_open", true);
  }

  async open() { // ahead of the key, where nobody has to be asked; what is wrong is said once the key is pressed
    if (!this.staysOpen || this.state !== "off" || !await isAllowed()) return;
    this.ahead = this.microphone.open().catch((error) => { if (!(error instanceof Refused)) throw error; });
    await this.ahead;
    if (this.state !== "off") return;
    this.show("off");
    this.closeLater();
  }

  keepOpen(isWanted) {
    if (isWanted) this.open();
    else if (this.state === "off") this.close();
  }

  closeLater() {
    clearTimeout(this.idle);
    this.idle = setTimeout(() => {
      if (this.state !== "off") return;
      if (this.staysOpen) this.closeLater();
      else this.close();
    }, IDLE_MS);
  }

  async close() {
    await this.microphone.close();
    if (this.state === "off") this.show("off");
  }

  // A case that is left, signed or taken over is not dictated into any more, and its sound stays with it.
  caseChanged({ case: of, lock, state, versions }) {
    if (this.shownCase !== of) {
      this.microphone.forget();
      if (this.take?.case !== of) this.resetClock();
    }
    if (this.shownCase !== of && this.state === "off" && this.microphone.isOpen) this.closeLater(); // somebody works here
    const isNext = this.awaited === "" && this.shownCase !== of; // "": whichever comes
    if (this.awaited === of || isNext) this.arrive("The case is open; what you said while it was opening was not recorded");
    const isSigned = state === "final" && this.shownState !== "final";
    const why = this.take?.case !== of ? "another case was opened" : lock && !lock.mine ? `${lock.by || "another page"} works on it now` : isSigned ? "it is signed" : "";
    if (this.state === "on" && why) this.stopByItself(why, this.ended(why), { error: true, of: null });
    if (this.state === "off" && !this.microphone.isOpen) this.open();
    if (this.state === "off" && this.signed !== versions?.length) this.take = null; // what is signed takes no more sound
    this.signed = versions?.length;
    if (this.shownCase === undefined) {
      this.takeKey();
      this.goOn(of);
    }
    this.shownCase = of;
    this.shownState = state;
  }

  takeKey() { // at once, so that it says why it does nothing; that of its user once a case tells which
    const { key } = this;
    this.find(".key").textContent = key;
    if (this.desk.state) sessionStorage.setItem(KEY, key);
    if (this.taken?.key === key) return;
    if (this.taken) this.desk.keys.remove(this.taken);
    const run = (event) => {
      if (event?.repeat && !this.desk.state) return; // held since before a reload: it goes on with the case
      if (event) this.press(event.timeStamp);
      else this.toggle(); // pedal software presses without holding
    };
    const label = "dictate: hold it while you speak, or tap it to start and to stop";
    // It repeats: of a key that is held since before a reload nothing else comes.
    this.taken = { key, label, group: "Dictation", run, release: (event) => this.release(event?.timeStamp), repeats: true, always: true, over: true };
    this.desk.keys.add(this.taken);
  }

  goOn(of) { // the page was reloaded while the key was on
    const was = JSON.parse(sessionStorage.getItem(WAS_ON) ?? "null");
    sessionStorage.removeItem(WAS_ON);
    if (was?.case === of && Date.now() - was.at < GOES_ON_MS) this.start();
  }

  // Of the key, or of a button on a dictation microphone; `at` as performance.now() tells: a page that is busy gets both late.
  press(at = performance.now()) {
    if (this.isDown) return;
    this.desk.isDoneWriting();
    this.isDown = true;
    this.downAt = at;
    this.mayHold = !this.isWanted;
    if (this.mayHold) this.start();
    else this.stop();
  }

  release(at = performance.now()) {
    if (!this.isDown) return;
    this.isDown = false;
    this.quiet = 0; // it ends as it is let go, and not for the silence before
    const isHeld = this.preference("microphone", "tap") === "hold" || at - this.downAt > this.held_ms;
    if (!this.mayHold || !isHeld) return;
    this.isMissed ||= this.isAsked; // let go before the marked row was open
    this.unask();
    this.isVoid = this.isWanted && !(this.state === "on" && this.isHeard); // nor is what the tap still gives
    if (this.isVoid) this.desk.tell(`The microphone was not ready yet, so nothing was recorded; press ${this.key} and say it again.`, { error: true });
    this.stop();
  }

  show(is) {
    document.body.toggleAttribute("data-listening", is === "on");
    document.body.toggleAttribute("data-opening", is === "opening");
    this.find(".record").setAttribute("aria-pressed", is !== "off");
    this.find(".what").textContent = { off: "Dictate", opening: "Opening", on: "Stop" }[is];
    this.level.rest(is === "opening" ? "not yet" : is === "off" && this.microphone.isOpen ? "ready" : "");
    this.showClock();
  }

  showClock() {
    const seconds = Math.floor(this.samples / 16000);
    if (seconds !== this.shownSeconds) this.find(".clock").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    this.shownSeconds = seconds;
  }

  resetClock() { // each case has its own
    this.samples = 0;
    this.showClock();
  }

  showUnsent() {
    const seconds = Math.round(this.sending.unsent_s * 10) / 10;
    const kept = this.find(".kept");
    kept.dataset.unsent = seconds;
    const text = seconds < 2 ? "" : `${Math.floor(seconds)} s not saved yet`;
    if (kept.textContent !== text) kept.textContent = text;
    kept.classList.toggle("unsent", Boolean(text));
  }

  async showChoice() {
    const choice = this.find(".microphone");
    const devices = await connected();
    const own = chosen();
    const options = [new Option("System microphone", "")];
    for (const { deviceId, label } of devices) if (label) options.push(new Option(label, deviceId));
    let picked = own && await found(own);
    if (own && !picked) {
      picked = { deviceId: own.id };
      options.push(new Option(areHidden(devices) ? own.label : `${own.label} (not connected)`, own.id));
    }
    choice.replaceChildren(...options);
    choice.value = picked?.deviceId ?? "";
  }

  async picked() {
    const choice = this.find(".microphone");
    const { value, text } = choice.selectedOptions[0];
    await choose(value && { id: value, label: text.replace(/ \(not connected\)$/, "") });
    await (this.isWanted ? this.stopByItself("another microphone was chosen") : this.stop());
    await this.microphone.close(); // the next press opens the chosen one
    choice.blur();
  }
}

export async function install(desk) {
  const bar = document.querySelector("#bar");
  const capture = new Capture(desk, bar);
  desk.on("installed", () => capture.takeKey());
  addEventListener("pagehide", () => {
    if (capture.state !== "on" || (capture.isDown && capture.mayHold)) return;
    sessionStorage.setItem(WAS_ON, JSON.stringify({ case: capture.take.case, at: Date.now() }));
  });
  bar.querySelector(".record").addEventListener("click", () => capture.toggle());
  bar.querySelector(".microphone").addEventListener("change", () => capture.picked());
  navigator.mediaDevices?.addEventListener("devicechange", () => {
    capture.showChoice();
    capture.open();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) capture.open();
    else if (capture.state === "off") capture.closeLater();
  });
  desk.on("case", (message) => capture.caseChanged(message));
  desk.on("covered", ({ cover }) => capture.covered(cover));
  desk.on("refused", () => capture.tones.play("refused"));
  desk.keys.add({
    key: "Alt+x", label: "close the newest error", group: "Page", always: true, over: true, when: () => capture.light.is === "stopped",
    run: () => capture.light.clear(),
  });
  desk.on("disconnected", () => capture.stay()); // the case that was asked for does not come any more
  for (const kind of ["pad", "partial"]) desk.on(kind, () => { capture.quiet = capture.wordless = 0; });
  desk.on("partial", () => { capture.isVoiced = true; }); // however soft
  desk.on("ask", ({ what }) => { // by voice
    if (what === "stop") capture.stop(`Dictation paused, as you said; press ${capture.key} to go on.`);
  });
  desk.outbox.watch((text) => desk.tell(text, { error: true, of: null }));
  desk.capture = capture;
  await capture.sending.begin();
  await capture.showChoice();
}
