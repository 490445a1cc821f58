"""The labels of a text ("Right kidney:", "BONES:"), and what holds of the sentences behind them in their line."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cache, lru_cache

from dictation.findings import Claim
from dictation.findings.tokens import tokenise
from dictation.lexicon import rows

_LABEL = re.compile(r"(?:^|(?<=[\n.;:]))[ \t]*([A-Za-z][A-Za-z /,&-]{1,40}):", re.MULTILINE)
_SIDED = re.compile(r"\b(?:left|right|lt|rt|l|r)\b[^\n.;:]{0,40}:", re.IGNORECASE)
_SIDES = {"left": "left", "right": "right", "lt": "left", "rt": "right"}
_STEM = 5  # letters by which two words are one name


def sided(claims: Sequence[Claim], text: str) -> tuple[Claim, ...]:
    """The claims, one that says no side with that of the label of its line: "Right kidney: 11 cm. No stone."

    A label alone in its line holds for the lines below it, until a blank one or the next label. A bare side ("Left: …")
    holds until the other is named, and none for what is normal by another name: "Right kidney: 11 cm. Lungs clear."
    """
    if not _SIDED.search(text):
        return tuple(claims)
    found: list[Claim] = []
    named = 0, ""  # where a side was named last, and which
    for claim in claims:
        if claim.laterality is not None:
            named = claim.span[0], claim.laterality
        elif (label := _sided_label(claim.span[0], text)) is not None:
            start, words, side = label
            has_ended = start < named[0] and named[1] != side and not _names(words)
            if not has_ended and _is_under(claim, words):
                claim = claim.model_copy(update={"laterality": side})
        found.append(claim)
    return tuple(found)


def side_at(end: int, text: str) -> str | None:
    """The side of the label under which a place stands, None where it stands under none."""
    label = _sided_label(end, text)
    return label[2] if label else None


def _is_under(claim: Claim, label: str) -> bool:
    """Whether a label speaks of a claim: of any finding, and of what is normal where it names that, or a side alone."""
    if claim.finding_class != "normal_anatomy":
        return True
    names = _names(label)
    return not names or any(token.norm[:_STEM] in names for token in tokenise(claim.text))


def _names(label: str) -> set[str]:
    """The beginnings of the words of a label but its side."""
    return {token.norm[:_STEM] for token in tokenise(label) if token.norm not in _SIDES}


def _sided_label(end: int, text: str) -> tuple[int, str, str] | None:
    """Of the label under which a place stands, where it has one side: its start, words and side."""
    start = text.rfind("\n", 0, end) + 1
    labels = list(_LABEL.finditer(text, start, end))
    while not labels and start > 0 and text[start:end].strip():
        end, start = start - 1, text.rfind("\n", 0, start - 1) + 1
        above = _LABEL.match(text, start, end)
        if above:
            labels = [above] if not text[above.end() : end].strip() else []
            break
    if not labels:
        return None
    sides = {_SIDES[token.norm] for token in tokenise(text, *labels[-1].span(1)) if token.norm in _SIDES}
    return (labels[-1].start(1), labels[-1].group(1), sides.pop()) if len(sides) == 1 else None


def label_before(end: int, text: str) -> str:
    """The last label before a place, in small letters; "" behind the heading of a section, or where none stands."""
    ends, labels = _labels(text)
    last = bisect_right(ends, end)
    return labels[last - 1] if last and labels[last - 1].strip() not in _headings() else ""


@lru_cache(maxsize=8)  # asked of every claim of a column
def _labels(text: str) -> tuple[list[int], list[str]]:
    """Where each label of a text ends, and what it says in small letters."""
    found = list(_LABEL.finditer(text))
    return [match.end() for match in found], [match.group(1).lower() for match in found]


@cache
def _headings() -> frozenset[str]:
    return frozenset(row["spoken"].lower() for row in rows("section_names"))
