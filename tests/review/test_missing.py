"""What was said and is not in the text is kept with its case, told, and answered for by whoever signs."""

from concurrent.futures import Future

import numpy as np
import pytest
import soundfile

from dictation.case.draft import Draft, LeftOut, Unheard
from dictation.review.engines import Engines
from dictation.review.giving import give_recording
from dictation.review.hearing import happened
from dictation.review.missing import lost, told_left_out
from dictation.speech import Transcript, Word
from dictation.speech.ear import Heard
from dictation.speech.live import Final, Notice
from dictation.speech.lost_speech import HEARD_IN_TWO_WAYS, NOT_BELIEVED, TAKEN_FOR_NOISE
from tests.review.desks import Reader, desk_of
from tests.review.wire_page import NO_IMPRESSION
from tests.waiting import until

MUMBLED = "0:02-0:05: what was said could not be made out; listen there."
WORDLESS = "0:02-0:05: a voice was heard but no words could be made out; listen there."
FOREIGN = "0:02-0:05: another language than English was spoken and not transcribed; listen there."
PLACEHOLDER = "0:02-0:03: the recognizer wrote the placeholder [DATE], which was removed; listen there."
NOISE = f"0:02-0:05: {TAKEN_FOR_NOISE}"


def final(*warnings: str, words: tuple[Word, ...] = ()) -> Final:
    return Final(phrase=0, words=words, start_s=2.25, end_s=5.75, warnings=warnings)


def word(text: str, start_s: float, end_s: float) -> Word:
    return Word(text=text, start_s=start_s, end_s=end_s, confidence=0.9)


def unheard_blockers(reader) -> list[str]:
    return [one["text"] for one in reader.blockers("unheard")]


def test_sound_whose_words_are_not_to_be_believed_is_missing_as_a_whole():
    words = tuple(word("lus", at_s, at_s + 0.4) for at_s in (2.4, 3.0, 3.6, 4.2, 4.8, 5.2))
    [missed] = lost("take", final(f"0:02-0:05: {NOT_BELIEVED}", words=words))
    assert missed.start_s < 2.5 and missed.end_s > 5


@pytest.mark.parametrize("warning", [MUMBLED, WORDLESS, FOREIGN, PLACEHOLDER])
def test_speech_that_gave_no_words_is_kept_told_and_answered_for(cases, reader, warning):
    reader.say("heart normal period")
    take = reader.begun()
    happened(reader.case, take, [final(warning)])
    [missed] = reader.stored.unheard
    assert (missed.take, missed.start_s) == (take, 2.25) and missed.end_s > missed.start_s
    assert missed.why and missed.why in warning and "listen" not in missed.why
    [told] = [one for one in reader.told("notice") if one["text"] == warning]
    assert told["error"] and told["case"] == reader.case.id
    [text] = unheard_blockers(reader)
    assert missed.why in text and "0:02" in text
    assert reader.state("case")["unheard"]
    second = Reader(cases, reader.case.id)
    assert second.state("case")["unheard"] and unheard_blockers(second) == [text]


def test_speech_that_gave_no_words_is_known_to_the_next_server(cases, reader, embedded, own):
    happened(reader.case, reader.begun(), [final(MUMBLED)])
    case = reader.case.id
    cases.close()
    with desk_of(Engines(embedded), own) as again:
        returned = Reader(again, case)
        assert returned.state("case")["unheard"] and len(unheard_blockers(returned)) == 1


def test_a_sound_that_was_taken_for_noise_is_told_and_stops_nobody(cases, reader):
    reader.say("heart normal period")
    happened(reader.case, reader.begun(), [final(NOISE)])
    assert reader.stored.unheard == () and unheard_blockers(reader) == []
    assert [one["error"] for one in reader.told("notice") if one["text"] == NOISE] == [False]
    assert [one.why for one in reader.stored.left_out] == ["noise"]
    assert reader.state("case")["left_out"] == "Not in the text: 1 stretch (4 s) taken for noise"


