"""`dictation recheck` as a quality officer runs it: a folder in, a ranked worklist out, verdicts back in."""

import base64
import csv
import io
import json
import re
import shutil

import numpy as np
import pytest
import soundfile

from dictation.audio import SAMPLE_RATE
from dictation.discrepancy.precision import Measured, merged
from tests.conftest import SAMPLES
from tests.imaging.dicom_maker import make
from tests.pipelines import command_line

CLEAN = "FINDINGS: The lungs are clear. No pleural effusion.\n\nIMPRESSION: No acute disease."
OTHER_SIDE = "FINDINGS: Right upper lobe nodule.\n\nIMPRESSION: Left upper lobe nodule."
OTHER_SIZE = "FINDINGS: 5 mm nodule in the right upper lobe.\n\nIMPRESSION: 8 mm nodule in the right upper lobe."
DENIED = "FINDINGS: Stable cardiomegaly. The heart is normal in size.\n\nIMPRESSION: Cardiomegaly."


def run(*arguments, check=0, **environment):
    return command_line.run("recheck", *arguments, check=check, **environment)


def rows(out):
    return list(csv.DictReader(io.StringIO((out / "worklist.csv").read_text(encoding="utf-8-sig"))))


@pytest.fixture
def reports(tmp_path):
    folder = tmp_path / "reports"
    folder.mkdir()
    texts = {"a": CLEAN, "b": OTHER_SIZE, "c": OTHER_SIDE, "d": CLEAN, "e": DENIED}
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def test_a_side_that_the_impression_turns_round_comes_first_with_both_quotations(reports, out):
    done = run(reports, "--out", out)
    first, *others = rows(out)
    assert (first["report"], first["severity"], first["kind"]) == ("c", "critical", "contradiction.side")
    assert (first["place_1"], first["text_1"]) == ("findings", "*Right* upper lobe nodule")
    assert (first["place_2"], first["text_2"]) == ("impression", "*Left* upper lobe nodule")
    assert first["verdict"] == ""
    assert {row["report"] for row in others} == {"b", "e"}
    assert [int(row["rank"]) for row in rows(out)] == list(range(1, len(others) + 2))
    assert f"Per 100 reports: {20 * (1 + len(others)):.2f} flags" in done.stdout


def test_a_table_gives_the_same_flags_as_a_folder(reports, out, tmp_path):
    run(reports, "--out", out)
    named = [(path.stem, path.read_text(encoding="utf-8")) for path in sorted(reports.iterdir())]
    lines = tmp_path / "reports.jsonl"
    lines.write_text("".join(json.dumps({"id": id, "text": text}) + "\n" for id, text in named), encoding="utf-8")
    table = tmp_path / "reports.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "findings", "impression"])
        for id, text in named:
            found, summed = text.removeprefix("FINDINGS: ").split("\n\nIMPRESSION: ")
            writer.writerow([id, found, summed])
    for source in (lines, table):
        run(source, "--out", tmp_path / source.suffix)
        assert rows(tmp_path / source.suffix) == rows(out)


def test_headings_inside_a_field_of_a_table_count(out, tmp_path):
    table = tmp_path / "reports.jsonl"
    line = {
        "id": "ankle",
        "findings": "EXAM: X-ray left ankle\n\nFINDINGS: Fracture of the distal fibula.",
        "impression": "Fracture of the right distal fibula.",
    }
    table.write_text(json.dumps(line), encoding="utf-8")
    run(table, "--out", out)
    [flag] = [row for row in rows(out) if row["severity"] == "critical"]
    assert (flag["kind"], flag["text_1"]) == ("laterality", "Fracture of the *right* distal fibula")


def test_bad_files_are_named_and_the_others_are_looked_at(reports, out):
    (reports / "bad.txt").write_bytes(b"\xff\xfe\x00lungs")
    (reports / "empty.txt").write_text(" \n")
    (reports / "rich.txt").write_text("{\\rtf1 lungs}")
    done = run(reports, "--out", out, check=1)
    for name in ("bad.txt", "empty.txt", "rich.txt"):
        assert name in done.stderr
    assert rows(out)[0]["report"] == "c"
    assert "5 reports looked at" in done.stdout


