"""The department's words, templates and macros beside a user's own."""

import os
from pathlib import Path

import pytest

from dictation.records.rights import EVERYBODY
from dictation.review.engines import Engines
from dictation.settings import Settings
from tests.review.desks import Reader, desk_of


def put(folder: Path, name: str, text: str) -> None:
    """Write a file, and have it look changed even within a tick of the clock."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    later_ns = path.stat().st_mtime_ns + 10**9 if path.exists() else None
    path.write_text(text, encoding="utf-8")
    if later_ns:
        os.utime(path, ns=(later_ns, later_ns))


@pytest.fixture
def own(tmp_path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def shared(tmp_path) -> Path:
    put(tmp_path / "shared", "vocabulary.txt", "Zorvax\tzorbax\nGd-EOB-DTPA\tprimovist\n")
    return tmp_path / "shared"


@pytest.fixture
def cases(embedded, own, shared):
    with desk_of(Engines(embedded), Settings(home=own, shared=shared)) as cases:
        yield cases


def words(cases) -> dict[str, str | None]:
    return {one.written: one.spoken for one in cases.desk.vocabulary(EVERYBODY).phrases}


def test_the_departments_words_are_known_beside_the_users_own_which_win(cases, own, shared):
    assert words(cases) == {"Zorvax": "zorbax", "Gd-EOB-DTPA": "primovist"}
    cases.desk.own(EVERYBODY).learn("Zorvaxol", "zorbax")
    assert words(cases) == {"Zorvaxol": "zorbax", "Gd-EOB-DTPA": "primovist"}
    assert (own / "vocabulary.txt").read_text() == "Zorvaxol\tzorbax\n", "what is the department's stays there"
    reader = Reader(cases)
    reader.say("zorbax was given period")
    assert reader.text == "Zorvaxol was given."


def test_a_change_counts_from_the_next_case_on(cases, shared):
    put(shared, "vocabulary.txt", "Kelvinol\tkelvin oil\n")
    Reader(cases)
    assert words(cases) == {"Kelvinol": "kelvin oil"}
    (shared / "vocabulary.txt").unlink()
    Reader(cases)
    assert words(cases) == {}


def test_a_fault_in_a_shared_file_is_told_once_and_stops_nobody(cases, shared, capsys):
    put(shared, "vocabulary.txt", "Kelvinol\tkelvin oil\nleft\n")
    put(shared, "templates/broken.toml", "title = ")
    first = Reader(cases)
    told = first.notices()
    assert len(told) == 2 and all(str(shared) in text for text in told)
    assert any("vocabulary.txt, line 2" in text for text in told) and any("broken.toml" in text for text in told)
    assert all(text in capsys.readouterr().err for text in told[:1])
    assert words(cases) == {"Zorvax": "zorbax", "Gd-EOB-DTPA": "primovist"}, "as they were"
    first.say("no effusion period")
    assert first.text == "No effusion."
    assert Reader(cases).notices() == []
    put(shared, "vocabulary.txt", "Kelvinol\tkelvin oil\n")
    assert Reader(cases).notices() == [] and words(cases) == {"Kelvinol": "kelvin oil"}


def test_a_folder_that_is_away_is_told_once_and_its_words_stay(cases, shared):
    before = words(cases)
    shared.rename(shared.with_name("aside"))
    assert [text for text in Reader(cases).notices() if "DICTATION_SHARED" in text] != []
    assert Reader(cases).notices() == [] and words(cases) == before
