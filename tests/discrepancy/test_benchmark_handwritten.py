"""Pairs written by hand: taken where they lie, checked mechanically, counted apart."""

import json
from pathlib import Path

import pytest

from benchmarks.discrepancy import handwritten
from benchmarks.discrepancy.engine import Answer, Card

PAIR = {
    "id": "a", "region": "msk", "style": "run-on", "heard": "left knee effusion", "written": "Right knee effusion.",
    "kind": "side swapped", "said": "left", "wrote": "Right",
}  # fmt: skip
CLEAN = {"id": "b", "region": "us", "style": "punctuated", "heard": "Well.", "written": "Well.", "kind": "clean"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(handwritten, "path", lambda split: tmp_path / f"{split}.jsonl")
    return tmp_path


def put(folder: Path, *pairs: dict[str, str]) -> None:
    (folder / "dev.jsonl").write_text("".join(json.dumps(pair) + "\n" for pair in pairs), encoding="utf-8")


def test_a_missing_half_gives_no_pairs(folder: Path) -> None:
    assert handwritten.cases("test") == []
    assert not any(handwritten.figures([]).values())


def test_a_pair_knows_the_words_that_differ_and_the_cards_that_say_so(folder: Path) -> None:
    put(folder, PAIR, CLEAN)
    wrong, clean = handwritten.cases("dev")
    assert wrong.heard[slice(*wrong.heard_words or ())] == "left"
    assert wrong.written[slice(*wrong.written_words or ())] == "Right"
    assert wrong.expected == ("laterality",) and not clean.expected
    assert (wrong.setting, wrong.region) == ("run-on", "msk")


@pytest.mark.parametrize(
    ("change", "fault"),
    [({"said": "lateral"}, "has no 'lateral'"), ({"kind": "bad day"}, "no kind"), ({"style": "sung"}, "style")],
)
def test_a_faulty_pair_is_named(folder: Path, change: dict[str, str], fault: str) -> None:
    put(folder, PAIR | change)
    with pytest.raises(SystemExit, match=f"pair a: .*{fault}"):
        handwritten.cases("dev")


def test_an_id_given_twice_is_named(folder: Path) -> None:
    put(folder, PAIR, PAIR)
    with pytest.raises(SystemExit, match="several pairs have the id"):
        handwritten.cases("dev")


def test_clean_and_planted_pairs_are_counted_by_style_and_region(folder: Path) -> None:
    put(folder, PAIR, CLEAN)
    card = Card("laterality", "laterality", "critical", (0, 4), (0, 5))
    figures = handwritten.figures([Answer(case, (card,), None) for case in handwritten.cases("dev")])
    assert figures["clean"]["all"]["pairs_with_critical_or_major"] == figures["clean"]["us"]["critical"] == 1
    assert set(figures["planted"]) == {"all", "run-on", "msk", "side swapped"}
    assert figures["planted"]["run-on"]["right_kind"] == figures["planted"]["msk"]["grave_in_place"] == 1


def test_the_pairs_of_the_development_half_are_whole() -> None:
    assert len(handwritten.cases("dev")) >= 100
