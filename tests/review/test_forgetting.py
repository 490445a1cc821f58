"""Under the rule `none` sound goes with the page that signed it, without any `dictation purge`; under no other one."""

from contextlib import closing
from datetime import timedelta

import pytest

from dictation.case.draft import Draft
from dictation.records import Records, clock, purging
from dictation.records.holds import hold
from dictation.records.recordings import PURGED
from dictation.records.retention import Rule
from dictation.records.sound import faults
from dictation.records.trail import CAME_BACK
from dictation.review import forgetting as forgetting_room
from dictation.review.app import launch
from dictation.review.engines import Engines
from dictation.review.forgetting import BY, Forgetting
from tests.records.backups import backed_up, restored
from tests.records.cases import PAGE, Place, draft
from tests.records.spoken import dictated, kept_sound, signed
from tests.review.desks import serving
from tests.review.test_surviving import sound_of
from tests.review.wire_page import NO_IMPRESSION, WirePage
from tests.waiting import until


def files(records: Records) -> list[str]:
    """The names of all sound on the disk."""
    folders = [records.home / "audio", records.home / "captures"]
    return [path.name for folder in folders if folder.exists() for path in folder.iterdir()]


def dictate_and_sign(page: WirePage) -> str:
    case = page.new()
    page.dictate(page.begin(), sound_of("effusion"), block_s=0)
    page.settle()
    page.until_review()
    assert page.obeyed("sign", author="Dr. A. Example", overrides=NO_IMPRESSION)["state"] == "final"
    return case


@pytest.mark.parametrize("rule", ["none", "signed"])
def test_sound_that_is_not_kept_goes_when_its_signed_case_is_left(small_ear, settings, tmp_path, rule):
    own = settings.model_copy(update={"home": tmp_path / "home", "keep_audio": rule})
    with serving(small_ear, own) as served:
        records = served.cases.desk.records
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


def test_sound_stays_while_somebody_looks_on(small_ear, settings, tmp_path):
    own = settings.model_copy(update={"home": tmp_path / "home", "keep_audio": "none"})
    with serving(small_ear, own) as served:
        records = served.cases.desk.records
        with WirePage(served.url) as page:
            case = dictate_and_sign(page)
            until(lambda: records.recordings(case)[0].flac)
            with WirePage(served.url, case=case) as onlooker:
                until(lambda: len(served.cases.known(case).audience.pages) == 2)
                page.new()
                until(lambda: records.load(case).lock is None)
                asked_for(records)
                served.cases.desk.forgetting.all()
                assert not records.recordings(case)[0].purged_at and files(records)
                onlooker.new()
                until(lambda: records.recordings(case)[0].purged_at)


def test_a_signed_case_that_is_only_opened_keeps_its_sound(small_ear, own):
    with serving(small_ear, own) as served, WirePage(served.url) as page:
        case = dictate_and_sign(page)
        until(lambda: served.cases.desk.records.recordings(case)[0].flac)
    forgetful = own.model_copy(update={"keep_audio": "none"})
    with serving(small_ear, forgetful) as served, WirePage(served.url, case=case) as page:
        page.new()
        until(lambda: served.cases.known(case) is None)
    records = Records.open(own)
    assert len(files(records)) == 1 and not records.recordings(case)[0].purged_at
    records.close()


def of(records: Records, rule: str = "none") -> Forgetting:
    return Forgetting(records, Rule.of(rule), records.home / "captures")


def asked_for(records: Records, rule: str = "none") -> None:
    """Somebody ran `dictation purge` under a rule."""
    records.note("", clock.APPLIED, "Operator", {"rule": rule, "deleted": 0})


def closed(records: Records, case: Draft) -> None:
    """A case that was signed here is closed."""
    forgetting = of(records)
    forgetting.signed(case.id)
    forgetting.case(case.id)
    forgetting.begin()
    forgetting.close()


def test_no_sound_goes_on_its_own_before_somebody_purged_under_this_rule(records: Records):
    case = signed(records, dictated(records))

    def stays() -> bool:
        of(records).all()
        forgetting = of(records)
        forgetting.case(case.id)
        forgetting.begin()
        forgetting.close()
        return kept_sound(records, case) == [True]

    assert stays(), "the setting was just changed"
    asked_for(records, "signed")
    of(records).all()
    assert stays(), "under another rule"
    asked_for(records)
    records.note("", CAME_BACK, "Operator", {"backup": "x", "locks": 0})
    assert stays(), "a hold after that backup may have come"
    asked_for(records, "signed")
    assert stays()
    asked_for(records)
    assert not stays()
    later = signed(records, dictated(records))
    records.note("", clock.APPLIED, BY, {"rule": "signed"})
    of(records).all()
    assert kept_sound(records, later) == [False], "what this program did itself says nothing"


