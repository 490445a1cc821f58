"""The kinds of planted error: what plants them, which cards name them rightly, which of them are critical.

`kinds.json` says what is expected, this file which rule plants it. "omission, restated" is planted and counted, and is
no error: what was left out is still said elsewhere.
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.discrepancy import doubt, negations, numbers, sexes, swaps
from benchmarks.discrepancy.case import Edit

WORD_RULES: dict[str, Callable[[str], Iterator[Edit]]] = {
    "side swapped": swaps.side,
    "negation deleted": negations.lost,
    "negation inserted": negations.gained,
    "no dropped": negations.dropped_no,
    "size times ten": numbers.tenfold,
    "size by ten": numbers.tenth,
    "size, digit": numbers.digit,
    "size, fifteen for fifty": numbers.twin,
    "unit": numbers.unit,
    "number lost, size": numbers.size_lost,
    "number lost, level": numbers.level_lost,
    "severity by one": swaps.severity_by_one,
    "severity by two": swaps.severity_by_two,
    "doubt lost": doubt.lost,
    "doubt gained": doubt.gained,
    "level": numbers.level,
    "lobe, adjacent": swaps.lobe_adjacent,
    "lobe, distant": swaps.lobe_distant,
    "direction": swaps.direction,
    "course": swaps.course,
    "device position": swaps.device,
    "sex in the text": sexes.sexed,
    "sex in the order": sexes.sexed,
}
"""Rules that change words of one sentence."""

MUST_HAVE = {
    "side swapped": r"\{side\}|\b(?:left|right)\b",
    "negation deleted": r"\b(?:no|not|without)\b",
    "no dropped": r"\bno\b",
    "negation inserted": r"^There is an? (?!\{grade|\{amount)|is present",
    "size times ten": r"\{mm\}|\{cm",
    "size by ten": r"\{mm\}|\{cm",
    "size, digit": r"\{mm\}|\{cm",
    "size, fifteen for fifty": r"\{mm\}",
    "unit": r"\{mm\} mm|\{cm2?\} cm",
    "number lost, size": r"\{mm\} mm|\{cm2?\} cm",
    "number lost, level": r"\{(?:lumbar|cervical|thoracic|lumbarbody|rib|ray)\}",
    "severity by one": r"\{grade|\{amount",
    "severity by two": r"\{grade|\{amount",
    "doubt lost": r"possible|probable|likely|may |suspicious",
    "level": r"\{(?:lumbar|cervical|thoracic|lumbarbody|rib|ray)\}",
    "lobe, adjacent": r"lobe\}|(?:upper|middle|lower) lobe",
    "lobe, distant": r"lobe\}|(?:upper|lower) lobe|base",
    "direction": r"\{(?:ml|ap|mid)\}|superior|inferior|anterior|posterior",
    "course": r"unchanged|stable|increas|decreas|\bnew\b|progressed|enlarged|improv|worsening",
    "device position": r"\b(?:tip|tube|catheter|stent|port|device|balloon|drain|filter|screw|lead|line|PICC)\b",
    "sex in the text": r"female|\bmale|\bman\b|woman|uterus|prostate|ovar|test[ie]s",
}
"""What a sentence template must hold for an invented report to have a place for the error."""

_URGENT = re.compile(
    r"\b(?:pneumothora|pulmonary embol|hemorrhage|hematoma|free (?:intraperitoneal )?air|fracture|mass\b|dissect|"
    r"aneurysm|infarct|thromb|abscess|appendicitis|obstruction|midline shift|hydrocephalus|cord|tip\b)",
    re.IGNORECASE,
)


@cache
def table() -> dict[str, dict[str, Any]]:
    """Each kind's expected cards and whether a miss is critical (true, false, or "urgent": where the finding is)."""
    found: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("kinds.json").read_text(encoding="utf-8"))
    return found


def is_error(kind: str) -> bool:
    """Whether a case of this kind should raise a card."""
    return bool(table()[kind].get("is_error", True))


def is_misheard(kind: str) -> bool:
    """Whether a word is taken for one that sounds like it."""
    return kind.startswith(("sound-alike", "no misheard"))


def is_critical(kind: str, sentence: str) -> bool:
    """Whether a miss of this kind in this sentence is critical."""
    rule = table()[kind]["critical"]
    return bool(_URGENT.search(sentence)) if rule == "urgent" else bool(rule)
