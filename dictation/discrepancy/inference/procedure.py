"""The exam that the text describes against the exam that was ordered: modality, region, contrast.

Read from the title and the technique only, as findings may speak of other exams; but for findings of another body.
"""

from collections.abc import Callable, Sequence

from dictation.discrepancy.discrepancy import Discrepancy, Severity, discrepancy_id
from dictation.discrepancy.inference.evidence import BODY, Span, Words, card
from dictation.discrepancy.inference.inquiry import Inquiry
from dictation.findings import SentenceSpan
from dictation.findings.body_regions import located_in, may_be_named_anywhere, named_by, shown_by
from dictation.findings.exam_words import ExamWords, exam_of, exam_of_text, exam_phrases, innermost, overlap
from dictation.findings.tokens import Token

_Sentences = list[tuple[SentenceSpan, Sequence[Token]]]
_NAMES = {"with": "with contrast", "without": "without contrast", "both": "without and with contrast"}
_SEVERAL = 2  # sentences of what the exam does not show
_ALL = 3  # sentences of one part, where none is of that which was examined
_SHARE = 0.75  # of them among all that say a part: an incidental cyst here and a nodule there are no other exam
_NOT_INTRAVENOUS = ("oral", "barium", "rectal", "enteral")


def other_procedure(inquiry: Inquiry) -> list[Discrepancy]:
    """Cards of kind exam: another modality, region or body (critical), contrast given or not given (major)."""
    found = []
    ordered = inquiry.ordered
    if ordered.modality:
        found += _cards(inquiry, "modality", "critical", lambda words: _other_modality(inquiry, words, ordered))
    if ordered.region:
        found += _cards(inquiry, "region", "critical", lambda words: _other_region(inquiry, words, ordered))
    found += _cards(inquiry, "contrast", "major", lambda words: _other_contrast(inquiry, words))
    if not any(one.severity == "critical" for one in found):
        found += map(_of_regions, _cards(inquiry, "body", "critical", lambda words: _other_body(inquiry, words)))
    return found


def _of_regions(one: Discrepancy) -> Discrepancy:
    """The card under an id of the regions that its words are of: other words for the same body are no other card."""
    side = one.written or one.heard
    regions = {region for place in located_in(side.text) for region in place.regions} if side else set()
    return one.model_copy(update={"id": discrepancy_id(one.kind, "procedure-body", *sorted(regions))})


_Differing = tuple[Span, str]  # the words that differ, and what the order says instead


def _cards(
    inquiry: Inquiry, role: str, severity: Severity, of: Callable[[Words], _Differing | None]
) -> list[Discrepancy]:
    said, wrote = (of(words) for words in inquiry.words)
    differing = wrote or said
    if differing is None:
        return []
    column = inquiry.written if wrote else inquiry.heard
    (start, end), expected = differing
    text = f'{expected}; the text describes "{column.text[start:end]}".'
    left, right = (part[0] if part else None for part in (said, wrote))
    return [card("exam", severity, f"procedure-{role}", text, (inquiry.heard, left), (inquiry.written, right))]


def _other_modality(inquiry: Inquiry, words: Words, ordered: ExamWords) -> _Differing | None:
    for sentences in (inquiry.title(words), _technique(words)):
        named = exam_of([token for _, tokens in sentences for token in tokens]).modality
        if named:
            is_other = not named & ordered.modality and len(named) == 1
            span = _first(sentences, "modality", named) if is_other else None
            return (span, f"The order is for {_listed(ordered.modality)}") if span else None
    return None


def _other_region(inquiry: Inquiry, words: Words, ordered: ExamWords) -> _Differing | None:
    title = inquiry.title(words)
    named = exam_of([token for _, tokens in title for token in tokens]).region
    if not named or overlap(named, ordered.region):
        return None
    span = _first(title, "region", named)
    return (span, f"The order is for the {_listed(ordered.region)}") if span else None


