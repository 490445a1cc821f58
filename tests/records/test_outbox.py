"""The outbox: every signed version comes out of it whole, once, whatever fails on the way."""

import hashlib
import json
import os
import random
import stat
import sys
import time
from pathlib import Path
from threading import Barrier, Thread

import pytest
from pydantic import SecretStr

from dictation.case.draft import Communication
from dictation.errors import DictationError
from dictation.exchange.clean_text import clean_text
from dictation.exchange.outgoing import SignedReport
from dictation.review.outbox import Outbox, Sender
from dictation.settings import Settings
from pipelines.cli_outbox import outbox as command
from tests.records import outbox_worker
from tests.records.cases import AT, PAGE, Place, draft, opened, version
from tests.records.forking import forking
from tests.waiting import until

SEED = 20261126
LONGEST_S = 0.02  # from a signature to the kill: about as long as it takes to go out


class Taker:
    """A system of the hospital that takes what is in the folder: by its JSON file, with its text, and only once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.taken: dict[tuple[str, int], SignedReport] = {}

    def take(self) -> list[SignedReport]:
        found = []
        for path in sorted(self.folder.glob("*.json")):
            report = SignedReport.model_validate_json(path.read_bytes())
            text = path.with_suffix(".txt")
            assert text.name == report.text_file
            assert hashlib.sha256(text.read_bytes()).hexdigest() == report.text_sha256
            key = report.case, report.version
            assert path.stem == f"{report.case}-{report.version:03d}" and key not in self.taken, "it came twice"
            self.taken[key] = report
            path.unlink()
            text.unlink()
            found.append(report)
        return found


@pytest.fixture
def folder(tmp_path) -> Path:
    made = tmp_path / "outbox"
    made.mkdir()
    return made


def signed(records, *states_and_texts, case=None):
    """A case that was signed so; returns its draft."""
    case = case or opened(records, draft())
    for state, text in states_and_texts:
        records.sign(case, version(case, text, state), PAGE)
    return case


def test_each_signature_is_a_text_and_a_json_that_says_what_it_is(records, folder):
    box = Outbox(records, folder)
    box.look()
    told = Communication(person="Dr Who", at=AT, method="telephone", read_back=True)
    case = opened(records, draft())
    first = version(case, "Nodule ≥ 5 mm.", "preliminary", "resident", "Dr R")
    records.sign(case, first.model_copy(update={"communications": (told,)}), PAGE)
    signed(records, ("final", "Nodule 6 mm."), ("addended", "Nodule 6 mm.\n\nADDENDUM 1: More."), case=case)
    box.look()
    one, two, three = Taker(folder).take()
    hashes = [entry.detail["sha256"] for entry in records.audit(case.id) if entry.what == "signed"]
    assert [report.sha256 for report in (one, two, three)] == hashes
    assert [report.version for report in (one, two, three)] == [1, 2, 3]
    assert (one.accession, one.patient_id, one.author, one.role, one.at) == ("A1", "P1", "Dr R", "resident", AT)
    assert one.communications == (told,) and one.sections == {"findings": "Nodule ≥ 5 mm."}
    assert (one.replaces, two.replaces, three.replaces) == (None, 1, None)
    assert (one.addendum_to, two.addendum_to, three.addendum_to) == (None, None, 2)
    assert three.text == "Nodule 6 mm.\n\nADDENDUM 1: More."
    assert (one.original, two.original, one.addenda, two.addenda) == (None, None, (), ())
    assert three.original and (three.original.version, three.original.author) == (2, "Dr A")
    assert three.original.sections == {"findings": "Nodule 6 mm."} and three.addenda == ("ADDENDUM 1: More.",)
    assert records.verify() == ()


def test_the_text_is_what_copying_gives_and_no_name_says_who_it_is(records, folder):
    box = Outbox(records, folder)
    box.look()
    case = signed(records, ("preliminary", "Nodule ≥ 5 µm."))
    box.look()
    (text,) = folder.glob("*.txt")
    assert text.read_bytes() == clean_text("Nodule ≥ 5 µm.", "preliminary").text.encode("ascii")
    assert sorted(path.name for path in folder.iterdir()) == [f"{case.id}-001.json", f"{case.id}-001.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such rights")
@pytest.mark.parametrize("umask", [0o077, 0o000])
def test_the_folders_group_reads_what_comes_out_and_nobody_else_whatever_the_umask(tmp_path, folder, umask):
    records = Place("", tmp_path / "home").open()
    box = Outbox(records, folder)
    box.look()
    signed(records, ("final", "Lungs clear."))
    before = os.umask(umask)
    try:
        box.look()
    finally:
        os.umask(before)
        records.close()
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o640}


def test_what_was_taken_does_not_come_again_and_what_was_signed_before_does_not_come_at_all(records, folder):
    signed(records, ("final", "Before there was an outbox."))
    Outbox(records, folder).look()
    assert list(folder.iterdir()) == []
    case = signed(records, ("final", "Lungs clear."))
    Outbox(records, folder).look()
    taker = Taker(folder)
    assert [report.case for report in taker.take()] == [case.id]
    for _ in range(2):
        Outbox(records, folder).look()
    assert taker.take() == [] and list(folder.iterdir()) == []


@pytest.mark.parametrize("trouble", ["away", "a file", "full"])
def test_signing_goes_on_while_the_folder_takes_nothing_and_all_of_it_comes_later(trouble, tmp_path, folder, request):
    records = Place("", tmp_path / "home").open()
    said: list[str] = []
    sender = Sender(Outbox(records, folder), said.append)
    sender.begin()
    try:
        broken, mend = spoilt(trouble, folder, request)
        broken()
        cases = [signed(records, ("final", "Lungs clear.")).id for _ in range(3)]
        until(lambda: said)
        assert "not yet in the outbox" in said[0]
        assert str(folder) in said[0] and "DICTATION_OUTBOX" in said[0]
        mend()
        until(lambda: said[-1] == "")
        taker = Taker(folder)
        assert [report.case for report in taker.take()] == sorted(cases)
    finally:
        sender.end()
        records.close()


def spoilt(trouble: str, folder: Path, request):
    """How to make a folder take nothing, and how to make it take again."""
    aside = folder.with_name("aside")
    if trouble == "away":
        return lambda: folder.rename(aside), lambda: aside.rename(folder)
    if trouble == "a file":

        def mend():
            folder.unlink()
            aside.rename(folder)

        def broken():
            folder.rename(aside)
            folder.write_text("")

        return broken, mend
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("a small disk of its own is mounted by root, on Linux")
    mount = f"mount -t tmpfs -o size=4096 tmpfs {folder} && dd if=/dev/zero of={folder}/all bs=4096 count=1 2>/dev/null"
    request.addfinalizer(lambda: os.system(f"umount {folder} 2>/dev/null"))

    def fill():
        if os.system(mount):
            pytest.skip("this machine mounts no disk")

    return fill, lambda: os.system(f"mount -o remount,size=10m {folder}; rm {folder}/all")


def test_a_folder_that_may_not_be_written_is_told_by_its_name(tmp_path, folder):
    if sys.platform == "win32" or os.geteuid() == 0:
        pytest.skip("whoever is root may write everywhere")
    records = Place("", tmp_path / "home").open()
    box = Outbox(records, folder)
    box.look()
    signed(records, ("final", "Lungs clear."))
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(DictationError, match=r"outbox: cannot be written \(permission denied\)"):
        box.look()
    folder.chmod(stat.S_IRWXU)
    box.look()
    assert len(Taker(folder).take()) == 1
    records.close()


def test_two_servers_put_every_version_there_once(place, folder):
    both = [place.open(), place.open()]
    boxes = [Outbox(records, folder) for records in both]
    boxes[0].look()
    taker, cases, together = Taker(folder), [], Barrier(2)

    def fill(box: Outbox) -> None:
        box.due()
        together.wait(60)
        box.look()

    for _ in range(10):
        cases += [signed(records, ("final", "Lungs clear.")).id for records in both * 2]
        threads = [Thread(target=fill, args=(box,)) for box in boxes]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            taker.take()
    for box in boxes:
        box.look()
    taker.take()
    assert {case for case, _ in taker.taken} == set(cases) and list(folder.iterdir()) == []
    for records in both:
        records.close()


def test_a_version_that_is_not_what_was_signed_does_not_go_out_and_holds_up_no_other(records, place, folder):
    box = Outbox(records, folder)
    box.look()
    bad, good = (signed(records, ("final", text)) for text in ("Lungs clear.", "Heart normal."))
    place.tamper(f"UPDATE versions SET content = replace(content, 'clear', 'black') WHERE case_id = '{bad.id}'")
    with pytest.raises(DictationError, match="not what was signed"):
        box.look()
    assert [report.case for report in Taker(folder).take()] == [good.id]


@pytest.mark.parametrize(
    ("change", "goes_out"),
    [
        ("UPDATE versions SET content = replace(content, 'Heart', 'Hearts') WHERE number = 1", "final"),
        ("UPDATE versions SET content = replace(content, 'Dr A', 'Dr B') WHERE number = 2", ""),
        ("DELETE FROM versions WHERE number = 1", ""),
    ],
)
def test_an_addendum_whose_earlier_versions_are_not_what_was_signed_does_not_go_out(
    records, place, folder, change, goes_out
):
    box = Outbox(records, folder)
    box.look()
    case = signed(records, ("preliminary", "Heart normal."), ("final", "Lungs clear."))
    if not goes_out:
        box.look()
        Taker(folder).take()
    signed(records, ("addended", "Lungs clear.\n\nADDENDUM 1: More."), case=case)
    place.tamper(change)
    bad = change[-1]
    with pytest.raises(DictationError, match=f"Version {bad} of the case {case.id} is missing or not what was signed"):
        box.look()
    assert [report.state for report in Taker(folder).take()] == ([goes_out] if goes_out else [])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("kills", [6, pytest.param(200, marks=pytest.mark.soak)])
def test_programs_that_are_killed_put_every_version_there_whole_and_once(place, folder, kills):
    place.open().close()
    context = forking("tests.records.outbox_worker")
    chance, taker, left = random.Random(SEED), Taker(folder), 0
    for _ in range(kills):
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=outbox_worker.work, args=(theirs, place, folder), daemon=True)
        process.start()
        for _ in range(chance.randint(1, 4)):  # signatures, each told before it goes out
            assert ours.poll(60) and ours.recv() == "signed"
            taker.take()
        time.sleep(chance.uniform(0, LONGEST_S))
        process.kill()
        process.join()
        left += any(path.name.startswith(".") for path in folder.iterdir())
        taker.take()
    records = place.open()
    Outbox(records, folder).look()
    taker.take()
    signatures = {(entry.case, entry.detail["number"]) for entry in records.audit() if entry.what == "signed"}
    print(f"{kills} kills, seed {SEED}: {len(signatures)} versions, killed {left} times with files on their way")
    assert set(taker.taken) == signatures and len(signatures) >= kills
    assert list(folder.iterdir()) == [] and records.verify() == ()
    records.close()


def test_the_command_names_what_waits_and_puts_it_there(tmp_path, folder, monkeypatch, capsys):
    import typer

    settings = Settings(home=tmp_path / "home", outbox=folder, database_url=SecretStr(""))
    monkeypatch.setenv("DICTATION_HOME", str(settings.home))
    monkeypatch.setenv("DICTATION_OUTBOX", str(folder))
    records = Place("", settings.home).open()
    Outbox(records, folder).look()
    case = signed(records, ("final", "Lungs clear."))
    records.close()

    def ended(**options) -> int:
        with pytest.raises(typer.Exit) as ending:
            command(**{"retry": False, **options})
        return ending.value.exit_code

    assert ended() == 1 and capsys.readouterr().out == f"{case.id} version 1\n"
    assert ended(retry=True) == 0 and capsys.readouterr().out == ""
    assert json.loads(next(folder.glob("*.json")).read_text())["case"] == case.id
