"""A model's answer → statements whose citations hold, and the groups of sentences and statements that belong together.

A citation holds where statement and sentence speak of the same thing, and where the sentence may stand in the section
of the statement: one that was said aloud is its only one, and a current finding is no indication, technique or
comparison. What is left without evidence is a suggestion.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from dictation.models.schema import Schema, choice, many, record, text
from dictation.report.own_words import counted, speaks_of
from dictation.report.place import BODY, Place, passages, places, recommends, states
from dictation.report.report import SECTIONS, Origin, Report, Section, Statement
from dictation.report.template import OTHER, Template
from dictation.wording import Dictation, Sentence

# Bounds of an answer. A model that repeats itself writes until it meets them.
MOST_EVIDENCE = 8  # sentences behind one statement
STATEMENTS_PER_SENTENCE, SPARE_STATEMENTS = 2, 4  # "heart and lungs are normal" becomes two statements
WORDS_PER_STATEMENT = 4  # of a dictation without full stops, where one sentence holds everything
SENTENCES_PER_STATEMENT = 2  # of the longest: "It measures 8 mm." is joined to the finding that it speaks of
SHORTEST_LIMIT = 300  # characters that a statement may always have
FINDINGS = "findings: "  # before the heading of a finding
UNNUMBERED = "r0"


@dataclass(frozen=True)
class Group:
    """Statements that rest on the same sentences, and those sentences, in the order of the dictation."""

    sentences: tuple[Sentence, ...]
    statements: tuple[Statement, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the sentences."""
        return tuple(sentence.id for sentence in self.sentences)


