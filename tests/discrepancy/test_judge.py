"""The alert judge: what it may do to an alert, what it never does, and that it computes what was trained."""

import random

import numpy as np
import pytest

from dictation.discrepancy import SEVERITIES, compare
from dictation.discrepancy.columns import heard_column, written_column
from dictation.discrepancy.compare import found_by_rules
from dictation.discrepancy.discrepancy import Side
from dictation.discrepancy.judge import entailment as judge
from dictation.discrepancy.judge.entailment import MOST_PIECES, UNDECIDED, encoded, entailment
from dictation.discrepancy.judge.features import counted, read
from dictation.discrepancy.judge.judging import (
    GRAVE,
    KINDS,
    are_long_enough,
    is_reworded,
    may_be_judged,
    probability,
    told_judged,
    with_judgement,
)
from dictation.errors import MissingError
from dictation.lexicon import rows
from dictation.report import parse_report

PAIRS = [
    ("There is no left pleural effusion.", "FINDINGS: Small left pleural effusion."),
    ("Nodule of 12 mm in the right upper lobe.", "FINDINGS: Right upper lobe nodule measuring 21 mm."),
    ("Fracture of the left sixth rib. No pneumothorax.", "FINDINGS: No pneumothorax."),
    ("Lungs are clear.", "FINDINGS: Lungs are clear. Cardiomegaly."),
    ("Disc herniation at L4-L5.", "FINDINGS: Disc herniation at L3-L4."),
    ("Small left pleural effusion.", "FINDINGS: Small right pleural effusion."),
    # by somebody who saw what the judge does: several errors at once, none of which may be folded
    (
        "Left lower lobe pneumonia. Small left pneumothorax. Small left effusion. Heart size normal.",
        "FINDINGS: Small right effusion. Left upper lobe pneumonia. Cardiomegaly.",
    ),
    (
        "Small left pneumothorax. Small left effusion. Left lower lobe pneumonia.",
        "FINDINGS: Moderate left effusion. No pneumonia. Left lower lobe mass. Rib fracture.",
    ),
]


def suspected(heard, written):
    report = parse_report(written)
    said, wrote = heard_column(heard), written_column(report)
    return found_by_rules(heard, report, said, wrote), said, wrote


ALERTS = [(alert, said, wrote) for pair in PAIRS for found, said, wrote in [suspected(*pair)] for alert in found]
CHANCE = random.Random(0)


@pytest.mark.parametrize(
    "weigh", [lambda alert: 0.0, lambda alert: 1.0, lambda alert: CHANCE.random()], ids=["never", "always", "random"]
)
def test_a_hostile_judge_deletes_nothing_and_folds_only_what_may_be_judged(weigh):
    for heard, written in PAIRS:
        found, said, wrote = suspected(heard, written)
        judged = with_judgement(found, said, wrote, weigh)
        assert [one.id for one in judged] == [one.id for one in found]
        for before, after in zip(found, judged, strict=True):
            if before.severity != after.severity:
                assert may_be_judged(before) and after.severity in ("major", "minor")
                assert SEVERITIES.index(after.severity) > SEVERITIES.index(before.severity)
                assert after.judged and after.judged.severity == before.severity


@pytest.mark.parametrize(
    ("heard", "written", "kind"),
    [
        ("Small left pleural effusion.", "FINDINGS: Small right pleural effusion.", "laterality"),
        ("Nodule of 12 mm in the right lung.", "FINDINGS: Right lung nodule measuring 21 mm.", "measurement"),
        ("Nodule of 12 mm in the right lung.", "FINDINGS: Right lung nodule measuring 12 cm.", "unit"),
        ("Nodule of one point eight centimeters.", "FINDINGS: Nodule measuring 1.3 cm.", "measurement"),
        ("Disc herniation at L4-L5.", "FINDINGS: Disc herniation at L3-L4.", "level"),
        ("Normal prostate.", "FINDINGS: Normal uterus.", "sex"),
    ],
)  # fmt: skip
def test_no_judge_touches_two_sides_two_numbers_or_two_units(heard, written, kind):
    judged = with_judgement(*suspected(heard, written), lambda alert: 0.0)
    assert any(one.kind == kind and one.severity in ("critical", "major") and one.judged is None for one in judged)


