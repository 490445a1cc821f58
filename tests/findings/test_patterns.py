"""No regular expression of `dictation` takes much longer on a hostile text, counted in steps and not in seconds."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dictation.findings import extract
from dictation.wording.typed import typed
from tests.findings.every_pattern import LINEAR, QUADRATIC, growth

ROOT = Path(__file__).parents[2]
AT_ONE_PLACE = {
    ("discrepancy/clauses.py", "_BEFORE"): "asked about the text before one phrase of a clause",
    ("discrepancy/clauses.py", "_AFTER"): "matched behind one phrase",
    ("discrepancy/identity.py", "_DIGEST"): "must fit a whole name",
    ("discrepancy/doubts/confusable.py", "_after"): "matched behind one word",
    ("discrepancy/scores.py", "_VALUE"): "asked about one score",
    ("findings/sections.py", "_headings"): "matched where a heading may begin",
    ("findings/sentences.py", "_ITEM"): "matched where a sentence begins",
    ("hub.py", "_NAME"): "must fit a whole name",
    ("lexicon/data/confusable.tsv", ""): "asked about the words around one word",
    ("lexicon/persons.py", "_heading"): "matched where a line begins",
    ("lexicon/rivals.py", "rivals_of"): "must fit a whole word",
    ("report/concern.py", "_JOINED"): "matched behind one organ",
    ("report/concern.py", "_acted_on"): "matched behind one organ",
    ("report/existing.py", "HEADING"): "matched where a sentence begins, sixty characters at most",
    ("report/statements.py", "_SPOKEN_DATE"): "matched behind the name of a month",
    ("speech/clock.py", "_CLOCK"): "asked about a name of a recording",
    ("wording/said.py", "LAST_WORD"): "asked about forty characters",
    ("wording/said.py", "_ways"): "must fit a whole utterance",
    ("wording/sizes.py", "LABELLED"): "must fit the shape of one size",
    ("wording/typed.py", "_said_twice"): "matched behind one heading",
}
"""Quadratic if a whole text were searched with them, which is not done; any other pattern must be linear there."""
MADE_OF_OTHERS = {
    ("discrepancy/named_patient.py", "other_patient"): "asked of one date; the notations of a day are asked themselves",
    ("discrepancy/doubts/confusable.py", "_words"): "a cell of confusable.tsv, which is asked itself",
    ("records/passwords.py", "_rests"): "asked of a password, whose length is bounded",
    ("review/event_log.py", "_allowed"): "one class and a bound each, for values of the log's own",
    ("extras.py", "_requirements"): "reads the package's own metadata",
    ("wording/said.py", "_matches"): "counts the letters before one word of an utterance",
}


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    run = [sys.executable, "-m", "tests.findings.every_pattern"]
    answer = subprocess.run(run, cwd=ROOT, check=True, capture_output=True, text=True)
    told: dict[str, Any] = json.loads(answer.stdout)
    return told


def test_no_pattern_is_overlooked(found: dict[str, Any]) -> None:
    unseen = {tuple(place) for place in found["unseen"]} - set(MADE_OF_OTHERS)
    assert not unseen, "let every_pattern.py reach them, or say above why they need not be asked"
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "dictation").rglob("*.py"))
    assert found["calls"] >= sum(source.count("re.compile(") for source in sources) > 50
    assert found["patterns"] >= found["calls"]


def test_no_pattern_is_worse_than_quadratic_and_those_for_whole_texts_are_linear(found: dict[str, Any]) -> None:
    assert not [slow for slow in found["slow"] if slow["growth"] > QUADRATIC]
    slow = [slow for slow in found["slow"] if (slow["file"], slow["name"]) not in AT_ONE_PLACE]
    assert not slow, (
        "begin it behind a lookbehind, make its repeat possessive, or say above why it is asked at one place"
    )


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"(?<!\.)\.++(?=\s)", 2),
        (r"[a-z]+\d", 4),
        (r"\bno (?:\w+ ){0,3}effusion", 2),
        (r"\s*\s*x", 8),
        (r"(?:a+)+b", 99),
        (r"(?:a.|.a)*b", 99),
    ],
)
def test_the_growth_of_known_patterns_is_told(pattern: str, expected: float) -> None:
    assert growth(re.compile(pattern), 32) == pytest.approx(expected, rel=0.15)
    told = growth(re.compile(pattern))  # of shorter texts, as all patterns are asked
    assert [told > limit for limit in (LINEAR, QUADRATIC)] == [expected > limit for limit in (LINEAR, QUADRATIC)]


def test_a_run_of_full_stops_is_one_sentence_end() -> None:
    text = "Lungs clear" + "." * 30_000 + "x No effusion..."
    assert [text[slice(*claim.span)] for claim in extract(text)][-1:] == ["No effusion"]
    assert len(typed(text).sentences) == 1
    assert [sentence.text for sentence in typed("Clear?!... (Well.) No.").sentences] == ["Clear?!...", "(Well.)", "No."]
