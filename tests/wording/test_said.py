"""Spoken commands: obeyed as a whole utterance, text inside one, and never at the cost of a word."""

import pytest

from dictation.lexicon import rows
from dictation.wording.pad import Pad
from dictation.wording.said import Context, command, commands
from tests.wording.dictating import transcript
from tests.wording.pads import empty, named, obey, places, say, type_in


def meant(utterance: str, pad: Pad | None = None, macros: tuple[str, ...] = ()):
    pad = pad or empty()
    return command(transcript(utterance).words, Context(pad, len(pad.text), named(macros)))


@pytest.mark.parametrize("said", [c for c in commands() if c.name != "replace"], ids=lambda c: c.name)
def test_each_command_is_heard_in_the_words_of_its_example(said):
    found = meant(said.example, say(empty(), "small effusion period"), macros=("Normal chest",))
    assert found is not None and found.name == said.name and not found.refusal
    assert said.help and all(way == way.lower() for way in said.spoken)


@pytest.mark.parametrize(
    ("utterance", "name"),
    [
        ("Scratch that.", "scratch"),
        ("Delete that", "scratch"),
        ("uh, undo that", "undo"),
        ("New line", "new line"),
        ("Go two findings.", "go to"),
        ("go to the impression section", "go to"),
        ("goto clinical history", "go to"),
        ("Um stop listening.", "stop"),
    ],
)
def test_marks_capitals_and_hesitations_are_not_looked_at(utterance, name):
    found = meant(utterance)
    assert found is not None and found.name == name


@pytest.mark.parametrize(
    "utterance",
    [
        "there is a new line in the right chest",
        "new line placement",
        "scratch that and go on",
        "undo",
        "go to surgery",
        "the patient is to go to findings clinic",
        "spell hilar",
        "spell",
        "replace the tube",
        "sign of effusion",
        "play that again",
        "play that",
        "next difference",
        "previous card",
        "no acute findings",
        "go too far",
    ],
)
def test_what_is_more_or_less_than_a_command_is_text(utterance):
    found = meant(utterance)
    assert found is None or utterance == "undo"


def test_sign_inside_a_sentence_is_a_word_of_it():
    assert meant("sign", say(empty(), "there is a silhouette")) is None
    assert meant("sign", say(empty(), "there is a silhouette sign period")) is not None
    assert meant("sign report", say(empty(), "there is a silhouette")) is not None


def test_every_section_name_can_be_gone_to():
    for row in rows("section_names"):
        found = meant(f"go to {row['spoken']}")
        assert found is not None and found.argument == row["section"]


def test_replace_changes_one_place_the_last_before_the_dictation():
    pad = say(empty(), "left effusion and left nodule period", "the left lung is clear")
    at = pad.text.index(" lung")
    pad, place, _ = obey(pad, "replace left with right", at=at)
    assert pad.text == "Left effusion and left nodule. The right lung is clear"
    assert place == at + 1
    assert pad.dictation.words[pad.dictation.sentences[1].alignment[1].words[0]].text == "right"
    assert [r.text for r in pad.dictation.retracted] == ["left"]
    assert places(pad) == list(range(pad.count))


def test_replace_keeps_the_ties_of_all_else():
    before = say(empty(), "a left effusion is five millimeters")
    after, _, _ = obey(before, "replace five millimeters with two point five centimeters")
    assert after.text == "A left effusion is 2.5 cm"
    assert after.dictation.sentences[0].alignment[:-1] == before.dictation.sentences[0].alignment[:-1]


@pytest.mark.parametrize("utterance", ["replace art with vein", "replace five with six", "replace right with left"])
def test_replace_of_what_does_not_stand_there_is_written_as_text(utterance):
    pad = say(empty(), "heart nodule five point two centimeters period")
    after, _, said = obey(pad, utterance)
    assert said is not None and said.is_text and "written as text" in said.refusal
    assert after.text.startswith("Heart nodule 5.2 cm. Replace ")


@pytest.mark.parametrize(
    ("text", "utterance"),
    [
        (["the line ends in the right atrium period"], "replace the line with a new one"),
        (["line ends in the right atrium period"], "replace line with a new one"),
        (["left nodule period", "heart normal period"], "replace left with right"),
        (["left nodule period", "left effusion and left cyst period"], "replace left with right"),
    ],
)
def test_a_sentence_about_replacing_changes_no_other(text, utterance):
    pad = say(empty(), *text)
    after, _, said = obey(pad, utterance)
    assert after.text.startswith(f"{pad.text} Replace ") and said.is_text


def test_replace_reaches_over_all_that_was_said_in_one_breath():
    pad = say(empty(), "heart normal period", "left nodule period no effusion period")
    assert obey(pad, "replace left with right")[0].text == "Heart normal. Right nodule. No effusion."


def test_replace_finds_its_with_where_the_old_words_stand():
    pad = say(empty(), "lung with nodule")
    assert obey(pad, "replace lung with nodule with heart with device")[0].text == "Heart with device"


def test_replace_finds_its_with_beside_another():
    pad = say(empty(), "changes consistent with effusion period")
    assert obey(pad, "replace consistent with with without")[0].text == "Changes without effusion."
    pad = say(empty(), "treated with contrast period")
    assert obey(pad, "replace treated with with treated without")[0].text == "Treated without contrast."


@pytest.mark.parametrize("utterance", ["scratch that please", "Please scratch that.", "Scratch that, please."])
def test_a_command_may_be_said_politely(utterance):
    pad, _, said = obey(say(empty(), "heart normal period", "small effusion period"), utterance)
    assert said is not None and (pad.text, said.name) == ("Heart normal.", "scratch")
    assert places(pad) == list(range(pad.count))
    pad, _, _ = obey(say(empty(), "left effusion period"), "please replace left with right please")
    assert pad.text == "Right effusion."
    assert say(empty(), "heart normal period small effusion scratch that please no mass period").text == (
        "Heart normal. No mass."
    )