def _other_contrast(inquiry: Inquiry, words: Words) -> _Differing | None:
    """Given where none was ordered, or not given where it was; leaving one phase out is no contradiction."""
    sentences = [*inquiry.title(words), *_technique(words)]
    said = exam_of([token for _, tokens in sentences for token in tokens]).contrast - {"none"}
    ordered = inquiry.ordered.contrast - {"none"}
    if not said:
        return None
    agent = inquiry.facts.contrast.lower() if inquiry.facts else ""
    if len(ordered) == 1:
        (expected,) = ordered
        differs = said - {"without"} if expected == "without" else {"without"} if said == {"without"} else set()
        why = f"The order is for an exam {_NAMES[expected]}"
    elif agent and not any(word in agent for word in _NOT_INTRAVENOUS):
        differs = {"without"} if said == {"without"} else set()
        why = "The image header names a contrast agent"
    else:
        return None
    span = _first(sentences, "contrast", differs) if differs else None
    return (span, why) if span else None


def _other_body(inquiry: Inquiry, words: Words) -> _Differing | None:
    """Statements of parts of the body that the exam does not show: several, all that say a part, or the impression.

    What is shown beside the region examined is no other body, unless the text speaks of nothing else. What a template
    brought says nothing of what was dictated; what names a far part by right (a primary tumor, another exam) neither.
    """
    exam, who = _exam_in_words(inquiry, words)
    named, shown = named_by(exam), shown_by(exam)
    if not shown:
        return None
    foreign: list[SentenceSpan] = []
    beside: list[tuple[SentenceSpan, frozenset[str]]] = []
    own: list[SentenceSpan] = []
    all_told = 0
    for sentence, tokens in words.sentences:
        text = words.column.text[sentence.start : sentence.end]
        if sentence.section not in BODY or words.column.origins.get(sentence.id or "") == "template":
            continue
        all_told += 1
        places = located_in(text)
        if any(place.regions & named and not place.is_vague for place in places):
            own.append(sentence)
        elif any(place.regions & shown for place in places):
            beside += [(sentence, place.regions) for place in places if place.regions & shown and not place.is_vague]
        elif places and not exam_of(tokens).modality and not may_be_named_anywhere(text):
            foreign.append(sentence)
    concluded = [one for one in (*own, *(one for one, _ in beside)) if one.section == "impression"]
    is_concluded = not concluded and any(one.section == "impression" for one in foreign)
    if len(foreign) >= _SEVERAL or (foreign and (is_concluded or not own)):
        found = foreign
    else:
        found = [] if own else _of_one_part(beside, all_told)
    if not found:
        return None
    ordered = _listed(innermost(exam_of_text(exam).region) or named)
    several = f"{len(found)} sentences are" if len(found) > 1 else "a sentence is"
    return (found[0].start, found[0].end), f"{who} {ordered}, and {several} of another part of the body"


def _of_one_part(beside: Sequence[tuple[SentenceSpan, frozenset[str]]], all_told: int) -> list[SentenceSpan]:
    """The sentences of the one region that nearly all are of, where they are many, or findings and impression are all.

    `all_told`: how many sentences there are in all.
    """
    told: dict[str, list[SentenceSpan]] = {}
    for sentence, regions in beside:
        for region in regions:
            if sentence not in told.setdefault(region, []):
                told[region].append(sentence)
    most = max(told.values(), key=len, default=[])
    count = len({sentence for sentence, _ in beside})
    is_all = all_told == len(most) and len({sentence.section == "impression" for sentence in most}) > 1
    return most if (len(most) >= _ALL or is_all) and len(most) > _SHARE * count else []


def _exam_in_words(inquiry: Inquiry, words: Words) -> tuple[str, str]:
    """What was examined, as the order says it, else the header, else the title of the text."""
    order, facts = inquiry.order, inquiry.facts
    if order and named_by(f"{order.procedure} ; {order.body_part}"):
        return f"{order.procedure} ; {order.body_part}", "The order is for the"
    if facts and named_by(facts.procedure):
        return facts.procedure, "The image is of the"
    titles = (words.column.text[sentence.start : sentence.end] for sentence, _ in inquiry.title(words))
    return " ".join(titles), "The exam is of the"


def _technique(words: Words) -> _Sentences:
    return [(sentence, tokens) for sentence, tokens in words.sentences if sentence.section == "technique"]


def _first(sentences: _Sentences, role: str, names: frozenset[str] | set[str]) -> Span | None:
    for sentence, tokens in sentences:
        for match in exam_phrases().find(tokens):
            if any((role, name) in match.meaning for name in names):
                return tokens[match.start].start + sentence.start, tokens[match.end - 1].end + sentence.start
    return None


def _listed(names: frozenset[str]) -> str:
    return " and ".join(sorted(name.replace("_", " ") for name in names))
