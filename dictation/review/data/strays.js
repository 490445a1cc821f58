// Letters that come while no text has the focus: each may be a key of the page, or the first letter of words that somebody,
// or a scanner, believes to be in a text. So a letter waits, and the next one decides: words do nothing and are told, letter
// by letter as they came, for nothing that was typed is lost in silence.
// Where nothing has the focus, a letter stood alone, and is obeyed, where no other came in time, or one that continues no
// word: the same again, or a capital after a small one; or any other key. Where an alert or a statement has it, letters are
// what is meant, so they wait for less; but whatever comes faster than a person decides twice is words.
export const NOWHERE = { alone_ms: 300, typing_ms: 700, isOnAlert: false }; // alone: words come faster; typing: after a letter of words
export const ON_ALERT = { alone_ms: 150, typing_ms: 1000, isOnAlert: true };
export const IN_DIALOG = { alone_ms: 100, typing_ms: 700, isOnAlert: true }; // a scanner is faster, who answers one by one is not
const LONGEST = 2000; // characters that are told

const isSmall = (letter) => letter !== letter.toUpperCase();
const isCapital = (letter) => letter !== letter.toLowerCase();
const followsNoWord = (first, next) => first.toLowerCase() === next.toLowerCase() || (isSmall(first) && isCapital(next));

export class Strays {
  // tell(words, isWhole, isOnAlert): they went nowhere; at once when they begin, and again when they are whole
  constructor(tell) {
    this.tell = tell;
    this.waiting = null; // { letter, obey, timer }
    this.obeyed = ""; // letters that were obeyed at once, as they only move the focus, the last of them just now
    this.words = "";
    this.last_ms = -Infinity; // when the last letter came
    this.pace = NOWHERE; // of the last letter
  }

  isRecent(at_ms) { return at_ms - this.last_ms < this.pace.typing_ms; }

  isQuiet(at_ms) { return !this.waiting && !this.words && !(this.pace.isOnAlert && at_ms - this.last_ms < this.pace.alone_ms); }

  // What comes next is no letter, or one that begins anew: nobody types words so.
  interrupt() {
    this.settle();
    this.end();
    this.last_ms = -Infinity;
  }

  settle() { // the key before is obeyed now, if one waits
    const { waiting } = this;
    this.forget();
    waiting?.obey();
  }

  forget() { // what waits
    clearTimeout(this.waiting?.timer);
    this.waiting = null;
  }

  isAlone(letter, at_ms) { // whether one waits before which this one makes no word
    const { waiting, pace } = this;
    if (!waiting) return false;
    return at_ms - this.last_ms >= pace.alone_ms || (!pace.isOnAlert && followsNoWord(waiting.letter, letter));
  }

  add(letter, at_ms, pace, obey, isAtOnce = false) { // → obeyed later, if nothing comes after it, or at once
    if (!this.isRecent(at_ms)) this.end(); // a busy page is late with it
    if (at_ms - this.last_ms >= ON_ALERT.alone_ms) this.obeyed = "";
    const before = this.words || (this.waiting?.letter ?? (isAtOnce ? "" : this.obeyed));
    this.forget();
    this.last_ms = at_ms;
    this.pace = pace;
    if (!before && isAtOnce) {
      this.obeyed += letter;
      obey();
    } else if (before) this.lengthen(before, letter);
    else this.waiting = { letter, obey, timer: setTimeout(() => this.settle(), pace.alone_ms) };
  }

  lengthen(before, letter) {
    if (!this.words) this.tell(before + letter, false, this.pace.isOnAlert);
    this.obeyed = "";
    this.words = (before + letter).slice(-LONGEST);
    clearTimeout(this.whole);
    this.whole = setTimeout(() => this.end(), this.pace.typing_ms);
  }

  // Enter or Tab as the end of words on an alert: a scanner sends it. → whether it is theirs
  close(at_ms) {
    const { waiting, words, pace } = this, within_ms = words ? pace.typing_ms : pace.alone_ms;
    if (!pace.isOnAlert || !(waiting || words || this.obeyed) || at_ms - this.last_ms > within_ms) return false;
    if (!words) this.lengthen(waiting?.letter ?? this.obeyed, "");
    this.forget();
    this.last_ms = at_ms; // another one may follow
    return true;
  }

  end() {
    const { words, pace } = this;
    clearTimeout(this.whole);
    this.words = "";
    if (words) this.tell(words, true, pace.isOnAlert);
  }
}
