r"""Rows of what an open case makes of what is said and typed, and of what its page is told.

`said` are steps, with " | " between them: words are an utterance, "+" stands before what is typed at the end, "^"
before the place where the cursor is put, "#" before a macro, ":" before a command of the page. In each row every word
that was heard is somewhere, once.
"""

from functools import partial

import pytest

from dictation.review.engines import Engines
from dictation.review.open_cases import OpenCases
from tests.corpus import Row, corpus
from tests.review.desks import Reader, all_placed, desk_of
from tests.review.test_sign_off import case_of, message

FLUID, MASS = "There is a small left effusion.", "Fracture or mass."


@pytest.fixture(scope="module")
def open_cases(embedded, settings, tmp_path_factory):
    own = settings.model_copy(update={"home": tmp_path_factory.mktemp("corpus") / "home"})
    own.home.mkdir()
    macros = "".join(f'[[macros]]\nname = "{n}"\ntext = "{t}"\n' for n, t in (("fluid", FLUID), ("mass", MASS)))
    (own.home / "macros.toml").write_text(macros)
    with desk_of(Engines(embedded), own) as cases:
        yield cases


def text(said: str, cases: OpenCases) -> str:
    """The text."""
    return "\n".join(told(said, cases).split("\n¦ ")[:1])


def told(said: str, cases: OpenCases) -> str:
    """The text, and each sentence that the page was told at the last step."""
    reader = Reader(cases)
    for step in said.split(" | "):
        reader.page.take()
        mark, rest = step[0], step[1:]
        if mark == "+":
            reader.type(rest)
        elif mark == "^":
            reader.cursor(int(rest))
        elif mark == "#":
            reader.do(do="macro", name=rest)
        elif mark == ":":
            reader.do(do=rest)
        else:
            reader.say(step)
        assert all_placed(reader.pad), step
    return "\n¦ ".join([reader.text, *reader.notices()])


def before_a_macro(typed: str, cases: OpenCases) -> str:
    """What stands before a macro that is a sentence; one that is none ends nothing, and one undo takes it back."""
    reader = Reader(cases)
    reader.type(typed)
    reader.do(do="macro", name="fluid")
    assert all_placed(reader.pad)
    found = reader.text
    reader.do(do="undo")
    assert reader.text == typed
    reader.do(do="macro", name="mass")  # no sentence of its own: "There is no acute" denies it
    assert reader.text == f"{typed.rstrip(' ')}{'' if typed.endswith(chr(10)) else ' '}{MASS}"
    assert found.endswith(FLUID)
    return found.removesuffix(FLUID)


def said_sides(dictated: str) -> str:
    """The sides that the sign dialog shows."""
    return ", ".join(message(case_of(dictated))["said_sides"])


@corpus(__file__)
def test_a_row_of_the_corpus_holds(row: Row, open_cases):
    checks = {one.__name__: partial(one, cases=open_cases) for one in (text, told, before_a_macro)}
    row.holds({**checks, "said_sides": said_sides})
