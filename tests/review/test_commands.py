"""Whatever a page sends is checked before anything is done with it, and no refusal quotes it."""

import json

import pytest

from dictation.errors import UsageError
from dictation.review.commands import Listen, Type, command_of
from dictation.review.page import MOST_TOLD, Page
from dictation.review.units import from_units, to_units

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
