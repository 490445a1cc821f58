"""A dictation that goes on where an earlier program died: every word once, wherever that was."""

from itertools import accumulate

import numpy as np
import pytest

from dictation.audio import SAMPLE_RATE
from dictation.audio.journal import Journal
from dictation.speech.live import Final, LiveSession, Partial, Timing
from tests.speech.live_sessions import BLOCK, PromptEar, blocks, dictated, final_words, notices, said

ALL = ("effusion", "impression", "lungs", "nodule")
SHORT = Timing(cut_after_s=8.0)


def told(ear, folder, pause_s: float) -> tuple[Journal, list[Final]]:
    with Journal.create(folder, block_samples=BLOCK) as journal:
        session = LiveSession(PromptEar(ear), journal, timing=SHORT, is_live=False)
        events = dictated(session, said(*ALL, *ALL[:2], pause_s=pause_s)) + session.finish()
    return journal, [event for event in events if isinstance(event, Final)]


@pytest.fixture(scope="module")
def phrases(ear, tmp_path_factory):
    """A dictation of phrases with pauses between them: its journal and its finals."""
    return told(ear, tmp_path_factory.mktemp("journal"), 1.0)


@pytest.fixture(scope="module", params=["phrases", "short pauses", "cuts"])
def before(request, ear, tmp_path_factory):
    """The same, one with pauses that end a phrase only once it has grown, and one long phrase that is cut."""
    if request.param == "phrases":
        return request.getfixturevalue("phrases")
    return told(ear, tmp_path_factory.mktemp("journal"), 0.2 if request.param == "cuts" else 0.3)


def resumed(ear, journal, told_s: float) -> list:
    session = LiveSession(ear, journal, timing=SHORT, is_live=False, told_s=told_s)
    return session.catch_up() + session.finish()


def test_behind_any_final_the_words_that_follow_come_as_they_would_have_come(ear, before):
    journal, finals = before
    assert len(finals) >= 3
    for count, final in enumerate(finals, 1):
        events = resumed(PromptEar(ear), journal, final.end_s)
        assert [event for event in events if isinstance(event, Final)] == finals[count:]


def test_between_any_two_words_none_is_doubled_and_none_is_lost(ear, before):
    journal, finals = before
    words = [word for final in finals for word in final.words]
    for count in (1, len(words) // 3, len(words) // 2, len(words) - 2):
        told_s = (words[count - 1].end_s + words[count].start_s) / 2
        again = final_words(resumed(PromptEar(ear), journal, told_s))
        assert again == [word.text for word in words[count:]]


def test_what_was_told_is_not_heard_again_but_for_the_phrase_before(ear, phrases):
    journal, finals = phrases
    prompt = PromptEar(ear)
    resumed(prompt, journal, finals[-2].end_s)
    assert finals[-3].end_s <= min(stretch.start_s for stretch, _ in prompt.asked) < finals[-2].end_s


def test_partials_hold_nothing_that_was_told(ear, before):
    journal, finals = before
    told_s = finals[1].end_s
    session = LiveSession(PromptEar(ear), journal, timing=SHORT, told_s=told_s)
    events = [event for stop in range(0, journal.samples, 4_800) for event in session.catch_up(stop)]
    partials = [event for event in events if isinstance(event, Partial) and event.words]
    assert partials
    assert all(word.end_s > told_s for event in partials for word in event.words)
    assert all(0 <= event.stable <= len(event.words) for event in partials)


def test_a_session_listens_up_to_a_sample_and_no_further(ear, before):
    journal, finals = before
    session = LiveSession(PromptEar(ear), journal, timing=SHORT)
    stop = round(finals[0].end_s * SAMPLE_RATE)
    session.catch_up(stop)
    assert session.heard_s == stop / SAMPLE_RATE
    assert not session.is_idle or session.poll() == []


def test_a_stretch_that_ended_within_a_block_is_no_gap(ear, tmp_path):
    sound = said("effusion")[: BLOCK * 20 + 700]
    sizes = [len(block) for block in blocks(sound)]
    assert sizes[-1] == 700 and list(accumulate(sizes))[-1] == len(sound)
    with Journal.create(tmp_path, block_samples=BLOCK) as journal:
        for number, block in enumerate([*blocks(sound), *blocks(said("lungs"))]):
            journal.append(number, np.asarray(block))
        session = LiveSession(PromptEar(ear), journal)
        events = session.catch_up() + session.finish()
    assert notices(events, "gap") == []
