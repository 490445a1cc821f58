"""What a user corrected twice is learned where it helped on earlier dictations: said, undone, never a critical word."""

import json
from uuid import uuid4

import pytest

from dictation.exam import Order
from dictation.lexicon import Phrase
from dictation.lexicon.learned import Entry, Learned
from dictation.records.rights import EVERYBODY
from dictation.review.engines import Engines
from dictation.review.giving import give_order
from tests.review.desks import desk_of
from tests.waiting import until


def learned(cases):
    return cases.desk.own(EVERYBODY).learned


def settled(cases):
    """Wait till nothing is being tried."""
    own = cases.desk.own(EVERYBODY)
    with own.may_learn:
        return own.learned.entries


def dictated(reader, said, *changes):
    """Dictate a case, type over what stands in it, have it compared; another case is open then."""
    reader.say(said)
    for old, new in changes:
        reader.retype(old, new)
    reader.compare()
    reader.new()


def test_a_correction_made_twice_is_learned_and_holds_from_the_next_word_on(cases, reader):
    for _ in range(2):
        dictated(reader, "there is zorbax at the base period", ("zorbax", "Zorvax"))
    until(lambda: learned(cases).entries)
    phrase, entry = settled(cases)
    assert (phrase.kind, phrase.meant) == ("phrase", "Zorvax")
    assert (entry.kind, entry.heard, entry.meant, entry.state) == ("pronunciation", "zorbax", "Zorvax", "active")
    assert entry.corrected == len(entry.cases) == 2
    assert (entry.trial.dictations, entry.trial.wrong) == (2, 0)
    assert entry.trial.right == 2
    assert Phrase(written="Zorvax", spoken="zorbax") in cases.desk.vocabulary(EVERYBODY).phrases
    reader.say("there is zorbax again period")
    assert "Zorvax again" in reader.text


def test_the_page_is_told_what_was_learned_and_can_list_and_forget_it(cases, reader):
    reader.told("learned")
    dictated(reader, "there is zorbax at the base period", ("zorbax", "Zorvax"))
    reader.say("there is zorbax at the base period")
    reader.retype("zorbax", "Zorvax")
    reader.compare()
    told = []
    until(lambda: told.extend(reader.told("learned")) or told)
    assert "“zorbax” is “Zorvax”" in [one["says"] for one in told[0]["entries"]]
    listed = reader.do(do="learned")["entries"]
    assert {one["id"] for one in told[0]["entries"]} == {one["id"] for one in listed}
    for one in listed:
        left = reader.do(do="forget", id=one["id"])["entries"]
    assert left == []
    assert not cases.desk.vocabulary(EVERYBODY).phrases
    reader.refused("learned list", do="forget", id="nothing")


def test_what_was_forgotten_is_not_learned_again(cases, reader):
    for _ in range(2):
        dictated(reader, "there is zorbax at the base period", ("zorbax", "Zorvax"))
    until(lambda: learned(cases).entries)
    for entry in settled(cases):
        learned(cases).forget(entry.id)
    dictated(reader, "there is zorbax at the base period", ("zorbax", "Zorvax"))
    assert {entry.state for entry in settled(cases)} == {"forgotten"}


def test_a_correction_that_would_have_spoiled_an_earlier_dictation_is_not_used(cases, reader):
    dictated(reader, "the tibial hardware is in kent position period")
    for _ in range(2):
        dictated(reader, "the kent wire is intact period", ("kent", "bent"))
    until(lambda: learned(cases).entries)
    assert not any(entry.state == "active" and entry.heard == "kent" and not entry.after for entry in settled(cases))


def test_what_turns_out_wrong_later_is_used_no_more_and_that_is_said(cases, reader):
    for _ in range(2):
        dictated(reader, "there is zorbax at the base period", ("zorbax", "Zorvax"))
    until(lambda: learned(cases).entries)
    settled(cases)
    reader.told("learned")
    reader.say("the company zorbax made it period")
    reader.retype("Zorvax", "zorbax")
    reader.compare()
    until(lambda: any(one.state == "refused" for one in learned(cases).entries))
    assert not any(one.heard == "zorbax" and one.state == "active" for one in settled(cases))
    assert any(one["state"] == "refused" for message in reader.told("learned") for one in message["entries"])


@pytest.mark.parametrize(("heard", "typed"), [("left", "right"), ("no", "a"), ("five", "nine")])
def test_a_side_a_negation_and_a_number_are_never_learned(cases, reader, heard, typed):
    for _ in range(3):
        reader.say(f"there is {heard} zorbax effusion period")
        text = reader.text
        shown = {"five": "5", "nine": "9"}.get(heard, heard)
        at = text.index(shown if shown in text else heard)
        reader.type(typed, at, at + len(shown if shown in text else heard))
        reader.compare()
        reader.new()
    assert settled(cases) == ()


def test_a_correction_in_the_report_is_learned_as_well(cases, reader):
    for _ in range(2):
        reader.reviews("there is zorbax at the base period")
        (statement,) = [one for one in reader.report.statements if "zorbax" in one.text]
        text = statement.text.replace("zorbax", "Zorvax")
        reader.edit(statement, text)
        reader.compare()
        reader.new()
    until(lambda: learned(cases).entries)
    assert any(one.heard == "zorbax" and one.state == "active" for one in settled(cases))


def test_what_a_department_shares_counts_for_everybody_and_a_damaged_file_for_nobody(embedded, own, tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    Learned(shared).put([Entry(kind="pronunciation", heard="zorbax", meant="Zorvax")])
    with desk_of(Engines(embedded), own.model_copy(update={"shared": shared})) as cases:
        assert Phrase(written="Zorvax", spoken="zorbax") in cases.desk.vocabulary(EVERYBODY).phrases
        hostile = {"entries": [{"kind": "pronunciation", "heard": "left", "meant": "right"}]}
        (shared / "learned.json").write_text(json.dumps(hostile))
        assert not cases.desk.vocabulary(EVERYBODY).phrases
        assert any("learned.json" in fault for fault in cases.desk.faults(EVERYBODY))


def test_the_name_of_a_patient_is_not_learned(cases, reader):
    for _ in range(3):
        give_order(reader.case, Order(accession=uuid4().hex[:8], name="ZORVAX, Ada"))
        dictated(reader, "the scan of miss zorbax is clear period", ("zorbax", "Zorvax"))
    assert settled(cases) == ()
