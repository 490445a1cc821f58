"""The side that was ordered, or that the title of the text names: another one in the text, or none at all."""

from dataclasses import dataclass
from functools import cache

from dictation.discrepancy.discrepancy import Discrepancy
from dictation.discrepancy.inference.evidence import BODY, Hit, Span, Words, card
from dictation.discrepancy.inference.inquiry import Inquiry
from dictation.findings.body_regions import named_by, neighbours, regions_in
from dictation.findings.body_sides import other_sides
from dictation.findings.exam_words import is_paired
from dictation.findings.lexicon import word_phrases
from dictation.findings.tokens import norms
from dictation.lexicon import rows

_OTHER = {"left": "right", "right": "left"}


@dataclass(frozen=True, slots=True)
class _Side:
    """The side of the exam, and who says so."""

    side: str
    said_by: str


def ordered_side(inquiry: Inquiry) -> list[Discrepancy]:
    """A text that names only the side that was not examined, or is titled with it: one critical card."""
    exam = _side(inquiry) or _titled_side(inquiry)
    if exam is None:
        return []
    said, wrote = (
        _titled(inquiry, words, exam.side) or _only_other(inquiry, words, exam.side) for words in inquiry.words
    )
    if said is None and wrote is None:
        return []
    text = f"{exam.said_by} is for the {exam.side} side; the text is about the {_OTHER[exam.side]}."
    return [card("laterality", "critical", "order-side", text, (inquiry.heard, said), (inquiry.written, wrote))]


def side_missing(inquiry: Inquiry) -> list[Discrepancy]:
    """The ordered side is named nowhere in the text that is to be signed: one minor card."""
    exam, words = _side(inquiry), inquiry.judged
    if exam is None or not is_paired(inquiry.ordered.region) or not words.has_body or _sides(words):
        return []
    text = f"The order is for the {exam.side} side; the text names no side."
    return [card("laterality", "minor", "side-missing", text, (inquiry.heard, None), (inquiry.written, None))]


def _side(inquiry: Inquiry) -> _Side | None:
    """Only where the ordered region comes in pairs: a "right upper quadrant" is no right side."""
    side, regions = inquiry.ordered_side, inquiry.ordered.region
    return _Side(side, "The order") if side in _OTHER and (not regions or is_paired(regions)) else None


def _titled_side(inquiry: Inquiry) -> _Side | None:
    """The side of which the text itself says that it was examined, where neither order nor header does."""
    if inquiry.ordered_side is not None:
        return None
    words = inquiry.judged
    sides = {hit.meaning for hit in _sides(words) if _is_title(inquiry, words, hit)}
    is_one = len(sides) == 1 and sides <= _OTHER.keys() and is_paired(inquiry.exam_said(words).region)
    return _Side(sides.pop(), "The exam by its title") if is_one else None


def _sides(words: Words) -> list[Hit[str]]:
    """The sides of the body that the words name; the left ventricle is on none."""
    others = {id(sentence): other_sides(tokens) for sentence, tokens in words.sentences}
    hits = [hit for hit in words.hits(word_phrases("laterality", "side")) if hit.meaning in (*_OTHER, "bilateral")]
    return [hit for hit in hits if not _is_within(hit, others[id(hit.sentence)])]


def _is_within(hit: Hit[str], spans: list[Span]) -> bool:
    start, end = (at - hit.sentence.start for at in hit.span)
    return any(first < end and start < last for first, last in spans)


def _is_title(inquiry: Inquiry, words: Words, hit: Hit[str]) -> bool:
    return any(sentence is hit.sentence for sentence, _ in inquiry.title(words))


def _titled(inquiry: Inquiry, words: Words, side: str) -> Span | None:
    hits = [hit for hit in _sides(words) if _is_title(inquiry, words, hit)]
    return hits[0].span if {hit.meaning for hit in hits} == {_OTHER[side]} else None


def _only_other(inquiry: Inquiry, words: Words, side: str) -> Span | None:
    """The other side, where no sentence of the body but the title names the side examined."""
    hits = [hit for hit in _sides(words) if not _is_title(inquiry, words, hit)]
    if any(hit.meaning in (side, "bilateral") for hit in hits if hit.sentence.section in BODY):
        return None
    is_titled = any(_is_title(inquiry, words, hit) for hit in _sides(words))
    exam = " ".join(inquiry.ordered.region or inquiry.exam_said(words).region)
    body = (hit for hit in hits if hit.sentence.section in BODY)
    return next((hit.span for hit in body if not is_titled or _is_found(words, hit, exam)), None)


@cache
def _aside() -> frozenset[str]:
    """Words with which an impression speaks of what was not examined."""
    return frozenset(row["word"] for row in rows("side_words") if row["role"] == "aside")


def _is_found(words: Words, hit: Hit[str], exam: str) -> bool:
    """Whether something is found on that side of the region examined, so that the title is no answer to it.

    In an impression also whether it is called normal, or denied: "normal right wrist".
    """
    text = words.column.text[hit.sentence.start : hit.sentence.end]
    regions, named = regions_in(text), named_by(exam)
    limbs = neighbours(named) & (named_by("lower extremity") | named_by("upper extremity"))  # the ankle beside a foot
    if regions and named and not regions & (named | limbs):
        return False  # "incidental right ovarian cyst" of a left hip
    if hit.sentence.section == "impression" and _aside().isdisjoint(norms(text)):
        return True
    return any(
        claim.laterality == hit.meaning
        and claim.status == "present"
        and claim.temporality == "current"
        and claim.finding_class != "other"
        and hit.sentence.start <= claim.span[0] < hit.sentence.end
        for claim in words.column.claims
    )
