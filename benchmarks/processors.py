"""The same recordings on each set of instructions of a processor: do critical words and alerts stay the same?

    python -m benchmarks.processors --split test --count 24 --work FOLDER --out benchmarks/results/processors

Int8 and float kernels differ between processors, so the embedded ear does not give each comma alike. What must stay is
what a reader rests on: sides, negations, numbers, units, levels, and the alerts. The speech of `benchmarks.day` and the
examples of audio_samples/ are heard by one program for each set of instructions, which the libraries are told to keep
to. Each set is held against the first, the machine's own. Written: counts, and the critical words that differ, each as
a pair, with whether either hearing doubts it by an alert of its own; never a text.
"""

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import jiwer

from benchmarks.circumstances import circumstances, system_load
from benchmarks.day import core, heard, perfect, points_at
from benchmarks.reports import archive, draw
from benchmarks.scoring import is_critical, normalised
from benchmarks.speech_wer import Spoken, speak
from benchmarks.voices import VOICES
from dictation.case import review_dictation
from dictation.discrepancy import Discrepancy
from dictation.report import ExtractiveWriter, Report, load_report
from dictation.speech import Transcript
from dictation.wording import Dictation, write

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "audio_samples"
GRAVE = ("critical", "major")
SETS: dict[str, dict[str, str]] = {  # what each library calls the newest instructions that it may use
    "own": {},
    "avx512": {
        "CT2_FORCE_CPU_ISA": "AVX512", "ONEDNN_MAX_CPU_ISA": "AVX512_CORE", "MKL_ENABLE_INSTRUCTIONS": "AVX512",
        "OPENBLAS_CORETYPE": "SkylakeX",
    },
    "avx2": {
        "CT2_FORCE_CPU_ISA": "AVX2", "ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2",
        "OPENBLAS_CORETYPE": "Haswell",
    },
}  # fmt: skip


class Heard(NamedTuple):
    """One recording as one set of instructions heard it."""

    dictation: Dictation
    alerts: tuple[Discrepancy, ...]

    @property
    def grave(self) -> Counter[tuple[str, str]]:
        """How many alerts of each kind stand unfolded before the signature."""
        return Counter((alert.kind, alert.severity) for alert in self.alerts if alert.severity in GRAVE)

    def doubts(self, words: set[int]) -> bool:
        """Whether an alert on what was heard points at one of these words."""
        return any(points_at(alert, self.dictation, words) for alert in self.alerts if alert.kind == "critical_word")


def examples() -> Iterator[tuple[Spoken, Report | None]]:
    """The recordings of audio_samples/, each with the report that it is held against: None for one to be written."""
    for entry in json.loads((SAMPLES / "samples.json").read_text(encoding="utf-8")):
        script = (SAMPLES / entry["script"]).read_text(encoding="utf-8")
        report = load_report(SAMPLES / entry["report"]) if entry["report"] else None
        yield Spoken(entry["id"], entry["voice"], str(SAMPLES / entry["audio"]), script), report


def heard_as(name: str, manifest: Path, work: Path, threads: int) -> dict[str, Transcript]:
    """What the ear hears with a set of instructions, in a program of its own; kept in the folder."""
    folder = work / name
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "benchmarks.processors", "--hear", str(manifest), "--work", str(folder)]
    subprocess.run([*command, "--threads", str(threads)], check=True, cwd=ROOT, env=os.environ | SETS[name])
    return heard([Spoken(**item) for item in json.loads(manifest.read_text())], folder, threads)


def reviewed(transcript: Transcript, report: Report | None) -> Heard:
    """The dictation of a transcript, and the alerts that a report draws beside it."""
    dictation = write([transcript])
    case = review_dictation(dictation, writer=ExtractiveWriter(), written=report)
    return Heard(dictation, tuple(case.discrepancies))


