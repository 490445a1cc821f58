"""The writer with a language model, asked through a real server on the loopback and through a real, tiny Gemma 3."""

import json
from threading import Event

import numpy as np
import pytest

from dictation.errors import Cancelled, ModelError
from dictation.exam import ExamFacts, Order, Patient
from dictation.imaging import Study, StudyImage
from dictation.models.endpoint import EndpointModel
from dictation.report import NOT_DICTATED, load_template
from dictation.report.citing import SHORTEST_LIMIT
from dictation.report.medgemma import MedGemmaWriter
from dictation.wording import Dictation, Sentence
from tests.models.local_chat import LocalChat, Said
from tests.report.answering import answer, prompt_of, said, writer_at, written
from tests.report.dictated import dictated

DICTATION = dictated(
    "Chest X-ray two views.",
    "Small left pleural effusion.",
    "No pneumothorax.",
    "The heart is enlarged.",
    ("impression", "Small left pleural effusion."),
)
ORDER = Order(
    accession="A-77812",
    patient_id="MRN-5519",
    name="Zimmerwald, Ottilie",
    birth_date="1951-03-02",
    sex="F",
    age=74,
    procedure="Chest radiograph, two views",
    modality="DX",
    body_part="CHEST",
    indication="Cough for three weeks",
)


WHOLE = [
    said("exam", ["s1"], "Chest X-ray two views"),
    said("findings: Pleura", ["s2"], "Small left pleural effusion."),
    said("findings: Pleura", ["s3"], "No pneumothorax."),
    said("findings: Heart and mediastinum", ["s4"], "The heart is enlarged."),
    said("impression", ["s5"], "Small left pleural effusion."),
]


def test_statements_carry_the_ids_of_what_was_said():
    report, _ = written(WHOLE, DICTATION, order=ORDER)
    assert [(s.id, s.section, s.organ, s.evidence, s.origin) for s in report.statements] == [
        ("r1", "exam", None, ("s1",), "dictated"),
        ("r2", "indication", None, (), "order"),
        ("r3", "findings", "Pleura", ("s2",), "dictated"),
        ("r4", "findings", "Pleura", ("s3",), "dictated"),
        ("r5", "findings", "Heart and mediastinum", ("s4",), "dictated"),
        ("r6", "impression", None, ("s5",), "dictated"),
    ]
    assert report.text.startswith("EXAM: Chest X-ray two views\n\nINDICATION: Cough for three weeks")


def test_an_answer_without_statements_is_no_report():
    with pytest.raises(ModelError, match="'statements' of the answer has 0 items"):
        written([], DICTATION)


@pytest.mark.parametrize("text", [" \n ", ("No pneumothorax. " * 20)[:SHORTEST_LIMIT]])
def test_a_statement_without_words_or_cut_at_its_limit_loses_nothing(text):
    report, _ = written([said("findings: Lungs", ["s2", "s3"], text)], DICTATION)
    assert [s.evidence for s in report.statements if s.evidence] == [("s1",), ("s2",), ("s3",), ("s4",), ("s5",)]


def test_typed_words_and_macros_keep_their_origin():
    dictation = Dictation(
        sentences=(
            Sentence(id="s1", text="Chest X-ray.", origin="macro"),
            Sentence(id="s2", text="No effusion.", origin="typed"),
            Sentence(id="s3", text="Clear lungs."),
            Sentence(id="s4", text="No fracture.", origin="typed"),
        )
    )
    statements = [
        said("exam", ["s1"], "Chest X-ray."),
        said("findings: Lungs", ["s2", "s3"], "No effusion. Clear lungs."),
        said("findings: Bones and soft tissues", ["s4"], "No fracture."),
    ]
    report, _ = written(statements, dictation, template=load_template("chest_xray"))
    assert [statement.origin for statement in report.statements] == ["macro", "typed", "dictated"]


def test_normals_of_the_chosen_template_give_way_to_what_the_model_wrote():
    normals = load_template("chest_xray_normal")
    dictation = dictated("Lungs and pleura are clear.")
    report, _ = written([said("findings: Pleura", ["s1"], "Lungs and pleura are clear.")], dictation, template=normals)
    assert "Pleura" in normals.headings
    brought = {statement.organ for statement in report.findings if statement.origin == "template"}
    assert brought == {"Heart and mediastinum", "Bones and soft tissues"}


