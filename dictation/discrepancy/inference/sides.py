"""The side that was ordered: another one in the text, or none at all."""

from dictation.discrepancy.discrepancy import Discrepancy
from dictation.discrepancy.inference.evidence import BODY, Hit, Span, Words, card
from dictation.discrepancy.inference.inquiry import Inquiry
from dictation.findings.body_sides import other_sides
from dictation.findings.exam_words import is_paired
from dictation.findings.lexicon import word_phrases

_OTHER = {"left": "right", "right": "left"}
_SECTIONS = (*BODY, "exam")


def ordered_side(inquiry: Inquiry) -> list[Discrepancy]:
    """A text that names only the side that was not ordered, or is titled with it: one critical card."""
    side = _side(inquiry)
    if side is None:
        return []
    said, wrote = (_titled(inquiry, words, side) or _only_other(words, side) for words in inquiry.words)
    if said is None and wrote is None:
        return []
    text = f"The order is for the {side} side; the text is about the {_OTHER[side]}."
    return [card("laterality", "critical", "order-side", text, (inquiry.heard, said), (inquiry.written, wrote))]


def side_missing(inquiry: Inquiry) -> list[Discrepancy]:
    """The ordered side is named nowhere in the text that is to be signed: one minor card."""
    side, words = _side(inquiry), inquiry.judged
    if side is None or not is_paired(inquiry.ordered.region) or not words.has_body or _sides(words):
        return []
    text = f"The order is for the {side} side; the text names no side."
    return [card("laterality", "minor", "side-missing", text, (inquiry.heard, None), (inquiry.written, None))]


def _side(inquiry: Inquiry) -> str | None:
    """Only where the ordered region comes in pairs: a "right upper quadrant" is no right side."""
    side, regions = inquiry.ordered_side, inquiry.ordered.region
    return side if side in _OTHER and (not regions or is_paired(regions)) else None


def _sides(words: Words) -> list[Hit[str]]:
    """The sides of the body that the words name; the left ventricle is on none."""
    others = {id(sentence): other_sides(tokens) for sentence, tokens in words.sentences}
    hits = [hit for hit in words.hits(word_phrases("laterality", "side")) if hit.meaning in (*_OTHER, "bilateral")]
    return [hit for hit in hits if not _is_within(hit, others[id(hit.sentence)])]


def _is_within(hit: Hit[str], spans: list[Span]) -> bool:
    start, end = (at - hit.sentence.start for at in hit.span)
    return any(first < end and start < last for first, last in spans)


def _titled(inquiry: Inquiry, words: Words, side: str) -> Span | None:
    sentences = {id(sentence) for sentence, _ in inquiry.title(words)}
    hits = [hit for hit in _sides(words) if id(hit.sentence) in sentences]
    return hits[0].span if {hit.meaning for hit in hits} == {_OTHER[side]} else None


def _only_other(words: Words, side: str) -> Span | None:
    hits = _sides(words)
    if any(hit.meaning in (side, "bilateral") for hit in hits):
        return None
    return next((hit.span for hit in hits if hit.sentence.section in _SECTIONS), None)
