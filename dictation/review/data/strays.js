// Letters that come while no alert and no text has the focus: each may be a key of the page, or the first letter of words that
// somebody, or a scanner, believes to be in a text. So a letter waits, and the next one decides: words do nothing and are told,
// letter by letter as they came, for nothing that was typed is lost in silence. A letter stood alone, and is obeyed, where no
// other came in time, or one that continues no word: the same again, or a capital after a small one; or any other key.
const ALONE_MS = 300; // after a letter: words come faster
const TYPING_MS = 700; // after a letter of words, or before a key that changes the case
const LONGEST = 2000; // characters that are told

const isSmall = (letter) => letter !== letter.toUpperCase();
const isCapital = (letter) => letter !== letter.toLowerCase();
const followsNoWord = (first, next) => first.toLowerCase() === next.toLowerCase() || (isSmall(first) && isCapital(next));

export class Strays {
  // tell(words, isWhole): they went nowhere; at once when they begin, and again when they are whole
  constructor(tell) {
    this.tell = tell;
    this.waiting = null; // { letter, obey, timer }
    this.words = "";
    this.last_ms = -Infinity; // when the last letter came
  }

  isRecent(at_ms) { return at_ms - this.last_ms < TYPING_MS; }

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
    const { waiting } = this;
    return Boolean(waiting) && (followsNoWord(waiting.letter, letter) || at_ms - this.last_ms > ALONE_MS);
  }

  add(letter, at_ms, obey) { // → obeyed later, if nothing comes after it
    if (!this.isRecent(at_ms)) this.end(); // a busy page is late with it
    const before = this.words || (this.waiting?.letter ?? "");
    this.forget();
    this.last_ms = at_ms;
    if (!before) {
      this.waiting = { letter, obey, timer: setTimeout(() => this.settle(), ALONE_MS) };
      return;
    }
    if (!this.words) this.tell(before + letter, false);
    this.words = (before + letter).slice(-LONGEST);
    clearTimeout(this.whole);
    this.whole = setTimeout(() => this.end(), TYPING_MS);
  }

  end() {
    const { words } = this;
    clearTimeout(this.whole);
    this.words = "";
    if (words) this.tell(words, true);
  }
}
