"""A day in the reading room: clean reports, spoken, through ear, wording, writer and comparison. How many cards show?

    python -m benchmarks.day --split dev --count 60 --seed 3 --work FOLDER --out benchmarks/results/day

Speaks real reports (reports.py) in several voices. What the ear heard is kept in FOLDER, so that a second run only
compares. Each dictation is compared with the report written from it, which a reader would see, and with the report that
the same words would give if nothing were misheard, which tells what the errors of the ear cost. `shown`: cards of the
shortlist. A card points at a misheard word where one of the words behind its heard characters is not what was said.
Nothing of the reports' text is written: only ids, kinds and counts.
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import jiwer

from benchmarks.circumstances import circumstances, system_load
from benchmarks.reports import SpokenReport, archive, draw
from benchmarks.speech_wer import Spoken, speak
from benchmarks.voices import VOICES
from dictation.audio import Recording
from dictation.case import review_dictation
from dictation.discrepancy import Discrepancy
from dictation.discrepancy.ranking import shortlist
from dictation.lexicon import EMPTY_VOCABULARY
from dictation.report import ExtractiveWriter, Report
from dictation.settings import Settings
from dictation.speech import Engine, Transcript, Word
from dictation.speech.recognizer import Job
from dictation.wording import Dictation, write

HEADINGS = ("Findings", "Impression")


def heard(spoken: list[Spoken], folder: Path, threads: int) -> dict[str, Transcript]:
    """Return what the embedded ear heard, each recording once and kept in the folder."""
    from dictation.speech.whisper.recognizer import WhisperRecognizer

    recognizer: WhisperRecognizer | None = None
    found = {}
    for number, item in enumerate(spoken, 1):
        kept = folder / f"{item.id}.transcript.json"
        if not kept.exists():
            recognizer = recognizer or WhisperRecognizer.embedded(Settings(threads=threads))
            [(_, transcript)] = recognizer.transcribe([Job(item.id, Recording(Path(item.audio)), EMPTY_VOCABULARY)])
            if isinstance(transcript, Exception):
                raise transcript
            kept.write_text(transcript.model_dump_json(), encoding="utf-8")
            print(f"{number}/{len(spoken)}", file=sys.stderr, flush=True)
        found[item.id] = Transcript.model_validate_json(kept.read_text(encoding="utf-8"))
    return found


def perfect(report: SpokenReport) -> Report:
    """The report that would be written if every word were heard, and where each sentence ends."""
    spoken = " ".join(f"{line} {'colon' if line in HEADINGS else 'period'}" for line in report.lines)
    words = tuple(Word(text=text) for text in spoken.split())
    transcript = Transcript(recording=report.id, words=words, engine=Engine(name="script"), duration_s=0)
    return ExtractiveWriter().write(write([transcript]))


def misheard(dictation: Dictation, said: str) -> set[int]:
    """Return the numbers of the heard words that are not what was said there."""
    words = [core(word.text) for word in dictation.words]
    kept = [number for number, word in enumerate(words) if word]
    script = " ".join(filter(None, map(core, said.split())))
    [chunks] = jiwer.process_words(script, " ".join(words[number] for number in kept)).alignments
    return {
        kept[place]
        for chunk in chunks
        if chunk.type in ("substitute", "insert")
        for place in range(chunk.hyp_start_idx, chunk.hyp_end_idx)
    }


def core(word: str) -> str:
    """A word as it is compared: letters and digits in lower case."""
    return "".join(filter(str.isalnum, word.lower()))


def points_at(card: Discrepancy, dictation: Dictation, wrong: set[int]) -> bool:
    """True where a misheard word stands behind the heard characters of a card."""
    if card.heard is None or card.heard.span is None:
        return False
    start, stop = card.heard.span
    return any(
        not wrong.isdisjoint(link.words)
        for sentence in dictation.sentences
        for link in sentence.alignment
        if link.span[0] + dictation.spans[sentence.id][0] < stop
        and link.span[1] + dictation.spans[sentence.id][0] > start
    )


def measured(
    spoken: list[Spoken], transcripts: dict[str, Transcript], reports: dict[str, SpokenReport]
) -> dict[str, Any]:
    """Return the counts of cards against the two reports, and which reports had any."""
    result: dict[str, Any] = {"reports": len(spoken), "words misheard": 0}
    for name in ("report written from the dictation", "report of the words that were said"):
        severities, kinds, pointing, flagged = Counter[str](), Counter[str](), 0, []
        for item in spoken:
            dictation = write([transcripts[item.id]])
            wrong = misheard(dictation, item.spoken)
            written = None if name.endswith("dictation") else perfect(reports[item.id])
            case = review_dictation(dictation, writer=ExtractiveWriter(), written=written)
            listed = shortlist(case.discrepancies)
            severities.update(card.severity for card in listed.shown)
            severities["folded"] += len(listed.folded)
            kinds.update(f"{card.kind}/{card.severity}" for card in (*listed.shown, *listed.folded))
            pointing += sum(points_at(card, dictation, wrong) for card in listed.shown)
            if listed.shown:
                flagged.append(item.id)
            if written is None:
                result["words misheard"] += len(wrong)
        shown = severities["critical"] + severities["major"]
        result[name] = {
            "cards shown": shown, "critical": severities["critical"], "folded": severities["folded"],
            "shown cards that point at a misheard word": pointing, "kinds": dict(kinds.most_common()),
            "reports with a card": flagged,
        }  # fmt: skip
    return result


def main() -> None:
    """Speak, hear, compare, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reports", type=Path, help="the archive of Open-I, where torchxrayvision is not installed")
    parser.add_argument("--split", choices=("dev", "test"), default="dev")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--min-critical", type=int, default=0)
    parser.add_argument("--voices", nargs="+", choices=VOICES, default=[name for name in VOICES if name != "hibari"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--work", type=Path, required=True, help="folder for the speech and what was heard")
    parser.add_argument("--out", type=Path, help="OUT.json is written")
    options = parser.parse_args()
    before = system_load()
    spoken = speak(options, options.work)
    reports = draw(archive(options.reports), options.split, options.count, options.seed, options.min_critical)
    transcripts = heard(spoken, options.work, options.threads)
    result = {"split": options.split, "seed": options.seed}
    result |= measured(spoken, transcripts, {report.id: report for report in reports})
    result |= circumstances(before, "faster-whisper", "ctranslate2")
    print(json.dumps(result, indent=1))
    if options.out:
        options.out.with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
