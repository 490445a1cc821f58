"""Suspicion: what it may do to an alert, what it never does, and that it computes what was grown."""

import numpy as np
import pytest

from dictation.discrepancy import SEVERITIES, compare
from dictation.discrepancy.columns import heard_column, written_column
from dictation.discrepancy.compare import found_by_rules
from dictation.discrepancy.discrepancy import Side, told_judged
from dictation.discrepancy.suspicion import alert_evidence, trees, weighing
from dictation.discrepancy.suspicion.alert_evidence import GRAVE, of_alert, of_suspicion
from dictation.discrepancy.suspicion.evidence import NAMES
from dictation.discrepancy.suspicion.passed_over import with_passed_over
from dictation.discrepancy.suspicion.trees import (
    FEWEST_WORDS,
    MOST_WORDS,
    OF_KINDS,
    SENTENCES,
    SUSPECTED,
    Suspicions,
    kinds_of,
    may_be_read,
    rows_of,
    suspicions,
    weighed,
)
from dictation.discrepancy.suspicion.weighing import (
    ALERTS,
    CRITICAL,
    LEAST,
    LEAST_CRITICAL,
    LEAST_CURT,
    may_be_weighed,
    with_suspicion,
)
from dictation.report import parse_report
from tests.discrepancy.test_judge import PAIRS

REST = (
    " The gallbladder is free of stones. The spleen is of usual size. The kidneys enhance evenly. No free air is seen."
)
OTHER = (
    " Spleen not enlarged. No cholelithiasis. Symmetric nephrograms, no hydronephrosis. No pneumoperitoneum identified."
)


def columns(heard, written):
    report = parse_report(written)
    said, wrote = heard_column(heard), written_column(report)
    return found_by_rules(heard, report, said, wrote), said, wrote


def suspected(said, wrote, likely=0.0, kind=None):
    """Each sentence of both as suspect as said, and of one kind of error or of each alike."""
    rows = rows_of(said, wrote)
    kinds = np.array([[float(kind in (None, one)) for one in SUSPECTED]])
    return Suspicions(
        rows,
        tuple(np.full(len(of), likely, np.float32) for of in rows),
        tuple(np.repeat(kinds / kinds.sum(), len(of), axis=0) for of in rows),
    )


@pytest.fixture(params=[0.0, 0.09, LEAST_CURT, LEAST_CRITICAL, 0.17, LEAST, 0.39, CRITICAL, 1.0])
def likely(request, monkeypatch):
    """The probability that the forest gives each alert."""
    monkeypatch.setattr(weighing, "weighed", lambda rows, *_: np.full(len(rows), request.param))
    return request.param


@pytest.mark.parametrize(("heard", "written"), PAIRS)
def test_weighing_deletes_nothing_makes_nothing_graver_and_says_what_an_alert_was(heard, written, likely):
    found, said, wrote = columns(heard, written)
    after = with_suspicion(found, said, wrote, suspected(said, wrote))
    assert [one.id for one in after] == [one.id for one in found]
    for one, other in zip(found, after, strict=True):
        assert SEVERITIES.index(other.severity) >= SEVERITIES.index(one.severity)
        assert (other.judged is None) == (one.severity == other.severity)
        if other.judged:
            assert likely < CRITICAL and (other.judged.severity, other.judged.probability) == (one.severity, likely)
            same = "Probably" if other.severity == "minor" else "Perhaps"
            assert told_judged(other) == f"{same} the same in other words; was {one.severity}."
        assert told_judged(one) == ""


@pytest.mark.parametrize(
    ("heard", "written", "kind"),
    [
        ("Nodule of 12 mm in the right lung.", "FINDINGS: Right lung nodule measuring 21 mm.", "measurement"),
        ("Nodule of one point eight centimeters.", "FINDINGS: Nodule measuring 1.3 cm.", "measurement"),
        ("Nodule of 12 mm in the right lung.", "FINDINGS: Right lung nodule measuring 12 cm.", "unit"),
        ("Normal prostate.", "FINDINGS: Normal uterus.", "sex"),
    ],
)  # fmt: skip
def test_a_number_that_stands_nowhere_else_a_unit_and_a_sex_stay_as_grave_as_they_were(heard, written, kind, likely):
    found, said, wrote = columns(heard, written)
    of_kind = [one for one in found if one.kind == kind and one.severity in GRAVE]
    assert of_kind
    after = with_suspicion(found, said, wrote, suspected(said, wrote))
    assert [(one.id, one.severity) for one in after if one.kind == kind and one.severity in GRAVE] == [
        (one.id, one.severity) for one in of_kind
    ]


@pytest.mark.parametrize(
    ("heard", "written", "kind"),
    [
        ("Small left pleural effusion.", "FINDINGS: Small right pleural effusion.", "laterality"),
        ("Disc herniation at L4-L5.", "FINDINGS: Disc herniation at L3-L4.", "level"),
    ],
)  # fmt: skip
def test_two_sides_and_two_levels_stay_major_at_least(heard, written, kind, likely):
    found, said, wrote = columns(heard, written)
    after = [one for one in with_suspicion(found, said, wrote, suspected(said, wrote)) if one.kind == kind]
    assert [one for one in after if one.severity in GRAVE]


def test_a_sentence_of_one_word_is_minor_only_where_it_is_hardly_right(likely):
    found, said, wrote = columns("No fracture.", "FINDINGS: No fracture. Cardiomegaly.")
    [after] = [one for one in with_suspicion(found, said, wrote, suspected(said, wrote)) if one.kind == "addition"]
    assert (after.severity in GRAVE) == (likely >= LEAST_CURT)


