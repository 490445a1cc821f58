"""The audit trail as somebody asks for it: the right entries, one at a time, and that it was handed out."""

import tracemalloc
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, update

from dictation.errors import UsageError
from dictation.exam import ExamFacts, Order, Patient
from dictation.records import Records, exporting, trail
from dictation.records.exporting import EXPORTED, Asked, begin, day_or_time, entries
from dictation.records.schema import audit, audit_head, studies
from dictation.records.users import Users
from tests.records.cases import PAGE, Place, draft, opened

DAYS = ("2026-03-01T23:59:59.999999", "2026-03-02T00:00:00", "2026-03-02T23:59:59.999999", "2026-03-03T00:00:00")


def found(records: Records, **asked: str) -> list[tuple[str, str]]:
    export = begin(records, Asked(**asked), "Officer", "csv")
    given = list(entries(records, export))
    assert len(given) == export.entries and export.faults == ()
    assert [one.number for one in given] == sorted(one.number for one in given)
    last = records.audit()[-1]
    assert (last.what, last.by, last.detail["entries"]) == (EXPORTED, "Officer", len(given))
    return [(one.what, one.by) for one in given]


def case_of(records: Records, patient: str) -> str:
    return opened(records, draft(orders=(Order(accession="A" + patient, patient_id=patient),))).id


def test_entries_are_found_by_user_and_case(records: Records):
    one, other = case_of(records, "P1"), case_of(records, "P2")
    records.note(other, "viewed", "Dr B")
    assert found(records, user="Dr B") == [("viewed", "Dr B")]
    assert found(records, case=one) == [("created", "Dr A"), ("opened", "Dr A")]
    assert found(records, case=one, user="Dr B") == []
    assert len(found(records)) == 8  # with what the three exports left
    with pytest.raises(UsageError):
        begin(records, Asked(case="f" * 32), "Officer", "csv")


def test_a_patients_entries_are_found_by_whatever_names_the_id_which_is_kept_nowhere(records: Records):
    by_worklist = case_of(records, 'P-é"1')
    second = Order(accession="A9", patient_id='P-é"1')
    by_second_order = opened(records, draft(orders=(Order(accession="A8", patient_id="P2"), second))).id
    by_study = case_of(records, "P3")
    with records.recorded() as (connection, _):
        facts = ExamFacts(patient=Patient(patient_id='P-é"1')).model_dump_json()
        values = {"study_uid": "1.2", "accession": "", "facts": facts, "received_at": ""}
        connection.execute(insert(studies).values(case_id=by_study, **values))
    longer = case_of(records, 'P-é"12')
    wanted = {by_worklist, by_second_order, by_study}
    export = begin(records, Asked(patient='P-é"1'), "Officer", "csv")
    assert {one.case for one in entries(records, export)} == wanted
    assert found(records, patient='P-é"1', case=longer) == []
    assert found(records, patient="nobody") == [] and found(records, patient="%") == []
    assert "P-" not in "".join(one.model_dump_json() for one in records.audit())
    with pytest.raises(UsageError):
        begin(records, Asked(patient=" "), "Officer", "csv")


