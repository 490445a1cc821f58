"""Words that are asked before a report is signed: how many of the wrong ones, and how many needless questions a report?

    python -m benchmarks.doubtful_words --split dev --count 40 --seed 41 --work FOLDER

Speaks real reports as `day` does (its FOLDER may be shared, and what was heard is kept in it), writes them and counts
the questions. A heard word is wrong where it is not what was said there (written apart or together is one), and counts
as content where `matters` says so; figures are left out, as "5" for "five" is no error, and what the lexicon put right.
A question is needless where none of its words is wrong. Nothing of the reports' text is written.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from benchmarks.circumstances import circumstances, system_load
from benchmarks.day import core, heard, misheard
from benchmarks.speech_wer import Spoken, speak
from benchmarks.voices import VOICES
from dictation.case import review_dictation
from dictation.case.doubtful import doubtful_words, matters
from dictation.report import ExtractiveWriter
from dictation.speech import Transcript
from dictation.wording import Dictation, write


def wrong_words(dictation: Dictation, said: str) -> set[int]:
    """The misheard words, but for those that are only written apart or together ("air space", "airspace")."""
    letters = "".join(map(core, said.split()))
    wrong = misheard(dictation, said)
    words = [core(word.text) for word in dictation.words]

    def is_said(number: int) -> bool:
        before, after = words[max(0, number - 2) : number], words[number + 1 : number + 3]
        return "".join((*before, words[number], *after)) in letters

    return {number for number in wrong if not is_said(number)}


def measured(spoken: list[Spoken], transcripts: dict[str, Transcript]) -> dict[str, Any]:
    """Return the counts over all reports."""
    all_wrong = asked_words = questions = needless = on_clean = clean = 0
    for item in spoken:
        dictation = write([transcripts[item.id]])
        case = review_dictation(dictation, writer=ExtractiveWriter())
        wrong = wrong_words(dictation, item.spoken)
        body = [one for one in dictation.sentences if one.section in ("findings", "impression", None)]
        content = {
            number
            for one in body
            for link in one.alignment
            if not link.corrected
            for number in link.words
            if number in wrong
            and not any(map(str.isdigit, one.text[slice(*link.span)]))
            and matters(dictation.words[number].text.strip(".,:;?!"))
        }
        asked = doubtful_words(case)
        behind = [
            {
                n
                for n, w in enumerate(dictation.words)
                if one.start_s <= (w.start_s or 0) and (w.end_s or 0) <= one.end_s
            }
            for one in asked
            if one.start_s is not None and one.end_s is not None
        ]
        idle = sum(wrong.isdisjoint(words) for words in behind)
        all_wrong += len(content)
        asked_words += len(content & set().union(*behind))
        questions += len(asked)
        needless += idle
        if not content:
            clean += 1
            on_clean += idle
    return {
        "reports": len(spoken),
        "wrong content words": all_wrong,
        "of them asked": asked_words,
        "questions a report": round(questions / len(spoken), 2),
        "needless questions a report": round(needless / len(spoken), 2),
        "reports without a wrong content word": clean,
        "needless questions on one of these": round(on_clean / clean, 2) if clean else None,
    }


def main() -> None:
    """Speak, hear, write, count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reports", type=Path, help="the archive of Open-I, where torchxrayvision is not installed")
    parser.add_argument("--split", choices=("dev", "test"), default="dev")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=41)
    parser.add_argument("--min-critical", type=int, default=0)
    parser.add_argument("--voices", nargs="+", choices=VOICES, default=[name for name in VOICES if name != "hibari"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--work", type=Path, required=True, help="folder for the speech and what was heard")
    parser.add_argument("--out", type=Path, help="OUT.json is written")
    options = parser.parse_args()
    before = system_load()
    spoken = speak(options, options.work)
    result = {"split": options.split, "seed": options.seed}
    result |= measured(spoken, heard(spoken, options.work, options.threads))
    result |= circumstances(before, "faster-whisper", "ctranslate2")
    print(json.dumps(result, indent=1))
    if options.out:
        options.out.with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
