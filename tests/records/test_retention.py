"""Sound goes when its time is over and not before; what was signed, its hash and the audit trail stay."""

import shutil
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from dictation.audio import Journal
from dictation.errors import InputError, UsageError
from dictation.exam import Order
from dictation.records import Records, purging, recordings, retention
from dictation.records.clock import doubt
from dictation.records.filling import filling
from dictation.records.holds import all_holds, gone, hold, release
from dictation.records.purging import Judged, left_over, purge
from dictation.records.recordings import PURGED
from dictation.records.retention import Rule
from dictation.records.sound import DeletedError, faults, sound_path
from tests.records.cases import AT, PAGE, Place
from tests.records.spoken import add_sound, dictated, kept_sound, signed

RULES = ("always", "signed", "none", "1", "90")
A_DAY, LATE = timedelta(days=1), AT + timedelta(days=4000)


def purged(records: Records, rule: str = "none", time=LATE, *, is_trial: bool = False) -> list[Judged]:
    return list(purge(records, Rule.of(rule), "Operator", time, is_trial=is_trial))


def reason(records: Records, rule: str = "none", time=LATE) -> str:
    """Why the only recording stays, "" where it went."""
    (one,) = purged(records, rule, time)
    assert one.goes == (not any(kept_sound(records, records.load(one.case).draft)))
    return "" if one.goes else one.reason


@pytest.mark.parametrize(
    ("rule", "last_day_kept"), [("always", None), ("signed", 2), ("none", -1), ("1", 0), ("90", 89)]
)
def test_sound_of_a_final_case_goes_when_the_time_of_the_rule_is_over(records: Records, rule, last_day_kept):
    signed(records, dictated(records))
    if last_day_kept is None:
        assert reason(records, rule) == retention.ALWAYS
        return
    almost = AT + (last_day_kept + 1) * A_DAY - timedelta(microseconds=1)
    assert reason(records, rule, almost) == retention.YOUNG
    assert reason(records, rule, almost + timedelta(microseconds=1)) == ""
    assert records.verify() == () == faults(records)


def still_open(records: Records) -> None:
    signed(records, dictated(records), is_closed=False)


def preliminary(records: Records) -> None:
    signed(records, dictated(records), "preliminary")


def never_signed(records: Records) -> None:
    records.release(dictated(records).id, PAGE)


def unarchived(records: Records) -> None:
    signed(records, dictated(records), is_archived=False)


def unheard(records: Records) -> None:
    signed(records, dictated(records), has_unheard=True)


def was_unheard_at_first(records: Records) -> None:
    case = signed(records, dictated(records), "preliminary", has_unheard=True, is_closed=False)
    signed(records, case)


def addendum_begun(records: Records) -> None:
    case = signed(records, dictated(records), is_closed=False)
    records.save(case.model_copy(update={"addendum": "Wrong side."}), PAGE)
    records.release(case.id, PAGE)


def on_hold(records: Records) -> None:
    hold(records, signed(records, dictated(records)).id, "File 17", "Operator")


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (still_open, retention.OPEN),
        (preliminary, retention.UNSIGNED),
        (never_signed, retention.UNSIGNED),
        (unarchived, retention.UNARCHIVED),
        (unheard, retention.UNHEARD),
        (was_unheard_at_first, retention.UNHEARD),
        (addendum_begun, retention.ADDENDUM),
        (on_hold, retention.ON_HOLD),
    ],
)
def test_under_no_rule_goes_what_somebody_may_still_need(records: Records, make: Callable[[Records], None], why: str):
    make(records)
    for rule in RULES[1:]:
        assert reason(records, rule) == why
    assert PURGED not in [entry.what for entry in records.audit()]


def test_of_a_signed_case_only_the_sound_that_was_signed_goes(records: Records):
    case = signed(records, dictated(records), is_closed=False)
    add_sound(records, case, started_at=AT + A_DAY)  # for an addendum that was given up
    records.release(case.id, PAGE)
    assert [(one.goes, one.reason) for one in purged(records)][1] == (False, retention.NOT_SIGNED_OVER)
    assert kept_sound(records, case) == [False, True]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE versions SET content = '{'",
        "UPDATE versions SET content = '[]'",
        "UPDATE versions SET at = ''",
        "UPDATE versions SET at = 'x'",
        "UPDATE drafts SET content = '{'",
    ],
)
def test_sound_of_a_case_that_was_damaged_stays(records: Records, place: Place, statement: str):
    signed(records, dictated(records))
    place.tamper(statement)
    (one,) = purged(records)
    assert not one.goes and one.reason in (retention.UNREADABLE, retention.YOUNG)