def test_of_a_phrase_with_words_only_what_lies_between_them_was_lost():
    words = (word("heart", 2.3, 2.6), word("normal", 4.5, 4.9))
    [missed] = lost("t", final(WORDLESS, words=words))
    assert (missed.start_s, missed.end_s) == (2.6, 4.5)
    assert lost("t", final(WORDLESS, WORDLESS, words=words)) == (missed,)
    assert lost("t", final(words=words)) == ()


def test_a_word_that_lasts_too_long_is_told_of_and_stops_nobody(cases, reader):
    hidden = final(WORDLESS, words=(word("heart", 2.3, 2.6), word("normal", 2.6, 5.5), word("period", 5.5, 5.7)))
    assert lost("t", hidden) == ()
    happened(reader.case, reader.begun(), [hidden])
    assert reader.stored.unheard == () and unheard_blockers(reader) == []
    assert [one["error"] for one in reader.told("notice") if one["text"] == WORDLESS] == [False]
    assert [one.why for one in reader.stored.left_out] == ["word"]


def test_a_placeholder_lies_between_the_words_around_it():
    words = (word("seen", 2.3, 2.6), word("on", 2.6, 2.8), word("today", 3.3, 5.5))
    [missed] = lost("t", final(PLACEHOLDER, words=words))
    assert (missed.start_s, missed.end_s) == (2.8, 3.3)


def test_what_an_earlier_server_told_of_a_phrase_is_not_missed_twice():
    rest = Final(phrase=0, words=(), start_s=6.5, end_s=9.0, warnings=(MUMBLED,))
    assert lost("t", rest) == ()


class KnownEar:
    """An ear that makes nothing out, `deaf` times; then it hears `words` wherever it listens.

    `heard` are the stretches that it was given.
    """

    def __init__(self, ear, *words: Word, deaf: int = 0) -> None:
        self._ear, self._words, self._deaf, self.heard = ear, words, deaf, []

    def __getattr__(self, name: str):
        return getattr(self._ear, name)

    def hear(self, stretch, urgency, key=None):
        self.heard.append((round(stretch.start_s, 2), round(stretch.start_s + len(stretch.samples) / 16000, 2)))
        self._deaf -= 1
        answer: Future[Heard] = Future()
        answer.set_result(Heard((), (MUMBLED,)) if self._deaf >= 0 else Heard(self._words))
        return answer


@pytest.fixture
def silence(monkeypatch) -> None:
    """There is no sound on the disk: what an ear is given of it is silence."""

    def samples_of(_path, from_s: float, to_s: float):
        return np.zeros(round((to_s - from_s) * 16000), np.float32), 16000

    monkeypatch.setattr("dictation.review.again.samples_of", samples_of)


HEART = (word("heart", 3.1, 3.6), word("normal", 3.8, 4.4), word("period", 4.5, 5.0))


def test_a_stretch_that_is_missing_twice_is_heard_again_once(embedded, own, silence):
    with desk_of(Engines(KnownEar(embedded, *HEART)), own) as cases:
        reader = Reader(cases)
        failed = Notice(kind="engine", text="This could not be heard.", start_s=2.25, end_s=5.75)
        happened(reader.case, reader.begun(), [failed, failed])
        hear_again(reader)
        assert reader.text.lower() == "heart normal." and reader.case.draft.unheard == ()


def test_what_is_not_made_out_when_heard_again_either_stays_unheard(embedded, own, silence):
    with desk_of(Engines(KnownEar(embedded, *HEART, deaf=2)), own) as cases:
        reader = Reader(cases)
        happened(reader.case, reader.begun(), [final(MUMBLED)])
        before = reader.case.draft.unheard
        for _ in range(2):
            reader.told("notice")
            hear_again(reader)
            assert reader.stored.unheard == before and len(before) == 1
            assert any("no words could be made out again" in one["text"] for one in reader.told("notice"))
        hear_again(reader)
        assert reader.stored.unheard == () and "eart normal." in reader.text
        assert unheard_blockers(reader) == []