def test_who_occurs_nowhere_is_told_from_who_did_nothing(records: Records):
    case_of(records, "P1")
    Users(records).add("ann", "", "reader", None, "test")
    records.note("", "viewed", "Zo\u00eb.Example")
    assert found(records, user="ZO\u00cb.example") == [("viewed", "Zo\u00eb.Example")]

    def unknown(**asked: str) -> tuple[str, ...]:
        export = begin(records, Asked(**asked), "Officer", "csv")
        assert export.entries == len(list(entries(records, export)))
        return export.unknown

    nobody, no_case = "nobody of this name is in the audit trail", "no case here carries this patient id"
    assert unknown(user="zoe.example") == (nobody,) and unknown(patient="P2") == (no_case,)
    assert unknown(user="zo%", patient="P2") == (nobody, no_case)
    for known in ({"user": "Ann"}, {"user": "dr a", "since": "2099"}, {"patient": "P1", "until": "1999"}, {}):
        assert unknown(**known) == ()
    export = begin(records, Asked(user="ana"), "Officer", "csv")
    assert export.words == f"0 entries; {nobody}; the chain of all {export.length} entries verifies."


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("2026-03-02", "2026-03-02", [1, 2]),
        ("", "2026-03-01", [0]),
        ("2026-03-03", "", [3]),
        ("2026-03-02T00:00", "2026-03-03T00:00", [1, 2, 3]),
        ("2026-03-02T01:00+01:00", "2026-03-02T23:59:58", [1]),
        ("2026-03-02", "2026-03-02T23:59:59.5", [1]),
        ("2026-03-02", "2026-03-02T23:59:59", [1, 2]),
        ("2026-03-02", "2026-03-03 00:59+01:00", [1, 2]),
        ("2026-03-02", "2026-03-02T23", [1, 2]),
        ("2026-03-04", "2026-03-01", []),
    ],
)
def test_entries_are_found_by_time_both_days_included(records: Records, monkeypatch, since, until, expected):
    for number, day in enumerate(DAYS):
        with monkeypatch.context() as patched:
            patched.setattr(trail, "now", lambda day=day: stored(day))
            records.note("", f"{number}", "Dr A")
    asked = {"since": day_or_time(since, is_end=False) if since else ""}
    asked["until"] = day_or_time(until, is_end=True) if until else ""
    named = [what for what, _ in found(records, **asked)]
    assert [int(what) for what in named if what.isdecimal()] == expected


def stored(day: str) -> str:
    return datetime.fromisoformat(day).replace(tzinfo=UTC).isoformat(timespec="microseconds")


@pytest.mark.parametrize("text", ["yesterday", "", "2026-13-01", "9999-12-31", "01.03.2026"])
def test_what_is_no_time_gets_one_sentence(text: str):
    with pytest.raises(UsageError, match=r"^This is no time;"):
        day_or_time(text, is_end=True)


def test_a_trail_that_was_changed_is_handed_out_and_says_so(records: Records, place: Place):
    case_of(records, "P1")
    place.tamper("UPDATE audit SET detail = '{' WHERE number = 2")
    export = begin(records, Asked(), "Officer", "csv")
    assert [one.detail for one in entries(records, export)][1] == {"damaged": "{"}
    assert export.words == "2 entries; The audit trail was changed: entry 2 is not what was written."
    assert records.audit()[-1].detail["verified"] is False


def test_entries_of_more_cases_than_one_question_names(records: Records, monkeypatch):
    monkeypatch.setattr(exporting, "AT_ONCE", 2)
    for _ in range(5):
        records.release(case_of(records, "P1"), PAGE)
    export = begin(records, Asked(patient="P1"), "Officer", "csv")
    of_cases, meant = 5 * 3, 4  # that another case of the same exam is meant is an entry too
    assert len(list(entries(records, export))) == export.entries == of_cases + meant


@pytest.mark.parametrize("count", [20_000, pytest.param(1_000_000, marks=pytest.mark.soak)])
def test_a_long_trail_does_not_fill_memory(records: Records, count: int):
    with records.recorded() as (connection, entries_):
        previous, rows = entries_.hash, []
        for number in range(1, count + 1):
            row = {
                "number": number, "case_id": "", "what": "viewed", "by": "Dr A", "at": DAYS[0], "detail": "{}",
                "previous": previous,
            }  # fmt: skip
            previous = row["hash"] = trail.entry_hash(row)
            rows.append(row)
            if len(rows) == 5000 or number == count:
                connection.execute(insert(audit), rows)
                rows = []
        connection.execute(update(audit_head).values(entries=count, hash=previous))
        entries_.count, entries_.hash = count, previous
    tracemalloc.start()
    try:
        export = begin(records, Asked(user="Dr A"), "Officer", "csv")
        assert export.faults == () and export.entries == count == sum(1 for _ in entries(records, export))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    print(f"{count} entries: {peak / 1e6:.1f} MB at most")
    assert peak < 10e6
