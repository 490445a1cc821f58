"""The benchmark of planted errors: cases are what they say, the engine is unknown to it, figures count as they do."""

import ast
import io
import json
import re
import sys
import tarfile
from pathlib import Path

import pytest

from benchmarks.discrepancy import corpus, grammar, handwritten, openi, precision, scores
from benchmarks.discrepancy.case import Case
from benchmarks.discrepancy.controls import CONTROLS, clean_case, fits
from benchmarks.discrepancy.engine import Adapter, Answer, Card, answers
from benchmarks.discrepancy.kinds import is_error, table
from benchmarks.discrepancy.planting import RUN_ON
from benchmarks.discrepancy.rewriting import number_word, other_unit, spelled_out
from benchmarks.discrepancy.run_on import run_on
from benchmarks.discrepancy.spoken import spoken
from benchmarks.discrepancy.vocabulary import rows

FOLDER = Path(openi.__file__).parent
SHARE = 0.05


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return [case for kind in corpus.KINDS for case in corpus.planted_cases(kind, "dev", [], 1, SHARE)]


@pytest.mark.parametrize("benchmark", ["discrepancy", "extraction"])
def test_imports_nothing_of_the_engine(benchmark: str) -> None:
    for path in (FOLDER.parent / benchmark).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.split(".")[0] in ("dictation", "pipelines")], path


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


@pytest.mark.parametrize("control", [name for name in CONTROLS if name != "lists"])
def test_a_clean_rewrite_keeps_sizes_sides_and_negations(control: str) -> None:
    kept = set if control in ("restated", "strong") else sorted  # those say a finding twice
    for host in corpus.invented_hosts("dev", 40, 3):
        case = clean_case(control, host, 3)
        assert kept(sizes(case.heard)) == kept(sizes(case.written)), case.id
        assert kept(sides(case.heard)) == kept(sides(case.written)), case.id
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


PAIR = {
    "id": "a", "region": "msk", "style": "run-on", "heard": "left knee effusion", "written": "Right knee effusion.",
    "kind": "side swapped", "said": "left", "wrote": "Right",
}  # fmt: skip
CLEAN = {"id": "b", "region": "us", "style": "punctuated", "heard": "Well.", "written": "Well.", "kind": "clean"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(handwritten, "path", lambda split: tmp_path / f"{split}.jsonl")
    return tmp_path


def put(folder: Path, *pairs: dict[str, str]) -> None:
    (folder / "dev.jsonl").write_text("".join(json.dumps(pair) + "\n" for pair in pairs), encoding="utf-8")


def test_a_pair_knows_the_words_that_differ_and_the_cards_that_say_so(folder: Path) -> None:
    put(folder, PAIR, CLEAN)
    wrong, clean = handwritten.cases("dev")
    assert wrong.heard[slice(*wrong.heard_words or ())] == "left"
    assert wrong.written[slice(*wrong.written_words or ())] == "Right"
    assert wrong.expected == ("laterality",) and not clean.expected
    assert (wrong.setting, wrong.region) == ("run-on", "msk")


@pytest.mark.parametrize(
    ("pairs", "fault"),
    [
        ([PAIR | {"said": "lateral"}], "pair a: .*has no 'lateral'"),
        ([PAIR | {"kind": "bad day"}], "pair a: .*no kind"),
        ([PAIR | {"style": "sung"}], "pair a: .*style"),
        ([PAIR, PAIR], "several pairs have the id"),
    ],
    ids=["words", "kind", "style", "twice"],
)
def test_a_faulty_pair_is_named(folder: Path, pairs: list[dict[str, str]], fault: str) -> None:
    put(folder, *pairs)
    with pytest.raises(SystemExit, match=fault):
        handwritten.cases("dev")


def test_clean_and_planted_pairs_are_counted_by_style_and_region(folder: Path) -> None:
    put(folder, PAIR, CLEAN)
    card = Card("laterality", "laterality", "critical", (0, 4), (0, 5))
    figures = handwritten.figures([Answer(case, (card,), None) for case in handwritten.cases("dev")])
    assert figures["clean"]["all"]["pairs_with_critical_or_major"] == figures["clean"]["us"]["critical"] == 1
    assert set(figures["planted"]) == {"all", "run-on", "msk", "side swapped"}
    assert figures["planted"]["run-on"]["right_kind"] == figures["planted"]["msk"]["grave_in_place"] == 1


def test_the_pairs_of_the_development_half_are_whole() -> None:
    assert len(handwritten.cases("dev")) >= 100


def test_a_place_in_the_report_is_found_in_what_is_said() -> None:
    written = "A 12 mm nodule at L4-L5."
    said = spoken(written)
    for word, expected in (("12", "twelve"), ("mm", "millimeter"), ("L4-L5", "l four l five"), ("A", "a")):
        start = written.index(word)
        assert said.text[slice(*said.span(start, start + len(word)))] == expected


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


def test_every_host_is_one_of_the_two_run_on_controls() -> None:
    for host in corpus.invented_hosts("dev", 40, 3):
        assert fits("run-on", host, 3) != fits("run-on, ambiguous", host, 3)
        case = clean_case("run-on", host, 3)
        assert case.heard == run_on(host, host.sentences).text and case.written == host.text


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
