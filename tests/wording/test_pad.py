"""Dictating into a text and typing in it: what is written, what stays tied, and that no word is ever lost."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dictation.errors import InputError
from dictation.wording import Dictation, typed, write
from dictation.wording.pad import Change, Pad
from dictation.wording.pad_window import MOST_WORDS
from tests.wording.dictating import transcript
from tests.wording.pads import checked, empty, obey, say, type_in
from tests.wording.test_invariants import SAID

SAMPLES = Path(__file__).parents[2] / "audio_samples" / "samples.json"
SPEECH = st.lists(st.sampled_from(SAID), min_size=1, max_size=4).map(" ".join)
TYPED = st.sampled_from(
    [*"x .\n)", "", "\n\n", "Heart normal.", "Findings: ", "Impression:\n", "no ", "5.2 cm", "ab", "clear"]
)
COMMAND = st.sampled_from(
    """scratch that|new line|new paragraph|go to impression|go to the end|replace the with small left|spell capital h i
    replace no with two centimeters|literal new line|sign|insert normal|replace heart with number nine|uh scratch that.
    """.replace("\n", "|").split("|")
).map(str.strip)
EDIT = st.one_of(
    st.tuples(st.just("say"), SPEECH, st.integers(0, 80)),
    st.tuples(st.just("go on"), SPEECH, st.integers(0, 1)),
    st.tuples(st.just("command"), COMMAND, st.integers(0, 80)),
    st.tuples(st.just("back"), st.just(""), st.integers(0, 8)),
    st.tuples(st.just("type"), TYPED, st.integers(0, 80), st.integers(0, 12)),
)


def edited(pad: Pad, edits) -> Pad:
    states = [pad]
    for kind, text, *at in edits:
        states.append(pad)
        if kind == "back":
            earlier = states[max(0, len(states) - 1 - at[0])]
            pad = checked(pad.back_to(earlier))
            assert pad.text == earlier.text
        elif kind == "command":
            pad = checked(obey(pad, text, at=min(at[0], len(pad.text)) if at[0] % 2 else None)[0])
        elif kind == "type":
            start = min(at[0], len(pad.text))
            stop = min(start + at[1], len(pad.text))
            after, change = pad.replaced(start, stop, text)
            assert after.text == pad.text[:start] + text + pad.text[stop:]
            assert change == Change(start=start, stop=stop, length=len(text))
            pad = checked(after)
        else:
            place = min(at[0], len(pad.text)) if kind == "say" else None
            pad = checked(say(pad, text, at=place, take=at[0] % 2))
    return pad


@settings(max_examples=150, deadline=None)
@given(st.lists(EDIT, max_size=8))
def test_whatever_is_said_and_typed_each_word_keeps_one_place(edits):
    edited(empty("r", "s"), edits)


@pytest.mark.soak
@settings(max_examples=5000, deadline=None)
@given(st.lists(EDIT, max_size=16))
def test_whatever_is_said_and_typed_each_word_keeps_one_place_at_length(edits):
    edited(empty("r", "s"), edits)


def is_kept(before: Dictation, after: Dictation) -> bool:
    """True where all closed sentences, headings and breaks of before are in after."""
    layout = [[c for c in d.commands if c.name in ("section", "new line", "new paragraph")] for d in (before, after)]
    closed = [sentence.text for sentence in before.sentences[:-1]]
    closed += [s.text for s in before.sentences[-1:] if s.text[-1] in ".?!"]
    return set(layout[0]) <= set(layout[1]) and [s.text for s in after.sentences][: len(closed)] == closed


def numbered(dictation: Dictation):
    """The sentences numbered in order: `write` numbers those that are left, a pad gives no id a second time."""
    return tuple(s.model_copy(update={"id": f"s{n}"}) for n, s in enumerate(dictation.sentences, 1))


def test_the_samples_dictated_in_parts_are_written_as_a_whole():
    for sample in json.loads(SAMPLES.read_text(encoding="utf-8")):
        said = (SAMPLES.parent / sample["script"]).read_text(encoding="utf-8").split()
        for length in (1, 3, 7):
            pad = say(empty(), *(" ".join(said[at : at + length]) for at in range(0, len(said), length)))
            whole = write([transcript(" ".join(said))])
            assert numbered(pad.dictation) == whole.sentences
            checked(pad)


@settings(max_examples=150, deadline=None)
@given(st.lists(SPEECH, min_size=1, max_size=8))
def test_one_stretch_is_written_as_a_whole(finals):
    """But where a rule looks ahead over a closed sentence, which then stays as it was."""
    pad, whole, said, is_steady = empty(), write([]), "", True
    for final in finals:
        said = f"{said} {final}".strip()
        pad, before, whole = say(pad, final), whole, write([transcript(said)])
        is_steady = is_steady and is_kept(before, whole)
    if is_steady:
        assert numbered(pad.dictation) == whole.sentences
    checked(pad)


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("aB1 .:?\n(\t"), max_size=40) | st.lists(TYPED, max_size=9).map("".join))
def test_whatever_is_typed_is_read_as_typed_text(text):
    assert checked(type_in(Pad(), 0, 0, text)).dictation == typed(text)


CLOSED = (
    "the lungs are clear without effusion period there is a five point two centimeter mass in the right lobe period "
)
LONG = {
    "closed sentences": CLOSED * 30,
    "one sentence": CLOSED.replace("period ", "") * 30,
    "all taken back": (CLOSED + "scratch that scratch that ") * 20,
    "one section": "impression colon " + "".join(f"number {n} no change period " for n in ("one", "two", "three")) * 30,
}


@pytest.mark.parametrize("kind", LONG)
def test_a_long_dictation_costs_no_more_a_final_than_a_short_one(kind):
    """Counted in words that are written again, not in seconds."""
    said = LONG[kind].split()
    pad = empty()
    for at in range(0, len(said), 8):
        pad = say(pad, " ".join(said[at : at + 8]))
        assert pad.stretch is not None and len(pad.stretch.words) <= MOST_WORDS
    assert pad.dictation.text == write([transcript(" ".join(said))]).text
    checked(pad)


def test_states_of_a_text_hold_what_they_share_once():
    """A hundred states can be gone back to: a phrase must add what it says, not the sentences before it anew."""
    before = say(empty(), "the heart is normal period", "no effusion period no pneumothorax period")
    after = say(before, "the aorta is normal period")
    assert len(before.pieces) == 5 and len(after.pieces) == 7
    assert {id(piece) for piece in after.pieces[:-1]} <= {id(piece) for piece in before.pieces}


@pytest.mark.parametrize(("start", "stop"), [(-1, 0), (2, 1), (0, 99)])
def test_a_change_outside_the_text_is_refused(start, stop):
    with pytest.raises(InputError, match="outside the text"):
        say(empty(), "heart").replaced(start, stop, "x")


@given(st.text(max_size=12), st.integers(0, 12), st.integers(0, 12), st.text(max_size=5))
def test_a_change_between_two_texts_makes_the_one_of_the_other(text, one, two, new):
    start, stop = sorted((min(one, len(text)), min(two, len(text))))
    after = text[:start] + new + text[stop:]
    change = Change.between(text, after)
    assert text[: change.start] + after[change.start : change.start + change.length] + text[change.stop :] == after
    assert change.length <= len(new)
