"""Dictation and Report as columns: spans, statement ids, origins, seconds and confidence."""

from dictation.discrepancy import claims_of_report, compare
from dictation.findings import claims_of_dictation
from dictation.report import Report, Statement
from dictation.speech import Engine, Transcript, Word
from dictation.wording import Dictation, Link, Sentence


def dictated(*texts: str) -> Dictation:
    """Each word of each sentence spoken for half a second."""
    words: list[Word] = []
    sentences = []
    for number, text in enumerate(texts, 1):
        alignment, at = [], 0
        for part in text.split():
            start = text.index(part, at)
            at = start + len(part)
            alignment.append(Link(span=(start, at), words=(len(words),)))
            seconds = len(words) / 2
            words.append(Word(text=part, start_s=seconds, end_s=seconds + 0.5, confidence=0.9 - 0.01 * len(words)))
        sentences.append(Sentence(id=f"s{number}", text=text, alignment=tuple(alignment), section="findings"))
    transcript = Transcript(recording="r", words=tuple(words), engine=Engine(name="test"), duration_s=len(words) / 2)
    return Dictation(sentences=tuple(sentences), transcripts=(transcript,))


def test_claims_of_a_dictation_know_their_sentence_and_confidence() -> None:
    dictation = dictated("Heart size is normal.", "Small left effusion.")
    heart, effusion = claims_of_dictation(dictation)
    assert (effusion.sentence, effusion.section, effusion.source) == ("s2", "findings", "heard")
    assert dictation.text[slice(*effusion.span)] == effusion.text == "Small left effusion"
    assert effusion.confidence == min(word.confidence or 0 for word in dictation.words[4:])
    assert heart.sentence == "s1"


def test_claims_of_a_report_index_its_text() -> None:
    report = Report(
        findings=(
            Statement(id="r1", text="No pneumothorax. Small left effusion.", section="findings", organ="Pleura"),
        ),
        impression=(Statement(id="r2", text="Left effusion.", section="impression"),),
    )
    claims = claims_of_report(report)
    assert [claim.sentence for claim in claims] == ["r1", "r1", "r2"]
    assert all(report.text[slice(*claim.span)] == claim.text for claim in claims)


def test_the_card_knows_when_it_was_said() -> None:
    report = Report(findings=(Statement(id="r1", text="Small right effusion.", section="findings"),))
    (found,) = compare(dictated("Small left effusion."), report)
    assert (found.kind, found.audio_span_s) == ("laterality", (0.0, 1.5))
    assert found.written and report.text[slice(*(found.written.span or (0, 0)))] == "Small right effusion"


def test_a_template_normal_was_never_to_be_heard() -> None:
    heard = dictated("Small left effusion.")
    statement = Statement(id="r1", text="Small left effusion.", section="findings")
    template = Statement(id="r2", text="Heart size is normal.", section="findings", origin="template")
    assert compare(heard, Report(findings=(statement, template))) == []


def test_a_template_normal_that_contradicts_makes_exactly_one_card() -> None:
    heard = dictated("Small left pleural effusion.")
    statement = Statement(id="r1", text="Small left pleural effusion.", section="findings")
    template = Statement(id="r2", text="No pleural effusion.", section="findings", origin="template")
    assert [found.kind for found in compare(heard, Report(findings=(statement, template)))] == ["negation"]