def hear_again(reader, **how) -> None:
    reader.do(do="hear", **how)
    until(lambda: not reader.case.files_in_hearing)


def test_a_draft_of_before_knows_no_reason_of_the_ear():
    draft = {"id": "a" * 32, "unheard": [{"take": "t", "start_s": 1.0, "end_s": 2.0}]}
    assert Draft.model_validate(draft).unheard == (Unheard(take="t", start_s=1.0, end_s=2.0),)


def softer_voice(start_s: float, end_s: float) -> Notice:
    return Notice(kind="voice", text="A softer voice was left out.", start_s=start_s, end_s=end_s)


def test_a_softer_voice_is_kept_in_one_line_and_stops_nobody(cases, reader, embedded, own):
    reader.say("heart normal period")
    take, case = reader.begun(), reader.case.id
    told = [softer_voice(start_s, start_s + 2.0) for start_s in (3.0, 6.0, 9.0)]
    happened(reader.case, take, told)
    happened(reader.case, take, told[1:])  # as a session tells it that goes on after a crash
    assert [(one.start_s, one.why) for one in reader.stored.left_out] == [
        (3.0, "voice"), (6.0, "voice"), (9.0, "voice"),
    ]  # fmt: skip
    assert not any(one["error"] for one in reader.told("notice"))
    line = "Not in the text: 3 stretches (6 s) of a softer voice"
    cases.close()
    with desk_of(Engines(embedded), own) as again:
        returned = Reader(again, case)
        shown = returned.state("case")
        assert shown["left_out"] == line and shown["softer"] and not shown["unheard"]
        recording = returned.case.draft.takes[0].recording
        assert next((one["recording"], one["clock"]) for one in shown["missing"]) == (recording, "0:03-0:05")
        assert returned.state("sign")["left_out"] == line and unheard_blockers(returned) == []


def test_a_softer_voice_that_is_heard_after_all_is_not_left_out(cases, reader):
    take = reader.begun()
    happened(reader.case, take, [softer_voice(1.0, 2.0), softer_voice(3.0, 5.0), softer_voice(6.0, 8.0)])
    happened(reader.case, take, [Notice(kind="own", text="Heard as yours.", start_s=3.0, end_s=12.0)])
    assert [one.start_s for one in reader.stored.left_out] == [1.0]


def test_a_softer_voice_is_heard_as_the_users_own_when_asked_once(embedded, own, silence):
    with desk_of(Engines(KnownEar(embedded, *HEART)), own) as cases:
        reader = Reader(cases)
        take = reader.begun()
        happened(reader.case, take, [softer_voice(3.0, 6.0)])
        hear_again(reader, softer=True)
        assert "eart normal." in reader.text
        assert reader.state("case")["left_out"] == "" and not reader.state("case")["softer"]
        assert reader.stored.takes[0].heard_s == 0, "what was said before it may not be heard yet"
        happened(reader.case, take, [softer_voice(3.0, 6.0)])  # as a session tells it that goes on after a crash
        reader.refused("No softer voice", do="hear", softer=True)


LIVER = (word("liver", 3.2, 3.7), word("normal", 3.8, 4.4), word("period", 4.5, 5.0))
OWN = Notice(kind="own", text="Heard as yours.", start_s=3.0, end_s=12.0)


def heard_final(start_s: float, end_s: float, *words: Word) -> Final:
    return Final(phrase=0, words=words, start_s=start_s, end_s=end_s)


def heard_as_own_when_asked(case, take: str) -> None:
    """Let the ear have heard the one softer voice that was left out anew."""
    [one] = case.draft.left_out
    happened(case, take, [heard_final(one.start_s, one.end_s, *LIVER)], one)


