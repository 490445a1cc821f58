"""The extraction benchmark: what it reads, what its codes mean, and that its scoring counts as it says."""

import io
import json
import sys
import tarfile
from pathlib import Path

import pytest

from benchmarks.extraction import jsonl, measure, rates, reports, scoring, summary, truth
from benchmarks.extraction.british import respelled
from benchmarks.extraction.mapping import Mapping, table_of
from benchmarks.extraction.mentions import mentions

HOME = Path(measure.__file__).parent
DICTATION = Mapping(table_of("dictation"))


def xml(findings: str, *codes: str) -> str:
    majors = "".join(f"<major>{code}</major>" for code in codes)
    return f"<r><AbstractText Label='FINDINGS'>{findings}</AbstractText><MeSH>{majors}</MeSH></r>"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Invented reports, one of each last digit; the reserved ones are no XML at all."""
    written = {number: xml(f"Report {number}.", "normal") for number in range(10)}
    written |= {
        3: "not to be read",
        7: "not to be read",
        10: xml("Report 0.", "normal"),
        14: xml("Report 2.", "normal"),
    }
    written |= {11: xml("Coded by nobody.", "No Indexing"), 12: xml("XXXX effusion.", "Pleural Effusion/left")}
    path = tmp_path / "reports.tgz"
    with tarfile.open(path, "w:gz") as tar:
        for number, text in written.items():
            member = tarfile.TarInfo(f"ecgen/{number}.xml")
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    return path


def test_reserved_reports_are_never_opened(archive: Path) -> None:
    read = [report.id for split in reports.SPLITS for report in reports.read(archive, split)]
    assert read and not [id for id in read if id[-1] in "37"]


def test_a_text_counts_once_and_a_text_of_dev_is_not_in_test(archive: Path) -> None:
    assert [report.id for report in reports.read(archive, "dev")] == ["0", "1", "2", "12"]
    assert [report.id for report in reports.read(archive, "dev") if report.is_masked] == ["12"]
    assert [report.id for report in reports.read(archive, "test")] == ["4", "5", "6", "8", "9"]


def test_forty_families_or_more_have_codes_terms_and_a_reading_of_the_engine() -> None:
    coded = {row["family"] for row in truth.rows(HOME / "codes.tsv")}
    looked_for = [{"finding": row["finding"]} for row in truth.rows(HOME / "terms.tsv")]
    named = set(Mapping(table_of("terms")).taken(looked_for, "present"))
    assert len(truth.families()) >= 40
    assert coded == named == set(truth.families())


def test_every_row_of_every_table_names_its_source() -> None:
    for path in HOME.rglob("*.tsv"):
        table = truth.rows(path)
        assert table and all("source" not in row or row["source"] for row in table), path


def test_codes_of_one_family_are_taken_together() -> None:
    said = truth.coded(["Opacity/lung/base/left/mild", "Opacity/lung/upper lobe/right"])["opacity"]
    assert said == truth.Attributes({"left", "right"}, {"lower", "upper"}, {"mild"})


def test_coverage_leaves_out_normal_and_counts_sides_apart() -> None:
    counted = truth.coverage([["normal"], ["Opacity/lung/left", "Thorax/left", "Thorax"]])
    assert counted == truth.Coverage(codes=3, mapped=1, sided=2, sided_mapped=1)


def claim(finding: str, **said: object) -> dict[str, object]:
    return {"finding": finding, "status": "present", "certainty": "definite", "temporality": "current", **said}


@pytest.mark.parametrize(
    ("claims", "possible", "families"),
    [
        ([claim("pneumonia", certainty="possible")], "present", {"pneumonia"}),
        ([claim("pneumonia", certainty="possible")], "absent", set()),
        ([claim("pneumothorax", status="absent")], "present", set()),
        ([claim("pneumothorax", status="removed")], "present", set()),
        ([claim("pneumothorax", temporality="historical")], "present", set()),
        ([claim("fracture", site=["thoracic_spine"])], "present", {"vertebral_compression"}),
        ([claim("nodule", qualifier=["calcified"])], "present", {"nodule", "lung_calcification"}),
    ],
    ids=["possible", "not possible", "absent", "removed", "historical", "place", "quality"],
)
def test_what_a_claim_states(claims: list[dict[str, object]], possible: str, families: set[str]) -> None:
    assert set(DICTATION.taken(claims, possible)) == families


def test_a_value_that_the_table_lacks_is_an_error() -> None:
    with pytest.raises(ValueError, match="no row for status 'perhaps'"):
        DICTATION.taken([claim("mass", status="perhaps")], "present")


def counts(codes: list[str], *claims: dict[str, object]) -> scoring.Counts:
    return scoring.count([truth.coded(codes)], [DICTATION.taken(claims, "present")])


def test_hits_false_alarms_and_misses() -> None:
    counted = counts(["Mass/lung", "Nodule/lung"], claim("nodule"), claim("pneumonia"))
    assert counted.presence.sum(axis=(0, 1)).tolist() == [1, 1, 1]
    assert rates.by_family(counted)["nodule"]["f1"] == 1


@pytest.mark.parametrize(
    ("side", "outcome"),
    [("left", "exact"), ("bilateral", "partial"), (None, "none"), ("right", "flipped")],
)
def test_the_outcome_of_a_side(side: str | None, outcome: str) -> None:
    counted = counts(["Pleural Effusion/left"], claim("pleural_effusion", laterality=side))
    row = counted.agreement[0, scoring.ATTRIBUTES.index("side")].tolist()
    assert dict(zip(scoring.OUTCOMES, row, strict=True)) == {name: int(name == outcome) for name in scoring.OUTCOMES}


def test_zone_and_severity_are_compared_in_the_words_of_the_benchmark() -> None:
    counted = counts(["Opacity/lung/base/right/mild"], claim("opacity", site=["lower_lobe"], severity="large"))
    agreed = rates.agreement(counted)
    assert agreed["zone"]["exact"]["value"] == 1
    assert agreed["severity"]["flipped"]["value"] == 1


def test_the_direction_of_a_curve_is_no_side() -> None:
    assert rates.agreement(counts(["Scoliosis/left"], claim("scoliosis", laterality="right")))["side"]["compared"] == 0


def test_intervals_are_the_same_each_time_and_hold_the_rate() -> None:
    truths = [truth.coded(["Mass/lung"])] * 30
    taken = [DICTATION.taken([claim("mass")] if number % 3 else [], "present") for number in range(30)]
    counted = scoring.count(truths, taken)
    recall = rates.presence(counted)["micro"]["recall"]
    assert recall == rates.presence(counted)["micro"]["recall"]
    assert recall["low"] < recall["value"] == round(2 / 3, 4) < recall["high"]


def test_british_spelling_keeps_capitals_and_everything_else() -> None:
    assert respelled("Edema, EDEMA; pediatric 4.5 cm left.") == "Oedema, OEDEMA; paediatric 4.5 cm left."


def test_mentions_take_the_longest_term_with_the_nearest_side() -> None:
    found = mentions("FINDINGS:\nThe heart is mildly enlarged. Left pericardial effusion; right basilar opacities.")
    assert [(m.finding, m.side, m.zone, m.grade) for m in found] == [
        ("cardiomegaly", None, None, "mild"),
        ("pericardial_effusion", "left", None, None),
        ("opacity", "right", "lower", None),
    ]


def test_a_whole_run_with_the_engine_that_asserts_nothing(archive: Path) -> None:
    engine = measure.Engine(
        "every mention", f"'{sys.executable}' -m benchmarks.extraction.engines.every_mention", table_of("terms")
    )
    read = reports.read(archive, "dev")
    scores = measure.measured(engine, read)
    assert scores["presence"]["present"]["micro"]["f1"]["value"] == 1
    shown = summary.markdown({"dev": {"facts": measure.facts(read), "engines": {"e": scores, "peer": None}}})
    assert "| peer | not run |" in shown
    assert "Report" not in json.dumps(scores)


def test_an_engine_that_fails_or_skips_a_text_is_named() -> None:
    with pytest.raises(jsonl.EngineError, match="exit code 3"):
        jsonl.ask(f"'{sys.executable}' -c 'raise SystemExit(3)'", {"a": "text"})
    with pytest.raises(jsonl.EngineError, match="1 of 1 texts"):
        jsonl.ask(f"'{sys.executable}' -c pass", {"a": "text"})
