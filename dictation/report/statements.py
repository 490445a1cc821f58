"""What was dictated without marks, cut where it goes on to another section or organ: each statement a sentence.

A recognizer that writes no full stops makes one sentence of a whole report, which would stand under its first organ.
No word is changed or lost. A sentence whose statements all belong to one place stays whole.
"""

import re
from calendar import month_abbr, month_name
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise

from dictation.findings import extract
from dictation.findings.known import known_in
from dictation.findings.lexicon import structure_phrases
from dictation.findings.run_on import phrase_starts, statements_in
from dictation.lexicon import rows
from dictation.report.concern import is_news
from dictation.report.organs import WORD, key_words
from dictation.report.place import PREFACES, Place, places, states
from dictation.report.template import OTHER, Template
from dictation.wording import Dictation, Sentence
from dictation.wording.context import ends_with, starts_with
from dictation.wording.sections import heading_context

Span = tuple[int, int]  # characters [start, end) of a sentence
_LONGEST = 2_000  # characters of an unmarked sentence in which statements are looked for at a time
_MONTHS = frozenset(name.lower() for names in (month_name, month_abbr) for name in names if name)
_INNER_MARK = re.compile(r"[,;:()]")
_LED = re.compile(r"(?<!\w)(?:(?:the|a|an|left|right|both)\s++){1,3}$", re.IGNORECASE)  # before the organ of a sentence
_ONES = "one|two|three|four|five|six|seven|eight|nine"
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_SPOKEN_NUMBERS = frozenset(f"{_ONES}|{_TEENS}|{_TENS}".split("|"))
_NO_SIZE = r"(?!\s+(?:mm|cm|milli|centi|point))"  # "march twenty twenty five millimeter nodule" is of 2020
_SPOKEN_DATE = re.compile(  # what of a date stands behind its month: "march | twelve twenty twenty four"
    rf"(?:\s+(?:\d{{1,2}}(?:st|nd|rd|th)?|(?:(?:{_TENS})\s+)?(?:{_ONES})|{_TEENS}|thirty)(?=\s+(?:(?:19|20)\d\d|nineteen|twenty|two))"
    rf")?\s+(?:(?:19|20)\d\d|(?:nineteen|twenty|two\s+thousand(?:\s+and)?)"
    rf"\s+(?:(?:{_TENS})(?:\s+(?:{_ONES})\b{_NO_SIZE})?|(?:{_TEENS})\b{_NO_SIZE}|(?:oh\s+)?(?:{_ONES})\b{_NO_SIZE}))"
)
_VIEWS = frozenset({"view", "projection", "image", "pa", "ap"})  # words for views that name no bone
_COUNTED_VIEWS = re.compile(rf"(?:\d|{_ONES})\s+(?=(?:views?|projections?|images?)\b)", re.IGNORECASE)
_ITEM_MARK = re.compile(r",\s+(?:and\s+)?")
_LONGEST_ARTICLE = 4  # characters of "the "
_FEWEST_ITEMS = 2  # commas
_FEWEST = 2  # words for an exam that begin a text
_PROTOCOL = re.compile(r"\bprotocol\b", re.IGNORECASE)  # "pulmonary embolism protocol"
_YEAR = re.compile(r"(?:19|20)\d\d")


def in_statements(dictation: Dictation, template: Template) -> Dictation:
    """Return a dictation whose sentences each belong to one place of a template.

    The first part of a sentence that is cut keeps its id ("s3"); the others are called after it ("s3.2").
    """
    has_findings = any(sentence.section == "findings" for sentence in dictation.sentences)
    spans = {sentence.id: _spans(sentence, has_findings) for sentence in dictation.sentences}
    if all(len(own) == 1 for own in spans.values()):
        return dictation
    parts = [part for one in dictation.sentences for part in _cut(one, spans[one.id])]
    where = places(parts, template)
    goes_along = {part.id for part in parts if where[part.id].organ == OTHER and not _says_news(part.text)}
    cut: list[Sentence] = []
    for sentence in dictation.sentences:
        own, at = spans[sentence.id], list[Place]()
        for number in range(1, len(own) + 1):  # "no free air no free fluid": a denial of no organ stays where it is
            id = _id(sentence, number)
            at.append(at[-1] if at and id in goes_along and at[-1].section == "findings" else where[id])
        cut += _cut(sentence, _joined(own, at))
    return dictation.model_copy(update={"sentences": tuple(cut)})


def _says_news(text: str) -> bool:
    return any(is_news(claim) for claim in extract(text))


def prepared(dictation: Dictation, template: Template, organs: Mapping[str, str]) -> Dictation:
    """Return a dictation in statements, those under the heading that a person chose for them by their text."""
    cut = in_statements(dictation, template)
    if not organs:
        return cut
    chosen = tuple(one.model_copy(update={"organ": organs.get(one.text)}) for one in cut.sentences)
    return cut.model_copy(update={"sentences": chosen})


