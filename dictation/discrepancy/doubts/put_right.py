"""Whether the report settles a self-correction that stands in the dictation: it has what was meant, not what was not.

"4 mm, sorry, 6 mm" beside a report of 6 mm asks nobody anything; beside one of 4 mm, of both or of neither it does.
"""

from dataclasses import dataclass
from functools import cache

from dictation.findings import extract
from dictation.findings.measurement import EARLIER_WORDS, measurements_in, read_number
from dictation.findings.tokens import tokens_of
from dictation.lexicon import rows
from dictation.report import Report

_UNTOLD = ("unit", "kind", "part")  # kinds of words that decide nothing by themselves
_DENIAL, _SIDE = "presence", "side"
_CHECKED = ("finding", "device")


@dataclass(frozen=True, slots=True)
class _Facts:
    """What words name: (kind, word), sizes in millimetres, numbers that are no size, all numbers as said, findings."""

    words: frozenset[tuple[str, str]]
    sizes: frozenset[float]
    bare: frozenset[float]
    numbers: frozenset[float]
    findings: frozenset[str]

    @property
    def kinds(self) -> frozenset[str]:
        """What kinds of things are named."""
        return frozenset(kind for kind, _ in self.words) | ({"number"} if self.numbers else frozenset())


def is_settled(before: str, after: str, written: Report | str) -> bool:
    """Whether the report has what was said last, and nowhere what this replaced.

    `before` and `after` are the words on both sides of the cue; a side replaces a side, a number a number or a size. A
    side has to be that of each claim of the finding. Denials settle nothing, and no number beside a former one.
    """
    old, new = _facts(before), _facts(after)
    kinds = old.kinds & new.kinds
    if not kinds or _DENIAL in old.kinds | new.kinds:
        return False
    text = written if isinstance(written, str) else written.text
    told = _facts(text)
    changed = {kind for kind in kinds if kind != "number" and _of(old, kind) != _of(new, kind)}
    changed |= {"number"} if "number" in kinds and (old.sizes, old.bare) != (new.sizes, new.bare) else set()
    settled = [_has_word(old, new, told, kind) for kind in changed - {"number", _SIDE}]
    settled += [_has_side(old, new, text)] if _SIDE in changed else []
    settled += [_has_number(old, new, told, text)] if "number" in changed else []
    return bool(settled) and all(settled)


def _of(facts: _Facts, kind: str) -> set[str]:
    return {word for of, word in facts.words if of == kind}


def _has_word(old: _Facts, new: _Facts, told: _Facts, kind: str) -> bool:
    """Whether the report has the words of a kind that were meant, and none of those they replaced."""
    wrong, meant, there = _of(old, kind) - _of(new, kind), _of(new, kind) - _of(old, kind), _of(told, kind)
    return bool(meant) and meant <= there and not wrong & there


def _has_side(old: _Facts, new: _Facts, text: str) -> bool:
    """Whether every claim of the findings that were named is on the side that was meant, and there is one."""
    sides = _of(new, _SIDE)
    findings = old.findings | new.findings
    claims = [claim for claim in extract(text) if claim.finding in findings]
    return len(sides) == 1 and bool(claims) and all(c.status == "present" and c.laterality in sides for c in claims)


def _has_number(old: _Facts, new: _Facts, told: _Facts, text: str) -> bool:
    """Whether the report has the numbers that were meant, none of the others, however it counts, and no former one."""
    if any(token.norm in EARLIER_WORDS for token in tokens_of(text)):
        return False
    is_there = (new.sizes - old.sizes) <= told.sizes and (new.bare - old.bare) <= told.numbers
    replaced = (old.sizes - new.sizes) & told.sizes or ((old.bare - new.numbers) & told.numbers)
    return is_there and not replaced


def _facts(words: str) -> _Facts:
    tokens = tokens_of(words)
    measured = measurements_in(words, tokens)
    named: set[tuple[str, str]] = set()
    bare: set[float] = set()
    numbers: set[float] = set()
    at = 0
    while at < len(tokens):
        number = read_number(tokens, at)
        if number is not None:
            numbers.add(float(number[0]))
            if not any(size.start <= at < size.end for size in measured):
                bare.add(float(number[0]))
        elif kind := _kinds().get(tokens[at].norm):
            named.add((kind, tokens[at].norm))
        at = number[1] if number else at + 1
    claims = extract(words)
    named |= {("level", level) for claim in claims for level in claim.level}
    return _Facts(
        words=frozenset(named),
        sizes=frozenset(value for size in measured for value in size.measurement.values_mm),
        bare=frozenset(bare),
        numbers=frozenset(numbers),
        findings=frozenset(claim.finding for claim in claims if claim.finding_class in _CHECKED),
    )


@cache
def _kinds() -> dict[str, str]:
    return {row["word"]: row["kind"] for row in rows("kinds") if row["kind"] not in _UNTOLD}
