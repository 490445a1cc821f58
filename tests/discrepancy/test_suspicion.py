"""Suspicion of sentences: what it may do to an alert, what it never does, and that it computes what was grown."""

import numpy as np
import pytest

from dictation.discrepancy import SEVERITIES, compare
from dictation.discrepancy.columns import heard_column, written_column
from dictation.discrepancy.compare import found_by_rules
from dictation.discrepancy.judge.judging import GRAVE
from dictation.discrepancy.judge.passed_over import passed_over
from dictation.discrepancy.suspicion import trees
from dictation.discrepancy.suspicion.evidence import NAMES
from dictation.discrepancy.suspicion.trees import MOST_WORDS, Suspicion, highest, may_be_read, suspicions, weighed
from dictation.discrepancy.suspicion.weighing import CRITICAL, LEAST, with_suspicion
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


def all_of(likely, *texts):
    return {text.name: (Suspicion(0, len(text.text), likely),) for text in texts}


@pytest.mark.parametrize("likely", [0.0, 0.05, 0.2, 0.5, 1.0])
@pytest.mark.parametrize(("heard", "written"), PAIRS)
def test_suspicion_deletes_nothing_makes_nothing_graver_and_says_what_an_alert_was(heard, written, likely):
    found, said, wrote = columns(heard, written)
    after = with_suspicion(found, all_of(likely, said, wrote))
    assert [one.id for one in after] == [one.id for one in found]
    for one, other in zip(found, after, strict=True):
        assert SEVERITIES.index(other.severity) >= SEVERITIES.index(one.severity)
        if one.severity != other.severity:
            assert likely < CRITICAL and other.judged is not None
            assert (other.judged.severity, other.judged.probability) == (one.severity, likely)


@pytest.mark.parametrize(
    ("heard", "written", "kind"),
    [
        ("Nodule of 12 mm in the right lung.", "FINDINGS: Right lung nodule measuring 21 mm.", "measurement"),
        ("Nodule of 12 mm in the right lung.", "FINDINGS: Right lung nodule measuring 12 cm.", "unit"),
        ("Disc herniation at L4-L5.", "FINDINGS: Disc herniation at L3-L4.", "level"),
        ("Normal prostate.", "FINDINGS: Normal uterus.", "sex"),
        (
            "Fracture of the distal radius.",
            "FINDINGS: Fracture of the distal radius.\nIMPRESSION: No fracture.",
            "contradiction",
        ),
    ],
)  # fmt: skip
def test_a_number_a_unit_and_what_is_no_matter_of_wording_stays_as_grave_as_it_was(heard, written, kind):
    found, said, wrote = columns(heard, written)
    of_kind = [one for one in found if one.kind == kind]
    assert of_kind
    assert [one for one in with_suspicion(found, all_of(0.0, said, wrote)) if one.kind == kind] == of_kind


def test_two_sides_stay_major_at_least():
    found, said, wrote = columns("Small left pleural effusion.", "FINDINGS: Small right pleural effusion.")
    [one] = [one for one in found if one.kind == "laterality"]
    assert one.severity == "critical"
    [after] = [one for one in with_suspicion(found, all_of(0.0, said, wrote)) if one.kind == "laterality"]
    assert after.severity == "major"
    assert [one.kind for one in with_suspicion(found, all_of(CRITICAL, said, wrote)) if one.severity == "critical"] == [
        "laterality"
    ]


def test_a_suspect_sentence_of_which_no_rule_speaks_is_told_once():
    _, said, wrote = columns("The cortex is interrupted." + REST, "FINDINGS: All is well." + OTHER)
    assert not list(passed_over([], said, wrote, all_of(0.1, said, wrote)))
    told = list(passed_over([], said, wrote, suspicions(said, wrote)))
    assert len({one.id for one in told}) == len(told)
    every = list(passed_over([], said, wrote, all_of(0.9, said, wrote)))
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
    found = suspicions(said, wrote)
    assert highest(found["heard"], 0, len(heard)) > LEAST
    assert [one for one in compare(heard + REST, report) if one.severity in GRAVE]


def test_trees_are_walked_as_they_were_grown():
    chance = np.random.default_rng(3)
    rows = chance.normal(0, 2, (7, len(NAMES))).astype(np.float32)
    grown = trees._trees()
    for row, likely in zip(rows, weighed(rows), strict=True):
        forests = []
        for base, roots in zip(grown["base"], grown["roots"], strict=True):
            total = float(base)
            for at in roots:
                while grown["left"][at] != at:
                    is_left = row[grown["feature"][at]] <= grown["threshold"][at]
                    at = grown["left" if is_left else "right"][at]
                total += float(grown["value"][at])
            forests.append(1 / (1 + np.exp(-total)))
        assert likely == pytest.approx(np.mean(forests), abs=1e-5)
    assert len(weighed(rows[:0])) == 0


def test_a_copy_and_a_very_long_text_are_left_to_the_rules():
    said, wrote = (columns(REST, f"FINDINGS:{text}")[at] for at, text in ((1, REST), (2, REST)))
    assert not may_be_read(said, wrote)
    assert may_be_read(said, columns(REST, f"FINDINGS:{OTHER}")[2])
    assert not may_be_read(heard_column("word " * (MOST_WORDS + 1)), wrote)
