"""What a network does to an answer: every way that we know of to break it, and a server's certificate."""

import json
import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from dictation.case.opening import review_dictation
from dictation.errors import DictationError, MissingError, ModelError
from dictation.models.endpoint import EndpointModel
from dictation.models.schema import choice, record
from dictation.report import ExtractiveWriter
from dictation.report.medgemma import MedGemmaWriter
from dictation.wording import typed
from tests.models.local_chat import KEY, LocalChat, Said

CERTIFICATE = Path(__file__).parent / "loopback.pem"  # of 127.0.0.1, signed by itself, until 2126
SCHEMA = record(side=choice("left", "right"))
ANSWER = {"side": "left"}
GOOD = json.dumps(ANSWER)
DICTATION = typed("Zebra stripes in the left lung. The heart is normal. Impression: No pneumothorax.")


def engine(server: LocalChat, **options) -> EndpointModel:
    return EndpointModel(server.url, "medgemma", SecretStr(KEY), waits_s=(0.01, 0.01), **options)


FAULTS = {
    "slow to begin": (Said(hangs=True), ModelError, r"said nothing for 0.5 s"),
    "stalled midway": (Said(GOOD, stalls=True), ModelError, r"said nothing for 0.5 s"),
    "dropped midway": (Said(GOOD, drops=True), ModelError, r"the connection broke before the answer was complete"),
    "rate-limited": (Said(status=429, body=b"Zebra"), ModelError, r"busy or failing \(error 429\) after 3 attempts"),
    "no such model": (Said(status=404), MissingError, r"no model 'medgemma' there; set DICTATION_ENDPOINT_MODEL"),
    "cut by length": (Said(GOOD, ended="length"), ModelError, r"the answer was cut short"),
    "without schema": (Said("Zebra"), ModelError, "not valid"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_sentence_and_costs_no_dictation(fault):
    said, kind, told = FAULTS[fault]
    with LocalChat(said) as server:
        model = engine(server, silence_s=0.5 if said.hangs or said.stalls else 120)
        with pytest.raises(DictationError, match=told) as caught:
            model.generate([], "Zebra stripes in the left lung.", SCHEMA)
        case = review_dictation(DICTATION, writer=MedGemmaWriter(model))
    message = str(caught.value)
    assert type(caught.value) is not DictationError and isinstance(caught.value, kind)
    assert server.url in message and "Zebra" not in message and KEY not in message and "\n" not in message
    assert case.dictation == DICTATION
    assert case.report == ExtractiveWriter().write(DICTATION)
    assert case.engines["writer"].settings["instead_of"] == "endpoint"
    [warning] = [warning for warning in case.warnings if "extractive draft" in warning]
    assert re.search(told, warning) and "Zebra" not in warning


def test_an_answer_that_began_is_not_asked_for_again():
    told: list[str] = []
    with LocalChat(Said(GOOD, drops=True), Said(GOOD)) as server, pytest.raises(ModelError):
        engine(server).generate([], "Where?", SCHEMA, told=told.append)
    assert len(server.requests) == 1 and told


def test_a_certificate_of_nobody_is_not_trusted_and_sees_no_key():
    with LocalChat(Said(GOOD), certificate=CERTIFICATE) as server, pytest.raises(MissingError, match="is not trusted"):
        engine(server).generate([], "Where?", SCHEMA)
    assert server.requests == []


def test_an_authority_that_the_machine_trusts_is_trusted(monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with LocalChat(Said(GOOD), certificate=CERTIFICATE) as server:
        assert engine(server).generate([], "Where?", SCHEMA) == ANSWER
