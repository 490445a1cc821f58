"""The writer with a language model: the dictation put in order by MedGemma, every statement tied to what was said.

The model sees the dictated sentences, numbered, with the procedure and the reason of the order, and never who the
patient is. It answers under a schema: sections, headings and ids are choices. What it says without evidence is only a
suggestion, and a sentence that it left out is added as it was dictated. Whether it kept the meaning is checked by the
comparison of the columns, as for any report.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import sha256
from string import Template as Text
from threading import Event
from typing import Any

from dictation.exam import Order
from dictation.imaging import Study
from dictation.models import VisionLanguageModel
from dictation.models.schema import Schema, choice, many, record, text
from dictation.report.extractive import ExtractiveWriter, template_for
from dictation.report.report import SECTIONS, Origin, Report, Statement
from dictation.report.template import DATA, OTHER, Template
from dictation.report.writer import Correction, Style, Told
from dictation.speech import Engine
from dictation.wording import Dictation, Sentence

PROMPT = "medgemma_prompt.txt"
NOT_STATED = "not stated"
# Bounds of an answer that keeps the wording. A model that repeats itself writes until it meets them.
MOST_EVIDENCE = 8  # sentences behind one statement
STATEMENTS_PER_SENTENCE, SPARE_STATEMENTS = 2, 4  # "heart and lungs are normal" becomes two statements
SENTENCES_PER_STATEMENT = 2  # of the longest: "It measures 8 mm." is joined to the finding that it speaks of
SHORTEST_LIMIT = 300  # characters that a statement may always have
UNNUMBERED = "r0"


class MedGemmaWriter:
    """Writes reports with a model that keeps to a schema. The radiologist's wording is kept."""

    def __init__(self, model: VisionLanguageModel) -> None:
        self._model = model
        self._extractive = ExtractiveWriter()

    @property
    def engine(self) -> Engine:
        """The record of the model, with the prompt that it is given."""
        engine = self._model.engine
        own = {
            "writer": "medgemma",
            "style": "keep my wording",
            "prompt_sha256": sha256(_prompt().encode()).hexdigest(),
        }
        return engine.model_copy(update={"settings": engine.settings | own})

    @property
    def rewords(self) -> bool:
        """True: a model may write other words than it was told to."""
        return True

    def write(
        self,
        dictation: Dictation,
        *,
        order: Order | None = None,
        study: Study | None = None,
        template: Template | None = None,
        style: Style = "keep",
        corrections: Sequence[Correction] = (),
        cancel: Event | None = None,
        told: Told | None = None,
    ) -> Report:
        """Return the report. Every dictated sentence is the evidence of at least one statement.

        Raises ModelError where the model gives no valid answer, Cancelled when `cancel` is set.
        """
        extracted = self._extractive.write(dictation, order=order, study=study, template=template, cancel=cancel)
        if not dictation.sentences:
            return extracted
        used = template or template_for(dictation, order, study)
        stated = self._extractive.write(Dictation(sentences=()), order=order, study=study)
        asked, schema = _asked(dictation, stated, used), answer_schema(dictation, used)
        answer = self._model.generate(self._model.prepare(), asked, schema, cancel)
        written = _statements(answer, dictation)
        return _report([*written, *_left_out(written, extracted, stated)], dictation, used)


def answer_schema(dictation: Dictation, template: Template) -> Schema:
    """Return the schema of the answer for a dictation of at least one sentence.

    The choices come first and the text last, so that the text is written after its evidence is chosen.
    """
    sentences = dictation.sentences
    ids = choice(*(sentence.id for sentence in sentences))
    statement = record(
        section=choice(*SECTIONS),
        organ=choice(*template.headings),
        evidence=many(ids, min(len(sentences), MOST_EVIDENCE)),
        text=text(_text_limit(dictation)),
    )
    return record(statements=many(statement, STATEMENTS_PER_SENTENCE * len(sentences) + SPARE_STATEMENTS, least=1))


def _text_limit(dictation: Dictation) -> int:
    longest = max(len(sentence.text) for sentence in dictation.sentences)
    return max(SHORTEST_LIMIT, SENTENCES_PER_STATEMENT * longest)


@cache
def _prompt() -> str:
    return DATA.joinpath(PROMPT).read_text(encoding="utf-8")


def _asked(dictation: Dictation, stated: Report, template: Template) -> str:
    return Text(_prompt()).substitute(
        sections=", ".join(SECTIONS),
        organs=", ".join(f'"{heading}"' for heading in template.headings),
        other=OTHER,
        exam=" ".join(statement.text for statement in stated.exam) or NOT_STATED,
        indication=" ".join(statement.text for statement in stated.indication) or NOT_STATED,
        sentences="\n".join(map(_numbered, dictation.sentences)),
    )


def _numbered(sentence: Sentence) -> str:
    heading = f" ({sentence.section})" if sentence.section else ""
    return f"{sentence.id}{heading}: {' '.join(sentence.text.split())}"


def _statements(answer: dict[str, Any], dictation: Dictation) -> list[Statement]:
    """Return the model's statements, each once.

    One without a text says nothing, and one that fills its limit was cut there: both are left out and cite nothing, so
    that their sentences stand as dictated.
    """
    said = {sentence.id: sentence for sentence in dictation.sentences}
    limit = _text_limit(dictation)
    statements = []
    for written in answer["statements"]:
        words = " ".join(written["text"].split())
        if not words or len(written["text"]) >= limit:
            continue
        evidence = tuple(name for name in said if name in written["evidence"])
        statements.append(
            Statement(
                id=UNNUMBERED,
                text=words,
                section=written["section"],
                organ=written["organ"] if written["section"] == "findings" else None,
                evidence=evidence,
                origin=_origin(said[name] for name in evidence),
            )
        )
    return list(dict.fromkeys(statements))


def _origin(evidence: Iterable[Sentence]) -> Origin:
    origins = {sentence.origin for sentence in evidence}
    if not origins:
        return "suggested"
    return origins.pop() if len(origins) == 1 else "dictated"


def _left_out(written: list[Statement], extracted: Report, stated: Report) -> list[Statement]:
    """Return what the report needs besides the model's statements.

    These are the sentences that no statement cites, as dictated; what the order states on sections that are silent;
    and normals of the chosen template under headings that are.
    """
    cited = {name for statement in written for name in statement.evidence}
    added = [
        statement for statement in extracted.statements if statement.evidence and cited.isdisjoint(statement.evidence)
    ]
    spoken = [*(statement for statement in written if statement.origin != "suggested"), *added]
    sections = {statement.section for statement in spoken}
    headings = {statement.organ for statement in spoken}
    added += [statement for statement in stated.statements if statement.section not in sections]
    added += [
        statement
        for statement in extracted.statements
        if statement.origin == "template" and statement.organ not in headings
    ]
    return added


def _report(statements: list[Statement], dictation: Dictation, template: Template) -> Report:
    """Number the statements in reading order: sections, then headings as the template has them, then as dictated."""
    headings = {heading: place for place, heading in enumerate(template.headings)}
    said = {sentence.id: place for place, sentence in enumerate(dictation.sentences)}

    def place(statement: Statement) -> tuple[int, int, int]:
        first = min((said[name] for name in statement.evidence), default=len(said))
        return SECTIONS.index(statement.section), headings.get(statement.organ or "", -1), first

    sections: dict[str, list[Statement]] = {name: [] for name in SECTIONS}
    for number, statement in enumerate(sorted(statements, key=place), 1):
        sections[statement.section].append(statement.model_copy(update={"id": f"r{number}"}))
    return Report(**{name: tuple(found) for name, found in sections.items()})
