"""A case comes back as it was saved; one page at a time saves it; no message names a patient."""

import threading

import pytest

from dictation.errors import DictationError, UsageError
from dictation.exam import Order
from dictation.records import Records, Taken
from tests.records.cases import AT, OTHER_PAGE, PAGE, Place, decision, draft, opened, version


def test_a_case_comes_back_as_it_was_saved(place: Place):
    records = place.open()
    first = opened(records, draft("Lungs clear."))
    last = first.model_copy(update={"decisions": (decision(),), "obeyed": {PAGE: 7}, "fields": {"side": "left \x00 ü"}})
    revision = records.save(last, PAGE)
    records.close()

    again = place.open()
    stored = again.load(first.id)
    assert stored.draft == last
    assert (stored.state, stored.revision, stored.versions) == ("draft", revision, ())
    assert stored.lock is not None and stored.lock.page == PAGE
    again.close()


def test_each_change_makes_a_new_revision_and_no_audit_entry(records: Records):
    case = opened(records, draft())
    before = len(records.audit())
    revisions = [records.save(case.model_copy(update={"fields": {"n": str(n)}}), PAGE) for n in range(5)]
    assert revisions == sorted(set(revisions))
    assert len(records.audit()) == before


def test_only_the_page_that_holds_a_case_saves_it(records: Records):
    case = opened(records, draft())
    assert records.lock(case.id, OTHER_PAGE, "Dr B").page == PAGE
    with pytest.raises(Taken, match="Dr A") as refused:
        records.save(case, OTHER_PAGE)
    assert refused.value.lock is not None and refused.value.lock.page == PAGE

    assert records.take_over(case.id, OTHER_PAGE, "Dr B").page == OTHER_PAGE
    records.save(case, OTHER_PAGE)
    with pytest.raises(Taken, match="Dr B"):
        records.save(case, PAGE)
    with pytest.raises(Taken, match="Dr B"):
        records.sign(case, version(case), PAGE)
    assert [entry.what for entry in records.audit(case.id)] == ["created", "opened", "taken over"]


def test_a_released_case_is_free_for_the_next_page(records: Records):
    case = opened(records, draft())
    records.release(case.id, OTHER_PAGE)
    assert records.lock(case.id, OTHER_PAGE, "Dr B").page == PAGE, "another page cannot release it"
    records.release(case.id, PAGE)
    with pytest.raises(Taken):
        records.save(case, PAGE)
    assert records.lock(case.id, OTHER_PAGE, "Dr B").page == OTHER_PAGE


MALFORMED = "The id of a case is 32 hexadecimal digits; open the case from the worklist."


@pytest.mark.parametrize(
    ("case_id", "said"),
    [(name, MALFORMED) for name in ("", "../../etc/passwd", "A" * 32, "a" * 31, "a" * 32 + "\n", "'; --")]
    + [("0" * 32, "There is no such case here; open it from the worklist.")],
)
def test_a_malformed_or_unknown_id_gets_one_sentence(records: Records, case_id: str, said: str):
    calls = [
        lambda: records.load(case_id),
        lambda: records.lock(case_id, PAGE, "Dr A"),
        lambda: records.take_over(case_id, PAGE, "Dr A"),
        lambda: records.release(case_id, PAGE),
        lambda: records.save(draft(id=case_id), PAGE),
        lambda: records.versions(case_id),
        lambda: records.mark_sent(case_id, "Dr A"),
        lambda: records.recordings(case_id),
        lambda: records.add_recording(case_id, "t", "r", "f", AT),
        lambda: records.sign(draft(id=case_id), version(draft(id=case_id)), PAGE),
    ]
    for call in calls:
        with pytest.raises(UsageError) as refused:
            call()
        assert str(refused.value) == said
    with pytest.raises(UsageError) as refused:
        records.recording(case_id, "r")
    assert str(refused.value) == (
        said if said == MALFORMED else "This case has no such recording; open the case again."
    )
    assert records.worklist().rows == ()


def test_a_case_is_not_created_twice(records: Records):
    case = opened(records, draft("Lungs clear."))
    with pytest.raises(UsageError):
        records.create(draft(id=case.id), "Dr B")
    assert records.load(case.id).draft == case


def test_a_recording_belongs_to_its_own_case(records: Records):
    one, other = opened(records, draft()), opened(records, draft(), OTHER_PAGE)
    records.add_recording(one.id, "t1", "r1", "a.capture", AT)
    records.add_recording(one.id, "t1", "r1", "a.capture", AT)
    records.add_recording(one.id, "t2", "r2", "b.capture", AT)
    assert [kept.recording for kept in records.recordings(one.id)] == ["r1", "r2"]
    assert records.recording_of("t2") == records.recording(one.id, "r2")
    assert records.recording_of("t3") is None
    with pytest.raises(UsageError, match="no such recording"):
        records.recording(other.id, "r1")
    with pytest.raises(UsageError, match="another recording"):
        records.add_recording(other.id, "t1", "r1", "a.capture", AT)


def test_the_recordings_of_a_case_are_found_whatever_became_of_its_draft(records: Records, place: Place):
    case = opened(records, draft())
    records.add_recording(case.id, "t1", "r1", "a.capture", AT)
    place.tamper("UPDATE drafts SET content = '{'")
    assert [kept.recording for kept in records.recordings(case.id)] == ["r1"]


def test_what_the_page_says_of_the_exam_reaches_the_worklist(records: Records):
    case = opened(records, draft(orders=()))
    assert records.worklist("smith").rows == ()
    records.save(case.model_copy(update={"orders": (Order(accession="B7", name="SMITH^Ann"),)}), PAGE)
    assert [row.accession for row in records.worklist("ann smith").rows] == ["B7"]
    assert records.audit(case.id)[-1].what == "exam edited"
    records.save(case.model_copy(update={"orders": ()}), PAGE)
    assert records.worklist("smith").rows == ()


def test_eight_pages_save_eight_cases_at_once(records: Records):
    cases = [opened(records, draft(), f"{n:032x}") for n in range(8)]
    failed: list[Exception] = []

    def work(number: int) -> None:
        try:
            for step in range(25):
                records.save(cases[number].model_copy(update={"fields": {"n": str(step)}}), f"{number:032x}")
        except Exception as error:  # shown below: a thread swallows it
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert {records.load(case.id).draft.fields["n"] for case in cases} == {"24"}
    assert records.verify() == ()


def test_a_draft_of_a_newer_program_is_refused_in_a_sentence(records: Records, place: Place):
    case = opened(records, draft())
    place.tamper("""UPDATE drafts SET content = '{"id": "x", "holograms": []}'""")
    with pytest.raises(DictationError, match="newer version"):
        records.load(case.id)
