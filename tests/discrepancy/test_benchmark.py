"""The benchmark of planted errors: its cases are what they say, and it knows nothing of the engine under test."""

import ast
import io
import re
import tarfile
from pathlib import Path

import pytest

from benchmarks.discrepancy import corpus, grammar, openi
from benchmarks.discrepancy.case import Case
from benchmarks.discrepancy.controls import CONTROLS, clean_case
from benchmarks.discrepancy.kinds import is_error, table
from benchmarks.discrepancy.rewriting import number_word, other_unit, spelled_out
from benchmarks.discrepancy.vocabulary import rows

FOLDER = Path(openi.__file__).parent
SHARE = 0.05


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return [case for kind in corpus.KINDS for case in corpus.planted_cases(kind, "dev", [], 1, SHARE)]


def test_imports_nothing_of_the_engine() -> None:
    for path in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.split(".")[0] in ("dictation", "pipelines")], path
        assert "dictation/" not in path.read_text(encoding="utf-8"), path


def test_every_kind_is_planted_in_invented_reports_of_both_splits(cases: list[Case]) -> None:
    assert {case.kind for case in cases} == set(corpus.KINDS)
    for kind in corpus.KINDS:
        assert corpus.planted_cases(kind, "test", [], 1, 0.03), kind


def test_same_seed_same_cases_whatever_else_is_asked_for(cases: list[Case]) -> None:
    for kind in ("side swapped", "addition, positive", "sound-alike"):
        assert corpus.planted_cases(kind, "dev", [], 1, SHARE) == [case for case in cases if case.kind == kind]
    assert corpus.planted_cases("unit", "dev", [], 2, SHARE) != corpus.planted_cases("unit", "dev", [], 1, SHARE)


def test_a_planted_case_differs_from_its_host_in_the_planted_words_only(cases: list[Case]) -> None:
    for case in cases:
        if case.kind == "sex in the order":
            assert case.written == case.host and dict(case.order)["sex"] in "MF"
        elif case.kind.startswith("omission"):
            missing = case.heard[slice(*case.heard_words or ())]
            assert squeezed(case.host) == squeezed(case.written, missing)
        else:
            start, end = case.written_words or (0, 0)
            assert case.written != case.host
            assert case.host.startswith(case.written[:start].rstrip()), case.id
            assert case.host.endswith(case.written[end:].lstrip()), case.id


def squeezed(text: str, missing: str = "") -> list[str]:
    """Words in order of the alphabet, with those that are missing brought back."""
    return sorted(re.findall(r"\S+", text) + re.findall(r"\S+", missing))


def test_expected_places_point_at_the_error(cases: list[Case]) -> None:
    for case in cases:
        for text, words, place in (
            (case.heard, case.heard_words, case.heard_place),
            (case.written, case.written_words, case.written_place),
        ):
            if words is None or place is None:
                assert words is place is None
                assert case.kind.startswith(("omission", "addition"))
                continue
            assert place[0] <= words[0] <= words[1] <= place[1] <= len(text)
            assert "\n" not in text[slice(*place)]
        if case.kind == "side swapped":
            said = (case.heard[slice(*case.heard_words or ())], case.written[slice(*case.written_words or ())])
            assert {word.lower() for word in said} == {"left", "right"}
        if case.kind == "size times ten":
            old, new = case.heard[slice(*case.heard_words or ())], case.written[slice(*case.written_words or ())]
            assert float(new) == pytest.approx(10 * float(old))
        if case.heard_words and case.setting == "plain" and "omission" not in case.kind:
            assert case.heard == (case.written if case.kind.endswith("in both") else case.host)


def test_a_number_that_is_lost_stands_nowhere_else(cases: list[Case]) -> None:
    lost = [case for case in cases if case.kind.startswith("number lost")]
    assert len(lost) > 10
    for case in lost:
        old, new = case.heard[slice(*case.heard_words or ())], case.written[slice(*case.written_words or ())]
        assert not re.search(r"\d", new) and len(new) < len(old)
        for number in re.findall(r"\d[\d.]*(?: x [\d.]+)?", old)[:1]:
            before, after = (len(re.findall(rf"(?<![\d.]){number}(?![\d.]*\d)", t)) for t in (case.host, case.written))
            assert before > after, case.id
        start, end = case.written_words or (0, 0)
        assert "  " not in case.written
        assert new or not (case.written[start - 1].isalnum() and case.written[end].isalnum()), "two words run together"


def test_every_error_expects_a_card(cases: list[Case]) -> None:
    assert all(case.expected for case in cases)
    assert [kind for kind in table() if not is_error(kind)] == ["omission, restated"]


_WORDS = {number_word(n): str(n) for n in range(100)}
_ABBREVIATED = {"rul": "right", "rml": "right", "rll": "right", "lul": "left", "lll": "left"}


def sizes(text: str) -> list[float]:
    """All sizes in millimetres, in digits or words."""
    text = re.sub(r"\b[a-z]+(?:-[a-z]+)?\b", lambda m: _WORDS.get(m[0], m[0]), text.lower())
    text = re.sub(r"(\d+) point (\d+)", r"\1.\2", text)
    text = re.sub(r"millimeters?", "mm", re.sub(r"centimeters?", "cm", text))
    return [
        round(float(n) * (10 if unit == "cm" else 1), 3) for n, unit in re.findall(r"(\d+(?:\.\d+)?) (mm|cm)", text)
    ]


