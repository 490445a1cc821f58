"""What a network does to an answer: a proxy breaks the connection to a real server in every way that we know of."""

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
from tests.models.llama_server import KEY, MODEL
from tests.models.proxy import Fault, Proxy

CERTIFICATE = Path(__file__).parent / "loopback.pem"  # of 127.0.0.1, signed by itself, until 2126
SCHEMA = record(side=choice("left", "right"))
PROMPT = 'Zebra stripes in the left lung. Answer with one line of JSON like {"side":"left"}'
DICTATION = typed("Zebra stripes in the left lung. The heart is normal. Impression: No pneumothorax.")


def engine(proxy: Proxy, model: str = MODEL, waits_s: tuple[float, ...] = (0.01, 0.01), **options) -> EndpointModel:
    return EndpointModel(proxy.url, model, SecretStr(KEY), waits_s=waits_s, **options)


FAULTS = {
    "slow to begin": ({"then": "stall"}, ModelError, r"said nothing for 2 s"),
    "stalled midway": ({"events": 4, "then": "stall"}, ModelError, r"said nothing for 2 s"),
    "dropped midway": ({"events": 4, "then": "drop"}, ModelError, r"the connection broke before the answer was compl"),
    "rate-limited": ({"status": 429}, ModelError, r"busy or failing \(error 429\) after 3 attempts"),
    "no such model": ({"status": 404}, MissingError, r"no model 'gemma-3-270m' there; set DICTATION_ENDPOINT_MODEL"),
    "cut by length": ({"request": {"max_tokens": 3}}, ModelError, r"the answer was cut short"),
    "without schema": ({"request": {"response_format": None, "max_tokens": 9, "stop": [" "]}}, ModelError, "not valid"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_sentence_and_costs_no_dictation(fault, llama):
    how, kind, told = FAULTS[fault]
    with Proxy(llama.url, Fault(**how)) as proxy:
        model = engine(proxy, silence_s=2 if "stall" in how.values() else 120)
        with pytest.raises(DictationError, match=told) as caught:
            model.generate([], PROMPT, SCHEMA)
        case = review_dictation(DICTATION, writer=MedGemmaWriter(model))
    message = str(caught.value)
    assert type(caught.value) is not DictationError and isinstance(caught.value, kind)
    assert proxy.url in message and "Zebra" not in message and KEY not in message and "\n" not in message
    assert case.dictation == DICTATION
    assert case.report == ExtractiveWriter().write(DICTATION)
    assert case.engines["writer"].settings["instead_of"] == "endpoint"
    [warning] = [warning for warning in case.warnings if "extractive draft" in warning]
    assert re.search(told, warning) and "Zebra" not in warning


def test_an_answer_that_began_is_not_asked_for_again(llama):
    told: list[str] = []
    with Proxy(llama.url, Fault(events=4, then="drop"), Fault()) as proxy, pytest.raises(ModelError):
        engine(proxy).generate([], PROMPT, SCHEMA, told=told.append)
    assert proxy.asked == 1 and told


def test_a_certificate_of_nobody_is_not_trusted_and_sees_no_key(llama):
    with Proxy(llama.url, Fault(), certificate=CERTIFICATE) as proxy, pytest.raises(MissingError, match="is not trust"):
        engine(proxy).generate([], PROMPT, SCHEMA)
    assert proxy.asked == 0


def test_an_authority_that_the_machine_trusts_is_trusted(llama, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with Proxy(llama.url, Fault(), certificate=CERTIFICATE) as proxy:
        assert engine(proxy).generate([], PROMPT, SCHEMA)["side"] in ("left", "right")