def test_scratch_takes_back_the_last_utterance_though_a_person_moved_away():
    pad = say(empty(), "the lungs are clear period", "small effusion on the left")
    pad = type_in(pad, 0, 0, "Chest. ")
    pad, place, _ = obey(pad, "scratch that")
    assert pad.text == "Chest. The lungs are clear."
    assert place == len(pad.text)
    assert pad.dictation.retracted[0].text == "small effusion on the left"


@pytest.mark.parametrize(
    "between",
    ["insert normal", "next field", "go to impression", "sign report", "replace small with large"],
)
def test_scratch_after_a_command_deletes_no_sentence_before_it(between):
    pad = say(empty(), "the lungs are clear period", "small right pleural effusion period")
    pad, place, _ = obey(pad, between, macros=("Normal",))
    after, there, said = obey(pad, "scratch that", at=place)
    assert said.refusal and (after.text, there) == (pad.text, place)
    assert "pleural effusion" in after.text
    again = say(after, "scratch that no mass period", at=there)  # nor in one breath with what follows
    assert "pleural effusion" in again.text
    assert places(again) == list(range(again.count))


def test_scratch_takes_back_one_utterance_after_the_other():
    pad = say(empty(), "heart normal period", "small effusion period", "no mass period")
    for text in ("Heart normal. Small effusion.", "Heart normal.", ""):
        pad, _, said = obey(pad, "scratch that")
        assert (pad.text, said.refusal) == (text, "")
    assert obey(pad, "scratch that")[2].refusal


def test_what_an_utterance_took_back_does_not_come_again_with_scratch():
    pad = say(empty(), "heart normal period", "left effusion period", "scratch that right effusion period")
    assert pad.text == "Heart normal. Right effusion."
    assert obey(pad, "scratch that")[0].text == "Heart normal."
    pad = say(empty(), "heart normal period", "no mass scratch that", "left effusion period")
    assert obey(pad, "scratch that")[0].text == "Heart normal."
    pad = say(empty(), "right hilum period", "no left effusion", "correction right effusion period")
    assert obey(pad, "scratch that")[0].text == "Right hilum. No left effusion"


def test_scratch_looks_behind_nothing_that_was_taken_out_by_hand():
    pad = say(empty(), "heart normal period", "small effusion period")
    pad = type_in(pad, pad.text.index(" Small"), len(pad.text), "")
    after, _, said = obey(pad, "scratch that", at=len(pad.text))
    assert said.refusal and after.text == "Heart normal."


def test_scratch_of_a_sentence_that_is_not_at_the_cursor_is_refused():
    pad = say(empty(), "heart normal period", "small effusion period")
    after, _, said = obey(pad, "scratch that", at=len("Heart normal."))
    assert said.refusal and after.text == pad.text


def test_a_new_line_and_spelled_letters_are_scratched_as_what_was_said():
    pad = say(empty(), "heart normal period")
    assert obey(obey(pad, "new paragraph")[0], "scratch that")[0].text == pad.text
    spelled, place, _ = obey(pad, "spell capital h i")
    assert obey(spelled, "scratch that", at=place)[0].text == pad.text


def test_scratch_of_typed_text_is_refused():
    pad = type_in(empty(), 0, 0, "Typed.")
    after, _, _ = obey(pad, "scratch that")
    assert after.text == "Typed."


def test_a_new_line_is_one_even_where_a_catheter_was_named():
    pad = say(empty(), "right PICC")
    pad, _, _ = obey(pad, "new line")
    assert pad.text == "Right PICC\n"
    assert [c.name for c in pad.dictation.commands] == ["new line"]
    pad = say(pad, "heart normal")
    assert [(s.text, s.starts) for s in pad.dictation.sentences] == [("Right PICC", "space"), ("Heart normal", "line")]


def test_going_to_a_section_begins_it_in_its_order():
    pad = say(empty(), "indication colon cough period", "impression colon normal period")
    pad, place, _ = obey(pad, "go to findings")
    assert pad.text == "Indication: Cough.\n\nFindings:\n\nImpression: Normal."
    pad = say(pad, "heart normal period", at=place)
    assert pad.text == "Indication: Cough.\n\nFindings: Heart normal.\n\nImpression: Normal."
    assert [s.section for s in pad.dictation.sentences] == ["indication", "findings", "impression"]
    assert obey(pad, "go to indication")[1] == len("Indication: Cough.")
    assert obey(pad, "go to the start")[1] == 0


def test_spelled_and_literal_words_are_written_as_said_and_tied():
    pad, place, _ = obey(empty(), "spell capital hotel u n t e r")
    pad, place, _ = obey(pad, "literal five millimeters period", at=place)
    assert pad.text == "Hunter five millimeters period"
    assert [s.title for s in pad.spans()] == ["Heard “capital hotel u n t e r”.", ""]
    assert places(pad) == list(range(pad.count))


def test_what_is_no_macro_is_written_as_text():
    found = meant("insert abnormal chest", macros=("Normal chest",))
    assert found is not None and found.is_text and "no macro “abnormal chest”" in found.refusal


def test_a_command_is_undone_without_losing_its_words():
    pad = say(empty(), "left effusion")
    after, _, _ = obey(pad, "replace left with right")
    undone = after.back_to(pad)
    assert undone.text == pad.text
    assert places(undone) == list(range(undone.count))
    assert undone.back_to(after, "redo").text == after.text
