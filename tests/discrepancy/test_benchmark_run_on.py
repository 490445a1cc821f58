"""The benchmark's dictation without punctuation: it says what the report says, and is left out where it cannot."""

import re

import pytest

from benchmarks.discrepancy import corpus
from benchmarks.discrepancy.controls import clean_case, fits
from benchmarks.discrepancy.planting import RUN_ON
from benchmarks.discrepancy.report import Report
from benchmarks.discrepancy.run_on import is_ambiguous, run_on
from benchmarks.discrepancy.spoken import spoken


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("A 2.3 cm nodule.", "a two point three centimeter nodule"),
        ("It measures 1.2 x 0.9 cm.", "it measures one point two by zero point nine centimeters"),
        ("A 5-mm stone, 3-4 mm deep.", "a five millimeter stone three to four millimeters deep"),
        ("At L4-L5, T12 and L4/5.", "at l four l five t twelve and l four five"),
        ("T1-weighted images.", "t one weighted images"),
        ("The 9th and 21st of 120 sections.", "the ninth and twenty first of one hundred twenty sections"),
        ("Compared with 12/3/2014.", "compared with december third twenty fourteen"),
        ("A 34-year-old, s/p CABG; well-inflated.", "a thirty four year old status post cabg well inflated"),
        ("Effusion: 40% (left), stable.", "effusion forty percent left stable"),
    ],
)
def test_numbers_sizes_levels_and_dates_are_said_in_words(written: str, said: str) -> None:
    assert spoken(written).text == said


def test_a_place_in_the_report_is_found_in_what_is_said() -> None:
    written = "A 12 mm nodule at L4-L5."
    said = spoken(written)
    for word, expected in (("12", "twelve"), ("mm", "millimeter"), ("L4-L5", "l four l five"), ("A", "a")):
        start = written.index(word)
        assert said.text[slice(*said.span(start, start + len(word)))] == expected


def report(*findings: str) -> Report:
    return Report("one", "invented", "chest x-ray", findings, ("Nothing acute.",))


@pytest.mark.parametrize(
    "findings",
    [
        ("No pneumothorax.", "Pleural effusion on the left."),
        ("Possible pneumonia.", "Atelectasis at the base."),
        ("No fracture; degenerative changes are present.",),
        ("Spondylolysis at L3 on the right.", "Facet hypertrophy."),
        ("Disc bulge at L4-L5.", "5 mm cyst."),
    ],
)
def test_a_lost_full_stop_that_changes_the_sense_is_ambiguous(findings: tuple[str, ...]) -> None:
    assert is_ambiguous(report(*findings), findings)


@pytest.mark.parametrize(
    "findings",
    [
        ("No pneumothorax.", "Small pleural effusion on the left."),
        ("No pneumothorax is seen.", "Pleural effusion on the left."),
        ("No pneumothorax.", "Heart size is normal."),
        ("Pleural effusion.", "Atelectasis at the base."),
        ("Disc bulge at L4-L5.", "There is a 5 mm cyst."),
    ],
)
def test_a_lost_full_stop_that_leaves_the_sense_is_not(findings: tuple[str, ...]) -> None:
    assert not is_ambiguous(report(*findings), findings)


def test_run_on_cases_have_no_marks_and_point_at_the_error() -> None:
    for kind in ("side swapped", "unit", "level", "no misheard", "no misheard in both", "omission, abnormal said once"):
        cases = corpus.planted_cases(kind, "dev", [], 1, 0.1, (RUN_ON,))
        assert cases, kind
        for case in cases:
            assert case.setting == RUN_ON and re.fullmatch(r"[a-z' ]+", case.heard), case.heard
            assert case.heard_words and case.heard_place
            words = case.heard[slice(*case.heard_words)]
            assert words and words in case.heard[slice(*case.heard_place)]
            if kind == "side swapped":
                wrong = case.written[slice(*case.written_words or ())].lower()
                assert {words, wrong} == {"left", "right"}


def test_other_settings_are_the_same_with_run_on_and_without() -> None:
    both = corpus.all_cases("dev", [], 1, ["side swapped"], [], 0.2)
    assert [case for case in both if case.setting != RUN_ON] == corpus.planted_cases("side swapped", "dev", [], 1, 0.2)


def test_every_host_is_one_of_the_two_run_on_controls() -> None:
    for host in corpus.invented_hosts("dev", 40, 3):
        assert fits("run-on", host, 3) != fits("run-on, ambiguous", host, 3)
        case = clean_case("run-on", host, 3)
        assert case.heard == run_on(host, host.sentences).text and case.written == host.text


def test_commas_lost_leaves_full_stops_and_decimal_points() -> None:
    host = report("A 1.2 cm cyst, left, is seen.")
    assert (
        clean_case("commas lost", host, 1).heard
        == "FINDINGS: A 1.2 cm cyst left is seen.\n\nIMPRESSION: Nothing acute."
    )