def test_a_softer_voice_that_was_heard_when_asked_comes_in_once_when_it_is_given_back(cases, reader):
    take, case = reader.begun(), reader.case
    happened(case, take, [softer_voice(3.0, 6.0)])
    heard_as_own_when_asked(case, take)
    more = (word("spleen", 6.6, 7.0), word("normal", 7.1, 7.5), word("period", 7.6, 8.0))
    happened(case, take, [OWN, heard_final(2.9, 6.3, *LIVER), heard_final(6.5, 8.2, *more)])
    assert case.text.pad.text.lower() == "liver normal. spleen normal."
    assert reader.state("case")["left_out"] == ""
    happened(case, take, [softer_voice(3.0, 6.0)])  # as a session tells it that goes on after a crash
    assert not reader.state("case")["softer"]


def test_of_a_phrase_that_reaches_beyond_what_was_heard_when_asked_the_rest_is_text(cases, reader):
    reader.say("heart normal period")
    take, case = reader.case.draft.takes[-1].id, reader.case
    happened(case, take, [softer_voice(3.0, 6.0)])
    heard_as_own_when_asked(case, take)
    happened(case, take, [OWN, heard_final(2.9, 8.0, *LIVER, word("undo", 6.6, 7.0))])
    text = case.text.pad.text.lower()
    assert text.startswith("heart normal. liver normal.") and text.count("liver") == 1 and "undo" in text


def test_a_softer_voice_that_is_given_back_while_it_is_heard_anew_comes_in_once(cases, reader):
    take, case = reader.begun(), reader.case
    happened(case, take, [softer_voice(3.0, 6.0)])
    [one] = case.draft.left_out
    happened(case, take, [OWN, heard_final(2.9, 6.3, *LIVER)])
    happened(case, take, [heard_final(3.0, 6.0, *LIVER)], one)
    assert case.text.pad.text.lower() == "liver normal."


AROUND = (word("mine", 2.8, 3.1), *LIVER, word("spleen", 5.9, 6.3))


def test_of_the_voices_around_a_softer_one_no_word_is_heard_with_it(embedded, own, silence):
    ear = KnownEar(embedded, *AROUND)
    with desk_of(Engines(ear), own) as cases:
        reader = Reader(cases)
        before = (word("that", 2.2, 2.6), word("is", 2.6, 2.8), word("mine", 2.8, 3.0), word("period", 3.0, 3.05))
        told = [heard_final(2.0, 3.0, *before), softer_voice(3.0, 6.0)]
        happened(reader.case, reader.begun(), told)
        hear_again(reader, softer=True)
        assert ear.heard == [(2.8, 6.35)]
        assert reader.text.lower() == "that is mine. liver normal."


def test_the_first_sound_of_a_softer_voice_alone_is_heard_with_it_and_once(embedded, own, silence):
    first = (word("no", 2.85, 2.95), word("cyst", 2.96, 3.5), word("period", 3.6, 4.0))
    with desk_of(Engines(KnownEar(embedded, *first)), own) as cases:
        reader = Reader(cases)
        happened(reader.case, reader.begun(), [heard_final(1.0, 2.0, word("spleen", 1.0, 1.9)), softer_voice(3.0, 6.0)])
        hear_again(reader, softer=True)
        assert reader.text.lower() == "spleen no cyst."
        happened(reader.case, reader.begun(), [OWN, heard_final(2.5, 6.3, *first)])
        assert reader.text.lower() == "spleen no cyst."


SPLEEN = (word("spleen", 1.0, 1.4), word("normal", 1.5, 2.0), word("period", 2.0, 2.4))


def moves_the_cursor_twice(reader) -> str:
    """Begin a second take at the beginning of the text; from its second minute on it goes in at the end."""
    take, text = "b" * 32, reader.case.text
    reader.do(do="take", take=take)
    reader.do(do="cursor", version=text.version, at=0, take=take, block=0)
    reader.do(do="cursor", version=text.version, at=len(text.pad.text), take=take, block=600)
    return take


