// What is told to eyes that stay on the image: recording begins (rising), it ended (falling), it is about to end by itself,
// it has, and something was refused. Each is another figure of notes, so that none is taken for another.
const NOTES = { // [Hz, s from its beginning, s that it sounds]
  on: [[660, 0, 0.07], [990, 0.08, 0.09]],
  off: [[990, 0, 0.07], [500, 0.08, 0.12]],
  warning: [[780, 0, 0.12], [780, 0.22, 0.12], [780, 0.44, 0.12]],
  stopped: [[440, 0, 0.25], [330, 0.28, 0.25], [220, 0.56, 0.4]],
  refused: [[240, 0, 0.1], [240, 0.15, 0.18]],
};
const ALWAYS = ["warning", "stopped", "refused"]; // also where only warnings are wanted
const LOUD = 0.15, EDGE_S = 0.01; // of full scale; without a click
const ECHO_S = 0.3; // that a loudspeaker is still heard in a room

export class Tones {
  constructor(preference) {
    this.preference = preference; // (name, otherwise) → value
    this.until_ms = -Infinity; // so long a microphone may hear them
  }

  get isHeard() { return performance.now() < this.until_ms; }

  play(name) {
    const wanted = this.preference("tones", "all");
    if (wanted === "none" || (wanted === "warnings" && !ALWAYS.includes(name))) return;
    const context = this.context ??= new AudioContext();
    context.resume().catch(() => {}); // a browser that holds the sound back: the light says it, too
    const begin = context.currentTime, notes = NOTES[name];
    for (const [hertz, from_s, length_s] of notes) {
      const note = context.createOscillator(), gain = context.createGain(), at = begin + from_s, end = at + length_s;
      note.frequency.value = hertz;
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(LOUD, at + EDGE_S);
      gain.gain.setValueAtTime(LOUD, end - EDGE_S);
      gain.gain.linearRampToValueAtTime(0, end);
      note.connect(gain).connect(context.destination);
      note.start(at);
      note.stop(end);
    }
    const [, from_s, length_s] = notes.at(-1);
    this.until_ms = performance.now() + (from_s + length_s + ECHO_S) * 1000;
  }
}