def test_ids_that_name_no_file_and_halves_of_characters_stop_no_report(out, tmp_path):
    source, orders = tmp_path / "reports.jsonl", tmp_path / "orders"
    orders.mkdir()
    (orders / "last.json").write_text('{"patient_id": "P-1"}', encoding="utf-8")
    lines = [
        json.dumps({"id": id, "text": OTHER_SIDE})
        for id in ("a\0/b", "../../etc/x", "/etc/x", "e" * 5000, "half\ud800")
    ]
    source.write_text("\n".join([*lines, json.dumps({"id": "last", "text": OTHER_SIDE})]), encoding="utf-8")
    assert "halves" in run(source, "--orders", orders, "--out", out, check=1).stderr
    assert len(rows(out)) == 5 and rows(out)[-1]["report"] == "last"


def test_wrong_usage_has_its_own_exit_code(reports, out, tmp_path):
    assert "no such file" in run(tmp_path / "none", "--out", out, check=2).stderr
    assert "no such folder" in run(reports, "--out", out, "--orders", tmp_path / "none", check=2).stderr
    assert "--verdicts" in run(reports, "--out", out, "--keep", check=2).stderr
    assert "--images" in run(reports, "--out", out, "--reader", "xrv", check=2).stderr


def test_the_order_and_the_image_header_are_held_against_the_report(out, tmp_path):
    for name in ("reports", "orders", "images"):
        (tmp_path / name).mkdir()
    report = "EXAM: MRI right knee.\n\nFINDINGS: The right medial meniscus is torn."
    (tmp_path / "reports" / "knee.txt").write_text(report, encoding="utf-8")
    (tmp_path / "reports" / "pelvis.txt").write_text("FINDINGS: The uterus is normal.", encoding="utf-8")
    (tmp_path / "reports" / "other.txt").write_text(CLEAN, encoding="utf-8")
    order = {"procedure": "MRI left knee", "laterality": "left", "modality": "MR", "patient_id": "P-1"}
    (tmp_path / "orders" / "knee.json").write_text(json.dumps(order), encoding="utf-8")
    (tmp_path / "orders" / "other.json").write_text("no order", encoding="utf-8")
    make(tmp_path / "images" / "pelvis.dcm", np.zeros((8, 8), np.uint8), PatientSex="M", Modality="MR")
    beside = ("--orders", tmp_path / "orders", "--images", tmp_path / "images")
    done = run(tmp_path / "reports", "--out", out, *beside, check=1)
    assert "other.json" in done.stderr
    found = {(row["report"], row["kind"]): row for row in rows(out)}
    side = found["knee", "laterality"]
    assert (side["text_1"], side["place_2"], side["text_2"]) == (
        "MRI *right* knee",
        "order",
        "*MRI left knee, left*",
    )
    sex = found["pelvis", "sex"]
    assert (sex["text_1"], sex["place_2"], sex["text_2"]) == (
        "The *uterus* is normal",
        "image header",
        "*M*",
    )


FILES = {"--audio": ".wav", "--images": ".png", "--orders": ".json", "--seen": ".json"}


@pytest.mark.parametrize("option", FILES)
def test_a_folder_whose_names_fit_no_report_ends_the_run_before_it_begins(reports, out, tmp_path, option):
    beside = tmp_path / "beside"
    beside.mkdir()
    assert f"for {option}, no file is there" in run(reports, "--out", out, option, beside, check=2).stderr
    for number in range(5):
        (beside / f"a_{number}{FILES[option]}").write_bytes(b"")
    done = run(reports, "--out", out, option, beside, check=2)
    names = ", ".join(f"a_{number}{FILES[option]}" for number in range(3))
    assert f"for {option}, no file has the name of a report ({names} and 2 more)" in done.stderr
    assert not (out / "worklist.csv").exists()


