"""Doubts about words: what the text alone gives away, what the ear itself doubted, and what stays unasked."""

from dataclasses import replace

import pytest

from dictation.discrepancy.columns import heard_column, written_column
from dictation.discrepancy.consistency import contradictions
from dictation.discrepancy.doubts import asked, critical_words, undoubled, with_doubts
from dictation.exam import ExamFacts
from dictation.report import Report, Statement
from dictation.speech import Engine, Transcript, Word
from dictation.wording import write
from dictation.wording.pad import Pad
from tests.wording.pads import empty, say, type_in

PUT_BEHIND = "is that denied, or is it there"  # a finding that took the place of another behind a denial


def test_what_a_template_brought_was_never_heard() -> None:
    brought = Statement(id="s1", text="No plural effusion.", section="findings", origin="template")
    assert critical_words("Lungs are clear.", Report(findings=(brought,))) == []
    typed = brought.model_copy(update={"origin": "typed"})
    assert len(critical_words("Lungs are clear.", Report(findings=(typed,)))) == 1


def test_the_exam_is_known_from_the_header_or_from_the_text() -> None:
    facts = ExamFacts(body_part="WRIST")
    assert len(critical_words("The spleen is normal.", "", facts=facts)) == 1
    assert len(critical_words("EXAM: MRI of the left wrist\nFINDINGS: The spleen is normal.", "")) == 1
    assert critical_words("The spleen is normal.", "") == []


def test_a_side_that_may_be_none_is_asked_in_sight_and_never_changed() -> None:
    for text in ("Portal right-tension is seen.", "Pulmonary arterial right tension."):
        [asked] = critical_words(text, text)
        assert (asked.severity, asked.suggestion) == ("major", "hypertension")
        words = tuple(Word(text=word) for word in f"Findings: {text}".split())
        heard = Transcript(recording="5" * 32, words=words, engine=Engine(name="ear"), duration_s=9)
        assert text in write([heard]).text
    assert critical_words("Right tension pneumothorax.", "Right tension pneumothorax.") == []


def test_a_doubt_about_words_of_a_graver_card_is_not_told_again() -> None:
    [doubt] = critical_words("Small plural effusion.", "Small plural effusion.")
    graver = doubt.model_copy(update={"kind": "laterality", "severity": "critical"})
    assert undoubled([doubt], [graver]) == []
    assert undoubled([doubt], [graver.model_copy(update={"severity": "info"})]) == [doubt]


def _saying(words, heard, written):
    return [card for card in critical_words(heard, written) if words in card.explanation]


def _noes(heard, written):
    """Id → characters in both columns of the cards about a "no" that stands alone."""
    cards = _saying("stands alone", heard, written)
    found = {card.id: (card.heard and card.heard.span, card.written and card.written.span) for card in cards}
    assert len(found) == len(cards)
    return found


@pytest.mark.parametrize(
    "second", ["Left nodule. No. Right nodule.", "Left effusion. No. Right effusion.", "Left cyst. No. Right effusion."]
)
def test_each_no_has_a_card_of_its_own_that_stays_where_words_elsewhere_change(second):
    first = "Left effusion. No. Right effusion."
    both, one = f"{first} {second}", _noes(first, first)
    cards = _noes(both, both)
    assert len(cards) == 2 and all(heard == written is not None for heard, written in cards.values())
    assert set(one) < set(cards) and set(_noes(f"Heart normal. {both}", both)) == set(cards)


def test_a_no_is_paired_with_the_one_between_the_same_words():
    heard = "Left effusion. No. Right effusion. Left cyst. No. Right effusion."
    written = "Left cyst. No. Right effusion. Left effusion. No. Right effusion."
    spans = sorted(_noes(heard, written).values())
    assert [heard[slice(*one)] for one, _ in spans] == [written[slice(*two)] for _, two in spans] == ["No. Right"] * 2
    assert spans[0][1] > spans[1][1]
    [(one, two)] = _noes("Left effusion. No. Right cyst.", "Small left effusion. No. Right cyst.").values()
    assert one and two


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("No fracture. Sorry. Fracture of the radius.", 0),
        ("No fracture. Heart normal. No edema. Sorry. Fracture of the radius.", 1),
        ("No fracture, and the heart is of normal size and shape. Sorry. Fracture of the radius.", 1),
    ],
)
def test_what_a_card_quotes_is_known_whatever_its_words(text, kept):
    """The contradiction is left out where the card quotes both of its sides, and its words begin there."""
    found = contradictions(heard_column(""), written_column(text), ())
    doubts = [replace(one, card=one.card.model_copy(update={"explanation": "Which?"})) for one in asked("", text)]
    assert len(found) == 1
    assert [card.kind for card in with_doubts(found, doubts)].count("contradiction") == kept


def test_what_was_put_behind_a_denial_is_asked_about_in_a_text_that_grew_and_not_where_it_was_typed_over() -> None:
    pad = say(empty(), "Heart normal. No left effusion.", "Correction, right effusion.", "No pneumothorax.")
    assert pad.text == "Heart normal. No right effusion. No pneumothorax."
    (card,) = _saying(PUT_BEHIND, pad.dictation, pad.text)
    assert card.heard and card.heard.text == "No right effusion"
    start = pad.text.index("No right")
    typed = type_in(pad, start, start + len("No right"), "Right")
    assert typed.text == "Heart normal. Right effusion. No pneumothorax."
    assert _saying(PUT_BEHIND, typed.dictation, typed.text) == []


def _live(said: str) -> Pad:
    return empty().dictated(0, [Word(text=word) for word in said.split()], 0, is_live=True)


def test_each_place_of_a_command_is_asked_about_by_itself():
    pad = _live("Left effusion. Scratch that. Scratch that. Right effusion.")
    one, two = _saying("was not obeyed", pad.dictation, pad.text)
    assert one.id != two.id
    other = _live("Left mass. Scratch that. Right mass.")
    assert not {one.id, two.id} & {card.id for card in critical_words(other.dictation, other.text)}
