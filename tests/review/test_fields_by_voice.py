"""Answers by voice go into the field that was asked for when they were said, or the page asks where they belong."""

import pytest

from dictation.review.hearing import happened
from dictation.speech import Word
from dictation.speech.live import Final
from tests.review.desks import all_placed
from tests.waiting import until


@pytest.fixture
def at_fields(reader):
    """The fields of a template in their order, and the first one is asked for."""
    reader.do(do="template", name="us_abdomen_normal")
    until(lambda: len(reader.case.fields()) > 2)
    fields = reader.case.fields()
    reader.say("next field")
    assert reader.case.focus.now.id == fields[0].id
    return fields


def grown(reader) -> None:
    """Let the report grow from the text and the takes as they are; the first to come may be of an older text."""
    for _ in range(2):
        before = reader.case.reviewing.growing
        reader.case.grow()
        until(lambda before=before: reader.case.reviewing.growing is not before)


def test_a_take_that_begins_and_answers_that_leave_the_text_empty_take_no_field_away(reader, at_fields):
    first, second, *_ = at_fields
    for said in ((), (answer(first),), ("next field", answer(second))):
        reader.begun()
        reader.say(*said)
        grown(reader)
        assert [one.id for one in reader.case.fields()] == [one.id for one in at_fields]
    assert held(reader, first) and held(reader, second) and reader.text == ""
    reader.compare()
    assert [one.id for one in reader.case.fields()] == [one.id for one in at_fields]


def answer(field) -> str:
    return field.choices[-1] if field.choices else "eleven"


def test_next_field_does_not_skip_the_one_that_came_by_itself(reader, at_fields):
    first, second, third, *_ = at_fields
    reader.say(answer(first), "next field")
    assert reader.case.focus.now.id == second.id
    reader.say(answer(second), "next field", answer(third))
    filled = {one.id: one.value for one in reader.case.fields()}
    assert all(filled[one.id] for one in (first, second, third))
    assert reader.text == ""


def test_a_step_and_its_answer_in_one_breath_fill_the_field_that_was_gone_to(reader, at_fields):
    first, second, third, *_ = at_fields
    reader.say(answer(first), "next field " + answer(second), "Next field, " + answer(third) + ".")
    filled = {one.id: one.value for one in reader.case.fields()}
    assert all(filled[one.id] for one in (first, second, third)) and reader.text == ""
    reader.say("next field the liver is normal")
    assert "liver" in reader.text, "no answer: it is dictation"


def test_next_field_twice_leaves_the_one_that_came_by_itself(reader, at_fields):
    first, _, third, *_ = at_fields
    reader.say(answer(first), "next field", "next field")
    assert reader.case.focus.now.id == third.id
    reader.say("previous field", "previous field")
    assert reader.case.focus.now.id == first.id


def test_previous_field_goes_to_the_one_that_was_just_filled(reader, at_fields):
    first, *_ = at_fields
    reader.say(answer(first), "previous field")
    assert reader.case.focus.now.id == first.id


def test_after_the_last_field_next_field_begins_nowhere_again(reader, at_fields):
    for field in reader.case.fields():
        reader.do(do="fill", field=field.id, value=field.choices[0] if field.choices else "11")
    last = at_fields[-1]
    reader.do(do="fill", field=last.id, value="")
    reader.do(do="field", id=last.id)
    reader.page.take()
    reader.say(answer(last), "next field")
    assert reader.case.focus.now.id == "" and reader.text == ""
    assert reader.notices() == ["Every field of the report is filled."]


