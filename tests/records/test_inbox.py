"""Orders and images from a folder: each exam becomes one case, whatever comes again, late, broken or half-written."""

import errno
import hashlib
import json
import os
import re
import shutil
import socket
import sqlite3
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from dictation.errors import DictationError, InputError
from dictation.exam import ExamFacts
from dictation.records import Records, inbox
from dictation.records.inbox import look, shown
from tests.imaging.dicom_maker import make
from tests.records.cases import PAGE, Place, draft, opened, version

EARLIER_S = 3600


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "orders"
    made.mkdir()
    return made


def put(folder: Path, name: str, content: object, *, age_s: float = EARLIER_S) -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return aged(path, age_s)


def aged(path: Path, age_s: float = EARLIER_S) -> Path:
    os.utime(path, (time.time() - age_s,) * 2)
    return path


def image(folder: Path, name: str = "i.dcm", value: int = 7, **elements) -> Path:
    return aged(make(folder / name, np.full((8, 8), value, np.uint8), **elements))


def order(accession: str = "A1", **fields) -> dict:
    return {"accession": accession, "name": "DOE, Jane", "patient_id": "P1", "modality": "CR", **fields}


def kinds(notices) -> list[str]:
    return [notice.kind for notice in notices]


def test_an_order_becomes_one_case_however_often_it_is_looked_at(records: Records, folder: Path):
    put(folder, "a.json", order(priority="STAT"))
    notices = look(records, folder)
    assert kinds(notices) == ["new"]
    put(folder, "again.json", order(priority="stat"))
    assert look(records, folder) == look(records, folder) == []
    (row,) = records.worklist().rows
    assert (row.id, row.name, row.priority, row.order_status) == (notices[0].case, "DOE, Jane", "stat", "active")
    stored = records.load(row.id)
    assert [one.accession for one in stored.draft.orders] == ["A1"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE orders SET content = replace(content, 'left', 'right')", "UPDATE orders SET status = 'cancelled'",
        "UPDATE orders SET priority = 'stat'", "DELETE FROM orders",
    ],
)  # fmt: skip
def test_an_order_that_was_changed_behind_the_program_is_named(
    records: Records, place: Place, folder: Path, statement: str
):
    put(folder, "a.json", order(laterality="left"))
    case = look(records, folder)[0].case
    put(folder, "a.json", order(laterality="left", priority="urgent"), age_s=60)
    look(records, folder)
    assert records.verify() == ()
    place.tamper(statement)
    assert records.verify() == (f"The order of case {case} was changed: the audit trail knows another one.",)


def test_a_changed_order_replaces_the_old_one_and_the_trail_names_the_fields(records: Records, folder: Path):
    put(folder, "a.json", order(laterality="left"))
    case = look(records, folder)[0].case
    put(folder, "a.json", order(laterality="right", name="DOE, Janet"), age_s=60)
    notices = look(records, folder)
    assert kinds(notices) == ["changed"] and "name, laterality" in notices[0].text
    assert "Jane" not in notices[0].text
    assert records.load(case).draft.orders[0].laterality == "right"
    assert records.worklist("janet").rows and records.verify() == ()
    entry = records.audit(case)[-1]
    assert (entry.what, entry.detail["fields"]) == ("order changed", ["name", "laterality"])


def test_an_order_that_changes_beneath_an_open_page_is_not_undone_by_it(records: Records, folder: Path):
    put(folder, "a.json", order(laterality="left"))
    case_id = look(records, folder)[0].case
    records.lock(case_id, PAGE, "Dr A")
    page = records.load(case_id).draft
    put(folder, "a.json", order(laterality="right"), age_s=60)
    image(folder, AccessionNumber="A1")
    revision = records.load(case_id).revision
    look(records, folder)

    saved = records.save(page.model_copy(update={"fields": {"side": "left"}}), PAGE)
    stored = records.load(case_id)
    assert stored.draft.orders[0].laterality == "right" and len(stored.draft.images) == 1
    assert stored.draft.fields == {"side": "left"} and saved == stored.revision > revision + 1
    own = stored.draft.model_copy(update={"images": (), "orders": page.orders})
    records.save(stored.draft, PAGE)
    records.save(own, PAGE)
    assert records.load(case_id).draft == own, "what the page itself changes counts"


