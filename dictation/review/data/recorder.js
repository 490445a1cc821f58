// The microphone: what is said is kept sample by sample, without loss, until the page is closed or a new case begins.
// Stopping and going on adds to the same recording. No processing by the browser: it is made for calls, not dictation.
class Recorder {
  constructor(onLevel, onLost) {
    this.blocks = [];
    this.length = 0;
    this.rate = 0;
    this.onLevel = onLevel;
    this.onLost = onLost;
  }

  get seconds() { return this.rate ? this.length / this.rate : 0; }

  get running() { return Boolean(this.stream); }

  async start() {
    const audio = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    this.stream = await navigator.mediaDevices.getUserMedia({ audio });
    try {
      await this.listen();
    } catch (error) {
      await this.close(); // an open microphone that nobody listens to
      throw error;
    }
  }

  async listen() {
    // Every stretch in the rate of the first, so that the pieces join.
    this.context = new AudioContext(this.rate ? { sampleRate: this.rate } : {});
    this.rate = this.context.sampleRate;
    const module = URL.createObjectURL(new Blob([Recorder.TAP], { type: "text/javascript" }));
    await this.context.audioWorklet.addModule(module);
    URL.revokeObjectURL(module);
    this.tap = new AudioWorkletNode(this.context, "tap", { numberOfOutputs: 0 });
    this.tap.port.onmessage = ({ data }) => (data === "flushed" ? this.flushed() : this.take(data));
    this.context.createMediaStreamSource(this.stream).connect(this.tap);
    await this.context.resume();
    this.stream.getTracks().forEach((track) => { track.onended = () => this.onLost(); }); // not when we stop it
  }

  take(block) {
    this.blocks.push(Int16Array.from(block, (x) => Math.max(-1, Math.min(1, x)) * 32767));
    this.length += block.length;
    this.onLevel(Math.max(...block.map(Math.abs)));
  }

  async stop() {
    const done = new Promise((resolve) => { this.flushed = resolve; });
    this.tap.port.postMessage("flush");
    await Recorder.inTime(done);
    await this.close();
  }

  async close() {
    const { stream, context } = this;
    this.stream = this.context = null;
    stream?.getTracks().forEach((track) => track.stop());
    if (context && context.state !== "closed") await Recorder.inTime(context.close());
  }

  static inTime(done) { // or the sound system is gone: then it never answers
    return Promise.race([done, new Promise((resolve) => { setTimeout(resolve, 1000); })]);
  }

  forget() {
    this.blocks = [];
    this.length = 0;
    this.rate = 0;
  }

  wav() { // RIFF WAVE, PCM 16 bit, mono
    const header = new DataView(new ArrayBuffer(44));
    const bytes = this.length * 2;
    const text = (at, word) => [...word].forEach((c, i) => header.setUint8(at + i, c.charCodeAt(0)));
    text(0, "RIFF"); header.setUint32(4, 36 + bytes, true); text(8, "WAVEfmt ");
    header.setUint32(16, 16, true); header.setUint16(20, 1, true); header.setUint16(22, 1, true);
    header.setUint32(24, this.rate, true); header.setUint32(28, this.rate * 2, true);
    header.setUint16(32, 2, true); header.setUint16(34, 16, true);
    text(36, "data"); header.setUint32(40, bytes, true);
    return new File([header, ...this.blocks], "dictation.wav", { type: "audio/wav" });
  }
}
// Blocks of 2048 samples, 43 ms at 48 kHz: often enough for the level meter. "flush" sends what is left.
Recorder.TAP = `registerProcessor("tap", class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.block = new Float32Array(2048);
    this.filled = 0;
    this.port.onmessage = () => {
      this.port.postMessage(this.block.slice(0, this.filled));
      this.filled = 0;
      this.port.postMessage("flushed");
    };
  }
  process([[samples]]) {
    if (!samples) return true;
    this.block.set(samples, this.filled);
    this.filled += samples.length;
    if (this.filled === this.block.length) { this.port.postMessage(this.block.slice()); this.filled = 0; }
    return true;
  }
})`;
