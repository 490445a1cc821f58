"""Whether any cut of a recording of people loses, doubles or moves words without a warning.

    python -m benchmarks.people_cuts FOLDER --every 1 --length 17

Every recording of FOLDER (any text beside it is not needed) is heard as a whole, and then each stretch of `length`
seconds that begins `every` seconds after the one before. Counted are, in all cuts: runs of four and more words of the
whole hearing that the cut does not have where no warning names their seconds; stretches of voice that have neither
words nor a warning; words said twice in a row that the whole hearing has once; words that are out of order. Prints
counts and where they are, never a word.
"""

import argparse
import difflib
import itertools
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.circumstances import circumstances, system_load
from benchmarks.people import BURST, SOUND, normalised
from dictation.audio import SAMPLE_RATE, Recording
from dictation.audio.voice import speech_spans
from dictation.lexicon import EMPTY_VOCABULARY
from dictation.settings import Settings
from dictation.speech import Transcript
from dictation.speech.placing import SPOKEN, unaccounted
from dictation.speech.recognizer import Job
from dictation.speech.whisper.recognizer import WhisperRecognizer

EDGE_S = 1.0  # at both ends of a cut, where a word may be cut in two
LEAST_VOICE_S = 0.7  # without a word or a warning: "uh" stays below
_CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d\d)")
Said = list[tuple[str, float, float]]  # a normalised word, and its seconds


@dataclass
class Found:
    """What went wrong in the cuts of one recording: places in seconds of it."""

    name: str
    cuts: int
    lost: list[float]
    silent: list[float]
    doubled: list[float]
    moved: list[float]


def heard(ear: WhisperRecognizer, recording: Recording) -> Transcript:
    """One hearing. Raises what the ear raises."""
    [(_, transcript)] = ear.transcribe([Job("cut", recording, EMPTY_VOCABULARY)])
    if isinstance(transcript, Exception):
        raise transcript
    return transcript


def said(transcript: Transcript, from_s: float = 0.0) -> Said:
    """The words as they are compared, on the clock of the whole recording."""
    return [
        (part, from_s + (word.start_s or 0.0), from_s + (word.end_s or 0.0))
        for word in transcript.words
        for part in normalised(word.text).split()
    ]


def warned(transcript: Transcript, from_s: float) -> list[tuple[float, float]]:
    """The seconds that warnings name, on the clock of the whole recording; all of it where one names none."""
    spans = []
    for warning in transcript.warnings:
        stamps = [int(h or 0) * 3600 + int(m) * 60 + int(s) for h, m, s in _CLOCK.findall(warning)]
        spans.append((from_s + min(stamps) - 1, from_s + max(stamps) + 1) if stamps else (0.0, float("inf")))
    return spans


def examine(ear: WhisperRecognizer, path: Path, every_s: float, length_s: float) -> Found:
    """Hear all cuts of one recording."""
    samples = Recording(path).samples()
    whole = said(heard(ear, Recording.from_samples(samples, SAMPLE_RATE, path.name)))
    found = Found(path.stem, 0, [], [], [], [])
    start_s = 0.0
    while start_s + length_s <= len(samples) / SAMPLE_RATE:
        piece = samples[round(start_s * SAMPLE_RATE) : round((start_s + length_s) * SAMPLE_RATE)]
        transcript = heard(ear, Recording.from_samples(piece, SAMPLE_RATE, path.name))
        _compare(found, transcript, whole, start_s, length_s, speech_spans(piece, SPOKEN))
        found.cuts += 1
        start_s += every_s
    return found


def _compare(
    found: Found, transcript: Transcript, whole: Said, start_s: float, length_s: float, voice: list[tuple[float, float]]
) -> None:
    spans, own = warned(transcript, start_s), said(transcript, start_s)
    inside = [one for one in whole if start_s + EDGE_S <= one[1] and one[2] <= start_s + length_s - EDGE_S]
    texts, own_texts = [one[0] for one in inside], [one[0] for one in own]
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, texts, own_texts, autojunk=False).get_opcodes():
        if (
            tag in ("delete", "replace")
            and (i2 - i1) - (j2 - j1) >= BURST
            and not _told(spans, inside[i1], inside[i2 - 1])
        ):
            found.lost.append(round(inside[i1][1], 1))
    found.doubled += [one for one in _repeats(own) if not any(abs(one - other) < 2 for other in _repeats(whole))]
    times = [word.start_s or 0.0 for word in transcript.words]
    found.moved += [round(start_s + two, 1) for one, two in itertools.pairwise(times) if two < one]
    for region in unaccounted(list(transcript.words), voice):
        where = ("", start_s + region.start_s, start_s + region.end_s)
        if region.voice_s >= LEAST_VOICE_S and not _told(spans, where, where):
            found.silent.append(round(where[1], 1))


def _told(spans: list[tuple[float, float]], first: tuple[str, float, float], last: tuple[str, float, float]) -> bool:
    return any(start_s < last[2] and first[1] < end_s for start_s, end_s in spans)


def _repeats(words: Said) -> list[float]:
    """Where two or three words are said again at once, in seconds."""
    texts = [one[0] for one in words]
    return [
        round(words[at][1], 1)
        for at in range(len(texts))
        for count in (2, 3)
        if len(texts) >= at + 2 * count and texts[at : at + count] == texts[at + count : at + 2 * count]
    ]


def main() -> None:
    """Read the options, hear, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=float, default=1.0, help="seconds from one cut to the next")
    parser.add_argument("--length", type=float, default=17.0, help="seconds of a cut")
    parser.add_argument("--only", default="", help="a pattern of names")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, help="path of the results without ending")
    asked = parser.parse_args()
    before = system_load()
    ear = WhisperRecognizer.embedded(Settings(threads=asked.threads))
    paths = [path for path in sorted(asked.folder.rglob("*")) if path.suffix.lower() in SOUND]
    results = []
    for path in (path for path in paths if re.search(asked.only, path.stem)):
        results.append(one := examine(ear, path, asked.every, asked.length))
        print(f"{one.name}: {one.cuts} cuts, lost {one.lost}, no words {one.silent}, twice {one.doubled}, "
              f"moved {one.moved}", flush=True)  # fmt: skip
    if asked.out:
        record = {"speech": "people", "every_s": asked.every, "length_s": asked.length, **circumstances(before)}
        record["recordings"] = [asdict(one) for one in results]
        asked.out.with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