def test_what_was_heard_is_held_against_the_report_and_can_be_listened_to(own_folders, out, tmp_path):
    sample = SAMPLES / "01_left_effusion"
    for name in ("reports", "audio"):
        (tmp_path / name).mkdir()
    shutil.copy(sample / "report.txt", tmp_path / "reports" / "left.txt")
    (tmp_path / "reports" / "silent.txt").write_text(OTHER_SIDE, encoding="utf-8")
    (tmp_path / "reports" / "broken.txt").write_text(OTHER_SIZE, encoding="utf-8")
    shutil.copy(sample / "01_left_effusion.flac", tmp_path / "audio" / "left.flac")
    (tmp_path / "audio" / "broken.wav").write_bytes(b"RIFF")
    done = run(tmp_path / "reports", "--audio", tmp_path / "audio", "--out", out, check=1)
    assert "broken.wav" in done.stderr
    assert "Heard 1 of 3; no images given" in done.stdout
    found = {(row["report"], row["kind"]): row for row in rows(out)}
    assert ("silent", "contradiction.side") in found and ("broken", "contradiction.size") in found
    side = found["left", "laterality"]
    assert (side["place_1"], side["place_2"]) == ("heard", "findings")
    assert "*left*" in side["text_1"] and "*right*" in side["text_2"]
    assert 0 < float(side["said_at_s"]) < 20
    clip = re.search(r'src="data:audio/flac;base64,([^"]+)"', (out / "worklist.html").read_text(encoding="utf-8"))
    samples, rate = soundfile.read(io.BytesIO(base64.b64decode(clip[1])))
    assert rate == SAMPLE_RATE and 0.5 < len(samples) / rate < 9 and np.abs(samples).max() > 0.01
    again = run(tmp_path / "reports", "--audio", tmp_path / "audio", "--out", out, check=1)
    assert "2 of 3 reports were looked at before" in again.stderr
    assert "Heard 1 of 3; no images given" in again.stdout
    assert "broken.wav" in again.stderr  # what failed is tried again


def test_a_changed_report_is_looked_at_again(reports, out):
    run(reports, "--out", out)
    (reports / "c.txt").write_text(CLEAN, encoding="utf-8")
    assert "4 of 5 reports were looked at before" in run(reports, "--out", out).stderr
    assert "c" not in {row["report"] for row in rows(out)}


def test_a_killed_run_goes_on_and_ends_like_one_that_was_not(reports, out):
    run(reports, "--out", out)
    whole, journal = rows(out), out / ".recheck.jsonl"
    content = journal.read_bytes()
    journal.write_bytes(content[: content.rindex(b"\n", 0, -1) - 20])  # the end of a run in the middle of a line
    (out / "worklist.csv").unlink()
    assert "3 of 5 reports were looked at before" in run(reports, "--out", out).stderr
    assert rows(out) == whole


def test_a_report_that_breaks_the_program_stops_no_other(reports, out, monkeypatch):
    from dictation.settings import Settings
    from pipelines import recheck, recheck_looking
    from pipelines.recheck_beside import Folders

    def breaks(task, kinds, heard=None):
        if task.report.id == "b":
            raise ZeroDivisionError("words of the report")
        return looked(task, kinds, heard)

    looked = recheck_looking.look
    monkeypatch.setattr(recheck_looking, "look", breaks)
    ear = recheck.Ear(lambda: pytest.fail("there is no recording"))
    assert not recheck.recheck(reports, Folders(), ear, Settings(), out, None, False)
    assert {row["report"] for row in rows(out)} == {"c", "e"}


def test_verdicts_are_measured_and_move_the_ranking(reports, out, tmp_path):
    run(reports, "--out", out)
    before = rows(out)
    side = before[0]
    assert side["kind"] == "contradiction.side"
    for number in range(60):
        (reports / f"more{number}.txt").write_text(OTHER_SIDE, encoding="utf-8")
    run(reports, "--out", out)
    judged = rows(out)
    for row in judged:
        row["verdict"] = {"contradiction.side": "FALSE", "contradiction.size": "real"}.get(row["kind"], "")
    judged = [row for row in judged if row["report"] not in ("c", "b")]
    verdicts = tmp_path / "verdicts.csv"
    with verdicts.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["id", "verdict", "kind", "severity"])
        writer.writeheader()
        writer.writerows({"id": row["id"], "verdict": row["verdict"]} for row in judged)
        file.write("d0,perhaps,,\nd1,real,,\nd2,real,no_kind,critical\n")
    home = tmp_path / "home"
    done = run(reports, "--out", out, "--verdicts", verdicts, "--keep", check=1, DICTATION_HOME=str(home))
    assert f"{verdicts}, line" in done.stderr and "real or false" in done.stderr
    assert done.stderr.count("no flag has this id") == 2
    table = (out / "precision.tsv").read_text(encoding="utf-8")
    assert re.search(r"^contradiction\.side\tcritical\t0\.000\t0\.000\t0\.060\t60\t", table, re.MULTILINE)
    assert (home / "recheck_precision.tsv").read_text(encoding="utf-8").count(
        "contradiction.side\tcritical\t0.000"
    ) == 1
    order = [row["report"] for row in rows(out) if not row["verdict"]]
    assert order.index("e") < order.index("c")  # nobody judged those, and such a side was mostly false
    assert {row["verdict"] for row in rows(out)[-60:]} == {"false"}
    kept = run(reports, "--out", tmp_path / "later", DICTATION_HOME=str(home))
    order = [row["report"] for row in rows(tmp_path / "later")]
    assert kept.exit_code == 0 and order.index("e") < order.index("c")


