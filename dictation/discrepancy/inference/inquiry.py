"""Everything that the inferences ask: the two texts, the order and the image header, read once.

What neither the order nor the header states is None or empty, and contradicts nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from dictation.discrepancy.columns import Column
from dictation.discrepancy.inference.evidence import Words
from dictation.exam import ExamFacts, Order, Sex
from dictation.findings import SentenceSpan
from dictation.findings.exam_match import side_of
from dictation.findings.exam_words import ExamWords, exam_of, exam_of_text, exam_phrases, modality_of_code
from dictation.findings.lexicon import word_phrases
from dictation.findings.tokens import Token

_DAYS_A_YEAR = 365.25
_TITLE_WORDS = 16  # a first sentence that names the exam is no longer than this
_OPENING = frozenset(
    {"screening", "diagnostic", "portable", "pa", "ap", "frontal", "lateral", "limited", "complete", "left", "right"}
    | {"bilateral", "low", "stat", "exam", "arterial", "venous", "color", "focused"}
)


@dataclass(frozen=True)
class Inquiry:
    """`heard` and `written` as columns; `order` and `facts` where there are any."""

    heard: Column
    written: Column
    order: Order | None
    facts: ExamFacts | None

    @cached_property
    def words(self) -> tuple[Words, Words]:
        """The words of both columns, heard first."""
        return Words(self.heard), Words(self.written)

    @property
    def judged(self) -> Words:
        """The text that is to be signed: the report, or the dictation where there is no report yet."""
        said, wrote = self.words
        return wrote if self.written.text.strip() else said

    @property
    def sex(self) -> Sex | None:
        """The patient's sex."""
        return (self.order.sex if self.order else None) or (self.facts.patient.sex if self.facts else None)

    @cached_property
    def age_years(self) -> float | None:
        """The patient's age at the exam: from the birth date where the exam has a date, else as stated."""
        order, patient = self.order or Order(), (self.facts or ExamFacts()).patient
        born, performed = order.birth_date or patient.birth_date, self.performed
        if born and performed and born <= performed:
            return (performed - born).days / _DAYS_A_YEAR
        return order.age if order.age is not None else patient.age_years

    @property
    def performed(self) -> date | None:
        """The day of the exam."""
        return (self.order.performed if self.order else None) or (self.facts.performed if self.facts else None)

    @cached_property
    def ordered(self) -> ExamWords:
        """The exam that was ordered, or, without an order, that the header describes."""
        order, facts = self.order or Order(), self.facts or ExamFacts()
        has_order = bool(order.procedure or order.modality or order.body_part)
        code = modality_of_code(order.modality if has_order else facts.modality)
        # BodyPartExamined of headers is often a default of the machine: only the description counts.
        named = exam_of_text(f"{order.procedure} ; {order.body_part}" if has_order else facts.procedure)
        if code is None:
            return named
        return ExamWords(named.modality | {code}, named.region, named.contrast, named.extent)

    @cached_property
    def ordered_side(self) -> str | None:
        """Left or right, where the order (or the header) is for one side."""
        return side_of(self.order or Order()) or side_of(self.facts or ExamFacts())

    def title(self, words: Words) -> list[tuple[SentenceSpan, Sequence[Token]]]:
        """The sentences that say which exam this is: those under "Exam", or a first line such as "CT chest"."""
        exam = [
            (sentence, tokens)
            for sentence, tokens in words.sentences
            if sentence.section == "exam" and words.column.origins.get(sentence.id or "") != "order"
        ]
        if exam or not words.sentences:
            return exam
        sentence, tokens = words.sentences[0]
        is_title = sentence.section is None and tokens and len(tokens) <= _TITLE_WORDS
        starts = is_title and (exam_phrases().longest_at(tokens, 0) or tokens[0].norm in _OPENING)
        return [(sentence, tokens)] if starts and exam_of(tokens).modality else []

    def exam_said(self, words: Words) -> ExamWords:
        """The exam of a text's title."""
        return exam_of([token for _, tokens in self.title(words) for token in tokens])

    @cached_property
    def exam(self) -> ExamWords:
        """The exam as ordered; what the order leaves open, as the text itself titles it."""
        said, ordered = self.exam_said(self.judged), self.ordered
        return ExamWords(
            ordered.modality or said.modality,
            ordered.region or said.region,
            ordered.contrast or said.contrast,
            ordered.extent or said.extent,
        )


def about_others(words: Words) -> frozenset[SentenceSpan]:
    """Sentences that may speak of a relative, a donor, a fetus or a colleague."""
    return frozenset(hit.sentence for hit in words.hits(word_phrases("other_persons", "terms")))