def sides(text: str) -> list[str]:
    words = (_ABBREVIATED.get(word, word) for word in re.findall(r"[a-z]+", text.lower()))
    return [word for word in words if word in ("left", "right", "bilateral", "both")]


def negations(text: str) -> int:
    return len(re.findall(r"\b(?:no|not|without|negative|free)\b", text.lower()))


@pytest.mark.parametrize("control", [name for name in CONTROLS if name not in ("lists", "restated", "strong")])
def test_a_clean_rewrite_keeps_sizes_sides_and_negations(control: str) -> None:
    for host in corpus.invented_hosts("dev", 40, 3):
        case = clean_case(control, host, 3)
        assert sorted(sizes(case.heard)) == sorted(sizes(case.written))
        assert sorted(sides(case.heard)) == sorted(sides(case.written))
        assert negations(case.heard) == negations(case.written)


def test_rewrites_that_say_a_finding_twice_add_nothing_new() -> None:
    for host in corpus.invented_hosts("dev", 60, 4):
        for control in ("restated", "strong"):
            case = clean_case(control, host, 4)
            assert set(sizes(case.heard)) == set(sizes(case.written)), case.id
            assert set(sides(case.heard)) == set(sides(case.written)), case.id
            assert negations(case.heard) == negations(case.written), case.id


def test_lists_keep_what_is_denied() -> None:
    for host in corpus.invented_hosts("dev", 200, 5):
        case = clean_case("lists", host, 5)
        denied = [
            sorted(re.findall(r"[a-z]+", re.sub(r"\b(?:no|there is|or|findings)\b|\.", " ", text.lower())))
            for text in (case.heard, case.written)
        ]
        assert denied[0] == denied[1]


def test_sizes_are_said_in_words_and_in_the_other_unit() -> None:
    assert (
        spelled_out("A 15 mm nodule is 1.2 cm above.")
        == "A fifteen millimeter nodule is one point two centimeters above."
    )
    assert other_unit("A 12 mm nodule.") == "A 1.2 cm nodule."
    assert other_unit("It measures 1.2 x 0.9 cm.") == "It measures 1.2 x 0.9 cm."


def test_no_template_belongs_to_both_splits_and_each_has_some_of_every_region() -> None:
    for region in grammar.REGIONS:
        splits = {split: {t.sentence for t in grammar.templates(region) if t.split == split} for split in openi.SPLITS}
        assert splits["dev"] and splits["test"] and not splits["dev"] & splits["test"]


def test_no_sound_alike_belongs_to_both_splits_and_each_has_as_many() -> None:
    pairs = {
        split: {frozenset((re.sub(r"\\b|\(\?.*", "", old), new)) for old, new, *_ in rows(f"sound_alikes_{split}")}
        for split in openi.SPLITS
    }
    assert not pairs["dev"] & pairs["test"]
    assert len(rows("sound_alikes_dev")) == len(rows("sound_alikes_test"))
    for split, other in (("dev", "test"), ("test", "dev")):
        cases = corpus.planted_cases("sound-alike", split, [], 1, SHARE) + corpus.planted_cases(
            "no misheard", split, [], 1, SHARE
        )
        for case in cases:
            spoken, wrong = case.heard[slice(*case.heard_words or ())], case.written[slice(*case.written_words or ())]
            assert frozenset((spoken.lower(), wrong.lower())) not in pairs[other]


def test_an_invented_report_speaks_of_one_patient_only() -> None:
    for host in corpus.invented_hosts("dev", 200, 6):
        words = set(re.findall(r"\b(?:prostate|testis|testes|male|man|uterus|ovary|ovaries|female|woman)\b", host.text))
        men = words & {"prostate", "testis", "testes", "male", "man"}
        assert not (men and words - men)


def archive_of(tmp_path: Path, texts: dict[int, str]) -> Path:
    path = tmp_path / "reports.tgz"
    with tarfile.open(path, "w:gz") as tar:
        for number, findings in texts.items():
            parts = {"FINDINGS": findings, "IMPRESSION": "1. Fine here."}
            xml = "".join(f'<AbstractText Label="{label}">{text}</AbstractText>' for label, text in parts.items())
            xml = f"<r>{xml}</r>"
            member = tarfile.TarInfo(f"ecgen-radiology/{number}.xml")
            member.size = len(xml)
            tar.addfile(member, io.BytesIO(xml.encode()))
    return path


def test_reserved_ids_are_never_opened_and_a_text_is_taken_once(tmp_path: Path) -> None:
    texts = {n: f"Invented text number {n}. All is well." for n in range(20)} | {
        21: "Invented text number 4. All is well."
    }
    path = archive_of(tmp_path, texts | {23: "<<< no xml at all", 37: "<<<"})
    found = {split: [host.id for host in openi.reports(path, split)] for split in openi.SPLITS}
    assert found["dev"] == [f"CXR{n}" for n in (0, 1, 2, 10, 11, 12)]
    assert found["test"] == [f"CXR{n}" for n in (4, 5, 6, 8, 9, 14, 15, 16, 18, 19)]


def test_real_reports_of_a_split_end_in_its_digits() -> None:
    hosts = openi.reports(openi.archive(None), "dev")
    assert len(hosts) > 300 and {host.id[-1] for host in hosts} <= set("012")
    assert not [host for host in hosts if openi.MASK in host.text]
    ids = {host.id for host in hosts}
    cases = corpus.planted_cases("no dropped", "dev", hosts[:40], 1, SHARE)
    assert {case.report for case in cases if case.origin == "real"} <= ids