def test_an_answer_goes_into_the_field_that_was_asked_for_when_it_was_said(reader, at_fields):
    first, _, third, *_ = at_fields
    take = reader.begun()
    heard_s = reader.case.sounds.named(take).heard_s
    # the page goes on to the third field while the words of the first are still being heard
    reader.do(do="field", id=third.id, take=take, block=int(heard_s * 10) + 30)
    reader.say(answer(first))
    assert next(one.value for one in reader.case.fields() if one.id == first.id)
    assert reader.case.focus.now.id == third.id, "words that come late do not take the page back"
    assert [one["id"] for one in reader.told("field")] == [first.id]
    later = reader.case.sounds.named(take)
    word = Word(text=answer(third), start_s=later.heard_s + 9, end_s=later.heard_s + 9.5, confidence=0.9)
    happened(reader.case, take, [Final(phrase=9, words=(word,), start_s=word.start_s, end_s=word.end_s)])
    assert next(one.value for one in reader.case.fields() if one.id == third.id)


def test_an_answer_that_fits_another_field_is_asked_about_and_goes_where_it_is_put(reader, at_fields):
    number = next(one for one in at_fields if one.kind == "number")
    pick = next(one for one in at_fields if one.kind == "pick")
    reader.say("small right pleural effusion period")
    reader.do(do="field", id=pick.id)
    reader.say("eleven millimeters")
    asked = reader.state("case")["unplaced"]
    assert asked["said"] == "eleven millimeters" and number.id in [one["id"] for one in asked["fields"]]
    assert "11 mm" in reader.text, "until it is put somewhere it is kept in the text"
    reader.do(do="answer", field=number.id)
    assert reader.text == "Small right pleural effusion." and all_placed(reader.pad)
    assert reader.case.draft.fields[number.id] == "11 mm"
    assert reader.state("case")["unplaced"] is None
    reader.refused("asks nothing", do="answer", field=number.id)


def test_an_answer_to_a_filled_field_is_asked_about(reader, at_fields):
    first = next(one for one in at_fields if one.kind == "pick")
    reader.do(do="field", id=first.id)
    reader.say(first.choices[0], "previous field", first.choices[1])
    assert next(one.value for one in reader.case.fields() if one.id == first.id) == first.choices[0]
    asked = reader.state("case")["unplaced"]
    assert [one["holds"] for one in asked["fields"] if one["id"] == first.id] == [first.choices[0]]
    reader.do(do="answer", field=first.id)
    assert reader.case.draft.fields[first.id] == first.choices[1]
    assert reader.text == ""


def held(reader, field) -> str:
    return next(one.value for one in reader.case.fields() if one.id == field.id)


def test_an_answer_in_the_text_itself_is_put_right(reader):
    reader.type("Side: [side: left|right]. Size: [size: mm].")
    until(lambda: len(reader.case.fields()) == 2)
    side = reader.case.fields()[0]
    reader.do(do="field", id=side.id)
    reader.say("left")
    assert reader.text.startswith("Side: left.")
    reader.say("no correction right")
    assert reader.text == "Side: right. Size: [size: mm]." and all_placed(reader.pad)
    reader.say("eleven millimeters", "correction", "thirteen millimeters")
    assert reader.text == "Side: right. Size: 13 mm." and all_placed(reader.pad)


def a_pick_with_one_behind_it(at_fields):
    return next((one, at_fields[at + 1]) for at, one in enumerate(at_fields[:-1]) if one.kind == "pick")


@pytest.mark.parametrize(
    "said",
    [
        ["correction {}"], ["Correction, {}."], ["no {}"], ["no comma {}"], ["No. Correction, {}."], ["i mean {}"],
        ["sorry {}"], ["make that {}"], ["no correction {}"], ["correction", "{}"], ["No.", "{}"],
        ["no", "correction {}"], ["next field", "correction {}"], ["actually {}"],
    ],
)  # fmt: skip
def test_a_correction_behind_an_answer_puts_that_answer_right(reader, at_fields, said):
    pick, following = a_pick_with_one_behind_it(at_fields)
    wrong, right, *_ = pick.choices
    reader.do(do="field", id=pick.id)
    reader.say(wrong)
    assert held(reader, pick) == wrong
    reader.say(*(one.format(right) for one in said))
    assert held(reader, pick) == right and not held(reader, following)
    assert reader.text == "" and all_placed(reader.pad)
    assert reader.case.focus.now.id == following.id, "what comes next is meant for the next field"