def test_what_is_heard_again_of_an_earlier_take_moves_no_words_that_are_still_being_heard(cases, reader):
    reader.say("heart normal period")
    first, case = reader.begun(), reader.case
    happened(case, first, [softer_voice(3.0, 6.0)])
    second = moves_the_cursor_twice(reader)
    heard_as_own_when_asked(case, first)
    assert case.text.pad.text == "Heart normal. Liver normal."
    happened(case, second, [heard_final(0.8, 2.5, *SPLEEN)])
    assert case.text.pad.text == "Spleen normal. Heart normal. Liver normal."
    reader.say("bones normal period", take=second)
    assert case.text.pad.text == "Spleen normal. Bones normal. Heart normal. Liver normal."


def test_a_softer_voice_is_told_to_whoever_signs_after_a_resident_and_can_be_heard(embedded, own, silence):
    with desk_of(Engines(KnownEar(embedded, *LIVER)), own) as cases:
        reader = Reader(cases)
        reader.say("heart normal period")
        happened(reader.case, reader.begun(), [softer_voice(3.0, 6.0), final(NOISE)])
        line = "Not in the text: 1 stretch (3 s) of a softer voice, 1 stretch (4 s) taken for noise"
        cases.desk.settings = own.model_copy(update={"role": "resident"})
        reader.compare()
        assert reader.sign("Dr. R. Example", overrides=NO_IMPRESSION)["state"] == "preliminary"
        cases.desk.settings = own
        assert reader.state("sign")["left_out"] == reader.state("case")["left_out"] == line
        assert reader.state("case")["softer"] and reader.stored.left_out == reader.case.draft.left_out
        hear_again(reader, softer=True)
        assert "iver normal." in reader.text
        until(lambda: reader.case.is_reviewed and not reader.case.is_busy and not reader.case.is_stale)
        assert reader.sign(overrides=NO_IMPRESSION)["state"] == "final"
        assert reader.state("case")["left_out"] == ""
        first, last = reader.records.versions(reader.case.id)
        assert [(one.why, one.is_heard) for one in first.left_out] == [("voice", False), ("noise", False)]
        assert [(one.why, one.is_heard) for one in last.left_out] == [("voice", True), ("noise", False)]


def test_a_softer_voice_without_words_stays_left_out(embedded, own, silence):
    with desk_of(Engines(KnownEar(embedded, deaf=1)), own) as cases:
        reader = Reader(cases)
        happened(reader.case, reader.begun(), [softer_voice(3.0, 6.0)])
        hear_again(reader, softer=True)
        assert reader.state("case")["softer"] and reader.case.draft.unheard == ()


def test_what_was_left_out_is_one_line_of_all_sorts():
    known = [LeftOut(take="t", start_s=n, end_s=n + 1.5, why=why) for n, why in enumerate(["voice", "word", "voice"])]
    assert told_left_out(known) == (
        "Not in the text: 2 stretches (3 s) of a softer voice, 1 stretch (2 s) of voice that may hold more words"
    )
    assert told_left_out([one.model_copy(update={"is_heard": True}) for one in known]) == ""


def test_what_was_not_heard_of_an_addendum_goes_with_it_when_it_is_given_up(cases, reader):
    reader.say("heart normal period")
    happened(reader.case, reader.begun(), [final(MUMBLED)])
    reader.compare()
    reader.sign(overrides={"unheard": "Played; nothing was said", **NO_IMPRESSION})
    reader.adds("a rib was overlooked")
    take = "b" * 32
    reader.do(do="take", take=take)
    happened(reader.case, take, [final(MUMBLED), softer_voice(6.0, 9.0)])
    assert len(unheard_blockers(reader)) == 1
    reader.adds("")
    assert reader.stored.unheard == () and not reader.state("case")["unheard"]
    assert reader.state("case")["missing"] == []
    reader.adds("a rib was overlooked")
    assert unheard_blockers(reader) == []
    [version] = reader.records.versions(reader.case.id)
    assert [one.discrepancy_id for one in version.overrides] == ["impression", "unheard"]