@pytest.mark.parametrize("what", ["content", "orders"])
def test_a_case_that_cannot_be_read_is_named_and_stops_no_other_order(records: Records, place, folder, what):
    path = put(folder, "a.json", order(name="DOE, Jane"))
    case_id = look(records, folder)[0].case
    whole = str(records.load(case_id).draft.model_dump_json())
    orders = f"[{json.dumps(order(name='DOE, Jane'))}]"
    place.tamper(f"UPDATE drafts SET {what} = :x", x='{"orders": [{"name": "DOE, Jane", "unknown": 1}]}')
    put(folder, "a.json", order(name="DOE, Janet"), age_s=60)
    image(folder, AccessionNumber="A1")
    put(folder, "b.json", order("B2"), age_s=30)
    notices = look(records, folder)
    told = [one.text for one in notices if one.kind == "fault"]
    assert [one.kind for one in notices if one.kind != "image"].count("new") == 1
    assert told and all(case_id in text and "newer version" in text for text in told)
    assert not any(word in text for text in told for word in ("DOE", "Jan", path.name))
    place.tamper(
        f"UPDATE drafts SET {what} = :x WHERE case_id = :id", x=whole if what == "content" else orders, id=case_id
    )
    place.tamper("UPDATE inbox SET stamp = '' WHERE stamp LIKE '%unreadable%'")  # a minute later
    assert "changed" in kinds(look(records, folder))
    assert records.load(case_id).draft.orders[0].name == "DOE, Janet"


def test_a_cancelled_exam_leaves_the_list_and_can_come_back(records: Records, folder: Path):
    put(folder, "a.json", order())
    case_id = look(records, folder)[0].case
    put(folder, "b.json", order(status="canceled"), age_s=60)
    assert kinds(look(records, folder)) == ["cancelled"]
    assert records.worklist().rows == () and [row.id for row in records.worklist(state="cancelled").rows] == [case_id]
    assert records.load(case_id).order_status == "cancelled"
    put(folder, "c.json", order(), age_s=30)
    assert kinds(look(records, folder)) == ["changed"]
    assert [row.order_status for row in records.worklist().rows] == ["active"]


def test_a_cancelled_exam_that_was_dictated_stays_and_says_so(records: Records, folder: Path):
    put(folder, "a.json", order())
    case_id = look(records, folder)[0].case
    records.lock(case_id, PAGE, "Dr A")
    records.save(draft("Lungs clear.", id=case_id, orders=records.load(case_id).draft.orders), PAGE)
    put(folder, "a.json", order(status="cancelled"), age_s=60)
    (notice,) = look(records, folder)
    assert "dictated is kept" in notice.text
    assert [(row.id, row.order_status) for row in records.worklist().rows] == [(case_id, "cancelled")]
    assert records.waiting() is None
    assert records.load(case_id).draft.pad.text == "Lungs clear."


def test_cancelling_what_never_came_makes_no_case(records: Records, folder: Path):
    put(folder, "a.json", order(status="cancelled"))
    assert kinds(look(records, folder)) == ["cancelled"]
    assert records.worklist(state="cancelled").rows == ()


def test_a_signed_case_keeps_what_was_signed_and_is_flagged(records: Records, folder: Path):
    put(folder, "a.json", order(laterality="left"))
    case_id = look(records, folder)[0].case
    records.lock(case_id, PAGE, "Dr A")
    case = records.load(case_id).draft
    records.sign(case, version(case, state="preliminary", role="resident"), PAGE)
    put(folder, "a.json", order(laterality="right"), age_s=60)
    (notice,) = look(records, folder)
    assert "signed" in notice.text and "laterality" in notice.text
    stored = records.load(case_id)
    assert stored.draft.orders[0].laterality == "left" and stored.versions[0].case.orders[0].laterality == "left"
    assert stored.order_status == "changed" and stored.new_orders[0].laterality == "right"
    records.sign(case, version(case), PAGE)
    assert records.load(case_id).order_status == "active"


def test_a_case_that_was_begun_by_hand_is_found_by_its_accession_number(records: Records, folder: Path):
    case = opened(records, draft())
    put(folder, "a.json", order("A1", indication="Cough"))
    assert [notice.case for notice in look(records, folder)] == [case.id]
    assert len(records.worklist().rows) == 1
    assert records.load(case.id).draft.orders[0].indication == "Cough"


def test_images_become_the_study_of_their_case(records: Records, folder: Path):
    put(folder, "a.json", order())
    case_id = look(records, folder)[0].case
    (folder / "study").mkdir()
    for number in range(3):
        image(folder / "study", f"{number}", number, AccessionNumber="A1")
    assert [(notice.kind, notice.case) for notice in look(records, folder)] == [("image", case_id)] * 3
    images = records.load(case_id).draft.images
    assert len(set(images)) == 3
    for name in images:
        kept = records.home / "images" / case_id / name
        assert kept.is_file() and "DOE" not in name and "A1" not in name
    assert len(list(folder.rglob("*"))) == 5, "the folder belongs to the information system"
    assert not list((records.home / "images").glob("*.part"))


