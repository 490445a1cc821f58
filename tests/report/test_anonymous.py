"""Who the patient is never reaches a model, and no finding is lost to a name."""

from datetime import date

from dictation.exam import ExamFacts, Order, Patient
from dictation.report.anonymous import NAME, NUMBER, Identity, for_prompt, identifies, redacted
from tests.report.dictated import dictated

SMITH = Identity.of(Order(name="SMITH^Anna", patient_id="12345", birth_date=date(1950, 4, 3), accession="A777"))


def test_headers_identify_as_well_as_orders():
    facts = ExamFacts(accession="B-9081", patient=Patient(patient_id="778899", name="DOE^Jane"))
    assert redacted("Jane, 778899, B 9081", Identity.of(Order(), facts)) == f"{NAME}, {NUMBER}, {NUMBER}"


def test_a_sentence_that_identifies_is_kept_back_and_nothing_else():
    dictation = dictated(
        "Patient Anna Smith, medical record number 12345, date of birth 3 April 1950.",
        "Small left pleural effusion.",
        "No pneumothorax.",
    )
    told, kept_back = for_prompt(dictation)
    assert [sentence.text for sentence in kept_back] == [dictation.sentences[0].text]
    assert told == dictation.sentences[1:]
    assert for_prompt(dictation, Order(name="SMALL^Anna")) == (told, kept_back)


def test_an_identity_is_never_shown():
    assert "Smith" not in repr(SMITH) and "SMITH" not in repr(SMITH)
    assert identifies("Smith", SMITH) and not identifies("Cough.", SMITH)
