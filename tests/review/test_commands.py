"""Whatever a page sends is checked before anything is done with it, and no refusal quotes it."""

import json
from types import SimpleNamespace

import pytest

from dictation.errors import UsageError
from dictation.review import commands
from dictation.review.commands import Listen, Type, command_of
from dictation.review.page import MOST_TOLD, Page
from dictation.review.units import from_units, to_units
from dictation.review.wire import _number

ID = "0123456789abcdef" * 2


def sent(**fields):
    return json.dumps({"number": 1, **fields})


def test_a_command_has_its_types():
    assert command_of(sent(do="listen", take=ID, on=True, block=3)) == Listen(
        do="listen", number=1, take=ID, on=True, block=3
    )
    assert isinstance(command_of(sent(do="type", version=0, start=0, stop=0, text="no effusion")), Type)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{" * 5000,
        sent(do="listen", take="../../etc/passwd", on=True, block=3),
        sent(do="listen", take=ID, on="perhaps", block=3),
        sent(do="listen", take=ID, on=True, block=-1),
        sent(do="open", id="1; drop table cases"),
        sent(do="type", version=0, start=0, stop=0, text="x" * 200_000),
        sent(do="destroy"),
        sent(do="sent", secret="Doe, Jane"),
        json.dumps({"do": "sent", "number": 0}),
    ],
)
def test_what_is_no_command_is_refused_without_a_quotation(text):
    with pytest.raises(UsageError) as refused:
        command_of(text)
    assert "reload the page" in str(refused.value)
    assert all(word not in str(refused.value) for word in ("passwd", "drop", "Doe", "xxx"))


DENSE = {
    "lists": ("[],", 5001),
    "objects": ('{"":1},', 5001),
    "numbers": ("1,", 50_001),
}


@pytest.mark.parametrize("kind", DENSE)
def test_a_dense_command_is_refused_before_it_is_read_and_its_number_is_known(kind, monkeypatch):
    def read(text: str) -> None:
        raise AssertionError("it was read")

    monkeypatch.setattr(commands, "_ADAPTER", SimpleNamespace(validate_json=read))
    monkeypatch.setattr(json, "loads", read)
    piece, times = DENSE[kind]
    text = f'{{"do": "type", "number": 7, "x": [{piece * times}0]}}'
    with pytest.raises(UsageError, match="at most 5000 brackets and 50000 commas; give less at once"):
        command_of(text)
    assert _number(text) == 7


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ('{"do":"x","number":12}', 12),
        ('{"number" : 3, "do": "x"}', 3),
        ('{"do":"x","text":"\\"number\\":5,","number":4}', 4),
        ('{"number":"5"}', None),
        ('{"number":1.5}', None),
        ("[" * 100_000, None),
        ("", None),
    ],
)
def test_the_number_of_what_is_no_command_is_found(text, number):
    assert _number(text) == number


def test_what_a_command_lists_has_an_end():
    told = {"do": "communicate", "person": "Dr. B", "at": "2026-12-02T10:00:00Z", "method": "phone", "read_back": True}
    assert command_of(sent(**told, results=["a"] * 1000))
    for more in ({**told, "results": ["a"] * 1001}, {"do": "prefer", "name": "a", "value": ["a"] * 1001},
                 {"do": "sign", "author": "a", "overrides": {str(n): "" for n in range(1001)}}):  # fmt: skip
        with pytest.raises(UsageError):
            command_of(sent(**more))


@pytest.mark.parametrize("text", ["", "effusion", "a\U0001f600b\U0001f600", "µm ≥ 5"])
def test_places_are_the_same_for_browser_and_program(text):
    units = text.encode("utf-16-le")
    for at in range(len(text) + 1):
        assert to_units(text, at) == len(text[:at].encode("utf-16-le")) // 2
        assert from_units(text, to_units(text, at)) == at
    assert from_units(text, len(units)) == len(text)


def test_state_is_told_once_and_messages_in_order():
    wakes = []
    page = Page(ID, lambda: wakes.append(1))
    page.touch("pad", "bar")
    page.touch("pad")
    page.tell({"kind": "answer", "number": 1})
    page.tell({"kind": "answer", "number": 2})
    messages, kinds = page.take()
    assert [m["number"] for m in messages] == [1, 2]
    assert kinds == ["pad", "bar"]
    assert page.take() == ([], [])
    assert len(wakes) == 4


def test_a_page_that_never_listens_must_begin_anew():
    page = Page(ID, lambda: None)
    for number in range(MOST_TOLD + 1):
        page.tell({"kind": "answer", "number": number})
    assert page.is_lost
