"""A self-correction is never lost, whatever a recognizer makes of its cue: it is obeyed, or a critical alert asks.

The same words reach the text as one recording, as given text, and as the finals of live dictation.
"""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dictation.discrepancy import Discrepancy
from dictation.discrepancy.doubts import critical_words
from dictation.speech.transcript import Word
from dictation.wording import Dictation, typed
from dictation.wording.pad import Pad
from tests.wording.dictating import dictated, places
from tests.wording.pads import empty
from tests.wording.pads import places as pad_places

# what was said before, the wrong words, those that were meant; what the text holds of each, in small letters
CASES = (
    ("The common bile duct is dilated to", "eleven millimeters", "thirteen millimeters", "11 mm", "13 mm"),
    ("The common bile duct is dilated to", "11 mm", "13 mm with a stone", "11 mm", "13 mm"),
    ("The aorta measures", "4.5 cm", "5.4 cm", "4.5 cm", "5.4 cm"),
    ("The mass measures", "3 cm", "3 mm", "3 cm", "3 mm"),
    ("There is a", "left pleural effusion", "right pleural effusion", "left", "right"),
    ("There is a", "left pleural effusion", "right", "left", "right"),
    ("There is a", "small effusion", "large effusion", "small", "large"),
    ("There is disc protrusion at", "L4-L5", "L5-S1", "l4-l5", "l5-s1"),
    ("Nodule in the", "right upper lobe", "right lower lobe", "upper", "lower"),
    ("Fracture of the", "left fifth rib", "left sixth rib", "fifth", "sixth"),
    ("There is", "acute fracture", "no acute fracture", "is acute", "no acute"),
    ("There is", "no acute fracture", "acute fracture", "no acute", "is acute"),
)
BEFORE = ("", "no", "no no", "uh", "um no", "sorry", "I'm sorry", "oh no", "wait", "no wait", "uh sorry no")
CUES = ("correction", "make that", "I mean", "I'm mean", "sorry", "my mistake")
MARKS = ("", ",", ".", "?", "...", ":", " -")


@st.composite
def utterances(draw: st.DrawFn) -> tuple[tuple[str, str, str, str, str], list[str]]:
    """A case, and what was heard of it in finals."""
    case = draw(st.sampled_from(CASES))
    prefix, cue = draw(st.sampled_from(BEFORE)), draw(st.sampled_from(CUES))
    parts = [f"{case[0]} {case[1]}", *([prefix] if prefix else []), cue]
    parts = [part + draw(st.sampled_from(MARKS)) for part in parts] + [f"{case[2]}."]
    finals = [parts[0]]
    for part in parts[1:]:
        if draw(st.booleans()):
            finals.append(part)
        else:
            finals[-1] += f" {part}"
    return case, _with_capitals(finals)


def _with_capitals(finals: list[str]) -> list[str]:
    """As a recognizer writes them that begins a sentence behind each stop."""
    found, begins = [], True
    for final in finals:
        words = []
        for word in final.split():
            words.append(word[0].upper() + word[1:] if begins else word)
            begins = word[-1] in ".?"
        found.append(" ".join(words))
    return found


def _live(finals: list[str]) -> Pad:
    pad = empty()
    for final in finals:
        at = pad.anchor if pad.anchor is not None else len(pad.text)
        pad = pad.dictated(0, [Word(text=word) for word in final.split()], at, is_live=True)
    return pad


def _critical(column: Dictation) -> list[Discrepancy]:
    return [card for card in critical_words(column, column.text) if card.severity == "critical"]


def _check(column: Dictation, case: tuple[str, str, str, str, str]) -> None:
    """Only what was meant stands there, or a critical alert quotes what was meant."""
    wrong, right = case[3], case[4]
    text = column.text.lower()
    cards = _critical(column)
    if cards:
        quoted = " ".join(f"{card.heard.text if card.heard else ''} {card.explanation}" for card in cards).lower()
        assert right in quoted or case[2].lower() in quoted
        return
    assert wrong not in text and right in text, column.text
    assert not any(cue.lower() in text for cue in CUES), column.text
    assert ("no" in text.split()) == ("no" in case[2].split()), column.text


TOLD = ("The common bile duct is dilated to", "11 mm", "13 mm", "11 mm", "13 mm")


@settings(max_examples=60, deadline=None)
@given(utterances())
@example((TOLD, ["The common bile duct is dilated to 11 mm.", "No correction,", "13 mm, with."]))
@example((TOLD, ["The common bile duct is dilated to 11 mm", "no correction 13 mm"]))
@example((TOLD, ["The common bile duct is dilated to 11 mm.", "No.", "Correction.", "13 mm."]))
@example((TOLD, ["The common bile duct is dilated to 11 mm, a no-correction, 13 mm."]))
def test_a_correction_is_obeyed_or_asked_about_whatever_was_made_of_its_cue(said):
    _never_lost(*said)


@pytest.mark.soak
@settings(max_examples=5000, deadline=None)
@given(utterances())
def test_a_correction_is_obeyed_or_asked_about_at_length(said):
    _never_lost(*said)


def _never_lost(case: tuple[str, str, str, str, str], finals: list[str]) -> None:
    text = " ".join(finals)
    recording = dictated(text)
    assert places(recording) == list(range(len(text.split())))
    _check(recording, case)
    _check(typed(text), case)
    pad = _live(finals)
    assert pad_places(pad) == list(range(pad.count))
    _check(pad.dictation, case)
