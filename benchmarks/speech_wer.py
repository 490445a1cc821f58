"""Word errors of our embedded ear beside plain faster-whisper with the same weights, on synthetic speech.

    python -m benchmarks.speech_wer --split dev --count 24 --seed 1 --out benchmarks/results/speech_dev

Speaks real reports (reports.py) in several voices (voices.py), one voice a report, then lets three systems hear each
file in turn: `plain` faster-whisper with everything default, `prompted`, the same given our prompt, and `ours`, the
recognizer followed by the correction of misheard terms. All use int8 and the same number of threads. Writes OUT.md and
OUT.json: ids, seeds and scores, never a word of a report.
"""

import argparse
import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from benchmarks.circumstances import circumstances, system_load
from benchmarks.reports import SPLITS, archive, draw
from benchmarks.scoring import Score, score
from benchmarks.summary import Measured, table
from benchmarks.voices import SAMPLE_RATE, VOICES, silence, speak_line
from dictation.audio import Recording
from dictation.lexicon import rows
from dictation.lexicon.vocabulary import EMPTY_VOCABULARY
from dictation.settings import Settings
from dictation.speech.recognizer import Job
from dictation.speech.whisper.recognizer import EMBEDDED
from dictation.weights import joined

GAP_S = 0.4  # silence between sentences
LEVEL = 0.6  # loudest sample of a spoken report
DRAW = ("split", "count", "seed", "min_critical", "voices")  # the options that decide what is spoken
SYSTEMS = ("plain", "prompted", "ours")
System = Callable[[Path], str]  # a recording → the words heard, in spoken form


@dataclass(frozen=True)
class Spoken:
    """One recording of the benchmark: the report's id, its voice, the file, and what was said."""

    id: str
    voice: str
    audio: str
    spoken: str


def speak(options: argparse.Namespace, folder: Path) -> list[Spoken]:
    """Speak the drawn reports into `folder`, or take what an equal call left there."""
    drawn = {key: getattr(options, key) for key in DRAW}
    manifest, mark = folder / "manifest.json", folder / "drawn.json"
    if mark.is_file() and json.loads(mark.read_text()) == drawn:
        return [Spoken(**item) for item in json.loads(manifest.read_text())]
    folder.mkdir(parents=True, exist_ok=True)
    spoken = []
    reports = draw(archive(options.reports), options.split, options.count, options.seed, options.min_critical)
    for number, report in enumerate(reports):
        voice = options.voices[number % len(options.voices)]
        pieces = [silence(GAP_S)]
        for line in report.lines:
            pieces += [speak_line(line, voice), silence(GAP_S)]
        sound = np.concatenate(pieces)
        path = folder / f"{report.id}-{voice}.flac"
        soundfile.write(path, sound / np.abs(sound).max() * LEVEL, SAMPLE_RATE)
        spoken.append(Spoken(report.id, voice, str(path), " ".join(report.lines)))
    manifest.write_text(json.dumps([asdict(item) for item in spoken], indent=1))
    mark.write_text(json.dumps(drawn))
    return spoken


def systems(names: list[str], threads: int) -> dict[str, System]:
    """The systems that listen, loaded."""
    settings = Settings(threads=threads)
    peer = _peer(settings)
    known: dict[str, Callable[[], System]] = {
        "plain": lambda: lambda path: peer(path, None),
        "prompted": lambda: lambda path: peer(path, " ".join(row["sentence"] for row in rows("prompt"))),
        "ours": lambda: _ours(settings),
    }
    return {name: known[name]() for name in names}


def _peer(settings: Settings) -> Callable[[Path, str | None], str]:
    from faster_whisper import WhisperModel

    folder = joined(EMBEDDED, settings.cache)
    model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=settings.threads)

    def hear(path: Path, prompt: str | None) -> str:
        segments, _ = model.transcribe(str(path), **({"initial_prompt": prompt} if prompt else {}))
        return " ".join(segment.text.strip() for segment in segments)

    return hear


