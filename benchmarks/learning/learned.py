"""What learning from corrections is worth.

    python -m benchmarks.learning.learned --users u6 u7 --out benchmarks/results/learned

Each user has words of their own (u1.jsonl …) and a synthetic voice. A session of the real program hears 20 dictations
as files; the user types the right words over the wrong ones, and the program learns as it does at a desk. Then it hears
the other 20, once with what it learned and once without. Counted under lower-case words without marks:

- *repeated errors*: places in the last 20 at which a word of the user's own is wrong that was corrected twice or more
  in the first 20
- *right* and *wrong*: words that were learned, of the last 20, that stand in the text only with what was learned: where
  they were said, and where they were not
- *errors*: all word errors of the last 20 without and with what was learned. A recognizer that is turned hears other
  words otherwise, too
"""

import argparse
import json
import re
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from pathlib import Path
from uuid import uuid4

import numpy as np
import soundfile

from benchmarks.circumstances import circumstances, system_load
from dictation.case import choose_recognizer
from dictation.lexicon import Phrase, Vocabulary
from dictation.records.rights import EVERYBODY
from dictation.review.engines import Engines
from dictation.review.giving import give_recording
from dictation.review.open_cases import OpenCases
from dictation.settings import Settings
from dictation.speech import Engine, Transcript, Word
from dictation.wording import write
from tests.review.desks import Reader, desk_of, until

FOLDER = Path(__file__).parent
FIRST = 20  # dictations that are corrected; what follows is measured
VOICES = {
    "u1": "flite -voice awb", "u2": "flite -voice slt", "u3": "flite -voice rms", "u4": "espeak-ng -v en-us -s 150",
    "u5": "espeak-ng -v en-gb-scotland -s 145", "u6": "flite -voice slt --setf duration_stretch=1.15",
    "u7": "flite -voice rms --setf int_f0_target_mean=85 --setf duration_stretch=1.1",
    "u8": "flite -voice awb --setf int_f0_target_mean=150",
}  # fmt: skip
MARKS = ".,:;?!()"
GAP_S = 0.3  # after a spoken mark


@dataclass(frozen=True)
class Said:
    """A dictation: its sound, the text that its author wants, and which of its words are the author's own."""

    sound: Path
    text: str
    own: frozenset[str]


@dataclass(frozen=True)
class Outcome:
    """What became of one user's last dictations, with and without what was learned; `trial_s`: time spent on trials."""

    user: str
    learned: int
    refused: int
    corrected: int
    repeated_without: int
    repeated_with: int
    right: int
    wrong: int
    words: int
    errors_without: int
    errors_with: int
    trial_s: float


def dictations(user: str, folder: Path) -> list[Said]:
    """Speak a user's dictations into `folder`."""
    found = []
    for number, line in enumerate((FOLDER / f"{user}.jsonl").read_text("utf-8").splitlines()):
        row = json.loads(line)
        sound = folder / f"{user}_{number}.wav"
        _speak(row["spoken"], VOICES[user].split(), sound)
        own = Vocabulary(phrases=tuple(Phrase(written=word) for word in row["own"]))
        words = tuple(Word(text=word) for word in row["spoken"].split())
        said = Transcript(recording="", words=words, engine=Engine(name="script"), duration_s=0)
        words_of_own = frozenset(_plain(word) for phrase in row["own"] for word in phrase.split())
        found.append(Said(sound, write([said], own).text, words_of_own))
    return found


def _speak(text: str, voice: Sequence[str], sound: Path) -> None:
    """Speak a dictation, with a short silence after each spoken mark, as people make one."""
    parts = []
    for said in re.findall(r"(?:(?!\b(?:period|comma|paragraph)\b).)+(?:period|comma|paragraph)?\s*", text):
        option = ["-t", said, "-o", str(sound)] if voice[0] == "flite" else ["-w", str(sound), said]
        subprocess.run([*voice, *option], check=True, stdout=subprocess.DEVNULL)
        samples, rate_hz = soundfile.read(sound, dtype="float32")
        parts += [samples, np.zeros(round(GAP_S * rate_hz), np.float32)]
    soundfile.write(sound, np.concatenate(parts), rate_hz)


def heard(reader: Reader, said: Said) -> str:
    """Give a recording to a new case; return the text that it gave."""
    reader.do(do="new", id=uuid4().hex)
    give_recording(reader.case, said.sound)
    until(lambda: reader.case.is_reviewed)
    return reader.case.text.pad.text


def correct(reader: Reader, text: str) -> list[str]:
    """Type the right words over the wrong ones, the last ones first; return what was typed, in small letters."""
    now = reader.case.text.pad.text
    places = list(re.finditer(r"\S+", now))
    wanted = text.split()
    typed = []
    matcher = SequenceMatcher(a=[_plain(p.group()) for p in places], b=[_plain(w) for w in wanted], autojunk=False)
    for kind, first, last, start, stop in reversed(matcher.get_opcodes()):
        if kind == "equal":
            continue
        new = " ".join(wanted[start:stop])
        if first < last:
            begin, end = places[first].start(), places[last - 1].end()
        else:
            begin = end = places[first].start() if first < len(places) else len(now)
            new = f"{new} " if first < len(places) else f" {new}"
        if kind == "replace":
            typed.append(" ".join(map(_plain, wanted[start:stop])))
        reader.type(new, begin, end)
    reader.compare()
    return typed