def test_a_restored_copy_is_purged_by_nobody_but_its_operator(
    records: Records, place: Place, elsewhere: Place, tmp_path
):
    case = signed(records, dictated(records))
    asked_for(records)
    restored(backed_up(place, tmp_path / "backups").path, elsewhere)
    hold(records, case.id, "File 17, of which the backup does not know", "Operator")
    with closing(elsewhere.open()) as there:
        of(there).all()
        assert kept_sound(there, case) == [True]


def test_what_a_killed_server_left_goes_when_the_next_one_begins(records: Records, monkeypatch):
    archived, unarchived = signed(records, dictated(records)), signed(records, dictated(records), is_archived=False)
    marked = signed(records, dictated(records))
    with monkeypatch.context() as patched:
        patched.setattr(purging, "delete_sound", lambda *_: "killed")
        closed(records, marked)
    assert kept_sound(records, marked) == [True] and records.recordings(marked.id)[0].purged_at
    unended = signed(records, dictated(records, is_ended=False), is_archived=False)
    live = dictated(records)
    asked_for(records)
    forgetting = of(records)
    forgetting.begin()
    until(lambda: records.audit()[-1].by == BY and records.audit()[-1].what == clock.APPLIED)
    forgetting.close()
    assert [kept_sound(records, case) for case in (archived, unarchived, marked, unended, live)] == [[False]] * 4 + [
        [True]
    ]
    assert records.verify() == () == faults(records)
    records.release(live.id, PAGE)


def test_one_case_is_looked_at_and_no_other(records: Records):
    case, other = signed(records, dictated(records)), signed(records, dictated(records))
    forgetting = of(records)
    forgetting.signed(case.id)
    forgetting.case(case.id)
    assert kept_sound(records, case) == [True], "whoever closes it waits for no disk"
    forgetting.begin()
    forgetting.close()
    assert (kept_sound(records, case), kept_sound(records, other)) == ([False], [True])
    closed(records, draft())  # one that was opened, and never kept
    assert kept_sound(records, other) == [True]


@pytest.mark.parametrize("rule", ["always", "signed", "1"])
def test_under_another_rule_only_a_purge_deletes(records: Records, rule: str):
    case = signed(records, dictated(records))
    asked_for(records, rule)
    of(records, rule).signed(case.id)
    of(records, rule).case(case.id)
    of(records, rule).all()
    of(records, rule).begin()
    assert kept_sound(records, case) == [True]
    assert not {(clock.APPLIED, BY), (PURGED, BY)} & {(entry.what, entry.by) for entry in records.audit()}


def test_what_cannot_be_deleted_is_told_and_counts_as_no_purge(records: Records, monkeypatch, capsys):
    case = signed(records, dictated(records))
    asked_for(records)
    with monkeypatch.context() as patched:
        patched.setattr("pathlib.Path.unlink", refused)
        of(records).all()
    assert "cannot be deleted" in capsys.readouterr().err
    assert (clock.APPLIED, BY) not in [(entry.what, entry.by) for entry in records.audit()]
    of(records).all()
    assert kept_sound(records, case) == [False]
    assert (clock.APPLIED, BY) in [(entry.what, entry.by) for entry in records.audit()]


def noted(records: Records) -> int:
    """How often the program said that it applied the rule."""
    return [(entry.what, entry.by) for entry in records.audit()].count((clock.APPLIED, BY))


def test_a_look_that_found_nothing_is_noted_once_a_day(records: Records, monkeypatch):
    asked_for(records)
    of(records).all()
    assert noted(records) == 0, "it was just noted"
    signed(records, dictated(records))
    for _ in range(2):
        of(records).all()
        assert noted(records) == 1, "only the one that deleted"
    monkeypatch.setattr(forgetting_room, "NOTED", timedelta())
    of(records).all()
    assert noted(records) == 2


def test_a_look_that_a_shutdown_broke_off_is_not_noted(records: Records):
    cases = [signed(records, dictated(records)) for _ in range(2)]
    asked_for(records)
    forgetting = of(records)
    forgetting.close()
    forgetting.all()
    assert sorted(kept_sound(records, case) for case in cases) == [[False], [True]]
    assert noted(records) == 0


@pytest.mark.parametrize("fault", ["damaged", "elsewhere"])
def test_a_capture_that_stays_does_not_keep_the_rule_from_being_applied(records: Records, fault: str, capsys):
    case, other = signed(records, dictated(records), is_archived=False), signed(records, dictated(records))
    capture = records.home / "captures" / records.recordings(case.id)[0].file
    content = capture.read_bytes()
    capture.unlink()
    if fault == "damaged":
        capture.write_bytes(content[: len(content) // 2] + b"?" + content[len(content) // 2 + 1 :])
    asked_for(records)
    of(records).all()
    assert kept_sound(records, case) == [fault == "damaged"] and kept_sound(records, other) == [False]
    assert noted(records) == 1 and str(capture) in capsys.readouterr().err


def refused(*_, **__):
    raise PermissionError(13, "Permission denied")