def _id(sentence: Sentence, number: int) -> str:
    return sentence.id if number == 1 else f"{sentence.id}.{number}"


def _spans(sentence: Sentence, has_findings: bool) -> list[Span]:
    """The statements of a sentence, without the blanks around them. `has_findings`: the findings have a heading."""
    text = sentence.text
    starts = _starts(text, sentence.section)
    if at := 0 if has_findings else _goes_on(text, sentence.section):
        before = [start for start in starts if start < at and sentence.section == "comparison"]
        starts = [*before, at, *(start for start in starts if start > at)]
    starts = [0, *starts, len(text)]
    return [
        (low + len(text[low:high]) - len(text[low:high].lstrip()), low + len(text[low:high].rstrip()))
        for low, high in pairwise(starts)
        if text[low:high].strip()
    ] or [(0, len(text))]


def _joined(spans: list[Span], where: list[Place]) -> list[Span]:
    """The spans, those joined that follow each other in one place."""
    found: list[Span] = []
    for number, (low, high) in enumerate(spans):
        if number and where[number] == where[number - 1]:
            found[-1] = (found[-1][0], high)
        else:
            found.append((low, high))
    return found


def _cut(sentence: Sentence, spans: list[Span]) -> Iterator[Sentence]:
    """The parts of a sentence, each with the words behind it."""
    if len(spans) == 1:
        yield sentence
        return
    for number, (low, high) in enumerate(spans, 1):
        links = tuple(
            link.model_copy(update={"span": (link.span[0] - low, link.span[1] - low)})
            for link in sentence.alignment
            if low <= link.span[0] < high
        )
        part = {"id": _id(sentence, number), "text": sentence.text[low:high], "alignment": links}
        yield sentence.model_copy(update=part if number == 1 else {**part, "starts": "space"})


def _starts(text: str, section: str | None) -> list[int]:
    """Where the statements of a sentence begin, save the first."""
    at = _comparison_ends(text) if section == "comparison" else 0
    if section in ("indication", "technique") and _INNER_MARK.search(text) is None:
        at = _finding_begins(text, section)
    elif section is None and _INNER_MARK.search(text) is None:
        at = _views_end(text)
    found = {at} - {0}
    while at < len(text):
        end = len(text) if len(text) - at <= _LONGEST else text.rfind(" ", at, at + _LONGEST)
        if end <= at:
            break
        starts = [at + low for low, _ in statements_in(text[at:end])[1:]]
        found.update(starts)
        at = starts[-1] if starts and end < len(text) else end
    is_told = section in (None, "findings") or (section == "comparison" and found)
    return sorted(found | (_listed(text) if is_told else set()))


def _listed(text: str) -> set[int]:
    """Where the items of a list in small letters begin that each state something: "liver normal, | gallstones, …".

    An item that only goes on ("extending into the kidney", "with wall thickening") begins no statement.
    """
    commas = [match.end() for match in _ITEM_MARK.finditer(text)]
    if len(commas) < _FEWEST_ITEMS or text != text.lower():
        return set()
    ends = [*(at - 1 for at in commas[1:]), len(text)]
    return {
        at
        for at, end in zip(commas, ends, strict=True)
        if not _goes_along(text[at:end]) and any(claim.span[0] <= _LONGEST_ARTICLE for claim in extract(text[at:end]))
    }


def _goes_along(item: str) -> bool:
    """Whether an item of a list goes on with the one before: "extending into the kidney", "with a thick wall"."""
    first = item.split(maxsplit=1)[:1]
    return bool(first) and (first[0].endswith("ing") or starts_with(item, heading_context("item_goes_on")))


def _comparison_ends(text: str) -> int:
    """Where a comparison goes on to what is found, behind its exams and dates: "none | the liver is enlarged".

    0 where it does not. A side, a number or a "no" before a finding belongs to that.
    """
    end, of_exam, is_behind_month = 0, False, False
    lowered = text.lower()
    for word in WORD.finditer(lowered):
        (norm,) = key_words(word.group())
        if word.start() < end:
            continue
        role = _exam_words().get(norm, "")
        if _comparison_words().fullmatch(norm) or _YEAR.fullmatch(norm) or (norm.isdigit() and is_behind_month):
            end, of_exam = word.end(), False
        elif role == "modality" or (role in ("view", "region") and of_exam):
            end, of_exam = word.end(), True
        elif not (role or norm.isdigit() or norm == "no" or norm in _SPOKEN_NUMBERS):
            break
        is_behind_month = norm in _MONTHS
        if is_behind_month and (spoken := _SPOKEN_DATE.match(lowered, word.end())):
            end = spoken.end()
    rest = text[end:].lstrip(" ,;(")
    if (
        not end
        or set(lowered[:end].split()) <= set(heading_context("only_earlier").split("|"))
        or starts_with(rest.lower(), heading_context("earlier_told"))
    ):
        return 0  # "CT of 4 March, which showed a cyst" tells of the earlier exam; "previous 4 cm cyst" names none
    return end + len(text[end:]) - len(text[end:].lstrip(" ,;")) if states(text[end:]) else 0


