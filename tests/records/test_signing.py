"""A signature is whole or not there; it is never given twice, and what was signed is never lost."""

import pytest

from dictation.errors import UsageError
from dictation.records import Records
from tests.records.cases import PAGE, draft, opened, version


def test_preliminary_then_final_then_an_addendum(records: Records):
    case = opened(records, draft("Lungs clear."))
    signed = [
        records.sign(case, version(case, state="preliminary", role="resident"), PAGE),
        records.sign(case, version(case), PAGE),
    ]
    records.mark_sent(case.id, "Dr A")
    signed.append(records.sign(case, version(case, "Lungs clear.\n\nADDENDUM: Seen again.", "addended"), PAGE))

    stored = records.load(case.id)
    assert [one.number for one in stored.versions] == [1, 2, 3]
    assert stored.versions == tuple(signed)
    assert (stored.state, stored.sent_at) == ("addended", ""), "the addendum was not sent yet"
    assert [entry.what for entry in records.audit(case.id)] == [
        "created", "opened", "signed", "signed", "sent", "signed",
    ]  # fmt: skip
    assert records.verify() == ()


def test_the_same_content_is_not_signed_twice(records: Records):
    case = opened(records, draft("Lungs clear."))
    records.sign(case, version(case, state="preliminary", role="resident"), PAGE)
    with pytest.raises(UsageError, match="signed already"):
        records.sign(case, version(case, state="preliminary", role="resident"), PAGE)
    records.sign(case, version(case), PAGE)
    with pytest.raises(UsageError, match="signed already"):
        records.sign(case, version(case), PAGE)
    assert len(records.versions(case.id)) == 2


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ("final", "preliminary", "Lungs clear."),
        ("final", "final", "Left effusion."),
        ("preliminary", "addended", "Lungs clear. More."),
        ("final", "addended", "Another report."),
    ],
)
def test_a_signature_that_cannot_follow_is_refused(records: Records, first, second, words):
    case = opened(records, draft())
    records.sign(case, version(case, state=first), PAGE)
    with pytest.raises(UsageError):
        records.sign(case, version(case, words, state=second), PAGE)
    assert records.load(case.id).state == first
    assert records.verify() == ()


def test_the_version_of_another_case_is_refused(records: Records):
    case, other = opened(records, draft()), opened(records, draft(), "c" * 32)
    with pytest.raises(UsageError, match="another case"):
        records.sign(case, version(other), PAGE)
    assert records.load(case.id).state == "draft"


def test_a_report_is_sent_once_a_version_and_never_unsigned(records: Records):
    case = opened(records, draft())
    with pytest.raises(UsageError, match="not signed"):
        records.mark_sent(case.id, "Dr A")
    records.sign(case, version(case), PAGE)
    records.mark_sent(case.id, "Dr A")
    assert records.load(case.id).sent_at
    with pytest.raises(UsageError, match="sent already"):
        records.mark_sent(case.id, "Dr A")


def test_no_audit_entry_holds_what_was_dictated_or_who_the_patient_is(records: Records):
    case = opened(records, draft("Pneumothorax."))
    records.sign(case, version(case, "Pneumothorax."), PAGE)
    said = " ".join(entry.model_dump_json() for entry in records.audit()).lower()
    assert all(word not in said for word in ("pneumothorax", "doe", "jane", "p1", '"a1"', "chest"))
