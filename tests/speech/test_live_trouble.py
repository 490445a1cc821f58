from concurrent.futures import Future
from dataclasses import replace

import numpy as np
import pytest

from dictation.audio import SAMPLE_RATE
from dictation.audio.journal import Journal
from dictation.errors import DictationError, UsageError
from dictation.speech.ear import Heard, Urgency
from dictation.speech.live import Final, LiveSession, Notice, Timing, finish_from
from dictation.speech.live.session import LiveSession as Session
from dictation.speech.medasr.recognizer import MedASRRecognizer
from tests.speech.live_sessions import (
    BLOCK,
    SOUNDS,
    BusyEar,
    FailingEar,
    PromptEar,
    blocks,
    dictated,
    final_words,
    heard_live,
    held_bytes,
    holds_in_order,
    notices,
    said,
    session_of,
    silence,
)
from tests.speech.tiny_lasr import SMALL_LASR


class Clock:
    """A clock that is set by hand."""

    def __init__(self):
        self.now_s = 0.0

    def __call__(self):
        return self.now_s


def test_a_missing_block_becomes_silence_and_is_told(ear, tmp_path):
    sound = said("effusion", "lungs", pause_s=2.0)
    lost = round((0.5 + len(SOUNDS["effusion"]) / SAMPLE_RATE + 1.0) * SAMPLE_RATE) // BLOCK  # in the pause
    events = []
    with session_of(PromptEar(ear), tmp_path) as session:
        for number, block in enumerate(blocks(sound)):
            if number not in (lost, lost + 1):
                events += session.feed(number, block)
        events += session.finish()
    [gap] = notices(events, "gap")
    assert (gap.start_s, gap.end_s) == pytest.approx((lost / 10, (lost + 2) / 10))
    assert gap.text in session.transcript().warnings
    assert holds_in_order(final_words(events), "effusion", "lungs")
    assert session.heard_s == pytest.approx(len(sound) / SAMPLE_RATE)


def test_a_block_that_comes_too_late_is_kept_for_later(ear, tmp_path):
    sound = said("effusion", "lungs")
    late = 10
    with Journal.create(tmp_path, block_samples=BLOCK) as journal:
        session = LiveSession(PromptEar(ear), journal)
        events = []
        for number, block in enumerate(blocks(sound)):
            if number != late:
                events += session.feed(number, block)
        events += session.feed(late, blocks(sound)[late]) + session.finish()
        assert len(notices(events, "gap")) == 1
        assert journal.gaps == []
        assert holds_in_order([word.text for word in finish_from(journal, ear).words], "effusion", "lungs")


def test_a_long_gap_ends_the_phrase_and_the_seconds_go_on(ear, tmp_path):
    hour = 36_000  # blocks
    events = []
    with session_of(PromptEar(ear), tmp_path) as session:
        events += dictated(session, said("effusion", pause_s=0.0))
        events += dictated(session, said("lungs"), hour) + session.finish()
    assert holds_in_order(final_words(events), "effusion", "lungs")
    assert len(notices(events, "gap")) == 1
    finals = [event for event in events if isinstance(event, Final)]
    assert finals[-1].words[0].start_s == pytest.approx(3600.5, abs=0.6)


def test_a_busy_ear_delays_finals_but_loses_none_and_is_told_once(ear, tmp_path):
    busy, clock_s = BusyEar(ear), Clock()
    names = ("effusion", "lungs", "impression", "nodule") * 2
    with session_of(busy, tmp_path, clock_s=clock_s) as session:
        events = []
        for number, block in enumerate(blocks(said(*names))):
            clock_s.now_s = number / 10
            events += session.feed(number, block)
        assert len(notices(events, "delay")) == 1
        assert sum(urgency is Urgency.PARTIAL for _, urgency in busy.asked) <= 1
        assert busy.held_s < 12
        assert held_bytes(session) < 100_000
        busy.let_go()
        events += session.finish() + session.poll()
    assert holds_in_order(final_words(events), *names)
    assert len(notices(events, "delay")) == 2  # late, and in time again


def test_words_are_not_in_time_again_where_none_could_be_heard(ear, tmp_path):
    clock_s = Clock()
    with session_of(FailingEar(ear, at_s=1.0, times=9), tmp_path, clock_s=clock_s) as session:
        events = []
        for number, block in enumerate(blocks(said("effusion", pause_s=2.0))):
            clock_s.now_s = 60.0 * number
            events += session.feed(number, block)
        events += session.finish() + session.poll()
    assert "could not be heard" in notices(events, "engine")[0].text
    assert len(notices(events, "delay")) == 1  # late