def test_an_image_without_an_order_makes_a_case_that_states_none(records: Records, folder: Path):
    image(folder, AccessionNumber="B2", StudyDescription="CHEST 1 VIEW")
    image(folder, "second.dcm", AccessionNumber="")  # the same study
    new, second = look(records, folder)
    assert (new.kind, second.kind, second.case) == ("new", "image", new.case)
    (row,) = records.worklist("example chest").rows
    assert (row.accession, row.order_status) == ("B2", "")
    assert records.load(row.id).draft.orders == ()
    assert records.load(row.id).draft.accessions == ("B2",), "by it another report of the exam is found"
    put(folder, "late.json", order("B2"))
    look(records, folder)
    assert [row.name for row in records.worklist().rows] == ["DOE, Jane"]


def test_an_order_names_a_case_of_images_whatever_a_page_saves_that_has_not_seen_it(records: Records, folder: Path):
    image(folder, AccessionNumber="B2", StudyDescription="CHEST 1 VIEW")
    case_id = look(records, folder)[0].case
    records.lock(case_id, PAGE, "Dr A")
    page = records.load(case_id).draft
    put(folder, "late.json", order("B2"))
    look(records, folder)
    compared = version(page).case.model_copy(update={"facts": ExamFacts(accession="B2", procedure="CHEST 1 VIEW")})
    records.save(page.model_copy(update={"compared": compared}), PAGE)
    assert [row.name for row in records.worklist().rows] == ["DOE, Jane"]
    assert records.verify() == ()


def test_an_image_that_comes_again_is_not_doubled_and_a_signed_one_not_replaced(records: Records, folder: Path):
    first = image(folder, AccessionNumber="A1", SOPInstanceUID="1.2.3")
    case_id = look(records, folder)[0].case
    shutil.copy(first, folder / "copy.dcm")
    aged(folder / "copy.dcm")
    assert look(records, folder) == []
    image(folder, value=9, AccessionNumber="A1", SOPInstanceUID="1.2.3")
    assert kinds(look(records, folder)) == ["image"]
    (name,) = records.load(case_id).draft.images
    kept = records.home / "images" / case_id / name
    assert kept.read_bytes() == first.read_bytes()

    records.lock(case_id, PAGE, "Dr A")
    case = records.load(case_id).draft
    records.sign(case, version(case), PAGE)
    before = kept.read_bytes()
    aged(make(first, np.full((8, 8), 11, np.uint8), AccessionNumber="A1", SOPInstanceUID="1.2.3"), 60)
    assert kinds(look(records, folder)) == ["fault"]
    assert kept.read_bytes() == before and before != first.read_bytes()