def judge(out, **verdicts):
    judged = [row | {"verdict": verdicts.get(row["report"], row["verdict"])} for row in rows(out)]
    with (out / "worklist.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(judged[0]))
        writer.writeheader()
        writer.writerows(judged)


@pytest.mark.parametrize("named", [False, True])
def test_verdicts_outlive_another_run_and_their_flags(reports, out, named):
    run(reports, "--out", out)
    judge(out, b="real", c="false")
    (reports / "b.txt").write_text(CLEAN, encoding="utf-8")
    for _ in range(2):
        run(reports, "--out", out, *(("--verdicts", out / "worklist.csv") if named else ()))
        assert {row["verdict"] for row in rows(out) if row["report"] == "c"} == {"false"}
        assert "contradiction.size" in (out / "precision.tsv").read_text(encoding="utf-8")
    (reports / "b.txt").write_text(OTHER_SIZE, encoding="utf-8")
    for _ in range(2):  # the file of those whose flag is gone is left with its header alone
        run(reports, "--out", out)
    assert {row["verdict"] for row in rows(out) if row["report"] == "b"} == {"real"}


def test_no_text_runs_or_loads_in_the_page_or_the_spreadsheet(out, tmp_path):
    folder = tmp_path / "reports"
    folder.mkdir()
    hostile = "<script>alert(1)</script><img src=https://example.org/x>"
    text = f"FINDINGS: Right upper lobe nodule {hostile}.\n\nIMPRESSION: Left upper lobe nodule."
    (folder / "=cmd()<b>.txt").write_text(text, encoding="utf-8")
    run(folder, "--out", out)
    page = (out / "worklist.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page and "<img" not in page and "<b>" not in page.split("<main")[1]
    assert "default-src 'none'" in page
    assert not [tag for tag in re.findall("<[a-z][^>]*>", page) if re.search(r"(src|href|url)\s*[=(]", tag)]
    assert rows(out)[0]["report"] == "'=cmd()<b>"
    assert (out / "worklist.html").stat().st_mode & 0o077 == 0


def test_a_spreadsheet_that_splits_at_semicolons_finds_no_formula_and_verdicts_still_fit(out, tmp_path):
    report = OTHER_SIDE.replace("nodule", "nodule;=1+1", 1)
    table = tmp_path / "signed.jsonl"
    table.write_text(json.dumps({"id": "r;+1", "text": report}), encoding="utf-8")
    run(table, "--out", out)
    text = (out / "worklist.csv").read_text(encoding="utf-8-sig")
    assert "nodule;'=1+1" in text
    cells = [cell for by in ",;\t" for row in csv.reader(io.StringIO(text), delimiter=by) for cell in row]
    assert [cell for cell in cells if cell.strip().startswith(("=", "+", "-", "@"))] == []
    judge(out, **{"r;'+1": "real"})
    run(table, "--out", out, "--verdicts", out / "worklist.csv")
    assert {row["verdict"] for row in rows(out)} == {"real"}


def test_few_verdicts_replace_no_table_that_rests_on_many():
    many = Measured(kind="contradiction.side", severity="critical", precision=0.9, cards=200, low=0.85, high=0.94)
    few = many.model_copy(update={"precision": 0.0, "cards": 2})
    newer = many.model_copy(update={"precision": 0.5})
    assert merged([many], [few]) == [many] and merged([few], [many]) == [many]
    assert merged([many], [newer]) == [newer]
