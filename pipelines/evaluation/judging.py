"""A language model's grade for the errors that the tables call minimal: each distinct one is asked about once.

An answer is kept in `heard.jsonl`, so that `--resume` does not ask again. Where the model gives none, the grade of the
tables stays and is counted; nothing else takes its place.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

from dictation.errors import ModelError
from dictation.evaluation import Error, Grade
from dictation.findings.sentences import sentences_of
from dictation.models import NotAssessed, VisionLanguageModel
from pipelines.evaluation.hearing import Heard
from pipelines.evaluation.measuring import Measured, grade_tallies
from pipelines.evaluation.results import Judge
from pipelines.ledger import settings_key

OPTIONS: dict[str, Grade] = {"Harmless": "harmless", "Minimal": "minimal", "Care": "could change care"}
QUESTION = """A radiologist dictated a report and a speech recognizer wrote it down with an error.

Dictated: {dictated}
Written: {written}
The error: {error}

Imagine a colleague who acts on what was written and cannot hear the dictation.
Harmless: the error changes nothing of what she understands.
Minimal: she stumbles or understands a little less, and does the same for the patient.
Care: she could understand something else of the patient and do something else.
Answer with one word: Harmless, Minimal or Care."""


class Grading:
    """Asks a model and keeps what it said in an evaluation's folder."""

    def __init__(self, model: VisionLanguageModel, kept: Heard) -> None:
        self._model, self._kept = model, kept
        self._by = settings_key(model.engine.model_dump_json(), QUESTION)
        self._known: dict[str, Grade | None] = {}

    @property
    def judge(self) -> Judge:
        """The record of what was asked."""
        silent = sum(grade is None for grade in self._known.values())
        return Judge(engine=self._model.engine, asked=len(self._known), not_assessed=silent)

    def graded(self, measured: Sequence[Measured]) -> list[Measured]:
        """The same with the model's grades. Raises MissingError where its server or its key is not there."""
        return [self._graded(one) if any(map(_is_open, one.errors)) else one for one in measured]

    def _graded(self, one: Measured) -> Measured:
        script = one.recording.references["written"]
        errors = tuple(
            replace(error, grade=self._grade(script, one.written, error) or error.grade) if _is_open(error) else error
            for error in one.errors
        )
        words = one.tallies["deletions.written"].words
        return replace(one, errors=errors, tallies=one.tallies | grade_tallies(errors, words))

    def _grade(self, script: str, written: str, error: Error) -> Grade | None:
        question = QUESTION.format(
            dictated=_sentence(script, error.script) or "(nothing)",
            written=_sentence(written, error.hypothesis) or "(nothing)",
            error=_error(error),
        )
        if question not in self._known:
            key = settings_key(question)
            kept = self._kept.answer(self._by, key)
            found: Grade | None = kept if kept in get_args(Grade) else self._asked(question)
            if found is not None and found != kept:
                self._kept.keep_answer(self._by, key, found)
            self._known[question] = found
        return self._known[question]

    def _asked(self, question: str) -> Grade | None:
        try:
            shares = self._model.choose(self._model.prepare(), question, tuple(OPTIONS))
        except ModelError:
            return None
        if isinstance(shares, NotAssessed):
            return None
        return tuple(OPTIONS.values())[shares.index(max(shares))]


def _is_open(error: Error) -> bool:
    return error.grade == "minimal"


def _error(error: Error) -> str:
    if error.kind == "substitution":
        return f'"{error.said}" was written as "{error.heard}"'
    return f'"{error.said}" was left out' if error.said else f'"{error.heard}" was never said'


def _sentence(text: str, span: tuple[int, int]) -> str:
    """The sentences that have characters of a span, or end or begin at a point."""
    inside = [one for one in sentences_of(text) if one.start <= span[1] and span[0] <= one.end]
    return " ".join(text[inside[0].start : inside[-1].end].split()) if inside else ""