def test_the_model_sees_the_sentences_and_never_who_the_patient_is():
    facts = ExamFacts(
        modality="DX", body_part="CHEST", patient=Patient(patient_id="MRN-5519", name="ZIMMERWALD^OTTILIE")
    )
    _, request = written(WHOLE, DICTATION, order=ORDER, study=Study("1", (), facts))
    sent = json.dumps(request)
    for line in ("s2: Small left pleural effusion.", "s5 (impression): Small left pleural effusion."):
        assert line in prompt_of(request)
    assert "Chest radiograph, two views" in sent and "Cough for three weeks" in sent
    for identity in ("Zimmerwald", "ZIMMERWALD", "Ottilie", "MRN-5519", "A-77812", "1951", "74"):
        assert identity not in sent


@pytest.mark.parametrize(
    ("modality", "style", "kinds"),
    [("DX", "keep", ["image_url", "text"]), ("DX", "polish", None), ("CT", "keep", None)],
)
def test_a_server_is_shown_the_radiograph_before_the_prompt_where_wording_is_kept(modality, style, kinds):
    image = StudyImage(np.full((9, 7), 90, np.uint8), modality=modality, view="PA")
    study = Study("1", (image,), ExamFacts(modality=modality))
    _, request = written(WHOLE, DICTATION, order=ORDER, study=study, style=style)
    content = request["messages"][0]["content"]
    assert [part["type"] for part in content] == kinds if kinds else isinstance(content, str)


def test_a_server_that_takes_no_images_writes_without_and_the_record_says_so():
    blind = Said(status=400, body=b'{"error": {"message": "image input is not supported"}}')
    image = StudyImage(np.full((9, 7), 90, np.uint8), modality="DX", view="PA")
    with LocalChat(blind, answer(*WHOLE)) as server:
        writer = writer_at(server)
        for _ in range(2):
            report = writer.write(DICTATION, order=ORDER, study=Study("1", (image,), ExamFacts()))
            assert [s.kept for s in report.statements] == [""] * len(report.statements)
    asked = [request["messages"][0]["content"] for request in server.requests]
    assert [isinstance(content, str) for content in asked] == [False, True, True]
    assert writer.engine.settings["images"] == "none: the server takes no images"


def test_an_indication_that_names_the_patient_is_sent_without_the_name():
    named = ORDER.model_copy(update={"indication": "Ottilie Zimmerwald coughs"})
    report, request = written(WHOLE, DICTATION, order=named)
    assert "Zimmerwald" not in json.dumps(request) + report.text
    assert "Reason for the exam: [name] coughs" in prompt_of(request)


def test_the_answer_is_asked_for_with_its_choices_first():
    _, request = written(WHOLE, DICTATION, order=ORDER)
    schema = request["response_format"]["json_schema"]["schema"]
    statement = schema["properties"]["statements"]["items"]["properties"]
    assert list(statement) == ["place", "evidence", "text"]
    assert statement["evidence"]["items"]["enum"] == ["s1", "s2", "s3", "s4", "s5"]
    assert statement["place"]["enum"][3:6] == ["comparison", "findings: Lines and tubes", "findings: Lungs"]


def test_a_sentence_that_does_not_exist_cannot_be_cited():
    with pytest.raises(ModelError, match="none of the 5 choices"):
        written([said("findings: Lungs", ["s9"], "A nodule.")], DICTATION)


def test_a_dictation_without_words_needs_no_model():
    with LocalChat(Said(status=500)) as server:
        report = writer_at(server).write(dictated(), order=ORDER)
    assert server.requests == []
    assert [s.origin for s in report.statements] == ["order", "order"]
    assert report.text.endswith(f"IMPRESSION: {NOT_DICTATED}")


def test_a_cancelled_report_asks_nobody():
    cancel = Event()
    cancel.set()
    with LocalChat(Said(status=500)) as server, pytest.raises(Cancelled):
        writer_at(server).write(DICTATION, cancel=cancel)
    assert server.requests == []


def test_the_record_names_model_and_prompt():
    engine = MedGemmaWriter(EndpointModel("http://127.0.0.1/v1", "google/medgemma-27b-it")).engine
    assert (engine.name, engine.model) == ("endpoint", "google/medgemma-27b-it")
    assert engine.settings["writer"] == "medgemma" and len(engine.settings["prompt_sha256"]) == 64
