"""Alerts in order, what interrupts, and how verdicts become precision and worth."""

import pytest

from dictation.discrepancy import Discrepancy
from dictation.discrepancy.precision import (
    SITE_FILE,
    chance,
    informed,
    of_reports,
    site_measurements,
    table,
    tallied,
    wilson,
    worth,
)
from dictation.discrepancy.ranking import ENOUGH_VERDICTS, Verdict, learned, measured, shortlist
from dictation.errors import InputError


def card(id: str, kind: str = "omission", severity: str = "major", probability: float | None = None) -> Discrepancy:
    return Discrepancy(id=id, kind=kind, severity=severity, explanation="They differ.", probability=probability)


def ids(cards) -> list[str]:
    return [one.id for one in cards]


def test_a_sites_verdicts_count_once_there_are_enough():
    wrong = Verdict(kind="omission", severity="major", is_real=False)
    before = measured()["omission", "major"]
    assert learned([wrong] * (ENOUGH_VERDICTS - 1))["omission", "major"] == before
    after = learned([wrong] * ENOUGH_VERDICTS)["omission", "major"]
    assert 0 < after < before
    assert learned([wrong] * 500)["omission", "major"] < 0.05


def test_a_kind_that_nobody_measured_learns_from_verdicts_alone():
    real = Verdict(kind="guidance", severity="major", is_real=True)
    assert ("guidance", "major") not in measured()
    assert learned([real] * 100)["guidance", "major"] == pytest.approx(110 / 120)


def test_an_alert_that_was_judged_is_trusted_by_its_own_probability_until_the_site_knows_better():
    likely, unlikely = card("a", "addition", probability=0.6), card("b", "addition", probability=0.2)
    found = shortlist([likely, unlikely])
    assert ids(found.shown) == ["a"] and ids(found.folded) == ["b"]
    assert found.notes == ("major addition: hidden, as it is probably no error.",)
    site = learned([Verdict(kind="addition", severity="major", is_real=True)] * 2 * ENOUGH_VERDICTS)
    assert ids(shortlist([likely, unlikely], precisions=site).shown) == ["a", "b"]


def verdicts(kind, severity, real, false):
    return [Verdict(kind=kind, severity=severity, is_real=n < real) for n in range(real + false)]


@pytest.mark.parametrize(
    ("real", "cards", "low", "high"),
    [(0, 10, 0.0, 0.2775), (8, 10, 0.4902, 0.9433), (50, 100, 0.4038, 0.5962), (10, 10, 0.7225, 1.0)],
)
def test_the_interval_is_wilsons(real, cards, low, high):
    assert wilson(real, cards) == pytest.approx((low, high), abs=1e-4)


def test_a_finer_kind_counts_for_the_whole_as_well():
    found = tallied(
        verdicts("contradiction.side", "critical", 3, 1) + verdicts("contradiction.presence", "critical", 1, 3)
    )
    assert {one.kind: (one.precision, one.cards) for one in found} == {
        "contradiction": (0.5, 8), "contradiction.presence": (0.25, 4), "contradiction.side": (0.75, 4),
    }  # fmt: skip


def test_a_table_that_a_site_keeps_is_read_as_it_was_written(tmp_path):
    measured = tallied(verdicts("laterality", "critical", 7, 1))
    (tmp_path / SITE_FILE).write_text(table(measured, "verdicts"), encoding="utf-8")
    [kept] = site_measurements(tmp_path)
    assert (kept.kind, kept.severity, kept.precision, kept.cards) == ("laterality", "critical", 0.875, 8)
    assert site_measurements(tmp_path / "elsewhere") == ()


def test_a_damaged_table_of_a_site_is_named(tmp_path):
    (tmp_path / SITE_FILE).write_text("kind\tseverity\tprecision\tcards\nside\tcritical\t1.4\t3\n", encoding="utf-8")
    with pytest.raises(InputError, match=SITE_FILE):
        site_measurements(tmp_path)


def test_few_verdicts_move_a_little_and_many_decide():
    known = {("sex", "critical"): 1.0}
    few, many = (
        chance("sex", "critical", informed(known, tallied(verdicts("sex", "critical", 0, n)))) for n in (2, 500)
    )
    assert 0.85 < few < 1.0
    assert many < 0.05


def test_a_finer_kind_that_nobody_measured_takes_the_plain_one():
    assert chance("contradiction.side", "critical", {("contradiction", "critical"): 0.7}) == 0.7


def test_a_side_is_worth_most_of_what_a_report_can_contradict_itself_in():
    known = of_reports()
    others = [
        worth(f"contradiction.{what}", severity, known)
        for what in ("presence", "size")
        for severity in ("critical", "major")
    ]
    assert worth("contradiction.side", "critical", known) > max(others)
