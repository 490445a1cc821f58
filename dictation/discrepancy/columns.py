"""One column made ready for comparison: its text, its claims, and where each claim's sentence came from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from dictation.discrepancy.discrepancy import Side
from dictation.discrepancy.labels import sided
from dictation.findings import Claim, SentenceSpan, claims_of_dictation, extract
from dictation.findings.sentences import parts_of, sentences_of
from dictation.report import Report
from dictation.wording import Dictation

Origin = Literal["dictated", "typed", "macro", "template", "order"]
_BODY = (None, "findings", "impression")


@dataclass(frozen=True, slots=True)
class Column:
    """`text`, its claims, and its sentences; `origins` by sentence id; `seconds` of a stretch of characters."""

    name: Literal["heard", "written"]
    text: str
    claims: tuple[Claim, ...]
    sentences: tuple[SentenceSpan, ...]
    origins: dict[str, str]
    seconds: Callable[[int, int], tuple[float, float] | None]

    def is_body(self, claim: Claim) -> bool:
        """Whether the claim stands in findings, impression or a text without headings."""
        return claim.section in _BODY

    def was_to_be_heard(self, claim: Claim) -> bool:
        """Whether the claim's sentence should have a counterpart in the other column: it was dictated."""
        return self.was_dictated(claim.sentence)

    def was_dictated(self, sentence: str | None) -> bool:
        """Whether a sentence, by its id, is of dictated origin; one without an id is."""
        return sentence is None or self.origins.get(sentence, "dictated") == "dictated"

    def sentence_of(self, claim: Claim) -> SentenceSpan:
        """The sentence that the claim stands in."""
        return self.sentence_at(claim.span)

    def sentence_at(self, span: tuple[int, int]) -> SentenceSpan:
        """The sentence in which a stretch of characters begins."""
        for sentence in self.sentences:
            if sentence.start <= span[0] < sentence.end:
                return sentence
        return SentenceSpan(*span)

    def side(self, claim: Claim) -> Side:
        """The claim as one side of a discrepancy."""
        return Side(text=claim.text, span=claim.span, claim=claim)


def claims_of_report(report: Report) -> list[Claim]:
    """Claims of a report, source written: spans index `report.text`, sentences are statement ids."""
    return extract(report.text, "written", sentences=_statements(report))


def _statements(report: Report) -> list[SentenceSpan]:
    """The statements as sentences. One that says nothing by itself ("Clear.") is read with its heading ("Lungs:")."""
    text, spans, found = report.text, report.spans, []
    for statement in report.statements:
        if statement.id not in spans:
            continue
        start, end = spans[statement.id]
        heading = f"{statement.organ}: "
        has_words = any(map(str.isalnum, statement.text))  # one whose field is open is blank, and claims nothing
        if has_words and text[:start].endswith(f"\n{heading}") and not extract(statement.text):
            start -= len(heading)
        found.append(SentenceSpan(start, end, statement.id, statement.section))
    return found


def _stated(claims: list[Claim], text: str) -> tuple[Claim, ...]:
    """What the words themselves say, and the label before them.

    An implied side ("left base opacity and small effusion") contradicts nothing.
    """
    return sided([claim.stated() for claim in claims], text)


def heard_column(heard: Dictation | str) -> Column:
    """The column of what was said. Where all of it came as text, it is an imported transcript, and all was dictated."""
    if isinstance(heard, str):
        return Column(
            "heard", heard, _stated(extract(heard, "heard"), heard), sentences_of(heard), {}, lambda a, b: None
        )
    spans = heard.spans
    given = [SentenceSpan(*spans[sentence.id], sentence.id, sentence.section) for sentence in heard.sentences]
    text = heard.text
    parts = tuple(part for sentence in given for part in parts_of(text, sentence))
    is_imported = all(sentence.origin == "typed" for sentence in heard.sentences)
    origins: dict[str, str] = {} if is_imported else {sentence.id: sentence.origin for sentence in heard.sentences}
    return Column("heard", text, _stated(claims_of_dictation(heard), text), parts, origins, heard.seconds)


def written_column(written: Report | str) -> Column:
    """The column of the report."""
    if isinstance(written, str):
        return Column(
            "written",
            written,
            _stated(extract(written, "written"), written),
            sentences_of(written),
            {},
            lambda a, b: None,
        )
    text = written.text
    parts = tuple(part for sentence in _statements(written) for part in parts_of(text, sentence))
    origins = {statement.id: statement.origin for statement in written.statements}
    return Column("written", text, _stated(claims_of_report(written), text), parts, dict(origins), lambda a, b: None)
