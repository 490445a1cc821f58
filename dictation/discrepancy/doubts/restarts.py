"""A correction without a cue: "measures eight, measures 9 mm", "in the left, the right kidney".

The speaker begins again at a word said before. It is asked about only where what replaces what is plain: a number
without its unit, and the same word before another number with one; a side without its noun, and the other side with it.
"""

from collections.abc import Iterator, Sequence

from dictation.discrepancy.doubts.doubt import Doubt, Stretch
from dictation.findings.measurement import may_be_number, measurements_in, read_number
from dictation.findings.tokens import Token, tokens_of
from dictation.wording.kinds import LABELS

_MARKS = frozenset({",", "-", "\u2013", "\u2014"})
_OPENING = frozenset({"in", "of", "within"})  # they need a noun: "on the left" stands by itself
_SIDES = frozenset({"left", "right"})


def restart_doubts(sentences: Sequence[Stretch]) -> Iterator[Doubt]:
    """A critical doubt for each place where a sentence was plainly begun again with another number or side."""
    for sentence in sentences:
        text = sentence.text[sentence.start : sentence.end]
        tokens = tokens_of(text)
        for first, last in [*_numbers(text, tokens), *_sides(tokens)]:
            start, end = sentence.start + tokens[first].start, sentence.start + tokens[last].end
            said = sentence.text[start:end]
            question = f"\u201c{said}\u201d: was it said again to put it right? Write what was meant."
            yield Doubt(start, end, None, question, "critical", around=said.lower())


def _numbers(text: str, tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """The first and last token of "measures eight, measures 9 mm"."""
    for quantity in measurements_in(text, tokens):
        again = quantity.start - 1
        end = again - (again > 0 and tokens[again - 1].norm in _MARKS)
        if end < 2 or not tokens[again].norm.isalpha() or tokens[again].norm in LABELS:
            continue
        for start in range(end - 1, 0, -1):
            number = read_number(tokens, start) if may_be_number(tokens[start]) else None
            if number is None or number[1] != end:
                break
            if tokens[start - 1].norm == tokens[again].norm:
                yield start - 1, quantity.end - 1


def _sides(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """The first and last token of "the left, the right kidney"."""
    for at in range(len(tokens) - 3):
        one, mark, two, noun = tokens[at : at + 4]
        is_open = at == 0 or tokens[at - 1].norm in _OPENING
        are_sides = {one.norm, two.norm} == _SIDES and one.has_article and two.has_article
        if is_open and are_sides and mark.norm in _MARKS and noun.norm.isalpha():
            yield at, at + 3
