from itertools import pairwise
from threading import Event as Flag
from threading import Thread

import numpy as np
import pytest

from dictation.audio import SAMPLE_RATE
from dictation.audio.journal import Journal
from dictation.errors import Cancelled, UsageError
from dictation.lexicon import EMPTY_VOCABULARY, Vocabulary
from dictation.lexicon.vocabulary import Phrase
from dictation.speech.live import Final, LiveSession, Partial, Timing, finish_from
from dictation.speech.transcript import Word
from tests.speech.live_sessions import (
    BLOCK,
    SOUNDS,
    BusyEar,
    PromptEar,
    ScriptedEar,
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

ALL = ("effusion", "impression", "lungs", "nodule")


@pytest.fixture(scope="module")
def heard(ear, tmp_path_factory):
    """The four clips, dictated once."""
    return heard_live(PromptEar(ear), tmp_path_factory.mktemp("journal"), said(*ALL))


def test_all_that_is_dictated_becomes_final_words_in_order(heard):
    events, session = heard
    finals = [event for event in events if isinstance(event, Final)]
    assert len(finals) == len(ALL)
    assert holds_in_order(final_words(events), *ALL)
    assert [final.phrase for final in finals] == [0, 1, 2, 3]
    starts_s = [word.start_s for final in finals for word in final.words]
    assert starts_s == sorted(starts_s)
    transcript = session.transcript()
    assert transcript.words == tuple(word for final in finals for word in final.words)
    assert transcript.engine.name == "medasr" and "live" in transcript.engine.settings
    assert transcript.duration_s == pytest.approx(len(said(*ALL)) / SAMPLE_RATE)


def test_words_stand_in_the_seconds_of_their_phrase(heard):
    events, _ = heard
    at_s = 0.5
    for name, final in zip(ALL, (event for event in events if isinstance(event, Final)), strict=True):
        end_s = at_s + len(SOUNDS[name]) / SAMPLE_RATE
        assert at_s - 0.7 <= final.start_s <= at_s - 0.2
        assert end_s <= final.end_s <= end_s + 0.7
        assert all(final.start_s <= word.start_s < word.end_s <= final.end_s + 0.1 for word in final.words)
        at_s = end_s + 1.0


def test_words_come_while_they_are_spoken_and_stable_ones_only_grow(heard):
    events, _ = heard
    for number in range(len(ALL)):
        shown = [event for event in events if isinstance(event, Partial) and event.phrase == number]
        assert shown
        stable = [[word.text for word in one.words[: one.stable]] for one in shown]
        for before, after in pairwise(stable):
            assert after[: len(before)] == before


def test_the_first_word_is_not_clipped_when_speech_begins_with_the_session(ear, tmp_path):
    events, _ = heard_live(PromptEar(ear), tmp_path, said("effusion", before_s=0.0))
    assert final_words(events)[0] == "No"


def test_a_phrase_is_heard_by_itself(ear, tmp_path):
    prompt = PromptEar(ear)
    heard_live(prompt, tmp_path, said("effusion", "lungs"))
    lungs_s = 0.5 + len(SOUNDS["effusion"]) / SAMPLE_RATE + 1.0
    later = [stretch for stretch, _ in prompt.asked if stretch.start_s > 1.0]
    assert later and all(stretch.start_s >= lungs_s - 0.8 for stretch in later)


def test_the_sound_before_a_phrase_is_heard_with_it(ear, tmp_path):
    prompt = PromptEar(ear)
    heard_live(prompt, tmp_path, said("effusion", before_s=2.0))
    for stretch, _ in prompt.asked:
        assert stretch.start_s + stretch.context_s <= 2.0 - 0.25


def test_finals_never_change_and_come_in_order_when_the_ear_answers_backwards(ear, tmp_path):
    busy = BusyEar(ear)
    with session_of(busy, tmp_path) as session:
        events = dictated(session, said(*ALL))
        assert final_words(events) == []
        busy.let_go()
        events += session.finish()
    assert holds_in_order(final_words(events), *ALL)
    assert [event.phrase for event in events if isinstance(event, Final)] == [0, 1, 2, 3]


def test_a_burst_of_blocks_gives_the_text_that_single_blocks_give(ear, heard, tmp_path):
    sound = said(*ALL)
    with Journal.create(tmp_path, block_samples=SAMPLE_RATE * 5) as journal:
        session = LiveSession(PromptEar(ear), journal)
        events = []
        for number, block in enumerate(blocks(sound, SAMPLE_RATE * 5)):
            events += session.feed(number, block)
        events += session.finish()
    assert final_words(events) == final_words(heard[0])


def test_blocks_that_come_twice_or_in_another_order_change_nothing(ear, heard, tmp_path):
    numbered = list(enumerate(blocks(said(*ALL))))
    for start in range(0, len(numbered) - 4, 4):
        numbered[start : start + 4] = [numbered[start + i] for i in (1, 0, 3, 2)]
    events = []
    with session_of(PromptEar(ear), tmp_path) as session:
        for number, block in numbered:
            events += session.feed(number, block) + session.feed(number, block)
        events += session.finish()
    assert final_words(events) == final_words(heard[0])
    assert notices(events, "gap") == []


def test_a_session_finished_from_its_journal_has_the_words_of_the_live_one(ear, heard, tmp_path):
    sound = said(*ALL)
    with Journal.create(tmp_path, block_samples=BLOCK) as journal:
        for number, block in enumerate(blocks(sound)):
            journal.append(number, block)
    with Journal.open(journal.path) as found:
        transcript = finish_from(found, ear)
    assert [word.text for word in transcript.words] == final_words(heard[0])
    assert transcript.recording == found.id


def test_a_long_phrase_is_cut_between_words_and_gives_the_same_text_from_its_journal(ear, tmp_path):
    sound = said(*(ALL * 3), pause_s=0.2)
    timing = Timing(cut_after_s=8.0, grown_end_silence_s=0.55)
    with Journal.create(tmp_path, block_samples=BLOCK) as journal:
        session = LiveSession(PromptEar(ear), journal, timing=timing)
        events = dictated(session, sound) + session.finish()
        again = finish_from(journal, ear, timing=timing)
    finals = [event for event in events if isinstance(event, Final)]
    assert len(finals) >= 3
    assert {final.phrase for final in finals} == {0}
    for before, after in pairwise(finals):
        assert before.end_s == after.start_s
    assert final_words(events).count("nodule") == 3
    assert [word.text for word in again.words] == final_words(events)


def test_a_number_at_a_cut_stands_once_and_another_reading_of_it_is_told(ear, tmp_path):
    def spoken(at: int, text: str, length_s: float) -> Word:
        return Word(text=text, start_s=1 + at * 0.5, end_s=1 + at * 0.5 + length_s)

    said_words = [spoken(at, "mass" if at % 2 else "and", 0.45) for at in range(30)]
    number = 7  # at 4.5 s, and the widest gap lies behind it
    first = [*said_words[:number], spoken(number, "37", 0.25), *said_words[number + 1 :]]
    fuller = [*said_words[:number], spoken(number, "37.4", 0.49), *said_words[number + 1 :]]
    timing = Timing(cut_after_s=8.0, grown_end_silence_s=0.55)
    events, _ = heard_live(
        ScriptedEar(ear, first, fuller), tmp_path, said(*(ALL * 2), pause_s=0.2)[: 14 * SAMPLE_RATE], timing=timing
    )
    assert [text for text in final_words(events) if text.startswith("37")] == ["37"]
    [warning] = [text for event in events if isinstance(event, Final) for text in event.warnings]
    assert warning.startswith("0:04-0:05: ") and "37" not in warning


def test_what_is_said_until_the_key_is_let_go_is_heard_to_its_last_sample(ear, tmp_path):
    sound = said("effusion")
    prompt = PromptEar(ear)
    with Journal.create(tmp_path, block_samples=BLOCK) as journal:
        session = LiveSession(prompt, journal, is_live=False)
        fed = blocks(sound)[:17]  # in the middle of its words, and of a frame
        for number, block in enumerate(fed):
            session.feed(number, block)
        session.pause()
        session.finish()
    stretch = prompt.asked[-1][0]
    assert round(stretch.start_s * SAMPLE_RATE) + len(stretch.samples) == sum(len(block) for block in fed)


def test_no_stretch_is_longer_than_the_ear_holds(ear, tmp_path):
    prompt = PromptEar(ear)
    heard_live(prompt, tmp_path, said(*(ALL * 3), pause_s=0.1))
    assert max(len(stretch.samples) for stretch, _ in prompt.asked) / SAMPLE_RATE <= ear.max_stretch_s


def test_a_changed_vocabulary_goes_with_the_next_hearing(ear, tmp_path):
    words = Vocabulary(phrases=(Phrase(written="pneumothorax"),))
    prompt = PromptEar(ear)
    sound = said("effusion", "lungs")
    half = len(blocks(sound)) // 2
    with session_of(prompt, tmp_path) as session:
        for number, block in enumerate(blocks(sound)):
            if number == half:
                count = len(prompt.asked)
                session.vocabulary = words
            session.feed(number, block)
        session.finish()
    assert {stretch.vocabulary for stretch, _ in prompt.asked[:count]} == {EMPTY_VOCABULARY}
    assert {stretch.vocabulary for stretch, _ in prompt.asked[count:]} == {words}


def test_what_is_said_in_a_pause_is_not_kept_and_the_text_goes_on_behind_it(ear, tmp_path):
    with Journal.create(tmp_path, block_samples=BLOCK) as journal:
        session = LiveSession(PromptEar(ear), journal)
        events = dictated(session, said("effusion", pause_s=0.2))
        events += session.pause()
        before = journal.samples
        number = -(-before // BLOCK)
        events += dictated(session, said("nodule"), number)
        assert journal.samples == before
        session.resume()
        events += dictated(session, said("lungs"), number) + session.finish()
    assert holds_in_order(final_words(events), "effusion", "lungs")
    assert "nodule" not in final_words(events)
    assert notices(events, "gap") == []


def test_a_long_pause_in_which_blocks_were_counted_is_passed_over(ear, tmp_path):
    pause = 6000  # blocks: ten minutes
    with session_of(PromptEar(ear), tmp_path) as session:
        events = dictated(session, said("effusion"))
        events += session.pause()
        session.resume(block_number=pause)
        looked_at = []
        passed = session._level.feed
        session._level.feed = lambda samples, *rest: looked_at.append(len(samples)) or passed(samples, *rest)
        events += dictated(session, said("lungs"), pause) + session.finish()
        assert sum(looked_at) <= len(said("lungs")) + 1600
    assert session.heard_s == pytest.approx(pause / 10 + len(said("lungs")) / SAMPLE_RATE)
    assert holds_in_order(final_words(events), "effusion", "lungs")
    assert notices(events, "gap") == notices(events, "level") == []
    assert not any("did not arrive" in warning for warning in session.transcript().warnings)
    final = [event for event in events if isinstance(event, Final)][-1]
    assert final.start_s >= pause / 10 and final.words[0].start_s == pytest.approx(pause / 10 + 0.5, abs=0.6)


def test_a_pause_that_the_journal_shows_as_a_gap_is_no_loss(ear, tmp_path):
    pause = 600
    with Journal.create(tmp_path, block_samples=BLOCK) as journal:
        session = LiveSession(PromptEar(ear), journal)
        events = dictated(session, said("effusion"))
        events += session.pause()
        session.resume(block_number=pause)
        for number, block in enumerate(blocks(said("lungs")), pause):
            journal.append(number, block)
        events += session.catch_up() + session.finish()
    assert journal.gaps != []
    assert notices(events, "gap") == []
    assert holds_in_order(final_words(events), "effusion", "lungs")


def test_many_pauses_do_not_move_the_seconds(ear, tmp_path):
    sound = said("effusion")[: BLOCK * 20 + 100]
    with session_of(PromptEar(ear), tmp_path) as session:
        for number, block in enumerate(blocks(sound)):
            session.feed(number, block)
            session.pause()
            session.resume()
        assert abs(session._framed - session._heard) < 512
        session.finish()


def test_what_lies_before_a_pause_or_a_gap_is_not_heard_again(ear, tmp_path):
    prompt = PromptEar(ear)
    with session_of(prompt, tmp_path) as session:
        dictated(session, said("effusion", pause_s=0.2))
        session.pause()
        paused_s = session.heard_s
        at = -(-round(paused_s * SAMPLE_RATE) // BLOCK)
        session.resume()
        dictated(session, said("lungs", before_s=0.1), at)
        session.finish()
    later = [stretch for stretch, _ in prompt.asked if stretch.start_s > 1.0]
    assert later and all(stretch.start_s + stretch.context_s >= paused_s for stretch in later)


def test_finishing_can_be_cancelled_and_taken_up_again(ear, tmp_path):
    busy = BusyEar(ear)
    cancel = Flag()
    with session_of(busy, tmp_path) as session:
        dictated(session, said("effusion"))
        cancel.set()
        with pytest.raises(Cancelled):
            session.finish(cancel=cancel)
        Thread(target=busy.let_go).start()
        events = session.finish()
        with pytest.raises(UsageError):
            session.feed(1000, silence(0.1))
    assert holds_in_order(final_words(events), "effusion")


def test_what_was_not_heard_in_time_is_told_at_the_end(ear, tmp_path):
    with session_of(BusyEar(ear), tmp_path) as session:
        dictated(session, said("effusion", "lungs"))
        events = session.finish(timeout_s=0.05)
    told = notices(events, "engine")
    assert len(told) == 2
    assert session.transcript().warnings == tuple(notice.text for notice in told)


def test_silence_gives_no_words_and_asks_nothing(ear, tmp_path):
    prompt = PromptEar(ear)
    events, session = heard_live(prompt, tmp_path, np.random.default_rng(0).normal(0, 1e-3, 160_000).astype(np.float32))
    assert (events, prompt.asked, session.transcript().words) == ([], [], ())


def test_two_sessions_share_one_ear(ear, tmp_path):
    with session_of(ear, tmp_path / "a") as one, session_of(ear, tmp_path / "b") as other:
        first, second = said("effusion", "lungs"), said("nodule", "impression")
        events: tuple[list, list] = ([], [])
        for number in range(min(len(blocks(first)), len(blocks(second)))):
            events[0].extend(one.feed(number, blocks(first)[number]))
            events[1].extend(other.feed(number, blocks(second)[number]))
        events[0].extend(one.finish())
        events[1].extend(other.finish())
    assert holds_in_order(final_words(events[0]), "effusion", "lungs")
    assert holds_in_order(final_words(events[1]), "nodule")


def long_dictation(ear, folder, repeats: int) -> tuple[int, int, int]:
    """Dictate clips again and again; return the bytes held after a fifth and at the end, and how often one came."""
    sound, found = said("effusion", "nodule", "lungs"), 0
    with session_of(PromptEar(ear), folder) as session:
        number, early = 0, 0
        for repeat in range(repeats):
            events = dictated(session, sound, number)
            number += len(blocks(sound))
            found += final_words(events).count("nodule")
            if repeat == repeats // 5:
                early = held_bytes(session)
        found += final_words(session.finish()).count("nodule")
        return early, held_bytes(session), found


@pytest.mark.parametrize("repeats", [5, pytest.param(1120, marks=pytest.mark.soak)])  # the latter three hours
def test_a_session_holds_no_sound(ear, tmp_path, repeats):
    early, late, found = long_dictation(ear, tmp_path, repeats)
    assert found == repeats
    assert late <= early <= 100_000
