"""What servers send, byte by byte: streams of all kinds, whole objects, and what breaks them."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dictation.errors import ModelError
from dictation.models.endpoint_answer import Answer
from dictation.models.endpoint_choice import chosen
from dictation.models.protocol import NotAssessed
from tests.models.local_chat import Said

TEXT = '{"words": ["links\u2028rechts", "¼ größer\x85"]}'
STREAM = Said(TEXT).as_bytes(True)
OBJECT = Said(TEXT).as_bytes(False)
USAGE = b'data: {"choices": [], "usage": {"total_tokens": 3}}\n\n'
LAST = STREAM.index(b"[DONE]") - len(b"data: ")


def read(body: bytes, step: int) -> tuple[Answer, list[str]]:
    names: list[str] = []
    answer = Answer("http://server/v1", names.append, 1000)
    told = [answer.feed(body[start : start + step]) for start in range(0, len(body), step)]
    if not answer.whole:
        told.append(answer.close())
    return answer, told


SENT = {
    "stream": STREAM,
    "stream with CRLF": STREAM.replace(b"\n", b"\r\n"),
    "stream without a blank after the colon": STREAM.replace(b"data: ", b"data:"),
    "stream with comments, names and usage": b": ping\n\n" + STREAM.replace(b"data: [", b"event: end\ndata: [") + USAGE,
    "stream with usage before its end": STREAM[:LAST] + USAGE + STREAM[LAST:],
    "stream without [DONE]": STREAM[:LAST],
    "stream without a reason for its end": STREAM.replace(b'"stop"', b"null"),
    "stream without a last line end": STREAM.rstrip(b"\n"),
    "object": OBJECT,
    "object over several lines": b"\n" + json.dumps(json.loads(OBJECT), indent=2).encode(),
}


@pytest.mark.parametrize("step", [1, 7, 100_000])
@pytest.mark.parametrize("kind", SENT)
def test_every_way_of_sending_gives_the_same_text(kind, step):
    answer, told = read(SENT[kind], step)
    assert answer.check() == "".join(told) == TEXT


def test_a_stream_is_told_as_it_comes():
    _, told = read(STREAM, 1)
    assert [piece for piece in told if piece] == [TEXT[start : start + 4] for start in range(0, len(TEXT), 4)]


@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize("step", [1, 100_000])
def test_a_thought_is_not_told(streamed, step):
    answer, told = read(Said(f"<unused94>thought\nThe left…<unused95>{TEXT}").as_bytes(streamed), step)
    assert "".join(told) == TEXT
    assert answer.check().endswith(TEXT)


@pytest.mark.parametrize("text", ["<unused94>thought without an end", "<unused94>"])
def test_a_thought_without_an_answer_is_told_to_nobody(text):
    assert "".join(read(Said(text).as_bytes(True), 3)[1]) == ""


BROKEN = {
    "the connection broke": [
        b"",
        b"\n\n",
        STREAM[: len(STREAM) // 2],
        STREAM[: STREAM.index(b'"finish_reason": "stop"')],
        STREAM[:20],
        b": ping\n",
    ],
    "is garbled": [
        STREAM.replace(b'"finish_reason": "stop"', b'"finish_reason": stop'),
        STREAM.replace(b'"delta": {"content"', b'"delta": {"content": 5, "was"'),
        STREAM[:200] + b"\nZebra\n",
        OBJECT[: len(OBJECT) // 2],
    ],
    "no chat-completions server": [
        b"<html>Zebra</html>",
        b"<html>\nZebra</html>\n",
        b"Zebra",
        b'"Zebra"',
        b'["Zebra"]',
        b'{"Zebra": 1}',
        b'{"choices": []}',
        b'{"choices": [{"message": "Zebra"}]}',
        b'{"choices": [{"message": {"content": ["Zebra"]}}]}',
        b"data: [DONE]\n\n",
        b'data: ["Zebra"]\n\n',
    ],
    "reports an error": [
        STREAM[:LAST].replace(b'"stop"', b"null") + b'data: {"error": {"message": "Zebra"}}\n\n',
        b'error: {"message": "Zebra"}\n\n',
        b'{"error": "Zebra"}',
    ],
    "longer than the server's context": [b'data: {"error": {"message": "Zebra: Context size has been exceeded."}}\n\n'],
}


@pytest.mark.parametrize("step", [1, 100_000])
@pytest.mark.parametrize(("told", "sent"), [(told, sent) for told, all_sent in BROKEN.items() for sent in all_sent])
def test_what_breaks_a_stream_is_one_sentence(told, sent, step):
    with pytest.raises(ModelError, match=told) as caught:
        read(sent, step)
    assert "Zebra" not in str(caught.value)


@pytest.mark.parametrize("ended", ["length", "content_filter"])
def test_an_answer_that_was_stopped_is_none(ended):
    answer, _ = read(Said(TEXT, ended=ended).as_bytes(True), 50)
    with pytest.raises(ModelError, match=r"cut short|refused to answer"):
        answer.check()


@pytest.mark.parametrize("body", ['{"words": [' + "\n " * 600, '{"words": ["' + "no " * 20_000])
def test_an_answer_without_an_end_is_given_up(body):
    with pytest.raises(ModelError, match="the answer does not end"):
        read(Said(body).as_bytes(True), 100)


def test_a_stream_without_an_end_is_given_up():
    answer = Answer("http://server/v1", lambda name: None, 1000)
    with pytest.raises(ModelError, match="does not end"):
        for _ in range(100_000):
            answer.feed(b": ping" + b"-" * 1000 + b"\n")


@pytest.mark.parametrize("escaped", [True, False])
@pytest.mark.parametrize("piece", ["no ", "é", "😀", '"', "\\", "\n"])
def test_a_text_longer_than_any_valid_one_is_not_read_to_its_end(piece, escaped):
    written = json.dumps({"words": [piece * 40, '"\\', piece]}, ensure_ascii=escaped)
    body = Said(written).as_bytes(True)

    def fed(longest_text: int) -> Answer:
        answer = Answer("http://server/v1", lambda name: None, 1000, longest_text)
        for start in range(len(body)):
            answer.feed(body[start : start + 1])
        return answer

    assert fed(40 * len(piece)).check() == written
    with pytest.raises(ModelError, match="the answer does not end"):
        fed(40 * len(piece) - 15)


@settings(max_examples=300, deadline=None)
@given(st.data(), st.sampled_from([STREAM, OBJECT]))
def test_whatever_is_sent_is_an_answer_or_one_sentence(draw, sent):
    body = bytearray(sent)
    for _ in range(draw.draw(st.integers(0, 3))):
        start = draw.draw(st.integers(0, len(body)))
        body[start : start + draw.draw(st.integers(0, 40))] = draw.draw(st.binary(max_size=20))
    try:
        answer, told = read(bytes(body), draw.draw(st.sampled_from([1, 13, 100_000])))
    except ModelError as error:
        assert str(error).startswith("http://server/v1: ")
    else:
        assert answer.whole and answer.text.endswith("".join(told))


@settings(max_examples=300, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["content", "top_logprobs", "token", "logprob"]), inner)
        ),
        max_leaves=12,
    )
)
def test_whatever_is_given_as_probabilities_is_a_share_or_not_assessed(logprobs):
    found = chosen(logprobs, ("yes", "no"))
    assert isinstance(found, NotAssessed) or sum(found) == pytest.approx(1)