def differing(one: Heard, other: Heard) -> Iterator[dict[str, Any]]:
    """The stretches of words that differ with a critical word among them: that word of each, and who doubts it."""
    words = [[core(word.text) for word in each.dictation.words] for each in (one, other)]
    kept = [[number for number, word in enumerate(of) if word] for of in words]
    texts = [" ".join(of[number] for number in places) for of, places in zip(words, kept, strict=True)]
    for chunk in jiwer.process_words(*texts).alignments[0]:
        if chunk.type == "equal":
            continue
        spans = (chunk.ref_start_idx, chunk.ref_end_idx), (chunk.hyp_start_idx, chunk.hyp_end_idx)
        places = [set(numbers[start:stop]) for numbers, (start, stop) in zip(kept, spans, strict=True)]
        critical = [
            [token for number in sorted(of) for token in normalised(words[side][number]).split() if is_critical(token)]
            for side, of in enumerate(places)
        ]
        if critical[0] != critical[1]:
            is_doubted = one.doubts(places[0]) or other.doubts(places[1])
            yield {"own": " ".join(critical[0]), "other": " ".join(critical[1]), "doubted": is_doubted}


def measured(own: dict[str, Heard], other: dict[str, Heard]) -> dict[str, Any]:
    """Counts of what differs between two hearings of the same recordings."""
    pairs = [(own[name], other[name]) for name in own]
    tokens = [token for one, _ in pairs for token in normalised(one.dictation.text).split()]
    found = [row for one, two in pairs for row in differing(one, two)]
    return {
        "recordings": len(pairs),
        "same words": sum(
            [core(w.text) for w in one.dictation.words] == [core(w.text) for w in two.dictation.words]
            for one, two in pairs
        ),
        "critical words": sum(map(is_critical, tokens)),
        "places where critical words differ": len(found),
        "of these doubted by an alert": sum(row["doubted"] for row in found),
        "same grave alerts": sum(one.grave == two.grave for one, two in pairs),
        "grave alerts of one alone": {
            name: [" ".join(alert) for alert in (one.grave - two.grave) + (two.grave - one.grave)]
            for name, (one, two) in zip(own, pairs, strict=True)
            if one.grave != two.grave
        },
        "differing": found,
    }


def main() -> None:
    """Speak, hear once for each set of instructions, compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reports", type=Path, help="the archive of Open-I, where torchxrayvision is not installed")
    parser.add_argument("--split", choices=("dev", "test"), default="test")
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--min-critical", type=int, default=3)
    parser.add_argument("--voices", nargs="+", choices=VOICES, default=[name for name in VOICES if name != "hibari"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--work", type=Path, required=True, help="folder for the speech and what was heard")
    parser.add_argument("--out", type=Path, help="OUT.json is written")
    parser.add_argument("--hear", type=Path, help=argparse.SUPPRESS)  # the program for one set of instructions
    options = parser.parse_args()
    if options.hear:
        heard([Spoken(**item) for item in json.loads(options.hear.read_text())], options.work, options.threads)
        return
    before = system_load()
    drawn = {
        report.id: perfect(report)
        for report in draw(archive(options.reports), options.split, options.count, options.seed, options.min_critical)
    }
    spoken = speak(options, options.work)
    texts = list(examples())
    manifest = options.work / "all.json"
    manifest.write_text(json.dumps([asdict(item) for item in (*spoken, *(item for item, _ in texts))]))
    reports: dict[str, Report | None] = {**drawn, **{item.id: report for item, report in texts}}
    hearings = {}
    for name in SETS:
        transcripts = heard_as(name, manifest, options.work, options.threads)
        hearings[name] = {id_: reviewed(transcript, reports[id_]) for id_, transcript in transcripts.items()}
    result: dict[str, Any] = {"split": options.split, "seed": options.seed}
    result |= {name: measured(hearings["own"], hearings[name]) for name in SETS if name != "own"}
    result |= circumstances(before, "faster-whisper", "ctranslate2")
    print(json.dumps(result, indent=1))
    if options.out:
        options.out.with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
