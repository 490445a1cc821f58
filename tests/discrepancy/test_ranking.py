import pytest

from dictation.discrepancy import Discrepancy
from dictation.discrepancy.ranking import BUDGET, ENOUGH_VERDICTS, Verdict, learned, measured, ranked, shortlist

SURE = {(kind, severity): 0.9 for kind in ("omission", "addition", "site", "change") for severity in ("major", "minor")}


def card(id: str, kind: str = "omission", severity: str = "major", probability: float | None = None) -> Discrepancy:
    return Discrepancy(id=id, kind=kind, severity=severity, explanation="They differ.", probability=probability)


def ids(cards) -> list[str]:
    return [one.id for one in cards]


def test_critical_cards_are_all_shown_and_come_first_however_many_they_are():
    cards = [card(f"m{n}") for n in range(5)] + [card(f"c{n}", "negation", "critical") for n in range(6)]
    found = shortlist(cards, precisions=SURE)
    assert ids(found.shown) == [*(f"c{n}" for n in range(6)), "m0", "m1", "m2"]
    assert ids(found.folded) == ["m3", "m4"]


def test_another_patient_comes_before_all_else():
    cards = [card("side", "laterality", "critical"), card("who", "patient", "critical"), card("sex", "sex", "critical")]
    assert ids(ranked(cards)) == ["who", "sex", "side"]


def test_the_budget_goes_to_the_cards_that_are_likeliest_right():
    known = {("omission", "major"): 0.5, ("site", "major"): 0.95, ("change", "major"): 0.8}
    cards = [card("o1"), card("o2"), card("s", "site"), card("c", "change")]
    assert ids(shortlist(cards, precisions=known, budget=2).shown) == ["s", "c"]


def test_a_card_with_a_probability_of_its_own_is_ranked_by_that():
    cards = [card("unlikely", probability=0.1), card("likely", probability=0.8)]
    assert ids(ranked(cards, SURE)) == ["likely", "unlikely"]


def test_minor_cards_and_hints_are_folded():
    cards = [card("minor", severity="minor"), card("hint", "critical_word", "info")]
    found = shortlist(cards, precisions=SURE)
    assert found.shown == () and ids(found.folded) == ["minor", "hint"]


def test_a_kind_that_was_mostly_wrong_folds_itself_and_says_so():
    known = SURE | {("change", "major"): 0.2}
    found = shortlist([card("a"), card("b", "change")], precisions=known)
    assert ids(found.shown) == ["a"] and ids(found.folded) == ["b"]
    assert found.notes == ("major change: folded, 20% of such alerts were right.",)


def test_a_critical_kind_never_folds_itself():
    known = {("laterality", "critical"): 0.01}
    assert ids(shortlist([card("side", "laterality", "critical")], precisions=known).shown) == ["side"]


def test_what_was_decided_takes_no_place():
    cards = [card(f"m{n}") for n in range(BUDGET + 2)]
    found = shortlist(cards, decided={"m0", "m1"}, precisions=SURE)
    assert ids(found.shown) == ["m2", "m3", "m4"] and found.folded == ()


def test_each_card_is_there_once():
    assert ids(ranked([card("a"), card("a")])) == ["a"]


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


def test_measured_precisions_are_shares():
    assert measured()
    assert all(0 <= share <= 1 for share in measured().values())


def test_a_dictated_finding_that_was_left_out_is_never_folded_as_a_kind():
    left_out, added = card("left out", "omission"), card("added", "addition")
    known = {("omission", "major"): 0.1, ("addition", "major"): 0.1}
    asked = shortlist([left_out, added], precisions=known)
    assert [one.kind for one in asked.shown] == ["omission"]
    assert [one.kind for one in asked.folded] == ["addition"]
    assert asked.notes == ("major addition: folded, 10% of such alerts were right.",)


def test_an_alert_that_was_judged_is_trusted_by_its_own_probability_until_the_site_knows_better():
    likely, unlikely = card("a", "addition", probability=0.6), card("b", "addition", probability=0.2)
    found = shortlist([likely, unlikely])
    assert ids(found.shown) == ["a"] and ids(found.folded) == ["b"]
    assert found.notes == ("major addition: folded, less than 30% likely to be right.",)
    site = learned([Verdict(kind="addition", severity="major", is_real=True)] * 2 * ENOUGH_VERDICTS)
    assert ids(shortlist([likely, unlikely], precisions=site).shown) == ["a", "b"]