def test_sound_that_is_not_the_one_that_was_signed_stays(records: Records, place: Place):
    case = signed(records, dictated(records))
    place.tamper("UPDATE recordings SET sha256 = 'x'")
    assert reason(records) == retention.OTHER_SOUND
    assert kept_sound(records, case) == [True]


def test_sound_that_lies_elsewhere_or_is_written_stays(records: Records):
    case = signed(records, dictated(records))
    (kept,) = records.recordings(case.id)
    folder = records.home / "audio"
    shutil.move(folder, records.home / "away")
    (one,) = purged(records)
    assert (one.goes, one.reason) == (False, purging.ELSEWHERE)
    shutil.move(records.home / "away", folder)
    with Journal.create(records.home / "captures", block_samples=1600) as journal:
        journal.path.rename(records.home / "captures" / kept.file)
        assert reason(records) == purging.WRITTEN
    assert reason(records) == ""


def test_an_addendum_begins_the_time_anew(records: Records):
    case = signed(records, dictated(records), is_closed=False)
    signed(records, case, "addended", words="Lungs clear. Heart enlarged.", at=AT + 80 * A_DAY)
    assert reason(records, "90", AT + 100 * A_DAY) == retention.YOUNG
    assert reason(records, "90", AT + 170 * A_DAY) == ""


def test_what_was_signed_keeps_its_hash_and_the_trail_says_what_went_and_why(records: Records):
    case = signed(records, dictated(records))
    (before,) = records.recordings(case.id)
    path = sound_path(records, before)
    size, version = path.stat().st_size, records.versions(case.id)
    (trial,) = purged(records, "90", is_trial=True)
    assert trial.goes and path.exists() and records.recordings(case.id) == (before,)
    assert purged(records, "90") == [trial] and not path.exists()
    (after,) = records.recordings(case.id)
    assert after.purged_at[:10] == str(LATE.date()) and after.purged_bytes == size
    assert (after.sha256, after.duration_s) == (before.sha256, before.duration_s)
    assert records.versions(case.id) == version and version[0].recordings == {after.recording: after.sha256}
    entry = records.audit(case.id)[-1]
    assert (entry.what, entry.by) == (PURGED, "Operator")
    assert (entry.detail["sha256"], entry.detail["bytes"], entry.detail["rule"]) == (after.sha256, size, "90")
    assert records.verify() == () == faults(records)
    assert purged(records, "90") == []
    for kept in (after, before):  # also for who asked before it went
        with pytest.raises(DeletedError, match=r"^The sound of this recording was deleted on 2037-\d\d-\d\d under the"):
            sound_path(records, kept)


def test_a_capture_and_a_half_archived_copy_go_too(records: Records):
    case = signed(records, dictated(records))
    (kept,) = records.recordings(case.id)
    copies = [records.home / "captures" / kept.file, records.home / "audio" / f"{kept.recording}.part"]
    for copy in copies:
        copy.write_bytes(b"sound")
    assert reason(records) == ""
    assert not any(copy.exists() for copy in copies)


def test_a_file_that_cannot_be_deleted_is_named_and_goes_the_next_time(records: Records, monkeypatch):
    case = signed(records, dictated(records))
    with monkeypatch.context() as patched:
        patched.setattr("pathlib.Path.unlink", refuse)
        (one,) = purged(records)
    assert one.goes and "cannot be deleted (refused)" in one.failure and kept_sound(records, case) == [True]
    (kept,) = records.recordings(case.id)
    with pytest.raises(DeletedError):
        sound_path(records, kept)
    hold(records, case.id, "File 17", "Operator")
    assert list(left_over(records, is_trial=False)) == [] and kept_sound(records, case) == [True]
    release(records, case.id, "File 17 closed", "Operator")
    assert list(left_over(records, is_trial=True)) == [(kept.recording, "")] and kept_sound(records, case) == [True]
    assert list(left_over(records, is_trial=False)) == [(kept.recording, "")] and kept_sound(records, case) == [False]
    assert list(left_over(records, is_trial=False)) == [] and records.verify() == ()


def test_only_what_still_has_a_file_is_built_of_all_that_was_ever_purged(records: Records, monkeypatch):
    cases = [signed(records, dictated(records)) for _ in range(3)]
    kept = [records.recordings(case.id)[0] for case in cases]
    purged(records)
    (records.home / "audio" / f"{kept[0].recording}.part").write_bytes(b"half")
    (records.home / "captures" / kept[1].file).write_bytes(b"sound")
    built, model = [], recordings.kept
    monkeypatch.setattr(recordings, "kept", lambda row: built.append(row.recording) or model(row))
    found = dict(left_over(records, is_trial=False))
    assert found == {kept[0].recording: "", kept[1].recording: ""} and sorted(built) == sorted(found)
    assert [kept_sound(records, case) for case in cases] == [[False]] * 3