def test_an_image_whose_place_was_taken_before_the_records_failed_comes_with_the_next_look(
    records: Records, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    put(folder, "a.json", order())
    case_id = look(records, folder)[0].case
    image(folder, AccessionNumber="A1")
    with monkeypatch.context() as patched:
        patched.setattr("dictation.records.drafts.replace_exam", full)
        with pytest.raises(DictationError):
            look(records, folder)
    assert list((records.home / "images" / case_id).glob("*.dcm")) and records.load(case_id).draft.images == ()
    assert kinds(look(records, folder)) == ["image"]
    assert len(records.load(case_id).draft.images) == 1 and look(records, folder) == []


def full(*_: object, **__: object) -> None:
    raise DictationError("the disk is full")


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_others_can_write_while_an_image_that_came_before_is_read(
    records: Records, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    first = image(folder, AccessionNumber="A1", SOPInstanceUID="1.2.3")
    look(records, folder)
    shutil.copy(first, folder / "copy.dcm")
    aged(folder / "copy.dcm")
    read, normal = [], hashlib.file_digest

    def beside_another_program(file, *args):
        read.append(file.name)
        other = sqlite3.connect(records.home / "records.sqlite3", timeout=0, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        other.close()
        return normal(file, *args)

    monkeypatch.setattr(hashlib, "file_digest", beside_another_program)
    assert look(records, folder) == [] and len(read) == 1
    image(folder, value=9, AccessionNumber="A1", SOPInstanceUID="1.2.3")
    assert kinds(look(records, folder)) == ["image"]


def test_copies_that_a_killed_program_left_go_when_the_records_are_opened(place: Place):
    images = place.home / "images"
    (images / ("a" * 32)).mkdir(parents=True)
    left, young, kept = images / "left.part", images / "young.part", images / ("a" * 32) / "kept.dcm"
    for path in (left, young, kept):
        path.touch()
    aged(left, 2 * EARLIER_S)
    aged(kept, 2 * EARLIER_S)
    place.open().close()
    assert not left.exists() and young.exists() and kept.exists()


def test_what_is_being_written_is_left_for_the_next_look(records: Records, folder: Path):
    whole = json.dumps(order())
    put(folder, "half.json", whole[:20], age_s=0)
    image(folder, AccessionNumber="C3")
    aged(folder / "i.dcm", 0)
    assert look(records, folder) == []
    put(folder, "half.json", whole, age_s=0)
    assert kinds(look(records, folder)) == ["new"], "a whole order need not wait"
    aged(folder / "i.dcm")
    assert kinds(look(records, folder)) == ["new"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.json", "{", "not valid JSON"),
        ("a.json", "[]", "one JSON object"),
        ("a.json", {"accession": "A1", "nme": "x"}, "'nme' is not known"),
        ("a.json", {"name": "SECRET"}, "no accession number"),
        ("a.json", order(status="gone"), "'status' is not valid"),
        ("a.json", order("9" * 300), "'accession' is not valid"),
        ("a.json", order(priority=3), "'priority' is not valid"),
        ("a.json", order(birth_date="SECRET"), "'birth_date'"),
        ("a.json", " " * 2**20 + "{}", "larger than 1 MB"),
        ("a.json", f'{{"accession": "B1", "indication": "{"SECRET " * 9999}"}}', "indication of the order has 69,993"),
        (
            "a.json",
            f'{{"accession": "B1", "priors": [{{"date": "2026-01-01", "text": "{"SECRET " * 9999}"}}]}}',
            "prior report of the order has 69,993 characters, at most 40,000 are read; shorten it.",
        ),
        ("a.json", '{"accession": "B1", "indication": "SECRET \\ud83d fever"}', "half of a character"),
        ("a.txt", "SECRET", "neither a JSON order nor a DICOM image"),
        ("empty", "", "neither a JSON order nor a DICOM image"),
        ("bad.dcm", "\x00" * 128 + "DICM" + "SECRET", "DICOM"),
    ],
)
def test_a_broken_file_is_named_once_and_passed_over(records: Records, folder: Path, name, content, said):
    put(folder, name, content)
    put(folder, "good.json", order("G1"))
    notices = look(records, folder)
    (fault,) = [notice for notice in notices if notice.kind == "fault"]
    assert (
        said in fault.text
        and fault.text.startswith(f"{shown(folder, folder / name)}: ")
        and "SECRET" not in fault.text
        and fault.case == ""
    )
    assert [row.accession for row in records.worklist().rows] == ["G1"]
    assert look(records, folder) == []


def test_no_notice_holds_the_name_of_a_file_or_of_its_folder(records: Records, folder: Path):
    below = folder / "DOE^JANE"
    below.mkdir()
    put(below, "DOE^JANE 1.json", order(), age_s=60)
    put(below, "DOE^JANE 2.json", "{", age_s=50)
    put(below, "DOE^JANE 3.txt", "x", age_s=40)
    put(below, "DOE^JANE 4.json", order(status="cancelled"), age_s=35)
    image(below, "DOE^JANE 5.dcm", AccessionNumber="A1")
    texts = [notice.text for notice in look(records, folder)]
    assert len(texts) == 5 and not [text for text in texts if "DOE" in text]
    assert all(re.match(rf"{re.escape(str(folder))}: file [0-9a-f]{{8}}: ", text) for text in texts)


def test_hidden_files_and_links_are_none_of_ours(records: Records, folder: Path, tmp_path: Path):
    put(folder, ".hidden.json", order())
    (folder / "link.json").symlink_to(put(tmp_path, "outside.json", order()))
    assert look(records, folder) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files in a folder")
def test_a_socket_and_a_pipe_are_passed_over(records: Records, folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("socket")  # a path of its own could be too long
    aged(folder / "socket", 2 * EARLIER_S)
    os.mkfifo(folder / "pipe.dcm")
    aged(folder / "pipe.dcm")
    put(folder, "good.json", order("G1"), age_s=60)
    assert kinds(look(records, folder)) == ["new"]


@pytest.mark.parametrize("name", ["bad.dcm", "bad.json"])
def test_a_file_that_cannot_be_read_is_named_and_tried_again_later(
    records: Records, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
):
    bad, normal, refused = folder / name, Path.open, []

    def without_rights(path: Path, *args, **kwargs):
        if path == bad:
            refused.append(path)
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return normal(path, *args, **kwargs)

    if name.endswith("dcm"):
        image(folder, name, AccessionNumber="A1")
    else:
        put(folder, name, order())
    aged(bad, 2 * EARLIER_S)
    put(folder, "good.json", order("G1"))
    monkeypatch.setattr(inbox, "AGAIN_S", 1e12)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", without_rights)
        fault, new = look(records, folder)
        assert (fault.kind, new.kind) == (
            "fault",
            "new",
        ) and f"{shown(folder, bad)}: cannot be read (permission denied)".lower() in fault.text.lower()
        assert look(records, folder) == [] and len(refused) == 1
    assert look(records, folder) == []
    monkeypatch.setattr(inbox, "AGAIN_S", 1e-6)
    assert kinds(look(records, folder)) == ["new"]


def test_a_folder_that_is_not_there_is_named(records: Records, folder: Path):
    folder.rmdir()
    with pytest.raises(InputError, match="is no folder"):
        look(records, folder)