def _plain(word: str) -> str:
    return word.lower().strip(MARKS)


def right_words(text: str, wanted: str) -> tuple[list[bool], int]:
    """Whether each wanted word stands in its place, and how many words stand there that nobody wanted."""
    here, there = [[_plain(word) for word in one.split()] for one in (text, wanted)]
    right, added = [False] * len(there), 0
    for kind, first, last, start, stop in SequenceMatcher(a=here, b=there, autojunk=False).get_opcodes():
        if kind == "equal":
            right[start:stop] = [True] * (stop - start)
        added += max(0, (last - first) - (stop - start)) if kind != "equal" else 0
    return right, added


def outcome(user: str, settings: Settings, engines: Engines, folder: Path) -> Outcome:
    """Let a user dictate and correct, then measure."""
    said = dictations(user, folder)
    typed: Counter[str] = Counter()
    trial_s = 0.0
    with desk_of(engines, settings) as cases:
        reader = Reader(cases)
        for one in said[:FIRST]:
            heard(reader, one)
            typed.update(word for form in correct(reader, one.text) for word in form.split() if word in one.own)
            trial_s += _settled(cases)
        entries = cases.desk.own(EVERYBODY).learned.entries
        with_it = [heard(reader, one) for one in said[FIRST:]]
        cases.desk.own(EVERYBODY).learned.path.unlink(missing_ok=True)
        without = [heard(reader, one) for one in said[FIRST:]]
    meant = {_plain(word) for entry in entries if entry.state == "active" for word in entry.meant.split()}
    twice = {form for form, times in typed.items() if times > 1}
    counts = Counter[str]()
    for one, texts in zip(said[FIRST:], zip(without, with_it, strict=True), strict=True):
        (right0, added0), (right1, added1) = (right_words(text, one.text) for text in texts)
        words = [_plain(word) for word in one.text.split()]
        counts["repeated_without"] += _wrong_places(words, right0, twice)
        counts["repeated_with"] += _wrong_places(words, right1, twice)
        stands0, stands1, said_so = (_occurrences(text, meant) for text in (*texts, one.text))
        counts["right"] += ((stands1 - stands0) & said_so).total()
        counts["wrong"] += ((stands1 - said_so) - (stands0 - said_so)).total()
        counts["words"] += len(words)
        counts["errors_without"] += right0.count(False) + added0
        counts["errors_with"] += right1.count(False) + added1
    states = Counter(entry.state for entry in entries)
    return Outcome(user, states["active"], states["refused"], typed.total(), **counts, trial_s=round(trial_s, 1))


def _settled(cases: OpenCases) -> float:
    """Wait till nothing is being tried; return how long that took."""
    begun = time.monotonic()
    with cases.desk.own(EVERYBODY).may_learn:
        return time.monotonic() - begun


def _occurrences(text: str, words: set[str]) -> Counter[str]:
    return Counter(word for word in map(_plain, text.split()) if word in words)


def _wrong_places(words: Sequence[str], right: Sequence[bool], forms: set[str]) -> int:
    """How many places of the forms have a wrong word."""
    return sum(not all(right[at : at + size]) for at, size in _places(words, forms))


def _places(words: Sequence[str], forms: set[str]) -> Iterator[tuple[int, int]]:
    for form in forms:
        wanted = form.split()
        for at in range(len(words) - len(wanted) + 1):
            if list(words[at : at + len(wanted)]) == wanted:
                yield at, len(wanted)


def table(found: Sequence[Outcome]) -> str:
    """A row for each user, and one for all."""
    lines = [
        "| user | learned | corrections | repeated errors without | with | gone | learned right | wrong | errors |",
        "|---|--:|--:|--:|--:|--:|--:|--:|---|",
    ]
    numbers = [name for name in Outcome.__annotations__ if name != "user"]
    total = Outcome("all", *(sum(getattr(one, name) for one in found) for name in numbers))
    for one in (*found, total):
        gone = f"{1 - one.repeated_with / one.repeated_without:.2f}" if one.repeated_without else "–"
        lines.append(
            f"| {one.user} | {one.learned} | {one.corrected} | {one.repeated_without} | {one.repeated_with} | {gone}"
            f" | {one.right} | {one.wrong} | {one.errors_without} → {one.errors_with} of {one.words} words |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Read the options, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", nargs="+", choices=VOICES, default=list(VOICES))
    parser.add_argument("--out", type=Path, help="path of the results without ending")
    asked = parser.parse_args()
    before, found = system_load(), list[Outcome]()
    engines = Engines(choose_recognizer("whisper", Settings(), None))
    for user in asked.users:
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(home=Path(folder) / "home")
            found.append(outcome(user, settings, engines, Path(folder)))
            print(json.dumps(asdict(found[-1])), flush=True)
    print(shown := table(found))
    if asked.out:
        facts = circumstances(before, "faster-whisper", "ctranslate2")
        asked.out.with_suffix(".md").write_text(shown, "utf-8")
        record = {"speech": "synthetic", **facts, "users": [asdict(one) for one in found]}
        asked.out.with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
