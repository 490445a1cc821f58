"""The file of what was learned: kept, forgotten, changed by another program, damaged, never anything critical."""

import json

import pytest
from pydantic import ValidationError

from dictation.errors import DictationError, InputError, UsageError
from dictation.lexicon import Misheard, Phrase, Vocabulary
from dictation.lexicon.learned import Entry, Learned, read_learned, shared

ZORVAX = Entry(kind="pronunciation", heard="zorbax", meant="Zorvax", corrected=2, cases=("a" * 32,))


def test_what_is_put_is_there_for_the_next_program_too(tmp_path):
    Learned(tmp_path).put([ZORVAX])
    again = Learned(tmp_path)
    assert again.entries == (ZORVAX,)
    assert again.vocabulary.phrases == (Phrase(written="Zorvax", spoken="zorbax"),)
    assert json.loads((tmp_path / "learned.json").read_text())["schema_version"] == 1


def test_the_newest_comes_first_and_what_is_not_active_not_at_all(tmp_path):
    kept = Learned(tmp_path)
    pair = Entry.of(Misheard(heard="tissue", meant="issue", before="known"))
    kept.put([ZORVAX, Entry(kind="phrase", meant="Kelvinol"), pair, Entry(kind="phrase", meant="Nix", state="refused")])
    assert [one.written for one in kept.vocabulary.phrases] == ["Kelvinol", "Zorvax"]
    assert kept.vocabulary.misheard == (pair.learned,)


def test_what_another_program_forgets_is_forgotten_here(tmp_path):
    here, there = Learned(tmp_path), Learned(tmp_path)
    here.put([ZORVAX])
    assert there.forget(ZORVAX.id).state == "forgotten"
    assert here.vocabulary.phrases == ()
    with pytest.raises(UsageError, match="learned list"):
        here.forget("00000000")


@pytest.mark.parametrize(
    "entry",
    [
        {"kind": "pronunciation", "heard": "left", "meant": "right"},
        {"kind": "pronunciation", "heard": "no zorbax", "meant": "Zorvax"},
        {"kind": "misheard", "heard": "tissue", "meant": "no issue", "before": "a"},
        {"kind": "misheard", "heard": "five", "meant": "nine", "before": "a"},
        {"kind": "phrase", "meant": "left"},
        {"kind": "phrase", "meant": ""},
        {"kind": "nothing", "meant": "Zorvax"},
    ],
)
def test_a_file_that_would_change_a_critical_word_or_is_damaged_counts_for_nothing_and_is_kept(tmp_path, entry):
    path = tmp_path / "learned.json"
    path.write_text(json.dumps({"entries": [entry]}))
    kept = Learned(tmp_path)
    assert kept.vocabulary.phrases == () == kept.entries
    assert "learned.json" in kept.fault
    with pytest.raises(InputError, match="learned"):
        read_learned(path)
    with pytest.raises(DictationError):
        kept.put([ZORVAX])
    assert json.loads(path.read_text()) == {"entries": [entry]}


def test_what_is_shared_names_no_case():
    text = shared([ZORVAX, Entry(kind="phrase", meant="Nix", state="forgotten")])
    assert "Zorvax" in text and "a" * 32 not in text and "Nix" not in text


@pytest.mark.parametrize(("heard", "meant"), [("left", "lift"), ("lift", "left"), ("", "x"), ("two", "too")])
def test_no_misheard_pair_holds_a_critical_word(heard, meant):
    with pytest.raises(ValidationError):
        Misheard(heard=heard, meant=meant, before="a")


def test_a_vocabulary_that_is_not_there_is_said_to_be_missing(tmp_path):
    with pytest.raises(InputError, match="no such vocabulary file"):
        Vocabulary.from_file(tmp_path / "missing.txt")