@pytest.fixture
def gives(reader, monkeypatch, tmp_path):
    """Gives a recording of eight seconds in which the ear hears these words, with these warnings."""
    file = tmp_path / "said.wav"
    soundfile.write(file, np.zeros(8 * 16000, np.float32), 16000)

    def one(words: tuple[Word, ...], *warnings: str) -> None:
        def heard(case, journal, _) -> Transcript:
            told = tuple(f"{journal.path.name}: {warning}" for warning in warnings)
            engine = case.desk.engines.ear.engine
            return Transcript(recording=journal.id, words=words, engine=engine, duration_s=8.0, warnings=told)

        monkeypatch.setattr("dictation.review.giving.heard_in", heard)
        give_recording(reader.case, file)

    return one


GIVEN = (word("heart", 0.5, 0.9), word("normal", 6.0, 6.4), word("period", 6.4, 6.8))


@pytest.mark.parametrize(
    ("words", "warning", "unheard", "left_out"),
    [
        (GIVEN, MUMBLED, [(2.0, 6.0)], []),
        (GIVEN, NOISE, [], [(2.0, 6.0)]),
        (GIVEN, "the recording ends in the middle of a block.", [], []),
        ((), "a voice was heard but no words could be made out; listen to it.", [(0.0, 8.0)], []),
        ((), "no speech was found.", [], []),
    ],
)
def test_what_is_missed_of_a_recording_that_is_given_stays_with_the_case(
    reader, gives, words, warning, unheard, left_out
):
    gives(words, warning)
    draft = reader.stored
    assert [(one.start_s, one.end_s) for one in draft.unheard] == unheard
    assert [(one.start_s, one.end_s) for one in draft.left_out] == left_out
    assert {one.take for one in (*draft.unheard, *draft.left_out)} <= {draft.takes[0].id}
    assert len(unheard_blockers(reader)) == len(unheard)


def test_what_a_recording_lacks_stands_in_the_way_until_somebody_answers(cases, reader, tmp_path):
    """Nobody can hear it again: it is not in the file."""
    whole, cut = tmp_path / "whole.wav", tmp_path / "cut.wav"
    soundfile.write(whole, np.zeros(8 * 16000, np.float32), 16000)
    cut.write_bytes(whole.read_bytes()[: 5 * 16000 * 2])
    give_recording(reader.case, cut)
    [one] = reader.stored.unheard
    assert one.start_s == one.end_s == pytest.approx(5.0, abs=0.01)
    assert one.why.startswith("the file ends 3.0 s before the end")
    [asked] = unheard_blockers(reader)
    assert asked.startswith("A part of the dictation is missing") and "record the rest again" in asked
    assert any(one["text"].startswith("cut.wav: the file ends") for one in reader.told("notice"))
    hear_again(reader)
    assert reader.stored.unheard == (one,)


def test_a_recording_that_is_given_moves_no_words_that_are_still_being_heard(reader, gives):
    reader.say("heart normal period")
    second = moves_the_cursor_twice(reader)
    gives(LIVER)
    happened(reader.case, second, [heard_final(0.8, 2.5, *SPLEEN)])
    assert reader.text == "Spleen normal. Heart normal. Liver normal."


def test_a_command_in_a_recording_that_is_given_takes_back_no_live_words(reader, gives):
    said = ["effusion", "period", "scratch", "that", "scratch", "that", "spleen", "normal", "period"]
    reader.say("heart normal period large left pneumothorax period")
    gives(tuple(word(text, number / 2, number / 2 + 0.4) for number, text in enumerate(said)))
    assert reader.text == "Heart normal. Large left pneumothorax. Spleen normal."


def test_a_word_heard_in_two_ways_is_asked_about_from_its_own_beginning():
    """It stands in front of the cut, behind which the other reading came."""
    [asked] = lost("take", final(f"0:01-0:03: {HEARD_IN_TWO_WAYS}", words=(word("degrees", 2.3, 2.9),)))
    assert asked.start_s == 1.0 and asked.end_s >= 3.0
    assert asked.why in HEARD_IN_TWO_WAYS
