"""Is the image of the exam that was ordered? Modality and part of the body, as order and image header state them.

What either does not state contradicts nothing. Of a header the description counts before the body part, which is often
a default of the machine; a region within the other, next to it or the whole body is no other exam.
"""

from functools import cache

from dictation.exam import ExamFacts, Order
from dictation.findings.exam_words import exam_of_text, modality_of_code, overlap
from dictation.findings.lexicon import word_phrases
from dictation.findings.tokens import tokenise
from dictation.lexicon import rows


def other_modality(order: Order, facts: ExamFacts) -> tuple[str, str] | None:
    """The modality that was ordered and that of the image, in words, where they differ."""
    one, two = _modalities(order.modality, order.procedure), _modalities(facts.modality, facts.procedure)
    if not one or not two or any(_are_one(a, b, "exam_hybrids") for a in one for b in two):
        return None
    return _listed(one), _listed(two)


def other_region(order: Order, facts: ExamFacts) -> tuple[str, str] | None:
    """The part of the body that was ordered and that of the image, in words, where they differ.

    Of images that state several parts, each has to be of the exam: one may be of another study.
    """
    one = exam_of_text(f"{order.procedure} ; {order.body_part}").region
    described = exam_of_text(facts.procedure).region
    shown = [described] if described else [exam_of_text(part).region for part in facts.body_part.split(",")]
    other = next((two for two in shown if one and two and not _are_of_one_exam(one, two)), None)
    return (_listed(one), _listed(other)) if other else None


def _are_of_one_exam(one: frozenset[str], two: frozenset[str]) -> bool:
    return overlap(one, two) or any(_are_one(a, b, "exam_neighbours") for a in one for b in two)


def facts_of_exam(order: Order | None, facts: ExamFacts | None) -> ExamFacts | None:
    """The facts of the image where it is of the exam that was ordered; None where it is of another one.

    What the header of another exam states (its technique, its side, the age of the person) is no fact of this one.
    """
    if order is None or facts is None:
        return facts
    return None if other_modality(order, facts) or other_region(order, facts) else facts


def _modalities(code: str, procedure: str) -> frozenset[str]:
    """As ids of `exam_names`; a code that names no exam (a capture of a screen) states nothing."""
    known = modality_of_code(code)
    return frozenset({known}) if known else exam_of_text(f"{code} ; {procedure}").modality


def _are_one(one: str, two: str, table: str) -> bool:
    return one == two or frozenset((one, two)) in _pairs(table)


@cache
def _pairs(table: str) -> frozenset[frozenset[str]]:
    return frozenset(frozenset((row["one"], row["other"])) for row in rows(table))


def _listed(names: frozenset[str]) -> str:
    return " and ".join(sorted(name.replace("_", " ") for name in names))


def side_of(exam: Order | ExamFacts) -> str | None:
    """The side of an exam: as its field states it, else the one that its name says ("X-ray left wrist")."""
    if exam.laterality:
        return exam.laterality
    sides = {match.meaning for match in word_phrases("laterality", "side").find(tokenise(exam.procedure))} - {"none"}
    return sides.pop() if len(sides) == 1 else None


def other_side(order: Order, facts: ExamFacts) -> tuple[str, str] | None:
    """The side that was ordered and that of the image, where they differ."""
    one, two = side_of(order), side_of(facts)
    return (one, two) if one and two and {one, two} == {"left", "right"} else None
