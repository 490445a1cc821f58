"""Nothing of a request says who the patient is, however an order or a dictation writes it."""

import json
from datetime import date

import pytest

from dictation.exam import ExamFacts, Order, Patient
from dictation.imaging import Study
from dictation.report import Correction
from dictation.report.anonymous import WITHHELD
from tests.models.local_chat import LocalChat, Said
from tests.report.answering import answer, prompt_of, said, writer_at, written
from tests.report.dictated import dictated

SMITH = {"name": "SMITH^Anna", "patient_id": "12345", "birth_date": date(1950, 4, 3), "accession": "A777"}
NORMAL = [said("impression", ["s2"], "Normal.")]


def order(**stated):
    return Order(**{"procedure": "Chest X-ray", "modality": "DX", "body_part": "CHEST", "indication": "Cough"} | stated)


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        (SMITH | {"indication": "Mrs. Smith, cough."}, ["smith"]),
        (SMITH | {"indication": "DOB 3/4/1950, cough."}, ["1950", "3/4"]),
        (SMITH | {"indication": "born 3 April 1950, cough."}, ["1950", "april"]),
        (SMITH | {"indication": "19500403 cough."}, ["1950"]),
        ({"name": "MADONNA", "indication": "Madonna has a cough."}, ["madonna"]),
        ({"patient_id": "MRN 00-123", "accession": "A777", "indication": "cough, MRN 00123, accession A777."},
         ["123", "777"]),
        ({"name": "VAN DER BERG^Anna", "indication": "Anna Berg, cough."}, ["anna", "berg"]),
        (SMITH | {"procedure": "Chest X-ray Smith Anna 12345"}, ["smith", "anna", "12345"]),
    ],
)  # fmt: skip
def test_the_order_does_not_say_who_the_patient_is(stated, words):
    _, request = written(NORMAL, dictated("Chest X-ray.", "Normal."), order=order(**stated))
    asked = prompt_of(request).lower()
    assert "cough" in asked and "chest x-ray" in asked
    assert not [word for word in words if word in json.dumps(request).lower()]


def test_a_header_does_not_either():
    facts = ExamFacts(procedure="CHEST DOE JANE", modality="DX", patient=Patient(name="DOE^Jane"))
    _, request = written(NORMAL, dictated("Chest X-ray.", "Normal."), study=Study("1", (), facts))
    assert "CHEST [name]" in prompt_of(request)


def test_a_sentence_that_names_the_patient_is_not_sent_and_stands_as_it_was_said():
    dictation = dictated(
        "Patient Anna Smith, medical record number 12345, date of birth 3 April 1950.",
        "Normal.",
    )
    for known in (order(**SMITH), order(), None):
        report, request = written(NORMAL, dictation, order=known)
        sent = json.dumps(request)
        assert not [word for word in ("Anna", "Smith", "12345", "1950", "s1") if word in sent]
        [kept] = [statement for statement in report.statements if statement.evidence == ("s1",)]
        assert (kept.text, kept.kept) == (dictation.sentences[0].text, WITHHELD)
        assert [statement.kept for statement in report.impression] == [""]


def test_where_every_sentence_names_the_patient_nobody_is_asked():
    dictation = dictated("Anna Smith has a small left effusion.")
    with LocalChat(Said(status=500)) as server:
        report = writer_at(server).write(dictation, order=order(**SMITH))
    assert server.requests == []
    assert [(s.text, s.kept) for s in report.findings] == [(dictation.sentences[0].text, WITHHELD)]


def test_what_was_wrong_is_told_without_the_name():
    dictation = dictated("Chest X-ray.", "Normal.")
    wrong = Correction(sentences=("s2",), text="Anna Smith is normal.", wrong="It says “Smith”.")
    with LocalChat(answer(*NORMAL)) as server:
        writer_at(server).write(dictation, order=order(**SMITH), corrections=[wrong])
    asked = prompt_of(server.requests[0])
    assert "[name] is normal." in asked and "Smith" not in asked


def test_an_error_of_a_server_quotes_nothing():
    """Servers repeat what they were asked in their errors."""
    dictation = dictated("Zorp of the left lung.")
    body = json.dumps({"error": {"message": "cannot take: Zorp of the left lung."}}).encode()
    with LocalChat(Said(status=400, body=body)) as server, pytest.raises(Exception, match="server") as raised:
        writer_at(server).write(dictation, order=order(**SMITH))
    told, cause = "", raised.value
    while cause is not None:
        told, cause = told + str(cause), cause.__cause__ or cause.__context__
    assert "Zorp" not in told
