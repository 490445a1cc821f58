"""The benchmark's dictation without punctuation: it says what the report says, and is left out where it cannot."""

import re

from benchmarks.discrepancy import corpus
from benchmarks.discrepancy.controls import clean_case, fits
from benchmarks.discrepancy.planting import RUN_ON
from benchmarks.discrepancy.report import Report
from benchmarks.discrepancy.run_on import run_on
from benchmarks.discrepancy.spoken import spoken


def test_a_place_in_the_report_is_found_in_what_is_said() -> None:
    written = "A 12 mm nodule at L4-L5."
    said = spoken(written)
    for word, expected in (("12", "twelve"), ("mm", "millimeter"), ("L4-L5", "l four l five"), ("A", "a")):
        start = written.index(word)
        assert said.text[slice(*said.span(start, start + len(word)))] == expected


def report(*findings: str) -> Report:
    return Report("one", "invented", "chest x-ray", findings, ("Nothing acute.",))


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
