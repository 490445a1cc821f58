"""The benchmark's own words: families of findings and anatomy, cues of negation and doubt, pairs to swap.

All of it is read from the tab-separated files in `words/`; none comes from an engine under test.
"""

import re
from functools import cache
from pathlib import Path

WORDS = Path(__file__).parent / "words"


@cache
def rows(name: str) -> tuple[tuple[str, ...], ...]:
    """The rows of `words/NAME.tsv`, without comments."""
    lines = (WORDS / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    return tuple(tuple(line.split("\t")) for line in lines if line.strip() and not line.startswith("#"))


@cache
def _cues() -> dict[str, re.Pattern[str]]:
    return {name: re.compile(pattern, re.IGNORECASE) for name, pattern in rows("negations")}


@cache
def has(cue: str, sentence: str) -> bool:
    """Whether a sentence holds a cue: negative, normal, doubt, advice, course, summary or grade."""
    return _cues()[cue].search(sentence) is not None


@cache
def _families() -> tuple[tuple[str, bool, re.Pattern[str]], ...]:
    return tuple(
        (name, kind == "abnormal", re.compile(r"\b(?:" + "|".join(stems.split()) + ")", re.IGNORECASE))
        for name, kind, stems in rows("concepts")
    )


@cache
def families(sentence: str, abnormal_only: bool = False) -> frozenset[str]:
    """The families that a sentence speaks of."""
    return frozenset(n for n, bad, stem in _families() if (bad or not abnormal_only) and stem.search(sentence))


@cache
def is_abnormal(sentence: str) -> bool:
    """A plain positive statement of something that is wrong: a stem of a finding, and no word that takes it back."""
    return bool(families(sentence, abnormal_only=True)) and not (
        has("negative", sentence) or has("normal", sentence) or has("advice", sentence)
    )


@cache
def is_normal(sentence: str) -> bool:
    """A statement that something is normal or absent, about named anatomy or a named finding."""
    about = bool(families(sentence)) and (has("negative", sentence) or has("normal", sentence))
    return about and not (has("doubt", sentence) or has("advice", sentence) or has("course", sentence))


def starts_with_capital_of(old: str, new: str) -> str:
    """`new` with a capital where `old` has one."""
    if old.isupper() and len(old) > 1:
        return new.upper() if len(new.split()) == 1 else new
    return new[:1].upper() + new[1:] if old[:1].isupper() else new
