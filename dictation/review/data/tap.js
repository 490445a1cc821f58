// The tap on the microphone, on the sound system's own thread: 16-bit blocks of 0.1 s while the key is on. Before that it
// remembers the last 0.3 s, so that a word that began with the key is whole. A covered page does not slow it down.
const BLOCK = 1600, PREROLL = 4800; // samples at 16 kHz

registerProcessor("tap", class extends AudioWorkletProcessor {
  constructor() {
    super();
    this.ring = new Int16Array(PREROLL);
    this.remembered = this.at = 0; // samples in the ring, and where the next one goes
    this.block = new Int16Array(BLOCK);
    this.filled = this.ahead = 0; // ahead: samples of what was remembered, told with the first block
    this.loudest = this.rested = 0; // while it is off: of the last 0.1 s, and how many samples of them have come
    this.isOn = false;
    this.port.onmessage = ({ data }) => this[data]();
  }

  start() {
    const { ring, remembered, at } = this;
    this.isOn = true;
    this.ahead = remembered;
    for (let i = remembered; i > 0; i--) this.add(ring[(at - i + PREROLL) % PREROLL]);
    this.forget();
  }

  stop() { // a stretch ends with a short block, if need be of one silent sample: that is how its end is seen in the file
    if (this.filled === BLOCK) this.add(0);
    if (this.filled) this.emit(this.filled);
    this.isOn = false;
    this.forget();
    this.port.postMessage({ stopped: true });
  }

  forget() { this.remembered = this.at = 0; }

  add(sample) {
    if (this.filled === BLOCK) this.emit(BLOCK);
    this.block[this.filled++] = sample;
  }

  emit(count) {
    const pcm = this.block.slice(0, count);
    let peak = 0;
    for (const sample of pcm) peak = Math.max(peak, Math.abs(sample));
    this.block.copyWithin(0, count, this.filled);
    this.filled -= count;
    this.port.postMessage({ pcm: pcm.buffer, peak: peak / 32768, ahead: this.ahead }, [pcm.buffer]);
    this.ahead = 0;
  }

  rest(loud) { // only how loud it is: nothing that is said while it is off leaves this place
    this.loudest = Math.max(this.loudest, loud);
    if (++this.rested < BLOCK) return;
    this.port.postMessage({ restPeak: this.loudest / 32768 });
    this.loudest = this.rested = 0;
  }

  process([[samples]]) {
    if (!samples) return true;
    for (const value of samples) {
      const sample = Math.max(-32768, Math.min(32767, Math.round(value * 32768)));
      if (this.isOn) {
        this.add(sample);
      } else {
        this.ring[this.at] = sample;
        this.at = (this.at + 1) % PREROLL;
        this.remembered = Math.min(PREROLL, this.remembered + 1);
        this.rest(Math.abs(sample));
      }
    }
    return true;
  }
});
