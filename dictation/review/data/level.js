// The level of the microphone, as a bar of one width and one word that does not flicker.
const SILENT = 0.008, QUIET = 0.03, LOUD = 0.98; // peak of full scale: a quiet room, about -30 dB, and clipping
const HELD = 10, FALL = 0.85; // blocks of 0.1 s that a peak stands, and how fast it sinks after them
const JUDGED = 30; // blocks that a word rests on, and the fewest between two words

export class Level {
  constructor(bar) {
    this.meter = bar.querySelector(".meter");
    this.word = bar.querySelector(".level");
    this.rest();
  }

  rest(word = "") {
    this.peaks = [];
    this.peak = this.since = 0;
    this.draw(word);
  }

  hear(peak) {
    this.peaks = [...this.peaks, peak].slice(-JUDGED);
    this.since++;
    if (peak >= this.peak) { this.peak = peak; this.at = this.since; }
    else if (this.since - this.at > HELD) this.peak *= FALL;
    if (this.since % JUDGED === 0) {
      const highest = Math.max(...this.peaks);
      this.draw(highest > LOUD ? "too loud" : highest < SILENT ? "silent" : highest < QUIET ? "too quiet" : "level good");
    } else {
      this.draw(this.word.textContent);
    }
  }

  draw(word) {
    const share = Math.sqrt(this.peak); // soft speech shall be seen, too
    this.meter.firstElementChild.style.transform = `scaleX(${share.toFixed(2)})`;
    this.meter.setAttribute("aria-valuenow", Math.round(share * 100));
    if (this.word.textContent !== word) this.word.textContent = word;
    this.word.classList.toggle("wrong", word.startsWith("too") || word === "not yet");
  }
}