def _finding_begins(text: str, section: str) -> int:
    """Where words without marks go on from the history or the technique to what is found: "trauma | spleen shows".

    0 where they do not. Of a history, a sentence with its own verb goes on so; of a technique, any finding does.
    """
    known = known_in(text)
    tokens = known.tokens
    organs = [(part.start, part.end) for part in structure_phrases().find(tokens)]
    for start, end in sorted(organs + [(part.start, part.end) for part in known.modifiers.places]):
        verb = text[tokens[end].start :].lower() if end < len(tokens) else ""
        if starts_with(verb, heading_context("finding_verbs")):
            at = tokens[start].start
            at -= len(side.group()) if (side := _LED.search(text[:at])) else 0
            before = text[:at].rstrip().lower()
            if before and not ends_with(before, heading_context("history_before")) and states(text[at:]):
                return at
    if section == "technique":
        led, most = _technique_ends(text)
        begin = next((max(at, led) for at in phrase_starts(text) if led and at <= most), 0)
        return begin if states(text[begin:]) and not _PROTOCOL.search(text, begin) else 0
    return 0


def _goes_on(text: str, section: str | None) -> int:
    """Where what goes before the findings goes on to them, by a word or at their end; 0 where it does not."""
    at = _statement_begins(text) if section in PREFACES else 0
    return at or (_reason_ends(text) if section == "indication" else 0)


def _statement_begins(text: str) -> int:
    """Where a history, comparison or technique goes on to what is found: "pain | there is a fracture". 0: nowhere."""
    for found in re.finditer(rf"\b(?:{heading_context('statement_begins')})\b", text, re.IGNORECASE):
        at = found.start()
        is_of_history = ends_with(text[:at].rstrip().lower(), heading_context("history_before"))
        if at and not is_of_history and is_definite(text[at:]):
            return at
    return 0


def is_definite(text: str) -> bool:
    """Whether words tell of findings of this exam, and of no doubt or history."""
    news = [claim for claim in extract(text) if is_news(claim) and claim.finding_class == "finding"]
    is_certain = all((one.temporality, one.certainty) == ("current", "definite") for one in news)
    is_asked = text.rstrip().endswith("?")
    is_history = re.search(rf"\b(?:{heading_context('history_behind')})\b", text, re.IGNORECASE)
    return bool(news) and is_certain and not is_history and not is_asked


def _reason_ends(text: str) -> int:
    """Where a reason for the exam ends that a definite finding follows: "trauma | splenic laceration". 0: nowhere."""
    if _INNER_MARK.search(text) is not None:
        return 0
    for at in phrase_starts(text):
        if at and ends_with(text[:at].rstrip().lower(), heading_context("reason")) and is_definite(text[at:]):
            return at
    return 0


def _views_end(text: str) -> int:
    """Where an exam and its views end that begin a text without a heading: "two views of the knee | no fracture".

    0 where they do not. One word alone is none ("lateral ligament tear"), nor is a bone named like a view.
    """
    number = counted.end() if (counted := _COUNTED_VIEWS.match(text)) else 0
    led, most = (number + end for end in _technique_ends(text[number:]))
    before = heading_context("history_before")  # "two views of | the chest" is no end
    starts = [max(at, led) for at in phrase_starts(text) if at <= most and not ends_with(text[:at].rstrip(), before)]
    at = min([*starts, most]) if led > number else 0
    words = {norm for word in WORD.finditer(text[:at].lower()) for norm in key_words(word.group())}
    is_exam = any(_exam_words().get(word) == "modality" for word in words) or not words.isdisjoint(_VIEWS)
    goes_on = starts_with(text[at:].lower(), heading_context("finding_verbs"))  # "CT head shows no hemorrhage"
    return at if len(words) >= _FEWEST and is_exam and not goes_on and states(text[at:]) else 0


def _technique_ends(text: str) -> tuple[int, int]:
    """How far the words of an exam reach: those with which no finding begins, and all ("left", "five", "chest")."""
    led = most = 0
    is_led = True
    for word in WORD.finditer(text.lower()):
        (norm,) = key_words(word.group())
        role = _exam_words().get(norm, "number" if norm.isdigit() or norm in _SPOKEN_NUMBERS else "")
        if not role:
            break
        is_led = is_led and role in ("modality", "view", "filler") and not _of_finding(norm)
        most = word.end() + 1
        led = most if is_led else led
    return led, most


def _of_finding(word: str) -> bool:
    return word in _SPOKEN_NUMBERS or starts_with(word, heading_context("finding_words"))


@cache
def _comparison_words() -> re.Pattern[str]:
    return re.compile(heading_context("comparison_words"))


@cache
def _exam_words() -> dict[str, str]:
    return {word: row["role"] for row in rows("exam_words") for word in row["words"].split(" | ")}
