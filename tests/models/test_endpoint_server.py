"""The endpoint engine against a real server: llama.cpp with Gemma 3 270M."""

import json
from threading import Event

import pytest
from pydantic import SecretStr

from dictation.errors import Cancelled, ModelError
from dictation.models.endpoint import EndpointModel
from dictation.models.protocol import NotAssessed
from dictation.models.schema import choice, many, record, violation
from tests.models.llama_server import CONTEXT, KEY, MODEL
from tests.waiting import until

IDS = choice("s1", "s2")
SCHEMA = record(side=choice("left", "right"))
PROMPT = 'There is a small left effusion. Answer with one line of JSON like {"side":"left"}'


@pytest.fixture
def model(llama) -> EndpointModel:
    return EndpointModel(llama.url, MODEL, SecretStr(KEY), waits_s=())


def test_an_answer_keeps_to_its_schema_and_is_told_as_it_is_written(model):
    told: list[str] = []
    answer = model.generate(model.prepare(), PROMPT, SCHEMA, told=told.append)
    assert not violation(answer, SCHEMA)
    assert json.loads("".join(told)) == answer
    assert len(told) > 3
    assert model.generate(model.prepare([PROMPT]), "", SCHEMA) == answer


def test_a_cancelled_answer_stops_the_work_of_the_server(model, llama):
    cancel = Event()
    with pytest.raises(Cancelled):
        model.generate([], "Words.", record(ids=many(IDS, 400, least=400)), cancel, told=lambda piece: cancel.set())
    until(lambda: not llama.slot()["is_processing"], "the server ends")
    assert llama.slot()["n_prompt_tokens"] < CONTEXT / 2  # it would have written until its context was full


def test_a_choice_has_probabilities(model):
    prompt = "Yes No " * 6 + "Yes"
    shares = model.choose([], prompt, ("Yes", "No"))
    assert not isinstance(shares, NotAssessed)
    assert sum(shares) == pytest.approx(1)
    assert all(0 < share < 1 for share in shares)
    assert model.choose([], prompt, ("No", "Yes")) == pytest.approx(shares[::-1], abs=0.02)


@pytest.mark.parametrize("ask", ["generate", "choose"])
def test_a_text_longer_than_the_context_is_one_sentence(model, ask):
    prompt = "The lungs are clear. " * CONTEXT
    with pytest.raises(ModelError, match=r"longer than the server's context; start the server with a longer one"):
        model.generate([], prompt, SCHEMA) if ask == "generate" else model.choose([], prompt, ("yes", "no"))