def test_what_is_minor_of_a_patient_of_an_image_or_quotes_nothing_is_not_weighed():
    found, _, _ = columns(*PAIRS[0])
    alert = next(one for one in found if may_be_weighed(one))
    for changed in (
        {"severity": "minor"},
        {"kind": "patient"},
        {"kind": "unit"},
        {"seen": Side(text="effusion")},
        {"heard": None, "written": None},
    ):
        assert not may_be_weighed(alert.model_copy(update=changed))


def test_what_is_known_of_an_alert_has_a_number_for_each_name():
    for heard, written in PAIRS:
        found, said, wrote = columns(heard, written)
        read = suspected(said, wrote, 0.5)
        for one in found:
            row = [*of_suspicion(one, said, wrote, read), *of_alert(one, found, said, wrote, read.rows)]
            assert len(row) == len(alert_evidence.NAMES) and np.isfinite(row).all()
            assert row[alert_evidence.NAMES.index(f"kind {one.kind}")] == 1


def test_a_suspect_sentence_of_which_no_rule_speaks_is_told_once():
    _, said, wrote = columns("The cortex is interrupted." + REST, "FINDINGS: All is well." + OTHER)
    assert not with_passed_over([], said, wrote, suspected(said, wrote, 0.1))
    told = with_passed_over([], said, wrote, suspicions(said, wrote))
    assert len({one.id for one in told}) == len(told)
    every = with_passed_over([], said, wrote, suspected(said, wrote, 0.9))
    assert every and all(one.severity == "major" and one.probability == 0.9 for one in every)


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("There is a fracture of the left sixth rib.", "No rib fracture on the left."),
        ("There is no fluid in the pelvis.", "Free pelvic fluid is present."),
        ("The appendix is normal in caliber.", "Appendix dilated and inflamed."),
        ("There is a stone in the left ureter.", "Right ureteric calculus."),
    ],
)  # fmt: skip
def test_an_error_among_other_words_is_told_and_suspect(heard, written):
    report = parse_report(f"FINDINGS: {written}{OTHER}")
    said, wrote = heard_column(heard + REST), written_column(report)
    assert suspicions(said, wrote).of(said)[0][0] > LEAST
    assert [one for one in compare(heard + REST, report) if one.severity in GRAVE]


@pytest.mark.parametrize("kind", SUSPECTED)
def test_what_is_likely_wrong_of_a_suspect_sentence_is_told_unless_it_is_told_already(kind):
    _, said, wrote = columns("The cortex is interrupted." + REST, "FINDINGS: All is well." + OTHER)
    told = with_passed_over([], said, wrote, suspected(said, wrote, 0.9, kind))
    sided = {"omission": {"omission", "addition"}, "addition": {"omission", "addition"}}
    assert told and {one.kind for one in told} == sided.get(kind, {kind})
    assert with_passed_over(told, said, wrote, suspected(said, wrote, 0.9, kind)) == told
    if kind not in sided:
        assert all(one.heard and one.written for one in told)
        lesser = [one.model_copy(update={"severity": "minor"}) for one in told]
        again = with_passed_over(lesser, said, wrote, suspected(said, wrote, 0.9, kind))
        assert [one.id for one in again] == [one.id for one in told]
        assert {one.severity for one in again if one.heard.text.startswith("The cortex")} == {"major"}
        other = [one.model_copy(update={"kind": "unit"}) for one in told]
        assert len(with_passed_over(other, said, wrote, suspected(said, wrote, 0.9, kind))) == 2 * len(told)


def walked(file, row):
    """What the trees of each forest and outcome add up to for one row, node by node."""
    grown = trees._trees(file[0], file[1])
    sums = grown["base"].astype(float)
    for forest, outcome, tree in np.ndindex(grown["roots"].shape):
        at = grown["roots"][forest, outcome, tree]
        while grown["left"][at] != at:
            is_left = row[grown["feature"][at]] <= grown["threshold"][at]
            at = grown["left" if is_left else "right"][at]
        sums[forest, outcome] += grown["value"][at]
    return sums


@pytest.mark.parametrize("file", [(SENTENCES, NAMES), (ALERTS, alert_evidence.NAMES), (OF_KINDS, NAMES)])
def test_trees_are_walked_as_they_were_grown(file):
    rows = np.random.default_rng(3).normal(0, 2, (4, len(file[1]))).astype(np.float32)
    sums = [walked(file, row) for row in rows]
    if file[0] == OF_KINDS:
        shares = [np.exp(of) / np.exp(of).sum(axis=1, keepdims=True) for of in sums]
        assert sums[0].shape[1] == len(SUSPECTED)
        assert kinds_of(rows, *file) == pytest.approx(np.mean(shares, axis=1), abs=1e-5)
        assert kinds_of(rows[:0], *file).shape == (0, len(SUSPECTED))
    else:
        assert weighed(rows, *file) == pytest.approx(np.mean(1 / (1 + np.exp(-np.array(sums))), axis=(1, 2)), abs=1e-5)
        assert len(weighed(rows[:0], *file)) == 0


def test_a_copy_a_few_words_and_a_very_long_text_are_left_to_the_rules():
    said, wrote = (columns(REST, f"FINDINGS:{text}")[at] for at, text in ((1, REST), (2, REST)))
    assert not may_be_read(said, wrote)
    assert may_be_read(said, columns(REST, f"FINDINGS:{OTHER}")[2])
    assert not may_be_read(heard_column("word " * (MOST_WORDS + 1)), wrote)
    assert not may_be_read(heard_column("word " * (FEWEST_WORDS - 1)), wrote)
