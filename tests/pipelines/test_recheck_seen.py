"""`dictation recheck` with images: what an imported reading or a reader sees is held against the signed report."""

import csv
import io
import json

import pytest
from PIL import Image

from dictation.discrepancy.precision import tallied
from dictation.discrepancy.ranking import Verdict
from tests.models.tiny_xrv import save_state
from tests.pipelines import command_line
from tests.reading.studies import noise

DENIED = "FINDINGS: The heart is normal in size. No pneumothorax."
SEEN = {"reader": "Another", "opinions": {"pneumothorax": 0.9, "fracture": 0.95}}


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """A report with a picture without a header, an order and a reading; one that has none of them."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DICTATION_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DICTATION_THREADS", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    for name in ("reports", "images", "orders", "seen"):
        (tmp_path / name).mkdir()
    for name in ("a", "b"):
        (tmp_path / "reports" / f"{name}.txt").write_text(DENIED, encoding="utf-8")
    Image.fromarray(noise(240, 260)).save(tmp_path / "images/a.png")
    order = {"modality": "DX", "body_part": "CHEST", "procedure": "Chest X-ray PA"}
    (tmp_path / "orders/a.json").write_text(json.dumps(order))
    (tmp_path / "seen/a.json").write_text(json.dumps(SEEN))
    return tmp_path


def run(folders, *options, check=0):
    return command_line.run("recheck", folders / "reports", "--out", folders / "out", *options, check=check)


def rows(folders):
    return list(csv.DictReader(io.StringIO((folders / "out/worklist.csv").read_text(encoding="utf-8-sig"))))


def test_an_imported_reading_is_held_against_the_report(folders):
    for _ in range(2):
        done = run(folders, "--images", folders / "images", "--seen", folders / "seen")
        assert "readings of the image for 1 of 2." in done.stdout and "No header in" not in done.stdout
        found = {row["kind"]: row for row in rows(folders)}
        assert set(found) == {"negation.seen", "omission.seen"} and {row["report"] for row in rows(folders)} == {"a"}
        denied, missed = found["negation.seen"], found["omission.seen"]
        assert (denied["place_1"], denied["place_2"], denied["text_2"]) == ("findings", "seen", "pneumothorax")
        assert "pneumothorax" in denied["text_1"] and "*" in denied["text_1"]
        assert (missed["place_1"], missed["text_1"], missed["place_2"]) == ("written", "", "seen")
        assert missed["what_differs"].endswith("the report does not mention it.")
    (folders / "seen/a.json").write_text(json.dumps({"reader": "Another", "opinions": {"pneumothorax": 0.1}}))
    assert "1 of 2 reports were looked at before" in run(folders, "--seen", folders / "seen").stderr
    assert rows(folders) == []
    (folders / "seen/a.json").write_text("{}")
    assert "a.json" in run(folders, "--seen", folders / "seen", check=1).stderr


def test_a_reader_reads_the_images_and_reads_none_twice(folders, monkeypatch):
    weights = save_state(folders / "weights.pt")
    beside = ("--images", folders / "images", "--orders", folders / "orders", "--reader", f"xrv={weights}")
    done = run(folders, *beside)
    assert "readings of the image for 1 of 2." in done.stdout and "No header in" not in done.stdout
    found = rows(folders)
    assert found and {row["report"] for row in found} == {"a"}
    assert {row["severity"] for row in found} == {"info"} and all("xrv sees" in row["what_differs"] for row in found)
    monkeypatch.setattr("pipelines.recheck_seeing.Look.reading", lambda look: pytest.fail("is read again"))
    assert "2 of 2 reports were looked at before" in run(folders, *beside).stderr
    assert rows(folders) == found


def test_images_that_cannot_be_read_are_named_and_the_report_is_looked_at_by_its_text(folders):
    weights = save_state(folders / "weights.pt")
    slip = "FINDINGS: Right upper lobe nodule.\n\nIMPRESSION: Left upper lobe nodule."
    (folders / "reports/a.txt").write_text(slip, encoding="utf-8")
    (folders / "images/a.png").write_bytes((folders / "images/a.png").read_bytes()[:200])
    for _ in range(2):  # what failed is tried again
        done = run(folders, "--images", folders / "images", "--reader", f"xrv={weights}", check=1)
        assert "a: its images were not read: " in done.stderr and "a.png" in done.stderr
        assert "readings of the image for 0 of 2." in done.stdout
        assert "No header in the images of one report" in done.stdout
        assert [row["kind"] for row in rows(folders)] == ["contradiction.side"]


def test_a_reader_that_is_not_here_is_missing_and_the_rest_is_looked_at(folders):
    done = run(folders, "--images", folders / "images", "--seen", folders / "seen", "--reader", "xrv", check=3)
    assert "get_weights" in done.stderr and "readings of the image for 1 of 2." in done.stdout
    assert {row["kind"] for row in rows(folders)} == {"negation.seen", "omission.seen"}


def test_verdicts_on_what_a_reader_sees_move_no_kind_of_the_texts():
    verdicts = [Verdict(kind=kind, severity="info", is_real=True) for kind in ("negation.seen", "contradiction.side")]
    assert {one.kind for one in tallied(verdicts)} == {"negation.seen", "contradiction.side", "contradiction"}
