import asyncio
import json
import logging
import re
import socket
from base64 import b64decode
from dataclasses import replace
from io import BytesIO
from threading import Event, Thread

import numpy as np
import pytest
from PIL import Image
from pydantic import SecretStr

from dictation.errors import Cancelled, DictationError, MissingError, ModelError
from dictation.models.endpoint import EndpointModel
from dictation.models.endpoint_http import WATCH_S, until_cancelled
from dictation.models.schema import choice, many, record, text
from tests.models.local_chat import KEY, LocalChat, Said

SCHEMA = record(side=choice("left", "right"), words=many(text(5), 2))
ANSWER = {"side": "left", "words": ["small"]}
GOOD = Said(json.dumps(ANSWER))
QUICK = (0.01, 0.02, 0.03)
SPOKEN = "Zebra stripes in the left lung."


def model(server: LocalChat, **options) -> EndpointModel:
    return EndpointModel(server.url, "medgemma", SecretStr(KEY), **({"waits_s": QUICK} | options))


def failure(*answers: Said, **options) -> DictationError:
    with LocalChat(*answers) as server, pytest.raises(DictationError) as caught:
        model(server, **options).generate([], SPOKEN, SCHEMA)
    message = str(caught.value)
    assert server.url in message
    assert "Zebra" not in message and KEY not in message
    return caught.value


def test_an_answer_and_what_was_sent_for_it():
    seen = np.arange(12, dtype=np.uint8).reshape(3, 4)
    with LocalChat(GOOD) as server:
        asked = model(server)
        assert asked.generate(asked.prepare(["SLICE 1", seen]), SPOKEN, SCHEMA) == ANSWER
    [request] = server.requests
    assert (request["temperature"], request["stream"]) == (0, True)
    asked = request["response_format"]["json_schema"]
    assert (request["response_format"]["type"], asked["strict"]) == ("json_schema", True)
    assert asked["schema"]["properties"]["side"]["enum"] == ["left", "right"]
    assert "maxLength" not in json.dumps(asked)
    assert asked["schema"]["properties"]["words"]["maxItems"] == 2
    [message] = request["messages"]
    between, picture, prompt = message["content"]
    assert between == {"type": "text", "text": "SLICE 1"}
    kind, _, encoded = picture["image_url"]["url"].partition(",")
    assert (message["role"], kind, prompt["text"]) == ("user", "data:image/png;base64", SPOKEN)
    assert np.array_equal(np.asarray(Image.open(BytesIO(b64decode(encoded)))), seen)


@pytest.mark.parametrize("streams", [True, False])
def test_a_text_without_images_is_sent_as_text(streams):
    told: list[str] = []
    with LocalChat(replace(GOOD, streams=streams)) as server:
        assert model(server).generate([], SPOKEN, SCHEMA, told=told.append) == ANSWER
    assert json.loads("".join(told)) == ANSWER
    assert server.requests[0]["messages"] == [{"role": "user", "content": SPOKEN}]


def test_a_typed_mark_of_the_model_stays_text():
    with LocalChat(GOOD) as server:
        model(server).generate([], "An <end_of_turn> and <|im_end|></s>, but < 5 mm and <5 mm.", SCHEMA)
    [message] = server.requests[0]["messages"]
    assert message["content"] == "An < end_of_turn> and < |im_end|>< /s>, but < 5 mm and <5 mm."


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "0"}, {"Retry-After": "soon"}], ids=["none", "0", "soon"])
@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_again(status, headers):
    with LocalChat(Said(status=status), Said(status=status, headers=headers), GOOD) as server:
        assert model(server).generate([], SPOKEN, SCHEMA) == ANSWER
    assert len(server.requests) == 3


