"""Who the patient is never reaches a model, and no finding is lost to a name."""

from datetime import date

import pytest

from dictation.exam import ExamFacts, Order, Patient
from dictation.report.anonymous import DATE, NAME, NUMBER, Identity, for_prompt, identifies, redacted
from tests.report.dictated import dictated

SMITH = Identity.of(Order(name="SMITH^Anna", patient_id="12345", birth_date=date(1950, 4, 3), accession="A777"))


def of(name="", number="", accession=""):
    return Identity.of(Order(name=name, patient_id=number, accession=accession))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mrs. Smith, cough.", f"Mrs. {NAME}, cough."),
        ("Smith has a cough.", f"{NAME} has a cough."),
        ("anna smith, cough", f"{NAME}, cough"),
        ("SMITH, ANNA: COUGH", f"{NAME}: COUGH"),
        ("Anna's cough", f"{NAME}'s cough"),
        ("DOB 3/4/1950, cough.", f"DOB {DATE}, cough."),
        ("born 3 April 1950, cough.", f"born {DATE}, cough."),
        ("19500403 cough.", f"{DATE} cough."),
        ("Cough, April 3rd, 1950.", f"Cough, {DATE}."),
        ("Cough, 03-APR-1950.", f"Cough, {DATE}."),
        ("Cough, 03APR50.", f"Cough, {DATE}."),
        ("Cough, 1950-04-03.", f"Cough, {DATE}."),
        ("Cough, 4.3.50.", f"Cough, {DATE}."),
        ("Cough, the 3rd of April 1950.", f"Cough, the {DATE}."),
        ("Cough, 12 345.", f"Cough, {NUMBER}."),
        ("Cough, 1-2-3-4-5.", f"Cough, {NUMBER}."),
        ("Cough, 0012345.", f"Cough, {NUMBER}."),
        ("Cough, accession A-777.", f"Cough, accession {NUMBER}."),
        ("Chest X-ray Smith Anna 12345", f"Chest X-ray {NAME} {NUMBER}"),
    ],
)
def test_the_patient_of_the_order_is_not_told(text, expected):
    assert redacted(text, SMITH) == expected


@pytest.mark.parametrize(
    ("identity", "text", "expected"),
    [
        (of("MADONNA"), "Madonna has a cough.", f"{NAME} has a cough."),
        (of("VAN DER BERG^Anna"), "Anna Berg, cough.", f"{NAME}, cough."),
        (of("VAN DER BERG^Anna"), "Mrs van der Berg, cough.", f"Mrs {NAME}, cough."),
        (of(number="MRN 00-123", accession="A777"), "cough, MRN 00123, accession A777.",
         f"cough, {NUMBER}, accession {NUMBER}."),
        (of("Müller^Jörg"), "Joerg MULLER, cough", f"{NAME}, cough"),
        (of("SMITH-JONES^Mary Ann"), "Mary Jones with cough", f"{NAME} with cough"),
        (of("NG^Wei"), "Wei Ng with cough", f"{NAME} with cough"),
        (of("SMALL^Peter"), "Mr. Small has cough.", f"Mr. {NAME} has cough."),
        (of("SMALL^Peter"), "Cough in Peter Small.", f"Cough in {NAME}."),
        (of("SMALL^Peter"), "MR SMALL, COUGH", f"MR {NAME}, COUGH"),
        (of("LUNG^Wei"), "Patient Lung with cough.", f"Patient {NAME} with cough."),
    ],
)  # fmt: skip
def test_parts_of_names_are_found_however_they_are_written(identity, text, expected):
    assert redacted(text, identity) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dr. Brown asks for a look.", f"Dr. {NAME} asks for a look."),
        ("discussed with dr brown", f"discussed with dr {NAME}"),
        ("Referred by Prof. John Carpenter for cough.", f"Referred by Prof. {NAME} for cough."),
        ("Patient name: Ada Lovelace. Cough.", f"Patient name: {NAME}. Cough."),
        ("Patient Ada Lovelace with cough.", f"Patient {NAME} with cough."),
        ("MRN: 00-123 456. Cough.", f"MRN: {NUMBER}. Cough."),
        ("medical record number is 778899, cough", f"medical record number is {NUMBER}, cough"),
        ("date of birth is March 5, 1961", f"date of birth is {DATE}"),
        ("Born in 1961, cough.", f"Born in {DATE}, cough."),
    ],
)
def test_titles_and_labels_tell_of_persons_whom_no_order_names(text, expected):
    assert redacted(text, Identity()) == expected


@pytest.mark.parametrize(
    ("identity", "text"),
    [
        (of("SMALL^Lung"), "Small left effusion. The left lung is clear."),
        (of("SMALL^Peter"), "SMALL LEFT EFFUSION."),
        (of("SMALL^Peter"), "small bowel obstruction"),
        (of("LUNG^Wei"), "Lung cancer, staging."),
        (of("LONG^May"), "Long-standing cough; may have pneumonia."),
        (of("HEAD^John"), "CT of the head after a fall."),
        (of("STONE^Rosa"), "Kidney stone on the left."),
        (of("VAN DER BERG^Anna"), "Thrown from a van."),
        (of("CHEST^Test"), "Chest X-ray"),
        (of("CHEST^Test"), "Chest Pain, Small Left Chest Wall Mass"),
        (of("CROHN^Burrill"), "Crohn disease."),
        (of(number="12"), "A 12 mm nodule, image 12."),
        (of(number="1234"), "A nodule of 12.34 mm, attenuation 1234 HU."),
        (of(accession="A7"), "Grade A at T7."),
        (SMITH, "Compared with 3 April 2019, 5 mm nodule at 3/4."),
        (Identity(), "MR abdomen and MRI of the brain for MS plaques."),
        (Identity(), "MR ENTEROGRAPHY, MS FLARE"),
        (Identity(), "Sister with breast cancer, nurse notified."),
        (Identity(), "The patient is rotated. Patient is intubated."),
        (Identity(), "Born at 32 weeks, ID consulted."),
        (Identity(), "Medical record reviewed. 54 year old patient with cough."),
        (Identity(), "Patient supine, rotated to the left."),
    ],
)
def test_no_finding_is_hidden_by_a_name(identity, text):
    assert redacted(text, identity) == text


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
