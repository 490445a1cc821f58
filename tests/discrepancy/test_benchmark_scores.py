"""The benchmark's figures: any engine that is a command can be asked, and its cards are counted as they should be."""

import json
import sys
from pathlib import Path

import pytest

from benchmarks.discrepancy import corpus, openi, precision, scores
from benchmarks.discrepancy.case import Case
from benchmarks.discrepancy.engine import Adapter, Answer, Card, answers

COUNTS_LEFT = """
import json, sys
for line in sys.stdin:
    pair = json.loads(line)
    heard, written = (pair[side].lower().count("left") for side in ("heard", "written"))
    flags = [] if heard == written else [{"what": "side", "grade": "critical"}]
    print(json.dumps({"id": pair["id"], "flags": flags}))
"""
NAMES = {
    "command": "", "cards": "flags", "kind": "what", "severity": "grade", "heard_span": "at", "written_span": "at",
    "kinds": {"side": "laterality"},
}  # fmt: skip


def card(kind: str, severity: str = "major", heard: tuple[int, int] | None = None) -> Card:
    return Card(kind, kind, severity, heard, None)


def planted(report: str, kind: str = "unit") -> Case:
    return Case(
        f"{kind}/{report}/0", kind, "invented", report, "plain", "It is 5 mm.", "It is 5 cm.", "It is 5 mm.", ("unit",),
        (8, 10), (8, 10), (0, 11), (0, 11),
    )  # fmt: skip


def clean(report: str) -> Case:
    return Case(f"clean/light/{report}", "clean: light", "invented", report, "light", "Well.", "Well.", "Well.")


@pytest.mark.parametrize("at_once", [False, True])
def test_another_engine_is_asked_by_its_command_and_read_by_its_adapter(tmp_path: Path, at_once: bool) -> None:
    engine, names = tmp_path / "engine.py", tmp_path / "names.json"
    engine.write_text(COUNTS_LEFT, encoding="utf-8")
    names.write_text(json.dumps(NAMES), encoding="utf-8")
    cases = corpus.planted_cases("side swapped", "dev", [], 1, 0.1)
    given = list(answers(f"{sys.executable} {engine}", Adapter(names), cases, at_once))
    assert [answer.case for answer in given] == cases
    assert scores.recall(given)["right_kind"] == 1.0
    assert scores.recall(given)["cards_per_error"] == 1.0


def test_an_engine_that_ends_early_is_named(tmp_path: Path) -> None:
    names = tmp_path / "names.json"
    names.write_text(json.dumps(NAMES), encoding="utf-8")
    with pytest.raises(SystemExit, match="ended without an answer"):
        list(answers(f"{sys.executable} -c pass", Adapter(names), corpus.planted_cases("unit", "dev", [], 1, 0.02)))


def test_a_card_is_in_place_where_it_touches_the_changed_words() -> None:
    case = planted("a")
    assert scores.is_in_place(card("unit", heard=(6, 9)), case)
    assert not scores.is_in_place(card("unit", heard=(0, 8)), case)
    assert scores.is_in_place(card("unit"), case), "without spans the kind decides"
    assert not scores.is_in_place(card("omission"), case)


def test_precision_falls_with_prevalence_as_the_formula_says() -> None:
    found = [Answer(planted(f"r{n}"), (card("unit", heard=(8, 10)),), None) for n in range(10)]
    silent = [Answer(clean(f"r{n}"), (card("omission"),) if n == 0 else (), None) for n in range(10)]
    cards = precision.Cards(found, silent)
    for prevalence in precision.PREVALENCES:
        expected = prevalence / (prevalence + (1 - prevalence) * 0.1)
        interval = cards.with_interval(prevalence, 1)
        assert interval["precision"] == pytest.approx(expected, abs=1e-4)
        assert (interval["low"] or 0) <= expected <= (interval["high"] or 0)
    assert precision.Cards(found, silent, "unit").with_interval(0.02, 1)["precision"] == 1.0
    assert precision.Cards(found, silent, "level").with_interval(0.02, 1)["precision"] is None


def test_results_hold_no_text_of_real_reports() -> None:
    folder = Path(openi.__file__).parents[1] / "results"
    for path in folder.glob("discrepancy_*.json"):
        result = json.loads(path.read_text(encoding="utf-8"))
        for miss in result.get("critical_misses", ()):
            assert set(miss) == {"id", "setting", "cards"}
            assert all("/" in name and " " not in name for name in miss["cards"])
