"""Under the rule `none` sound goes with the page that signed it, without any `dictation purge`; under no other one."""

import time

import pytest

from dictation.records import Records, clock, purging
from dictation.records.holds import hold, release
from dictation.records.recordings import PURGED
from dictation.records.retention import Rule
from dictation.records.sound import faults
from dictation.review.app import launch
from dictation.review.engines import Engines
from dictation.review.forgetting import BY, Forgetting
from dictation.settings import Settings
from dictation.speech.medasr.recognizer import MedASRRecognizer
from tests.records.cases import PAGE
from tests.records.spoken import dictated, kept_sound, signed
from tests.review.test_surviving import sound_of
from tests.review.wire_page import WirePage
from tests.speech.tiny_lasr import SMALL_LASR

WAIT_S = 60


@pytest.fixture(scope="module")
def small_ear(own_folders):
    return MedASRRecognizer.load(SMALL_LASR, Settings(medasr_precision="float32"))


def files(records: Records) -> list[str]:
    """The names of all sound on the disk."""
    folders = [records.home / "audio", records.home / "captures"]
    return [path.name for folder in folders if folder.exists() for path in folder.iterdir()]


def until(is_so) -> None:
    ends_at_s = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < ends_at_s, "waited in vain"
        time.sleep(0.05)


def dictate_and_sign(page: WirePage) -> str:
    case = page.new()
    page.dictate(page.begin(), sound_of("effusion"), block_s=0)
    page.settle()
    page.until(lambda: page.state["case"]["stage"] == "review" and not page.state["sign"]["blockers"])
    assert page.obeyed("sign", author="Dr. A. Example")["state"] == "final"
    return case


@pytest.mark.parametrize("rule", ["none", "signed"])
def test_sound_that_is_not_kept_goes_when_its_signed_case_is_left(small_ear, settings, tmp_path, rule):
    own = settings.model_copy(update={"home": tmp_path / "home", "keep_audio": rule})
    served = launch(Engines(small_ear), own, 0)
    records = served.cases.desk.records
    try:
        with WirePage(served.url) as page:
            case = dictate_and_sign(page)
            until(lambda: records.recordings(case)[0].flac)
            assert files(records), "it may be played as long as the case is open"
            unsigned = page.new()
            page.dictate(page.begin(), sound_of("lungs"), block_s=0)
            page.settle()
            if rule == "none":
                until(lambda: records.recordings(case)[0].purged_at)
            kept = [one.file for one in records.recordings(unsigned)]
            until(lambda: len(files(records)) == (1 if rule == "none" else 2))
            assert set(kept) <= set(files(records)), "the sound of a draft stays"
    finally:
        served.close()
    records = Records.open(own)
    (one,) = records.recordings(case)
    assert bool(one.purged_at) == (rule == "none") and len(files(records)) == (1 if rule == "none" else 2)
    assert records.versions(case)[0].recordings == {one.recording: one.sha256}
    deletions = [(entry.case, entry.by, entry.detail["sha256"]) for entry in records.audit() if entry.what == PURGED]
    assert deletions == ([(case, BY, one.sha256)] if rule == "none" else [])
    assert records.verify() == () == faults(records)
    records.close()


def test_a_server_that_ends_leaves_no_sound_of_a_signed_case_that_was_open(small_ear, settings, tmp_path):
    own = settings.model_copy(update={"home": tmp_path / "home", "keep_audio": "none"})
    served = launch(Engines(small_ear), own, 0)
    records = served.cases.desk.records
    with WirePage(served.url) as page:
        case = dictate_and_sign(page)
        until(lambda: records.recordings(case)[0].flac)
        served.close()
    records = Records.open(own)
    assert files(records) == [] and records.recordings(case)[0].purged_at
    records.close()


def of(records: Records, rule: str = "none") -> Forgetting:
    return Forgetting(records, Rule.of(rule), records.home / "captures")


def test_what_a_killed_server_left_goes_when_the_next_one_begins(records: Records, monkeypatch):
    archived, unarchived = signed(records, dictated(records)), signed(records, dictated(records), is_archived=False)
    marked = signed(records, dictated(records))
    with monkeypatch.context() as patched:
        patched.setattr(purging, "_delete", lambda *_: "killed")
        of(records).case(marked.id)
    assert kept_sound(records, marked) == [True] and records.recordings(marked.id)[0].purged_at
    live = dictated(records)
    forgetting = of(records)
    forgetting.begin()
    until(lambda: any(entry.what == clock.APPLIED for entry in records.audit()))
    forgetting.close()
    assert [kept_sound(records, case) for case in (archived, unarchived, marked, live)] == [[False]] * 3 + [[True]]
    assert records.verify() == () == faults(records)
    records.release(live.id, PAGE)


def test_one_case_is_looked_at_and_no_other(records: Records):
    case, other = signed(records, dictated(records)), signed(records, dictated(records))
    of(records).case(case.id)
    assert (kept_sound(records, case), kept_sound(records, other)) == ([False], [True])
    of(records).case("0" * 32)  # one that was opened, and never kept
    assert kept_sound(records, other) == [True]


def test_a_case_that_is_held_or_open_keeps_its_sound(records: Records):
    held, still_open = signed(records, dictated(records)), signed(records, dictated(records), is_closed=False)
    hold(records, held.id, "File 17", "Operator")
    of(records).case(held.id)
    of(records).all()
    assert (kept_sound(records, held), kept_sound(records, still_open)) == ([True], [True])
    release(records, held.id, "File 17 is closed", "Operator")
    of(records).all()
    assert (kept_sound(records, held), kept_sound(records, still_open)) == ([False], [True])


@pytest.mark.parametrize("rule", ["always", "signed", "1"])
def test_under_another_rule_only_a_purge_deletes(records: Records, rule: str):
    case = signed(records, dictated(records))
    of(records, rule).case(case.id)
    of(records, rule).all()
    of(records, rule).begin()
    assert kept_sound(records, case) == [True]
    assert not {clock.APPLIED, PURGED} & {entry.what for entry in records.audit()}


def test_what_cannot_be_deleted_is_told_and_counts_as_no_purge(records: Records, monkeypatch, capsys):
    case = signed(records, dictated(records))
    with monkeypatch.context() as patched:
        patched.setattr("pathlib.Path.unlink", refused)
        of(records).all()
    assert "cannot be deleted" in capsys.readouterr().err
    assert clock.APPLIED not in [entry.what for entry in records.audit()]
    of(records).all()
    assert kept_sound(records, case) == [False]
    assert clock.APPLIED in [entry.what for entry in records.audit()]


def refused(*_, **__):
    raise PermissionError(13, "Permission denied")