def test_what_is_minor_of_an_image_or_says_two_things_itself_is_not_judged():
    [alert] = [one for one, _, _ in ALERTS if may_be_judged(one)][:1]
    for changed in (
        {"severity": "minor"},
        {"kind": "patient"},
        {"seen": Side(text="effusion")},
        {"against": alert.written or alert.heard},
        {"heard": None, "written": None},
    ):
        assert not may_be_judged(alert.model_copy(update=changed))


def test_an_alert_that_was_judged_says_why_it_is_less_grave_and_what_it_was():
    found, said, wrote = suspected("Lungs are clear.", "FINDINGS: Lungs are clear. Cardiomegaly.")
    [one] = [alert for alert in with_judgement(found, said, wrote, lambda alert: 0.01) if alert.judged]
    assert one.probability == 0.01
    assert told_judged(one) == f"Probably the same in other words; was {one.judged.severity}."
    assert told_judged(one.model_copy(update={"judged": None})) == ""


def test_every_feature_lies_between_bounds_and_every_one_of_the_table_is_counted():
    names = {"bias", "least"}
    for alert, said, wrote in ALERTS:
        if may_be_judged(alert, KINDS):
            values = counted(alert, said, wrote) | read(alert, said, wrote)
            names |= set(values)
            assert all(-1 <= value <= 1 for value in values.values())
        if may_be_judged(alert):
            assert all(0 < probability(alert, said, wrote, judge) < 1 for judge in ("counting", "sentences"))
    assert {row["feature"] for row in rows("alert_weights")} <= names
    assert {row["kind"] for row in rows("alert_weights")} <= {*KINDS, "unheld heard", "unheld written"}


def of(text, other):
    return entailment(text, (0, len(text)), other)


def test_the_judge_tells_other_words_from_another_fact():
    assert of("Lungs are clear.", "Lungs are clear.").holds > 0.8
    assert of("No pleural effusion.", "There is a pleural effusion.").contradicts > 0.8
    assert of("Small left effusion.", "Small right pleural effusion. Heart normal.").contradicts > 0.6
    assert of("Normal cardiac size.", "No pleural effusion. The heart is not enlarged.").holds > 0.5
    assert of("Fracture of the distal radius.", "The lungs are clear. The heart is normal.").holds < 0.3


def test_equal_texts_give_equal_numbers_whatever_was_asked_before():
    one, two = "Small left effusion.", "A small amount of fluid on the left."
    first = of(one, two)
    of("Fracture of the radius.", two * 20)
    encoded.cache_clear()
    assert of(one, two) == first
    assert of("", one) == of(one, "") == UNDECIDED
    assert sum(first) == pytest.approx(1)


def test_a_long_text_is_read_in_stretches_each_piece_once_and_in_its_place():
    text = "The liver is normal in size. No focal lesion is seen in it. " * 40
    found = encoded(text)
    assert len(found.meanings) == len(found.places) > 2 * MOST_PIECES
    assert (np.diff(found.places[:, 0]) > 0).all() and found.places[-1][1] == len(text.rstrip())
    last = text.rindex("No focal")
    assert entailment(text, (last, last + 30), "No focal lesion is seen in it.").holds > 0.5
    for long in ("lesion " * 1000, "CT chest\n" + "lesion " * 1000):  # without an end of a sentence, or none near
        assert len(encoded(long).places) >= 1000


