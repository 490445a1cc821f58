"""Where a text names a finding of `terms.tsv`, with the nearest side, zone and grade of the sentence.

The targets of the term-list engines. It runs in their environments as well, so it needs the standard library only.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from benchmarks.extraction.british import respelled
from benchmarks.extraction.tables import HERE, alternatives, rows

_SENTENCE = re.compile(r".+?(?:[.;?!](?=\s|$)|\n|$)", re.DOTALL)
_GAP = r"(?:[\s-]+\w+){0,3}?"
_SIDES = {"left": "left", "right": "right", "bilateral": "bilateral", "bilaterally": "bilateral", "both": "bilateral",
          "bibasilar": "bilateral", "biapical": "bilateral", "bibasal": "bilateral"}  # fmt: skip
_ZONES = {"upper lobe": "upper", "upper lung": "upper", "apex": "upper", "apices": "upper", "apical": "upper",
          "biapical": "upper", "middle lobe": "middle", "mid lung": "middle", "midlung": "middle", "lingula": "middle",
          "lingular": "middle", "lower lobe": "lower", "lower lung": "lower", "base": "lower", "bases": "lower",
          "basilar": "lower", "basal": "lower", "bibasilar": "lower", "bibasal": "lower", "hilum": "hilar",
          "hilar": "hilar", "perihilar": "hilar", "infrahilar": "hilar", "suprahilar": "hilar"}  # fmt: skip
_GRADES = {"mild": "mild", "mildly": "mild", "small": "mild", "slight": "mild", "slightly": "mild", "minimal": "mild",
           "tiny": "mild", "trace": "mild", "borderline": "mild", "moderate": "moderate", "moderately": "moderate",
           "severe": "severe", "severely": "severe", "large": "severe", "marked": "severe",
           "markedly": "severe", "massive": "severe"}  # fmt: skip


@dataclass(frozen=True)
class Mention:
    """One mention, `start` to `end` in characters of the text."""

    finding: str
    start: int
    end: int
    side: str | None
    zone: str | None
    grade: str | None

    def claim(
        self, status: str = "present", certainty: str = "definite", temporality: str = "current"
    ) -> dict[str, Any]:
        """As a claim of the protocol."""
        return {
            "finding": self.finding, "span": [self.start, self.end], "status": status, "certainty": certainty,
            "temporality": temporality, "laterality": self.side, "site": [self.zone] if self.zone else [],
            "severity": self.grade,
        }  # fmt: skip


def mentions(text: str) -> list[Mention]:
    """All mentions, none overlapping another, in order."""
    return [mention for sentence in _SENTENCE.finditer(text) for mention in _of(sentence)]


def _of(sentence: re.Match[str]) -> Iterator[Mention]:
    pattern, names = _terms()
    words, shift = sentence[0], sentence.start()
    for found in pattern.finditer(words):
        start, end = found.span()
        near = [_nearest(words, start, end, _words(group)) for group in ("sides", "zones", "grades")]
        yield Mention(names[int((found.lastgroup or "_0")[1:])], start + shift, end + shift, *near)


def _nearest(sentence: str, start: int, end: int, words: tuple[re.Pattern[str], dict[str, str]]) -> str | None:
    pattern, meaning = words
    found = [
        (max(start - word.end(), word.start() - end, 0), meaning[word[0].lower()])
        for word in pattern.finditer(sentence)
    ]
    return min(found, key=lambda item: item[0])[1] if found else None


@cache
def _words(group: str) -> tuple[re.Pattern[str], dict[str, str]]:
    meaning = {"sides": _SIDES, "zones": _ZONES, "grades": _GRADES}[group]
    longest_first = sorted(meaning, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(longest_first)})\b", re.IGNORECASE), meaning


@cache
def _terms() -> tuple[re.Pattern[str], list[str]]:
    pairs = [(term, row["finding"]) for row in rows(HERE / "terms.tsv") for term in alternatives(row["terms"])]
    pairs += [(respelled(term), finding) for term, finding in pairs if respelled(term) != term]
    pairs.sort(key=lambda pair: -len(pair[0]))
    groups = (f"(?P<_{number}>{_as_pattern(term)})" for number, (term, _) in enumerate(pairs))
    return re.compile(rf"\b(?:{'|'.join(groups)})\b", re.IGNORECASE), [finding for _, finding in pairs]


def _as_pattern(term: str) -> str:
    parts = [r"[\s-]+".join(map(re.escape, part.split())) for part in term.split("..")]
    last = parts[-1]
    parts[-1] = f"{last[:-1]}(?:y|ies)" if last.endswith("y") else f"{last}(?:e?s)?"
    return rf"{_GAP}[\s-]+".join(parts)
