"""The writer without a model: nothing dictated is lost, nothing undictated is invented."""

from collections import Counter
from datetime import date
from threading import Event

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dictation.errors import Cancelled
from dictation.exam import ExamFacts, Order, Patient, Prior
from dictation.findings import SentenceSpan, claims_of_dictation, extract
from dictation.imaging import Study
from dictation.report import SECTIONS, Correction, ExtractiveWriter, load_template
from dictation.report.extractive import template_for
from dictation.wording import Dictation, Sentence
from tests.report.dictated import dictated

CHEST = dictated(
    "PA and lateral views of the chest.",
    "Compared with January 5, 2026.",
    "The heart is normal in size.",
    "Small left pleural effusion.",
    "The lungs are clear.",
    "No pneumothorax.",
    "In summary, small left pleural effusion.",
)
ORDER = Order(
    accession="0042-17",
    patient_id="P-123456",
    name="EXAMPLE, Ada",
    birth_date=date(1965, 1, 31),
    sex="F",
    procedure="Chest X-ray",
    modality="DX",
    body_part="CHEST",
    indication="Cough.",
    priors=(Prior(date=date(2025, 3, 1)), Prior(date=date(2026, 5, 2), text="Clear.")),
)


def texts(statements):
    return [statement.text for statement in statements]


def test_ids_number_the_statements_in_reading_order():
    report = ExtractiveWriter().write(CHEST, order=ORDER)
    assert [s.id for s in report.statements] == [f"r{n}" for n in range(1, len(report.statements) + 1)]


def test_the_header_of_another_exam_fills_nothing_and_chooses_no_template():
    wrist = Order(procedure="XR WRIST LEFT", modality="CR", indication="Fall.")
    chest = ExamFacts(procedure="CHEST PA", modality="CR", body_part="CHEST", view="PA", laterality="right")
    study = Study("1", (), chest)
    report = ExtractiveWriter().write(dictated("No fracture."), order=wrist, study=study)
    assert (texts(report.exam), texts(report.technique)) == (["XR WRIST LEFT"], [])
    assert template_for(dictated("No fracture."), wrist, study) == template_for(dictated("No fracture."), wrist)
    same = Study("1", (), chest.model_copy(update={"procedure": "WRIST PA", "body_part": "HAND"}))
    assert texts(ExtractiveWriter().write(dictated("No fracture."), order=wrist, study=same).technique) == ["PA view."]


def test_who_the_patient_is_never_enters_the_report():
    facts = ExamFacts(
        procedure="Chest of EXAMPLE^Ada",
        view="PA",
        accession="A-77",
        patient=Patient(patient_id="H-99", name="EXAMPLE^Ada"),
    )
    order = ORDER.model_copy(update={"procedure": "", "indication": "Mrs. Ada Example, born 1965-01-31, cough."})
    text = ExtractiveWriter().write(CHEST, order=order, study=Study("1", (), facts)).text
    for identity in ("Ada", "EXAMPLE", "Example", "P-123456", "1965", "H-99", "A-77", "0042-17"):
        assert identity not in text


def test_the_template_of_a_call_wins_over_that_of_the_writer():
    writer = ExtractiveWriter(load_template("chest_ct"))
    report = writer.write(dictated("Lungs clear."), template=load_template("chest_xray"))
    assert report.findings[0].organ == "Lungs"
    assert writer.write(dictated("Lungs clear.")).findings[0].organ == "Lungs and airways"


def test_a_cancelled_writing_raises():
    cancel = Event()
    cancel.set()
    with pytest.raises(Cancelled):
        ExtractiveWriter().write(CHEST, cancel=cancel)


SENTENCES = st.lists(
    st.tuples(
        st.one_of(
            st.sampled_from([s.text for s in CHEST.sentences]),
            st.sampled_from(["Conclusion: normal.", "54-year-old with cough.", "CT chest.", "None.", "Heart normal"]),
            st.text(min_size=1, max_size=60),
        ),
        st.sampled_from([None, *SECTIONS]),
        st.sampled_from(["dictated", "typed", "macro"]),
    ),
    max_size=12,
)


@settings(deadline=None)
@given(SENTENCES, st.sampled_from(["chest_xray", "chest_ct_normal", "generic", None]), st.booleans())
def test_every_dictated_sentence_is_the_evidence_of_exactly_one_statement(parts, name, ordered):
    dictation = Dictation(
        sentences=tuple(
            Sentence(id=f"s{n}", text=text, section=section, origin=origin)
            for n, (text, section, origin) in enumerate(parts)
        )
    )
    template = load_template(name) if name else None
    report = ExtractiveWriter(template).write(dictation, order=ORDER if ordered else None)
    cited = Counter(id for statement in report.statements for id in statement.evidence)
    assert cited == Counter(sentence.id for sentence in dictation.sentences)
    sentences = {sentence.id: sentence for sentence in dictation.sentences}
    spans, text = report.spans, report.text
    is_headed = any(sentence.section == "findings" for sentence in dictation.sentences)
    for statement in report.statements:
        assert text[slice(*spans[statement.id])] == statement.text
        if statement.evidence:
            sentence = sentences[statement.evidence[0]]
            assert (statement.text, statement.origin) == (sentence.text, sentence.origin)
            # "Comparison: none. The heart is large. In summary, cardiomegaly."
            has_gone_on = statement.section in ("findings", "impression") and not is_headed
            assert sentence.section in (None, "findings", statement.section) or has_gone_on
    for organ in {statement.organ for statement in report.findings}:
        order = [int(s.evidence[0][1:]) for s in report.findings if s.organ == organ and s.evidence]
        assert order == sorted(order)


def test_sorting_changes_no_claim():
    """Sentences that lean on the one before ("It measures 8 mm") would mean something else elsewhere."""
    dictation = dictated(
        "There is a nodule in the right upper lobe.",
        "It measures 8 mm.",
        "Heart size is normal.",
        "Small left pleural effusion.",
        "This is unchanged.",
        "No pneumothorax in the left chest.",
        "Moderate cardiomegaly.",
        ("impression", "8 mm nodule, likely benign."),
    )
    report = ExtractiveWriter().write(dictation, order=Order(modality="DX", body_part="CHEST"))
    written = extract(
        report.text,
        sentences=[SentenceSpan(*report.spans[s.id], s.id, s.section) for s in report.statements if s.evidence],
    )

    def said(claims):
        dropped = {"id", "source", "section", "span", "sentence", "parts", "measurements"}
        return Counter(
            str(claim.model_dump(exclude=dropped)) + str([m.values_mm for m in claim.measurements]) for claim in claims
        )

    assert said(written) == said(claims_of_dictation(dictation))
    assert len(written) >= 6


def test_a_correction_is_written_alone_and_statements_are_told():
    told = []
    report = ExtractiveWriter().write(
        CHEST, order=ORDER, corrections=[Correction(sentences=("s2",), text="", wrong="")], told=told.append
    )
    assert [statement.evidence for statement in report.statements] == [("s2",)]
    assert told == list(report.statements)