@pytest.fixture
def damaged(monkeypatch, tmp_path):
    """What the judge needs, one of it damaged; afterwards all is as before."""

    def damage(name):
        broken = tmp_path / name
        whole = {"encoder": judge.ENCODER, "network": judge.NETWORK}[name]
        broken.write_bytes(whole.read_bytes()[:1000])
        monkeypatch.setattr(judge, name.upper(), broken)
        _forget()

    yield damage
    monkeypatch.undo()
    _forget()


def _forget():
    for cached in (judge.encoder, judge.network, judge.is_ready, judge.encoded):
        cached.cache_clear()


@pytest.mark.parametrize("name", ["encoder", "network"])
def test_a_damaged_part_is_told_and_alerts_are_judged_by_counting(damaged, name):
    damaged(name)
    with pytest.raises(MissingError, match=r"damaged|cannot be read"):
        of("No effusion.", "Effusion.")
    assert not judge.is_ready()
    heard = (
        "Chest, two views. The lungs are clear on both sides, no effusion is seen, and there is no pneumothorax either."
    )
    written = (
        "Frontal and lateral films. Aerated normally, dry pleural angles, fully expanded to the wall. Cardiomegaly."
    )
    report = parse_report(f"FINDINGS: {written} Nothing else of note in what was included on these films.")
    assert any(one.kind == "addition" and one.probability is not None for one in compare(heard, report))
    assert all(
        one.kind != "addition" or one.probability is None for one in compare("Lungs are clear.", "Cardiomegaly.")
    )


LONG = (
    "CT of the abdomen. The liver is of normal size, without a focal lesion. The spleen is not enlarged. Both kidneys "
    "enhance evenly, not obstructed. The appendix is thickened to 11 mm, the fat around it stranded. No free air."
)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("The spleen is not enlarged.", "The spleen is markedly enlarged."),
        ("is thickened to 11 mm", "measures 4 mm and is delicate"),
        ("not obstructed", "both obstructed"),
    ],
)  # fmt: skip
def test_a_changed_sentence_of_a_whole_report_is_told(was, now):
    assert was in LONG
    grave = [one for one in compare(LONG, parse_report(f"FINDINGS: {LONG.replace(was, now)}")) if one.severity in GRAVE]
    assert any(now.split()[-1].rstrip(".") in one.written.text for one in grave if one.written)


def test_a_report_of_the_same_words_draws_nothing_and_a_sentence_is_told_once():
    assert [one for one in compare(LONG, parse_report(f"FINDINGS: {LONG}")) if one.severity in GRAVE] == []
    other = LONG.replace(
        "The liver is of normal size", "The cortex of the femur is interrupted, the liver is of normal size"
    )
    found = [one for one in compare(LONG, parse_report(f"FINDINGS: {other}")) if one.severity in GRAVE]
    places = [one.written.span for one in found if one.written]
    assert len(places) == len(set(places))


@pytest.mark.parametrize(("heard", "written"), PAIRS)
def test_an_error_in_a_report_that_is_long_enough_to_be_judged_stays_grave(heard, written):
    report = parse_report(f"{written} {LONG}")
    assert are_long_enough(heard_column(f"{heard} {LONG}"), written_column(report))
    assert [one for one in compare(f"{heard} {LONG}", report) if one.severity in GRAVE]


def test_a_critical_alert_that_is_less_likely_right_than_not_is_major_and_one_of_a_copy_is_not_judged():
    found, said, wrote = suspected("No effusion.", "FINDINGS: Pleural effusion.")
    [alert] = [one for one in found if one.kind == "negation"]
    assert [one.severity for one in with_judgement([alert], said, wrote, lambda one: 0.49)] == ["major"]
    assert [one.severity for one in with_judgement([alert], said, wrote, lambda one: 0.0)] == ["major"]
    assert [one.severity for one in with_judgement([alert], said, wrote, lambda one: 0.51)] == ["critical"]
    report = parse_report(f"FINDINGS: {LONG} Cardiomegaly.")
    assert not is_reworded(heard_column(LONG), written_column(report))
    assert [one.judged for one in compare(LONG, report) if one.severity in GRAVE] == [None]