class Answers:
    """What a model may answer on the sentences of a dictation (at least one), and what an answer means."""

    def __init__(self, dictation: Dictation, template: Template, whole: Dictation | None = None) -> None:
        """`whole`: the dictation that these sentences are from, where they are not all."""
        self._said = {sentence.id: sentence for sentence in dictation.sentences}
        self._words = [counted([sentence.text]) for sentence in dictation.sentences]
        self._template = template
        self._by_rule = places((whole or dictation).sentences, template)
        self._allowed = {s.id: _sections(s, self._by_rule[s.id].section) for s in dictation.sentences}
        self._limit = max(
            SHORTEST_LIMIT, SENTENCES_PER_STATEMENT * max(len(sentence.text) for sentence in dictation.sentences)
        )

    @property
    def places(self) -> tuple[str, ...]:
        """Where a statement may stand, in the order of the report."""
        headings = [FINDINGS + heading for heading in self._template.headings]
        before, after = SECTIONS[: SECTIONS.index("findings")], SECTIONS[SECTIONS.index("findings") + 1 :]
        return (*before, *headings, *after)

    @property
    def item_schema(self) -> Schema:
        """The schema of one statement. The choices come first, so that the text is written after its evidence."""
        evidence = many(choice(*self._said), min(len(self._said), MOST_EVIDENCE))
        return record(place=choice(*self.places), evidence=evidence, text=text(self._limit))

    @property
    def schema(self) -> Schema:
        """The schema of the answer."""
        words = sum(len(sentence.text.split()) for sentence in self._said.values())
        most = max(STATEMENTS_PER_SENTENCE * len(self._said), words // WORDS_PER_STATEMENT) + SPARE_STATEMENTS
        return record(statements=many(self.item_schema, most, least=1))

    def of(self, report: Report) -> str:
        """Return the answer that would give this report of the dictated sentences, as compact JSON."""
        items = []
        for statement in report.statements:
            place = FINDINGS + (statement.organ or "") if statement.section == "findings" else statement.section
            if statement.evidence and place in self.places:
                items.append({"place": place, "evidence": list(statement.evidence), "text": statement.text})
        return json.dumps({"statements": items}, separators=(",", ":"), ensure_ascii=False)

    def statements(self, items: Iterable[dict[str, Any]]) -> list[Statement]:
        """Return the statements of an answer, each once, with the id UNNUMBERED.

        One without a text says nothing, and one that fills its limit was cut there: both are left out and cite nothing.
        So is a suggestion that repeats a sentence.
        """
        kept: dict[object, Statement] = {}
        for item in items:
            if not item["text"].strip() or len(item["text"]) >= self._limit:
                continue
            statement = self._statement(item)
            words = counted([statement.text])
            if statement.evidence or words not in self._words:
                kept.setdefault((statement.evidence, frozenset(words.items())), statement)
        return list(kept.values())

    def _statement(self, item: dict[str, Any]) -> Statement:
        words = " ".join(item["text"].split())
        place = self._place(item["place"])
        cited = [s for s in self._said.values() if s.id in item["evidence"] and speaks_of(words, s.text)]
        fitting = [s for s in cited if place.section in self._allowed[s.id]]
        if cited and not fitting:
            section = self._by_rule[cited[0].id].section
            place = Place(section, self._template.organ_of(words) if section == "findings" else None)
            fitting = [s for s in cited if section in self._allowed[s.id]]
        if place.section == "findings" and fitting:
            place = Place("findings", self._heading(place.organ or OTHER, words, fitting))
        return Statement(
            id=UNNUMBERED,
            text=words,
            section=place.section,
            organ=place.organ,
            evidence=tuple(sentence.id for sentence in fitting),
            origin=_origin(fitting),
        )

    def _heading(self, wanted: str, words: str, cited: Sequence[Sentence]) -> str:
        """Return the heading of a statement: the wanted one where the words of each sentence, or the rules, give it.

        A heading gives a finding a site, so that one which nobody dictated is another fact.
        """
        own = self._template.mentions(words)
        by_rule = [self._by_rule[sentence.id].organ or OTHER for sentence in cited]
        if len(cited) == 1 and own:
            fits = set(own)
        else:
            each = zip(cited, by_rule, strict=True)
            fits = set.intersection(*({rule, *self._template.mentions(sentence.text)} for sentence, rule in each))
        fitting = (heading for heading in (wanted, *own, by_rule[0]) if heading in fits)
        return OTHER if wanted == OTHER else next(fitting, OTHER)

    def _place(self, name: str) -> Place:
        if name.startswith(FINDINGS):
            return Place("findings", name.removeprefix(FINDINGS))
        return Place(cast(Section, name))


def _sections(sentence: Sentence, by_rule: Section) -> frozenset[Section]:
    """Return the sections that a statement on a sentence may stand in.

    One that was said aloud is the only one, and so is one that the sentence shows by its words: what is asked
    ("evaluate for pneumonia") is no finding. What is found, was found before or is recommended belongs in the body.
    """
    if sentence.section is not None or by_rule not in BODY:
        return frozenset((by_rule,))
    if states(sentence.text) or recommends(sentence.text):
        return BODY
    return BODY | {"indication"}


def _origin(evidence: Sequence[Sentence]) -> Origin:
    origins = {sentence.origin for sentence in evidence}
    if not origins:
        return "suggested"
    return origins.pop() if len(origins) == 1 else "dictated"


def groups(statements: Iterable[Statement], dictation: Dictation, template: Template) -> list[Group]:
    """Return the statements with evidence in groups of which no two share a sentence or a passage."""
    together = {
        s.id: {one.id for one in p.sentences} for p in passages(dictation.sentences, template) for s in p.sentences
    }
    found: list[tuple[set[str], list[Statement]]] = []
    for statement in statements:
        if not statement.evidence:
            continue
        ids, own = set[str]().union(*(together[name] for name in statement.evidence)), [statement]
        for other in [one for one in found if not ids.isdisjoint(one[0])]:
            found.remove(other)
            ids |= other[0]
            own = [*other[1], *own]
        found.append((ids, own))
    return [Group(tuple(s for s in dictation.sentences if s.id in ids), tuple(own)) for ids, own in found]