def test_a_number_is_put_right_in_its_own_field_and_not_put_into_the_next(reader, at_fields):
    numbers = [one for one in at_fields if one.kind == "number"]
    reader.do(do="field", id=numbers[0].id)
    reader.say("eleven millimeters", "no correction thirteen millimeters")
    assert held(reader, numbers[0]).startswith("13")
    assert not any(held(reader, one) for one in reader.case.fields() if one.id != numbers[0].id)
    reader.do(do="undo")
    assert held(reader, numbers[0]).startswith("11")


@pytest.mark.parametrize("said", ["correction", "no", "wait", "sorry", "No, correction."])
def test_an_announcement_alone_empties_the_answer_and_waits_there(reader, at_fields, said):
    pick, _ = a_pick_with_one_behind_it(at_fields)
    reader.do(do="field", id=pick.id)
    reader.say(pick.choices[0], said)
    assert held(reader, pick) == "" and reader.case.focus.now.id == pick.id
    assert reader.text == "" and all_placed(reader.pad)


def test_a_correction_that_fits_not_empties_the_answer_and_is_kept_in_the_text(reader, at_fields):
    pick, _ = a_pick_with_one_behind_it(at_fields)
    reader.do(do="field", id=pick.id)
    reader.page.take()
    reader.say(pick.choices[0], "correction small right pleural effusion period")
    assert held(reader, pick) == "", "nothing is signed with an answer that was taken back"
    assert "right pleural effusion" in reader.text
    assert any("answer it again" in one["text"] for one in reader.told("notice"))
    reader.compare()
    assert reader.blockers("field")


def test_a_correction_behind_a_field_that_was_filled_by_hand_changes_no_other(reader, at_fields):
    pick, following = a_pick_with_one_behind_it(at_fields)
    reader.do(do="field", id=pick.id)
    reader.say(pick.choices[0])
    reader.do(do="fill", field=following.id, value=following.choices[0] if following.choices else "11")
    reader.say(f"correction {pick.choices[1]}")
    assert held(reader, pick) == pick.choices[0]
    assert "orrection" in reader.text


@pytest.mark.parametrize("said", ["no pleural effusion period", "no acute fracture period"])
def test_a_negated_finding_behind_an_answer_is_dictation(reader, at_fields, said):
    pick, _ = a_pick_with_one_behind_it(at_fields)
    reader.do(do="field", id=pick.id)
    reader.say(pick.choices[0], said)
    assert held(reader, pick) == pick.choices[0] and reader.text.lower().startswith("no ")


def test_a_correction_within_an_answer_is_obeyed(reader, at_fields):
    pick, _ = a_pick_with_one_behind_it(at_fields)
    reader.do(do="field", id=pick.id)
    reader.say(f"{pick.choices[0]} correction {pick.choices[1]}")
    assert held(reader, pick) == pick.choices[1] and reader.text == ""


def test_an_answer_that_stays_in_the_text_is_asked_about_no_more(reader, at_fields):
    reader.do(do="field", id=next(one for one in at_fields if one.kind == "pick").id)
    reader.say("eleven millimeters")
    reader.do(do="answer", field="")
    assert reader.state("case")["unplaced"] is None and "11 mm" in reader.text


def test_a_few_words_that_fit_no_field_are_said_to_stand_in_the_text(reader, at_fields):
    pick = next(one for one in at_fields if one.kind == "pick")
    reader.do(do="field", id=pick.id)
    reader.page.take()
    reader.say("both of them")
    [told] = reader.notices()
    assert "“both of them” stands in the text" in told and pick.choices[0] in told
    reader.say("small right pleural effusion period")
    assert reader.told("notice") == [] and reader.state("case")["unplaced"] is None
