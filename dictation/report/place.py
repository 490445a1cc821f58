"""Where a sentence belongs: its section, and under which organ. Wording is never touched.

A spoken or written heading decides. Without one, a sentence is a finding unless it clearly is something else; an
impression is only what was said to be one, from its cue ("in summary") onwards. A sentence that says something only
together with the one before it ("It measures 8 mm", or what follows "Left kidney.") stays with it, in one passage.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import cast

from dictation.findings import extract
from dictation.findings.phrases import Phrases
from dictation.findings.tokens import tokenise
from dictation.lexicon import rows
from dictation.report.concern import SENTENCES_KEPT, organ_of, tells_effect
from dictation.report.organs import Index, index_of, key_words, mentioned, organ_keywords
from dictation.report.report import SECTIONS, Section
from dictation.report.template import OTHER, Template
from dictation.wording import Sentence
from dictation.wording.context import starts_with
from dictation.wording.sections import heading_context

BODY: frozenset[Section] = frozenset(("findings", "impression"))
PREFACES: frozenset[Section] = frozenset(("exam", "indication", "technique", "comparison"))
STATED = ("finding", "device", "normal_anatomy")  # classes of claims that the body of a report is made of
_LONGEST_LABEL = 40  # characters of "Left common femoral artery"
FRAGMENT = 4  # words of a sentence that may be none ("Spiculated margin.")


@dataclass(frozen=True)
class Place:
    """The section of a sentence; `organ` is a heading of the template for findings, None elsewhere."""

    section: Section
    organ: str | None = None


@dataclass(frozen=True)
class _Cue:
    section: Section
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None
    organs_allowed: bool


@dataclass(frozen=True)
class _Opening:
    words: tuple[str, ...]
    always: bool
    not_before: frozenset[tuple[str, ...]]


def places(sentences: Iterable[Sentence], template: Template) -> dict[str, Place]:
    """Return the place of each sentence by id. Sentences of one dictation or report, in its order."""
    found: dict[str, Place] = {}
    for passage in passages(sentences, template):
        section, organ = passage.section, None
        if section == "findings":
            chosen = (sentence.organ for sentence in passage.sentences if sentence.organ in template.headings)
            named = (organ_of(sentence.text, template) for sentence in passage.sentences)
            organ = next(chosen, None) or next((heading for heading in named if heading != OTHER), OTHER)
        found.update({sentence.id: Place(section, organ) for sentence in passage.sentences})
    return found


@dataclass(frozen=True)
class Passage:
    """Sentences that are to stay together, and their section."""

    sentences: tuple[Sentence, ...]
    section: Section


def passages(sentences: Iterable[Sentence], template: Template) -> list[Passage]:
    """Return sentences of one dictation or report, in its order, each with those that go on about it."""
    sentences = list(sentences)
    impression_is_headed = any(sentence.section == "impression" for sentence in sentences)
    found: list[Passage] = []
    summing_up = False
    went_on = _gone_on(sentences, template)
    for sentence in sentences:
        section: Section | None = "findings" if sentence.id in went_on else sentence.section
        if section in (None, "findings"):
            cued = cued_section(sentence.text, template)
            if section == "findings" and (cued != "impression" or impression_is_headed):
                cued = None
            summing_up = summing_up or cued == "impression"
            section = cued or ("impression" if summing_up and not impression_is_headed else "findings")
        last = found[-1] if found else None
        if (
            last
            and section == last.section
            and section in BODY
            and (
                _goes_on(sentence.text, last.sentences[-1].text, template)
                or _is_of_label(sentence.text, last, template)
            )
        ):
            found[-1] = Passage((*last.sentences, sentence), section)
        else:
            found.append(Passage((sentence,), section))
    return found


def _gone_on(sentences: list[Sentence], template: Template) -> frozenset[str]:
    """The ids of findings under a heading of what comes before them, in a dictation without a heading of findings.

    The first sentence under a heading is its own; from the first of the others that states something found, on.
    """
    if any(sentence.section == "findings" for sentence in sentences):
        return frozenset()
    found: list[str] = []
    heading: Section | None = None
    is_body = False
    for sentence in sentences:
        is_first = sentence.section != heading
        heading, is_body = sentence.section, is_body and not is_first
        if heading in PREFACES and not is_first:
            is_body = is_body or _is_found(sentence.text, heading, template)
            found += [sentence.id] if is_body else []
    return frozenset(found)


def _is_found(text: str, heading: Section, template: Template) -> bool:
    """Whether a sentence under a heading of another section tells what this exam shows."""
    told = [claim for claim in extract(text) if claim.finding_class in STATED or (claim.site and claim.measurements)]
    is_of_organ = heading == "comparison" and template.organ_of(text) != OTHER and _verb().search(text) is not None
    if not (told or is_of_organ) or cued_section(text, template) is not None:
        return False
    if heading == "technique":
        return states(text)
    is_history = bool(told) and all(claim.temporality != "current" for claim in told)
    goes_on = heading == "indication" and starts_with(text.lower(), heading_context("history_goes_on"))
    return not is_history and not goes_on


@cache
def _verb() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{heading_context('finding_verbs')})\b", re.IGNORECASE)


@lru_cache(maxsize=SENTENCES_KEPT)
def _goes_on(text: str, before: str, template: Template) -> bool:
    """Say whether a sentence says something only together with the one before it."""
    words, named = key_words(text), template.organ_of(text)
    for opening in _openings():
        if words[: len(opening.words)] == opening.words and (opening.always or named == OTHER):
            return words[len(opening.words) : len(opening.words) + 1] not in opening.not_before
    if mentioned(text, _organ_names()):
        return False
    if _is_site(before):
        return True
    if named != OTHER or states(text):
        return False
    return recommends(text) or (
        len(words) <= FRAGMENT and (bool(extract(text)) or bool(_describing().find(tokenise(text))))
    )


def _is_of_label(text: str, passage: Passage, template: Template) -> bool:
    """Say whether a sentence stands behind a label with a side, and is of no other organ: "Left kidney: … No stone."

    Elsewhere nobody would know any more on which side it is.
    """
    first = passage.sentences[0].text
    if _label(first).lower().split()[:1] not in (["left"], ["right"]) or _label(text):
        return False
    return organ_of(text, template) in (OTHER, organ_of(first, template))


def _label(text: str) -> str:
    """The words before the colon with which a sentence begins, "" where it begins with none."""
    words, colon, rest = text.partition(":")
    return words if colon and len(words) <= _LONGEST_LABEL and not rest[:1].strip() else ""


def _is_site(text: str) -> bool:
    """Say whether a text is only a place or a side, of which the next sentence tells."""
    told = mentioned(text, _organ_names()) or any(match.meaning != "none" for match in _sides().find(tokenise(text)))
    return bool(told) and not states(text) and not tells_effect(text) and len(key_words(text)) <= FRAGMENT


@lru_cache(maxsize=SENTENCES_KEPT)
def states(text: str) -> bool:
    """Say whether a text states a finding, a device or normal anatomy."""
    return any(claim.finding_class in STATED for claim in extract(text))


def recommends(text: str) -> bool:
    """Say whether a text gives advice."""
    return bool(_advice().find(tokenise(text)))


@lru_cache(maxsize=SENTENCES_KEPT)
def cued_section(text: str, template: Template) -> Section | None:
    """Return the section that a sentence without a heading clearly belongs to, None for a finding."""
    lowered = " ".join(text.lower().split())
    for cue in _cues():
        if not cue.pattern.search(lowered) or (cue.unless and cue.unless.search(lowered)):
            continue
        if cue.organs_allowed or not template.mentions(text):
            return cue.section
    return _named_exam(text)


def _named_exam(text: str) -> Section | None:
    """Return "exam" or "technique" for a sentence made of nothing but words for exams and views."""
    words, index, place = key_words(text), _exam_words(), 0
    roles: list[str] = []
    while place < len(words):
        match = next((entry for entry in index.get(words[place], ()) if _at(words, place, entry[0])), None)
        if match is None:
            return None
        roles.append(match[1])
        place += len(match[0])
    if "modality" in roles:
        return "exam"
    if "view" in roles:
        return "exam" if roles[0] == "region" else "technique"
    return None


def _at(words: tuple[str, ...], place: int, keyword: tuple[str, ...]) -> bool:
    return words[place : place + len(keyword)] == keyword


@cache
def _exam_words() -> Index[str]:
    return index_of((word, row["role"]) for row in rows("exam_words") for word in row["words"].split(" | "))


@cache
def _organ_names() -> Index[str]:
    return index_of(organ_keywords())


@cache
def _sides() -> Phrases[str]:
    return Phrases((term, row["side"]) for row in rows("laterality") for term in row["terms"].split(" | "))


@cache
def _advice() -> Phrases[str]:
    told = [row for row in rows("follow_up") if row["role"] in ("strong", "weak", "loose")]
    return Phrases((term, row["role"]) for row in told for term in row["terms"].split(" | "))


@cache
def _describing() -> Phrases[str]:
    """Words of a finding that name none."""
    files = ("qualifier", "change", "severity")
    return Phrases((term, name) for name in files for row in rows(name) for term in row["terms"].split(" | "))


@cache
def _cues() -> tuple[_Cue, ...]:
    cues = []
    for row in rows("section_cues"):
        if row["section"] not in SECTIONS:
            raise ValueError(f"section_cues.tsv: unknown section {row['section']!r}")
        unless = re.compile(row["unless"]) if row["unless"] else None
        section = cast(Section, row["section"])
        cues.append(_Cue(section, re.compile(row["pattern"]), unless, row["organs"] == "yes"))
    return tuple(cues)


@cache
def _openings() -> tuple[_Opening, ...]:
    return tuple(
        _Opening(
            key_words(row["words"]),
            row["when"] == "always",
            frozenset(key_words(word) for word in row["not_before"].split(" | ") if word),
        )
        for row in rows("continuations")
    )