def test_a_hold_that_comes_between_the_mark_and_the_file_keeps_the_file(records: Records, monkeypatch):
    case, recorded, is_held = signed(records, dictated(records)), Records.recorded, []

    @contextmanager
    def held_then(self: Records):
        """Once the recording is marked, somebody holds its case before the next transaction begins."""
        (kept,) = self.recordings(case.id)
        if kept.purged_at and not is_held:
            is_held.append(True)
            hold(self, case.id, "File 17", "Operator")
        with recorded(self) as both:
            yield both

    monkeypatch.setattr(Records, "recorded", held_then)
    (one,) = purged(records)
    assert one.goes and "put on legal hold" in one.failure and kept_sound(records, case) == [True]
    (told,) = gone(records, (case.id,))
    (kept,) = records.recordings(case.id)
    assert told.files == (records.home / "audio" / kept.flac,) and str(told.files[0]) in told.words
    assert list(left_over(records, is_trial=False)) == [] and records.verify() == ()


def test_a_hold_that_comes_while_files_of_a_killed_run_are_deleted_keeps_them(records: Records, monkeypatch):
    cases = [signed(records, dictated(records)) for _ in range(2)]
    with monkeypatch.context() as patched:
        patched.setattr("pathlib.Path.unlink", refuse)
        purged(records)
    runs = left_over(records, is_trial=False)
    first, failure = next(runs)
    assert failure == ""
    (other,) = [case for case in cases if records.recordings(case.id)[0].recording != first]
    hold(records, other.id, "File 17", "Operator")
    assert ["put on legal hold" in failure for _, failure in runs] == [True]
    assert kept_sound(records, other) == [True]


def test_what_was_deleted_before_a_hold_is_told(records: Records):
    case = signed(records, dictated(records))
    assert gone(records, hold(records, case.id, "File 17", "Operator")) == ()
    release(records, case.id, "Closed", "Operator")
    purged(records)
    records.lock(case.id, PAGE, "Dr A")
    add_sound(records, records.load(case.id).draft, started_at=AT + A_DAY)
    (told,) = gone(records, hold(records, case.id, "File 17", "Operator"))
    assert (told.recordings, told.deleted, told.first_at[:10], told.files) == (2, 1, str(LATE.date()), ())
    assert f"1 of 2 recordings were deleted under the retention rule on {LATE.date()}" in told.words


@pytest.mark.parametrize("days", [(1, 2, 15), (14, 28, 42)])
def test_a_trail_that_leads_to_the_present_bears_the_clock_out(place: Place, days):
    records, start = place.open(), entries_after(place, days[:-1])
    assert doubt(records, start + days[-1] * A_DAY) == ""
    assert "The clock may be wrong" in doubt(records, start + (days[-2] + 14) * A_DAY + timedelta(seconds=1))
    assert "The clock may be wrong" in doubt(records, start + days[-2] * A_DAY - timedelta(minutes=61))
    place.tamper("UPDATE audit SET at = 'x' WHERE number = 2")
    assert "cannot be checked" in doubt(records, start)
    records.close()


@pytest.mark.parametrize("days", [(1, 16), (400, 1), (400, 401)])
def test_a_step_in_the_trail_is_a_doubt_until_the_clock_was_found_right(place: Place, days):
    records, start = place.open(), entries_after(place, days)
    assert "The clock may be wrong" in doubt(records, start + days[-1] * A_DAY)
    place.tamper("UPDATE audit SET what = 'clock confirmed' WHERE number = 3")
    assert doubt(records, start + days[-1] * A_DAY) == ""
    records.close()


def entries_after(place: Place, days: tuple[int, ...]) -> datetime:
    """Make a trail with an entry now, and one for each of these days after it; return when the first one was."""
    records = place.open()
    for _ in range(len(days) + 1):
        records.note("", "backed up", "Operator")
    records.close()
    start = datetime.now(UTC)
    for number, day in enumerate((0, *days), 1):
        place.tamper(f"UPDATE audit SET at = '{(start + day * A_DAY).isoformat()}' WHERE number = {number}")
    return start


def refuse(*_: object, **__: object) -> None:
    raise PermissionError(13, "refused")


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE recordings SET purged_at = '2026-03-02'", "the audit trail knows of no deletion"),
        ("UPDATE recordings SET purged_at = ''", "the audit trail knows that its sound was deleted"),
        ("UPDATE recordings SET sha256 = 'x' WHERE purged_at <> ''", "knows another hash of its deleted sound"),
    ],
)
def test_a_mark_that_nobody_set_or_that_was_taken_away_is_named(
    records: Records, place: Place, statement: str, named: str
):
    signed(records, dictated(records))
    if "of no deletion" not in named:
        purged(records)
    place.tamper(statement)
    (told,) = records.verify()
    assert named in told