def _ours(settings: Settings) -> System:
    from dictation.speech.whisper.recognizer import WhisperRecognizer
    from dictation.wording.misheard import correct_terms

    recognizer = WhisperRecognizer.embedded(settings)

    def hear(path: Path) -> str:
        [(_, transcript)] = recognizer.transcribe([Job(path.stem, Recording(path), EMPTY_VOCABULARY)])
        if isinstance(transcript, Exception):
            raise transcript
        return " ".join(word.text for word in correct_terms(transcript.words, EMPTY_VOCABULARY))

    return hear


def measure(spoken: list[Spoken], listening: dict[str, System]) -> tuple[list[Measured], dict[str, list[Score]]]:
    """Let every system hear every file, one file after the other; who begins changes from file to file."""
    for hear in listening.values():
        hear(Path(spoken[0].audio))  # warm, uncounted
    measured: list[Measured] = []
    scores: dict[str, list[Score]] = {name: [] for name in listening}
    names = list(listening)
    for number, item in enumerate(spoken):
        duration_s = soundfile.info(item.audio).duration
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            wall, cpu = time.perf_counter(), time.process_time()
            heard = listening[name](Path(item.audio))
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            result = score(item.spoken, heard)
            scores[name].append(result)
            counts = (result.errors, result.words, result.critical_errors, result.critical_words)
            kinds = (result.substitutions, result.deletions, result.insertions)
            measured.append(Measured(item.id, item.voice, name, duration_s, wall, cpu, *counts, *kinds))
        print(f"{number + 1}/{len(spoken)}", flush=True)
    return measured, scores


def confusions(scores: dict[str, list[Score]]) -> str:
    """Said and heard where they differ, most frequent first: for the misheard-term data, never to be committed."""
    lines = []
    for name, results in scores.items():
        counted = Counter(pair for result in results for pair in result.confusions)
        lines += [f"{name}\t{count}\t{said}\t{heard}" for (said, heard), count in counted.most_common()]
    return "system\tcount\tsaid\theard\n" + "\n".join(lines) + "\n"


def _facts(options: argparse.Namespace, load_before: float) -> dict[str, Any]:
    """What is needed to measure the same again."""
    packages = ("faster-whisper", "ctranslate2", "jiwer", "whisper-normalizer")
    return {
        "speech": "synthetic",
        **{key: getattr(options, key) for key in (*DRAW, "threads")},
        "weights_sha256": EMBEDDED.sha256,
        **circumstances(load_before, *packages),
    }


def main() -> None:
    """Read the options, speak, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", choices=sorted(SPLITS), default="dev", help="tune on dev only")
    parser.add_argument("--count", type=int, default=48, help="reports to draw")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--min-critical", type=int, default=0, help="critical words that a drawn report has at least")
    parser.add_argument("--voices", nargs="+", choices=sorted(VOICES), default=sorted(VOICES))
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=SYSTEMS)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--reports", type=Path, help="the Open-I archive NLMCXR_reports.tgz, where not installed")
    parser.add_argument("--audio", type=Path, help="keep the spoken reports here (default: a temporary folder)")
    parser.add_argument("--confusions", type=Path, help="write said/heard pairs here, outside the repository")
    parser.add_argument("--speak-only", action="store_true")
    parser.add_argument("--out", type=Path, help="path of the results without ending")
    options = parser.parse_args()
    before = system_load()
    with tempfile.TemporaryDirectory() as temporary:
        spoken = speak(options, options.audio or Path(temporary))
        if options.speak_only:
            return
        measured, scores = measure(spoken, systems(options.systems, options.threads))
    facts = _facts(options, before)
    text = table(measured, facts)
    print(text)
    if options.out:
        options.out.with_suffix(".md").write_text(text)
        record = facts | {"reports": [asdict(item) for item in measured]}
        options.out.with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n")
    if options.confusions:
        options.confusions.write_text(confusions(scores))


if __name__ == "__main__":
    main()