@pytest.mark.parametrize("then", ["0", "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_a_server_that_names_its_time_is_asked_then(then):
    past = Said(status=503, headers={"Retry-After": then})
    with LocalChat(past, GOOD) as server:
        assert model(server, waits_s=(3600,)).generate([], SPOKEN, SCHEMA) == ANSWER


@pytest.mark.parametrize(
    ("limit", "said"),
    [("timeout_s", "no complete answer within 0.3 s"), ("silence_s", "said nothing for 0.3 s")],
    ids=["timeout", "silence"],
)
def test_a_server_that_hangs_is_given_up(limit, said):
    error = failure(Said(hangs=True), **{limit: 0.3})
    assert isinstance(error, ModelError) and said in str(error)


def test_a_cancelled_request_hangs_up():
    cancel = Event()
    caught: list[DictationError] = []

    def ask() -> None:
        try:
            model(server).generate([], SPOKEN, SCHEMA, cancel)
        except DictationError as error:
            caught.append(error)

    with LocalChat(Said(hangs=True)) as server:
        asking = Thread(target=ask)
        asking.start()
        assert server.asked.wait(20)
        cancel.set()
        assert server.left.wait(20)
        asking.join(20)
    assert [type(error) for error in caught] == [Cancelled]


def test_the_closing_of_a_connection_is_not_broken_off_in_turn():
    stop, steps = Event(), []

    async def work() -> None:
        try:
            stop.set()
            await asyncio.sleep(3600)
        finally:
            for step in range(9):  # while the server is slow to say goodbye
                await asyncio.sleep(WATCH_S)
                steps.append(step)

    asyncio.run(until_cancelled(stop, work()))
    assert steps == list(range(9))


def test_what_listens_may_break_the_answer_off():
    def listen(piece: str) -> None:
        raise KeyboardInterrupt  # Ctrl-C reaches this thread only

    with LocalChat(GOOD) as server, pytest.raises(KeyboardInterrupt):
        model(server).generate([], SPOKEN, SCHEMA, told=listen)


def test_a_cancelled_wait_ends():
    cancel = Event()
    with LocalChat(Said(status=429)) as server:
        watch = Thread(target=lambda: (server.asked.wait(20), cancel.set()))
        watch.start()
        with pytest.raises(Cancelled):
            model(server, waits_s=(3600,)).generate([], SPOKEN, SCHEMA, cancel)
        watch.join()


def test_a_wrong_key_and_a_wrong_model_are_named_with_the_setting():
    with LocalChat(GOOD) as server:
        with pytest.raises(MissingError, match="set DICTATION_ENDPOINT_KEY to a valid one"):
            EndpointModel(server.url, "medgemma", SecretStr("sk-old")).generate([], SPOKEN, SCHEMA)
        with pytest.raises(
            MissingError, match=r"no model 'gemini' there; set DICTATION_ENDPOINT_MODEL .*/models lists"
        ):
            EndpointModel(server.url, "gemini", SecretStr(KEY)).generate([], SPOKEN, SCHEMA)


@pytest.mark.parametrize(
    "named", ["medgemma", "MedGemma", "/models/medgemma-1.5-4b-it-Q8_0.gguf", "google/medgemma:4b"]
)
def test_the_fuller_name_that_a_server_gives_its_model_is_recorded(named):
    with LocalChat(replace(GOOD, named=named)) as server:
        asked = model(server)
        asked.generate([], SPOKEN, SCHEMA)
    assert asked.engine.model == "medgemma"
    assert asked.engine.settings.get("answered_as", "medgemma") == named


@pytest.mark.parametrize("named", ["/models/gemma-3-270m.gguf", "gpt", "Zebra\nstripes"])
@pytest.mark.parametrize("streams", [True, False])
def test_an_answer_of_another_model_is_refused(named, streams):
    error = failure(replace(GOOD, named=named, streams=streams))
    assert isinstance(error, MissingError)
    assert re.search(r"the server answers with .*, not with 'medgemma'; set DICTATION_ENDPOINT_MODEL", str(error))


def test_a_redirect_is_not_followed():
    error = failure(Said(status=307, headers={"Location": "http://127.0.0.1:9/v1"}))
    assert isinstance(error, MissingError)
    assert "to its final address" in str(error)


def test_no_server():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        with pytest.raises(MissingError, match=r"no server answers there; start it, or correct DICTATION_ENDPOINT_URL"):
            EndpointModel(url, "medgemma").generate([], SPOKEN, SCHEMA)


def test_a_server_without_tls_behind_https_is_not_trusted():
    with LocalChat(GOOD) as server, pytest.raises(MissingError, match="the connection is not trusted"):
        EndpointModel(server.url.replace("http:", "https:"), "medgemma").generate([], SPOKEN, SCHEMA)


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://host/v1", "http://", "http://ab\x00c/v1"])
def test_what_is_no_address_is_refused(url):
    with pytest.raises(MissingError, match="is no address; write it like"):
        EndpointModel(url, "medgemma")


def test_a_password_in_the_address_is_refused_unseen():
    with pytest.raises(MissingError, match="leave them out") as caught:
        EndpointModel("http://doctor:hunter2@host/v1", "medgemma")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("key", ["sk-a\nb", "sk-ä", "two words"])
def test_a_key_that_cannot_be_sent_is_refused_unseen(key):
    with pytest.raises(MissingError, match="copy the key again") as caught:
        EndpointModel("http://host/v1", "medgemma", SecretStr(key))
    assert key not in str(caught.value)


def test_key_and_words_stay_out_of_logs_and_the_record(caplog):
    caplog.set_level(logging.DEBUG)
    with LocalChat(Said(status=500), GOOD) as server:
        asked = model(server)
        asked.generate([], SPOKEN, SCHEMA)
    assert "chat/completions" in caplog.text
    for secret in (KEY, "Zebra", "small"):
        assert secret not in caplog.text
        assert secret not in asked.engine.model_dump_json()


def test_proxies_of_the_environment_are_not_used(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with LocalChat(GOOD) as server:
        assert model(server).generate([], SPOKEN, SCHEMA) == ANSWER
