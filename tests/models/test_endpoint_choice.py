import math

import pytest
from pydantic import SecretStr

from dictation.models.endpoint import EndpointModel
from dictation.models.endpoint_choice import chosen
from dictation.models.protocol import NotAssessed
from tests.models.local_chat import KEY, LocalChat, Said


def listed(**shares: float) -> dict:
    tokens = [{"token": token.replace("_", " "), "logprob": math.log(share)} for token, share in shares.items()]
    return {"content": [{"token": "?", "logprob": -1.0, "top_logprobs": tokens}]}


@pytest.mark.parametrize(
    ("shares", "options", "expected"),
    [
        ({"Yes": 0.6, "No": 0.2}, ("yes", "no"), (0.75, 0.25)),
        ({"Yes": 0.3, "_yes": 0.2, "YES": 0.1, "no": 0.1, "▁No": 0.1}, ("yes", "no"), (0.75, 0.25)),
        ({"Yes": 0.6, "No": 0.1, "Not": 0.2, "N": 0.1}, ("yes", "no"), (6 / 7, 1 / 7)),  # other words
        ({"pne": 0.3, "p": 0.1, "eff": 0.1}, ("pneumothorax", "effusion"), (0.75, 0.25)),
        ({"A": 0.02, "B": 0.02, "C": 0.04, "The": 0.9}, ("A", "B", "C"), (0.25, 0.25, 0.5)),
        ({"<unused94>": 0.9, "<eos>": 0.09, "": 0.009, "Yes": 6e-4, "No": 2e-4}, ("yes", "no"), (0.75, 0.25)),
    ],
)
def test_probabilities_of_options(shares, options, expected):
    assert chosen(listed(**shares), options) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("logprobs", "reason"),
    [
        (None, "gives no log-probabilities"),
        ({}, "gives no log-probabilities"),
        ({"content": []}, "gives no log-probabilities"),
        ({"content": [{"token": "Yes", "logprob": -0.1, "top_logprobs": []}]}, "gives no log-probabilities"),
        ({"content": [{"top_logprobs": [{"token": "Yes", "logprob": None}]}]}, "gives no log-probabilities"),
        ({"content": [{"top_logprobs": [{"token": "Yes", "logprob": float("nan")}]}]}, "gives no log-probabilities"),
        ({"content": [{"top_logprobs": [{"token": "Yes", "logprob": 5.0}]}]}, "gives no log-probabilities"),
        ({"tokens": ["Yes"], "token_logprobs": [-0.1]}, "gives no log-probabilities"),
        (listed(Yes=0.9, Maybe=0.05), "not every option is among the 2 likeliest beginnings"),
        (listed(Yes=0.004, No=0.005, The=0.9), "begin its answer with something else"),
        (listed(**{"<b>": 0.99, "Yes": 0.004, "No": 0.004}), "begin its answer with something else"),
    ],
)
def test_what_tells_nothing_of_the_options_is_not_assessed(logprobs, reason):
    found = chosen(logprobs, ("yes", "no"))
    assert isinstance(found, NotAssessed)
    assert reason in found.reason


def test_a_token_that_begins_two_options_tells_nothing_of_them():
    assert isinstance(chosen(listed(un=0.5, The=0.4), ("unlikely", "uncertain")), NotAssessed)


@pytest.mark.parametrize("options", [("yes", "Yes"), ("no", "not seen"), ("yes", " "), ("yes", "yes")])
def test_options_that_begin_alike_are_a_mistake(options):
    with pytest.raises(ValueError, match="begin alike"):
        EndpointModel("http://127.0.0.1/v1", "medgemma").choose([], "Is it?", options)


def test_what_is_sent_for_a_choice():
    with LocalChat(Said("Yes", ended="length", logprobs=listed(Yes=0.6, No=0.2))) as server:
        asked = EndpointModel(server.url, "medgemma", SecretStr(KEY))
        assert asked.choose([], "Is it?", ("Yes", "No")) == pytest.approx((0.75, 0.25))
    [request] = server.requests
    assert (request["max_tokens"], request["logprobs"], request["top_logprobs"]) == (1, True, 20)
    assert "response_format" not in request
