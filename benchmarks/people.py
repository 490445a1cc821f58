"""Word errors of our embedded ear beside plain faster-whisper with the same weights, on recordings of people.

    python -m benchmarks.people FOLDER --systems plain ours --out benchmarks/results/people

FOLDER, which is yours, holds recordings, each beside its text: NAME.txt with a line "[D-1] D: …" for each turn of a
talk, or NAME.lab; or words*.json with the "words" of each NAME. Files of one folder are one set. Prints substitutions,
deletions and insertions apart, runs of four and more deleted words, and processor seconds as a share of the first
system's. Counts of each set are written, never a name nor a word.
"""

import argparse
import itertools
import json
import re
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import jiwer
import soundfile
from whisper_normalizer.english import EnglishTextNormalizer

from benchmarks.circumstances import circumstances, system_load
from benchmarks.speech_wer import SYSTEMS, systems

BURST = 4  # words deleted in a row
SOUND = (".flac", ".wav", ".mp3", ".opus", ".ogg")
_TURN = re.compile(r"^\[\w+-\d+\]\s*\w+:\s*", re.MULTILINE)
_FILLED = {
    "um",
    "uh",
    "umm",
    "uhm",
    "uhh",
    "hmm",
    "mm",
    "mhm",
    "mmhmm",
    "mm-hmm",
    "uhhuh",
    "uh-huh",
    "huh",
    "er",
    "erm",
    "ah",
}
_SAME = {"alright": "all right", "ok": "okay", "yknow": "you know"}
_NORMAL = EnglishTextNormalizer()


@dataclass(frozen=True)
class Talk:
    """One recording: its set and name, the file, and what was said."""

    group: str
    name: str
    path: Path
    said: str


@dataclass(frozen=True)
class Counts:
    """What a system made of one recording: errors by kind, words said, runs of deletions, seconds of processor."""

    system: str
    group: str
    name: str
    seconds: float
    words: int
    substituted: int
    deleted: int
    inserted: int
    bursts: int
    cpu_s: float

    @property
    def errors(self) -> int:
        """All kinds together."""
        return self.substituted + self.deleted + self.inserted


def talks(folder: Path) -> list[Talk]:
    """The recordings of a folder and its folders that have a text, by name."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in SOUND):
        if (said := _text_of(path)) and normalised(said):
            found.append(Talk(path.parent.relative_to(folder).as_posix(), path.stem, path, said))
    return found


def _text_of(path: Path) -> str:
    if (turns := path.with_suffix(".txt")).is_file():
        return _TURN.sub("", turns.read_text("utf-8"))
    if (line := path.with_suffix(".lab")).is_file():
        return re.sub(r"<[^>]*>|[\[\]]", " ", line.read_text("utf-8"))
    for words in path.parent.glob("words*.json"):
        if row := json.loads(words.read_text("utf-8")).get(path.stem):
            return str(row["words"])
    return ""


def normalised(text: str) -> str:
    """The form in which texts are compared: Whisper's English normaliser, without filled pauses, "OK" as "okay"."""
    plain = re.sub(r"\b[\w-]+\b", lambda found: "" if found[0].lower() in _FILLED else found[0], text)
    words = [word for word in _NORMAL(plain).split() if word not in _FILLED]
    return " ".join(_SAME.get(word, word) for word in words)


def counted(system: str, talk: Talk, heard: str, seconds: float, cpu_s: float) -> Counts:
    """Score one hypothesis."""
    output = jiwer.process_words(normalised(talk.said), normalised(heard))
    runs = itertools.groupby(output.alignments[0], lambda chunk: chunk.type)
    deleted = [sum(chunk.ref_end_idx - chunk.ref_start_idx for chunk in run) for kind, run in runs if kind == "delete"]
    return Counts(
        system, talk.group, talk.name, seconds, len(output.references[0]),
        output.substitutions, output.deletions, output.insertions, sum(length >= BURST for length in deleted), cpu_s,
    )  # fmt: skip


def measured(found: list[Talk], names: list[str], threads: int, keep: Path | None) -> Iterator[Counts]:
    """Let each system hear each recording in turn; `keep` is a folder for what they heard."""
    listening = systems(names, threads)
    for hear in listening.values():
        hear(min(found, key=lambda talk: talk.path.stat().st_size).path)  # warm, uncounted
    for number, talk in enumerate(found):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            begun = time.process_time()
            heard = listening[name](talk.path)
            cpu_s = time.process_time() - begun
            if keep:
                (keep / f"{talk.name}.{name}.txt").write_text(heard, "utf-8")
            yield counted(name, talk, heard, soundfile.info(talk.path).duration, cpu_s)
        print(f"{number + 1}/{len(found)}", flush=True)


def table(counts: list[Counts], names: list[str]) -> str:
    """One row for each set and system, and one for all."""
    lines = [
        "| set | system | words | wrong | S / D / I | bursts | of first: wrong | deleted | processor |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    groups = sorted({one.group for one in counts})
    for group in [*groups, ""] if len(groups) > 1 else groups:
        first = _summed(counts, names[0], group)
        for name in names:
            s = _summed(counts, name, group)
            lines.append(
                f"| {group or 'all'} | {name} | {s.words} | {100 * s.errors / s.words:.1f} % "
                f"| {s.substituted} / {s.deleted} / {s.inserted} | {s.bursts} | {_share(s.errors, first.errors)} "
                f"| {_share(s.deleted, first.deleted)} | {_share(s.cpu_s, first.cpu_s)} |"
            )
    return "\n".join(lines) + "\n"


def _share(ours: float, theirs: float) -> str:
    return f"{ours / theirs:.2f}" if theirs else "–"


def _summed(counts: list[Counts], name: str, group: str) -> Counts:
    own = [one for one in counts if one.system == name and group in ("", one.group)]
    return Counts(
        name, group, "", sum(one.seconds for one in own), sum(one.words for one in own),
        sum(one.substituted for one in own), sum(one.deleted for one in own), sum(one.inserted for one in own),
        sum(one.bursts for one in own), sum(one.cpu_s for one in own),
    )  # fmt: skip


def main() -> None:
    """Read the options, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=["plain", "prompted", "ours"])
    parser.add_argument("--only", default="", help="a pattern of names")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="keep what was heard in this folder, outside the repository")
    parser.add_argument("--out", type=Path, help="path of the results without ending")
    asked = parser.parse_args()
    found = [talk for talk in talks(asked.folder) if re.search(asked.only, talk.name)]
    if not found:
        parser.error(f"{asked.folder}: holds no recording beside its text.")
    if asked.keep:
        asked.keep.mkdir(parents=True, exist_ok=True)
    before = system_load()
    counts = list(measured(found, asked.systems, asked.threads, asked.keep))
    shown = table(counts, asked.systems)
    print(shown)
    if asked.out:
        facts = circumstances(before, "faster-whisper", "ctranslate2", "jiwer", "whisper-normalizer")
        asked.out.with_suffix(".md").write_text(shown, "utf-8")
        sets = [
            _summed(counts, name, group) for group in sorted({one.group for one in counts}) for name in asked.systems
        ]
        record = {"speech": "people", **facts, "recordings": len(found), "sets": [asdict(one) for one in sets]}
        asked.out.with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