def test_a_stretch_that_fails_once_is_heard_again(ear, tmp_path):
    events, session = heard_live(FailingEar(ear, at_s=1.0, times=1), tmp_path, said("effusion", "lungs"))
    assert holds_in_order(final_words(events), "effusion", "lungs")
    assert notices(events, "engine") == []
    assert not any("could not be heard" in warning for warning in session.transcript().warnings)


def test_a_stretch_that_fails_twice_is_told_and_the_next_is_heard(ear, tmp_path):
    events, session = heard_live(FailingEar(ear, at_s=1.0, times=2), tmp_path, said("effusion", "lungs"))
    [told] = notices(events, "engine")
    assert told.start_s <= 0.5 and told.end_s >= 0.5 + len(SOUNDS["effusion"]) / SAMPLE_RATE
    assert "effusion" not in final_words(events)
    assert holds_in_order(final_words(events), "lungs")
    assert session.transcript().warnings == (told.text,)


def test_a_long_phrase_goes_on_behind_what_failed(ear, tmp_path):
    sound = said(*(("effusion", "nodule", "lungs") * 3), pause_s=0.3)
    failing = FailingEar(ear, at_s=1.0, times=4)  # both hearings of the first cut, twice
    events, _ = heard_live(failing, tmp_path, sound, timing=Timing(cut_after_s=8.0))
    [told] = notices(events, "engine")
    assert told.end_s < 8
    assert holds_in_order(final_words(events), "effusion", "nodule", "lungs")


def test_a_warning_that_names_no_second_is_kept(ear, tmp_path):
    class WarningEar(PromptEar):
        def hear(self, stretch, urgency, key=None):
            heard: Future[Heard] = Future()
            heard.set_result(replace(super().hear(stretch, urgency).result(), warnings=("The sound is damaged.",)))
            return heard

    _, session = heard_live(WarningEar(ear), tmp_path, said("effusion", "lungs"))
    assert session.transcript().warnings == ("The sound is damaged.",)


def test_what_happened_before_our_own_mistake_is_told_afterwards(ear, tmp_path):
    class Broken(PromptEar):
        def hear(self, stretch, urgency, key=None):
            future = super().hear(stretch, urgency, key)
            if stretch.start_s < 2:
                return future
            broken = type(future)()
            broken.set_exception(ZeroDivisionError())
            return broken

    with session_of(Broken(ear), tmp_path) as session:
        events = []
        for number, block in enumerate(blocks(said("effusion", "lungs"))):
            if number in (20, 21):
                continue
            try:
                events += session.feed(number, block)
            except ZeroDivisionError:
                events += [Notice(kind="engine", text="raised", start_s=0)]
        events += session.finish()
        words = session.transcript().words
    assert len(notices(events, "engine")) == 1
    assert len(notices(events, "gap")) == 1
    assert final_words(events) == [word.text for word in words] != []


def test_an_ear_that_was_closed_is_told_and_nothing_is_raised(settings, tmp_path):
    ear = MedASRRecognizer.load(SMALL_LASR, settings)

    class Closing(PromptEar):
        def hear(self, stretch, urgency, key=None):
            if stretch.start_s > 2 and urgency is Urgency.FINAL:
                ear.close()
                cancelled = Future()
                cancelled.cancel()
                return cancelled
            return ear.hear(stretch, urgency, key) if stretch.start_s > 2 else super().hear(stretch, urgency, key)

    events, session = heard_live(Closing(ear), tmp_path, said("effusion", "lungs"))
    assert holds_in_order(final_words(events), "effusion")
    [told] = notices(events, "engine")
    assert "closed" in told.text and told.text in session.transcript().warnings


@pytest.mark.parametrize(
    "block",
    [[0.0] * 1600, np.zeros((1600, 2), np.float32), np.zeros(1600, np.int32), np.zeros((4, 4, 100), np.float32)],
    ids=["list", "stereo", "int32", "three axes"],
)
def test_a_block_of_another_kind_is_refused(ear, tmp_path, block):
    with session_of(PromptEar(ear), tmp_path) as session, pytest.raises(ValueError, match="block of sound"):
        session.feed(0, block)


def test_a_block_that_is_too_long_or_too_far_ahead_is_refused(ear, tmp_path):
    with session_of(PromptEar(ear), tmp_path) as session:
        for number, count in ((0, BLOCK + 1), (-1, BLOCK), (10**9, BLOCK)):
            with pytest.raises(UsageError):
                session.feed(number, silence(count / SAMPLE_RATE))


def test_impossible_values_become_safe_and_are_told(ear, tmp_path):
    sound = said("effusion")
    sound[100:200] = np.nan
    sound[300] = 7.0
    events, _ = heard_live(PromptEar(ear), tmp_path, sound)
    assert len(notices(events, "level")) == 1
    assert holds_in_order(final_words(events), "effusion")


