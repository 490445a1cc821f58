"""The wording that would settle a card where what was said is right, as edits of the report.

Every correction is read again before it is offered: where the new sentence would not say what was said, or would lose
or change anything else that the old one says, there is none.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dictation.discrepancy.clauses import claims_in, is_clause, is_marked, is_one_sentence
from dictation.discrepancy.columns import Column
from dictation.discrepancy.conflicts import pair
from dictation.discrepancy.directions import turned
from dictation.discrepancy.discrepancy import Edit
from dictation.discrepancy.merging import merged
from dictation.discrepancy.pool import Pool
from dictation.discrepancy.quoting import stands_alone
from dictation.discrepancy.relation import is_negative
from dictation.discrepancy.sentence_edits import applied, as_sentence, exchanged, is_readable, replaced, written_form
from dictation.findings import Claim, SentenceSpan, extract

PART = {
    "laterality": "laterality", "level": "level", "measurement": "measurement", "unit": "measurement", "site": "site",
    "severity": "severity", "change": "change", "device_position": "device_position",
}  # fmt: skip
_BY_SENTENCE = ("negation", "certainty", "change", "device_position")  # seldom a matter of one word
_MOST_WORDS = 8  # that say one attribute
_VERB = re.compile(r"^(?:is|are|was|were|has|have|had)\b|^(?!\w*ss$)\w+s$", re.IGNORECASE)
_NOUN = re.compile(r"(?:ion|ment|change|increase|decrease|degree|amount|volume)$|\b(?:in|of)$", re.IGNORECASE)
_ATTRIBUTES = ("laterality", "site", "level", "severity", "measurements", "change", "device_position", "qualifier")
Pairs = Sequence[tuple[Claim, Claim]]
_Way = Callable[[str, Pairs, Column, Column], Edit | None]


@dataclass(frozen=True, slots=True)
class Correction:
    """What a reader is shown, and what it does to the report."""

    suggestion: str
    edits: tuple[Edit, ...]


def of_conflict(kind: str, pairs: Pairs, heard: Column, written: Column) -> Correction | None:
    """Every written sentence that the card speaks of, with what was said."""
    by_sentence: dict[int, list[tuple[Claim, Claim]]] = {}
    for one, two in pairs:
        by_sentence.setdefault(written.sentence_of(two).start, []).append((one, two))
    edits: list[Edit] = []
    for own in by_sentence.values():
        ways: tuple[_Way, ...] = (_said_instead, _words_exchanged)
        if kind not in _BY_SENTENCE:
            ways = _words_exchanged, _said_instead
        ways = (*ways, _merged) if is_marked(heard) else (_merged, *ways)
        if kind == "laterality" and all({one.laterality, two.laterality} == {"left", "right"} for one, two in own):
            ways = _words_exchanged, _merged  # the word of the side, not the sentence around it
        edit = next((edit for way in ways if (edit := way(kind, own, heard, written))), None)
        if edit is None:
            return None
        edits.append(edit)
    return Correction(edits[0].text, tuple(edits))


def of_words(words: str, span: tuple[int, int], written: Column) -> Correction:
    """A few words of the report exchanged."""
    edit = exchanged(written.text, span, words)
    sentence = written.sentence_at(span)
    return Correction(_sentence_with(written, sentence, [edit]), (edit,))


def of_sentence(words: str, sentence: SentenceSpan, written: Column) -> Correction:
    """A sentence of the report exchanged, unread: for callers who know that it says no more than `words` do."""
    edit = replaced(written.text, sentence, words)
    return Correction(edit.text, (edit,))


def _words_exchanged(kind: str, pairs: Pairs, heard: Column, written: Column) -> Edit | None:
    """The written sentence with the heard word in place of the written one."""
    sentence = written.sentence_of(pairs[0][1])
    swaps: dict[tuple[int, int], str] = {}
    for one, two in pairs:
        found = _changed(kind, one, two, heard, written)
        if found is None or swaps.get(found[1], found[0]) != found[0]:
            return None
        words, (start, end) = found
        if not words or not sentence.start <= start < end <= sentence.end:
            return None
        if len(words.split()) > _MOST_WORDS:
            return None
        swaps[start, end] = words
    new = _sentence_with(written, sentence, [exchanged(written.text, span, words) for span, words in swaps.items()])
    if not is_readable(new) or not _says_the_same_but(new, pairs, claims_in(written, sentence)):
        return None
    return Edit(span=(sentence.start, sentence.end), text=new)


def _sentence_with(written: Column, sentence: SentenceSpan, edits: Sequence[Edit]) -> str:
    end = len(written.text) - sentence.end
    text = applied(written.text, edits)
    return text[sentence.start : len(text) - end]


def _changed(kind: str, one: Claim, two: Claim, heard: Column, written: Column) -> tuple[str, tuple[int, int]] | None:
    """The heard words, and the characters of the written ones that they should replace."""
    spans = turned(one.text, two.text) if kind == "site" else None
    if spans:
        (low, high), (start, end) = spans
        return one.text[low:high], (two.span[0] + start, two.span[0] + end)
    part = PART.get(kind)
    if part is None or part not in one.parts or part not in two.parts:
        return None
    words, old = heard.text[slice(*one.parts[part])], written.text[slice(*two.parts[part])]
    if kind == "laterality" and {one.laterality, two.laterality} != {"left", "right"}:
        return None  # "both lungs" and "the left lung" differ in more than one word
    if kind == "measurement" and max(len(one.measurements), len(two.measurements)) > 1:
        return None  # "from 4 to 9 mm" is more than a number
    if kind in ("severity", "change", "device_position") and _class_of(words) != _class_of(old):
        return None
    return written_form(words), two.parts[part]


def _class_of(words: str) -> str:
    if _VERB.search(words):
        return "verb"
    if _NOUN.search(words):
        return "noun"
    return "adverb" if words.lower().endswith("ly") else "adjective"


def _says_the_same_but(new: str, pairs: Pairs, old: Sequence[Claim]) -> bool:
    """Whether the new sentence agrees with what was said, and says everything else as the old one did."""
    read = [claim.stated() for claim in extract(new)]
    if len(read) != len(old):
        return False
    wanted = {two.id: one for one, two in pairs}
    for before, now in zip(old, read, strict=True):
        said = wanted.get(before.id)
        if said is not None:
            found = pair(said, now, Pool([said]), Pool([now]))
            if found is None or found.kinds or (said.laterality and now.laterality != said.laterality):
                return False
        elif _content(before) != _content(now):
            return False
    return True


def _content(claim: Claim) -> tuple[object, ...]:
    sizes = tuple(size.values_mm for size in claim.measurements)
    attributes = tuple(getattr(claim, name) for name in _ATTRIBUTES if name != "measurements")
    return claim.finding, claim.status, claim.certainty, sizes, attributes


def _said_instead(kind: str, pairs: Pairs, heard: Column, written: Column) -> Edit | None:
    """The dictated sentence, or the clause of it, in place of the written one, where that says nothing more."""
    sentence = written.sentence_of(pairs[0][1])
    said = heard.sentence_of(pairs[0][0])
    old = claims_in(written, sentence)
    whole = heard.text[said.start : said.end]
    if any(heard.sentence_of(one).start != said.start for one, _ in pairs):
        return None
    own = claims_in(heard, said)
    partners = {two.id: one for one, two in pairs}
    if is_one_sentence(heard, whole, own) and _covers(own, old, partners) and _covers(old, own, {}, strict=False):
        return _instead(written, sentence, whole, own)
    one = pairs[0][0]
    if (
        len(pairs) > 1
        or len(old) > 1
        or not is_clause(heard.text, said, *one.span)
        or not _covers([one], old, partners)
    ):
        return None
    return _instead(written, sentence, heard.text[slice(*one.span)], [one])


def _merged(kind: str, pairs: Pairs, heard: Column, written: Column) -> Edit | None:
    """The written sentence with the dictated words where the two differ."""
    sentence = written.sentence_of(pairs[0][1])
    span = min(one.span[0] for one, _ in pairs), max(one.span[1] for one, _ in pairs)
    words = merged(heard.text, span, written.text[sentence.start : sentence.end])
    new = as_sentence(words) if words else ""
    if not new or not is_readable(new) or not _says_the_same_but(new, pairs, claims_in(written, sentence)):
        return None
    return Edit(span=(sentence.start, sentence.end), text=new)


def _instead(written: Column, sentence: SentenceSpan, words: str, claims: Sequence[Claim]) -> Edit | None:
    new = as_sentence(words)
    if not new or not is_readable(new) or not stands_alone(new, claims):
        return None
    return Edit(span=(sentence.start, sentence.end), text=new)


def _covers(new: Sequence[Claim], old: Sequence[Claim], partners: dict[str, Claim], *, strict: bool = True) -> bool:
    """Whether the new claims speak of all that the old ones do; where `strict`, in no less detail."""
    for claim in old:
        related = [partners[claim.id]] if claim.id in partners else [one for one in new if _are_related(one, claim)]
        if not related:
            return False
        if strict and not any(is_negative(one) or is_negative(claim) or _is_as_detailed(one, claim) for one in related):
            return False
    return True


def _are_related(one: Claim, two: Claim) -> bool:
    return pair(one, two, Pool([one]), Pool([two])) is not None


def _is_as_detailed(new: Claim, old: Claim) -> bool:
    return all(getattr(new, name) or not getattr(old, name) for name in _ATTRIBUTES)