def test_a_case_is_held_by_its_id_or_accession_and_released(records: Records):
    case = signed(records, dictated(records))
    with pytest.raises(UsageError, match="needs a reason"):
        hold(records, case.id, " ", "Operator")
    with pytest.raises(UsageError, match="No case has this") as refused:
        hold(records, "SECRET", "File 17", "Operator")
    assert "SECRET" not in str(refused.value)
    assert hold(records, "A1", "File 17", "Operator") == (case.id,) == hold(records, case.id, "File 18", "Operator")
    (held,) = all_holds(records)
    assert (held.case, held.reason, held.by) == (case.id, "File 18", "Operator")
    assert release(records, "A1", "Closed", "Operator") == (case.id,) and all_holds(records) == ()
    with pytest.raises(UsageError, match="not on legal hold"):
        release(records, "A1", "Closed", "Operator")
    done = [(one.what, one.detail["reason"]) for one in records.audit(case.id)[-3:]]
    assert done == [("legal hold", "File 17"), ("legal hold", "File 18"), ("legal hold released", "Closed")]
    assert reason(records) == "" and records.verify() == ()


def test_a_hold_by_accession_number_takes_every_case_that_has_it_also_as_its_second_order(records: Records):
    orders = tuple(Order(accession=name, patient_id="P1") for name in ("A7", "A1"))
    both = signed(records, dictated(records, orders=orders))
    first, other = signed(records, dictated(records)), signed(records, dictated(records, orders=orders[:1]))
    assert hold(records, "A1", "File 17", "Operator") == tuple(sorted((both.id, first.id)))
    assert [one.case for one in purged(records) if one.goes] == [other.id]
    assert release(records, "A1", "Closed", "Operator") == tuple(sorted((both.id, first.id)))


def test_more_cases_than_are_looked_at_at_once(records: Records, monkeypatch):
    monkeypatch.setattr(purging, "AT_ONCE", 2)
    cases = [signed(records, dictated(records)) for _ in range(5)]
    records.release(dictated(records).id, PAGE)
    assert sorted(one.case for one in purged(records) if one.goes) == sorted(case.id for case in cases)
    assert records.verify() == () == faults(records)


def test_the_disk_lasts_as_many_days_as_the_last_ones_with_sound_fill_it(records: Records):
    assert filling(records, LATE).days is None and "unknown" in filling(records, LATE).words
    dictated(records, started_at=AT)
    assert filling(records, AT).days is None  # its day is not over
    sizes = []
    for number in range(20):
        case = signed(records, dictated(records, blocks=number + 2, started_at=AT + 2 * number * A_DAY))
        (kept,) = records.recordings(case.id)
        sizes.append(sound_path(records, kept).stat().st_size)
    found = filling(records, AT + 38 * A_DAY)  # the last one is of this day
    assert found.measured_days == 14 and found.bytes_per_day == sum(sizes[5:19]) / 14
    assert found.days == found.free_bytes / found.bytes_per_day
    purged(records)
    assert filling(records, AT + 38 * A_DAY).bytes_per_day == found.bytes_per_day


def test_sound_that_is_lost_is_no_deleted_sound(records: Records):
    case = signed(records, dictated(records))
    (kept,) = records.recordings(case.id)
    sound_path(records, kept).unlink()
    with pytest.raises(InputError, match="is gone"):
        sound_path(records, kept)
    assert len(faults(records)) == 1 and not purged(records)[0].goes


def test_a_case_that_is_opened_while_it_is_judged_keeps_its_sound(records: Records, monkeypatch):
    case, purge_of = signed(records, dictated(records)), purging.purge_case

    def opened_first(*arguments: object) -> object:
        records.lock(case.id, PAGE, "Dr A")
        return purge_of(*arguments)

    monkeypatch.setattr(purging, "purge_case", opened_first)
    assert reason(records) == retention.OPEN
    assert kept_sound(records, case) == [True]


def test_others_dictate_and_sign_while_sound_is_deleted(records: Records):
    cases = [signed(records, dictated(records)) for _ in range(4)]
    for number, one in enumerate(purge(records, Rule.of("none"), "Operator", LATE, is_trial=False)):
        assert one.goes
        live = dictated(records)
        records.save(live.model_copy(update={"fields": {"n": str(number)}}), PAGE)
        signed(records, live, is_closed=False)
        assert kept_sound(records, live) == [True]
    assert all(kept_sound(records, case) == [False] for case in cases)
    assert records.verify() == () == faults(records)