def test_whole_numbers_of_16_bits_are_heard_as_floats_are(ear, tmp_path):
    sound = said("effusion")
    floats, _ = heard_live(PromptEar(ear), tmp_path / "floats", sound)
    numbers, _ = heard_live(PromptEar(ear), tmp_path / "numbers", np.rint(sound * 32768).astype(np.int16))
    assert final_words(floats) == final_words(numbers) != []


def test_a_full_disk_comes_out_of_feed_and_what_was_kept_is_finished(ear, tmp_path, monkeypatch):
    with Journal.create(tmp_path, block_samples=BLOCK) as journal:
        session = Session(PromptEar(ear), journal)
        events = dictated(session, said("effusion"))

        def full(*_):
            raise DictationError("the disk is full")

        monkeypatch.setattr(journal, "append", full)
        with pytest.raises(DictationError, match="full"):
            session.feed(1000, silence(0.1))
        events += session.finish()
    assert holds_in_order(final_words(events), "effusion")


def scaled(sound: np.ndarray, dbfs: float) -> np.ndarray:
    voice = np.sqrt(np.mean(np.square(SOUNDS["effusion"])))
    return (sound * 10 ** (dbfs / 20) / voice).astype(np.float32)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda sound: scaled(sound, -53), "quiet"),
        (lambda sound: np.clip(sound * 60, -1, 1), "clipped"),
        (lambda sound: np.zeros(len(sound), np.float32), "muted"),
    ],
    ids=["quiet", "clipped", "muted"],
)
def test_a_level_that_costs_words_is_told_once(ear, tmp_path, change, word):
    sound = change(said("effusion", "nodule", "effusion"))
    events, session = heard_live(PromptEar(ear), tmp_path, sound)
    [told] = notices(events, "level")
    assert word in told.text
    assert told.text in session.transcript().warnings


def test_sound_that_comes_after_none_is_told(ear, tmp_path):
    sound = np.concatenate([np.zeros(6 * SAMPLE_RATE, np.float32), said("effusion")])
    events, _ = heard_live(PromptEar(ear), tmp_path, sound)
    assert [("muted" in one.text, one.is_over) for one in notices(events, "level")] == [(True, False), (False, True)]


def test_an_ordinary_level_is_not_remarked_upon(ear, tmp_path):
    events, _ = heard_live(PromptEar(ear), tmp_path, scaled(said("effusion", "nodule", "effusion"), -24))
    assert notices(events, "level") == []


def test_the_words_of_a_softer_voice_are_left_out_and_told(ear, tmp_path):
    own = said("effusion", "nodule", "effusion", pause_s=4.0)
    sound, at = own.copy(), 0
    for name in ("effusion", "nodule"):
        at += round(0.5 * SAMPLE_RATE) + len(SOUNDS[name]) + round(0.5 * SAMPLE_RATE)
        other = SOUNDS["impression"] * np.float32(10 ** (-10 / 20))
        sound[at : at + len(other)] += other
        at += round(3.0 * SAMPLE_RATE)
    alone, _ = heard_live(PromptEar(ear), tmp_path / "alone", own)
    events, session = heard_live(PromptEar(ear), tmp_path / "both", sound)
    assert final_words(events) == final_words(alone)
    told = notices(events, "voice")
    assert told
    assert len(session.transcript().warnings) >= 1


def at_steps(*steps: tuple[str, float]) -> np.ndarray:
    """Clips one after the other, each at so many dB beside its own level."""
    return np.concatenate([said(name, before_s=0.2) * np.float32(10 ** (gain_db / 20)) for name, gain_db in steps])


@pytest.mark.parametrize("step_db", [-10, 10])
def test_every_word_is_heard_after_the_microphone_changes_its_level(ear, tmp_path, step_db):
    names = ["effusion", "effusion", *(["effusion"] * 6)]
    sound = at_steps(*((name, 0 if number < 2 else step_db) for number, name in enumerate(names)))
    events, session = heard_live(PromptEar(ear), tmp_path, sound)
    assert final_words(events).count("pneumothorax") == len(names)
    starts_s = [event.start_s for event in events if isinstance(event, Final)]
    assert starts_s == sorted(starts_s)
    assert not any("left out" in warning for warning in session.transcript().warnings)
    assert any("check that it was you" in warning for warning in session.transcript().warnings) == (step_db < 0)


def test_what_is_given_back_is_the_same_from_the_journal(ear, tmp_path):
    sound = at_steps(*(("effusion", 0 if number < 2 else -10) for number in range(8)))
    with Journal.create(tmp_path, block_samples=BLOCK) as journal:
        session = LiveSession(PromptEar(ear), journal)
        events = dictated(session, sound) + session.finish()
        again = finish_from(journal, ear)
    assert [word.text for word in again.words] == final_words(events)
