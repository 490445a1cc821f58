"""The sound of a case: kept block by block, heard in order, whatever comes twice, late, or after a crash."""

import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pytest

from dictation.audio import Journal, Recording
from dictation.audio.capture import from_pcm, to_pcm
from dictation.errors import InputError, MissingError, UsageError
from dictation.lexicon import EMPTY_VOCABULARY, Vocabulary
from dictation.lexicon.vocabulary import Phrase
from dictation.review.listening import BLOCK_SAMPLES, Kept, Listening
from dictation.speech.live import Final, Notice
from tests.speech.live_sessions import PromptEar, blocks, final_words, holds_in_order, notices, said
from tests.waiting import until

TAKE, OTHER = "a" * 32, "b" * 32


class Case:
    """One case with its listening, and what was told of it."""

    def __init__(self, folder, ear, vocabulary=lambda: EMPTY_VOCABULARY) -> None:
        self.told: dict[str, list] = {}
        self.acknowledged: list[tuple[str, int, int]] = []
        self.hashes: dict[int, str] = {}
        self.settled = threading.Semaphore(0)
        self.listening = Listening(
            folder,
            ear,
            vocabulary,
            lambda take, events: self.told.setdefault(take, []).extend(events),
            acknowledge=self.acknowledge,
            settle=self.settled.release,
        )

    def acknowledge(self, take: str, kept: Kept) -> None:
        self.acknowledged.append((take, kept.taken, kept.saved))
        self.hashes |= kept.hashes

    def events(self, take: str = TAKE) -> list:
        return self.told.get(take, [])

    def words(self, take: str = TAKE) -> list[str]:
        return final_words(self.events(take))

    def send(self, sound: np.ndarray, first: int = 0, take: str = TAKE) -> int:
        for number, block in enumerate(blocks(sound, BLOCK_SAMPLES), first):
            self.listening.append(take, number, to_pcm(block))
        return first + len(blocks(sound, BLOCK_SAMPLES))

    def dictate(self, sound: np.ndarray, first: int = 0, take: str = TAKE) -> int:
        """One press of the key, to the last of its words."""
        self.listening.listen(take, True, first)
        last = self.send(sound, first, take)
        self.listening.listen(take, False, last)
        assert self.settled.acquire(timeout=60)
        return last


@pytest.fixture
def opened(tmp_path):
    """Makes cases over one folder, and closes what is left open."""
    cases = []

    def one(ear, **options) -> Case:
        cases.append(Case(tmp_path, ear, **options))
        return cases[-1]

    yield one
    for case in cases:
        case.listening.close(finished=False)


def test_a_press_is_kept_heard_and_settled(opened, ear, tmp_path):
    case, sound = opened(ear), said("effusion", "lungs")
    begun = case.listening.begin(TAKE)
    assert (begun.taken, begun.saved) == (0, 0)
    count = case.dictate(sound)
    assert holds_in_order(case.words(), "effusion", "lungs")
    assert case.listening.is_settled and case.listening.missing_s == 0
    until(lambda: (TAKE, count, count) in case.acknowledged)
    case.listening.close()
    recording = Recording(tmp_path / begun.file)
    assert recording.warnings == ()
    np.testing.assert_array_equal(recording.samples(), from_pcm(to_pcm(sound)))
    assert Journal.open(tmp_path / begun.file).id == begun.recording


def test_what_is_acknowledged_as_saved_was_forced_onto_the_disk_before(opened, ear, monkeypatch):
    case, fsync, may = opened(ear), os.fsync, threading.Event()
    case.listening.begin(TAKE)
    monkeypatch.setattr(os, "fsync", lambda descriptor: (may.wait(60), fsync(descriptor)))
    taken = [case.listening.append(TAKE, number, bytes(3200)) for number in range(5)]
    assert taken == [Kept(taken=number, saved=0) for number in range(1, 6)]
    may.set()
    until(lambda: (TAKE, 5, 5) in case.acknowledged)


def test_what_a_page_asks_for_before_the_disk_has_confirmed_it_is_told_as_soon_as_it_has(opened, ear, monkeypatch):
    """A server that was killed and started again may be asked before its disk has answered once."""
    before = opened(ear)
    file = before.listening.begin(TAKE).file
    before.send(said("effusion"))
    before.listening.close(finished=False)
    fsync, may = os.fsync, threading.Event()
    monkeypatch.setattr(os, "fsync", lambda descriptor: (may.wait(60), fsync(descriptor)))
    case = opened(ear)
    begun = case.listening.resume(TAKE, file, 0.0)
    assert begun.taken > 5 and begun.saved == 0
    assert case.listening.hashes(TAKE, 5) == {} == case.hashes
    may.set()
    until(lambda: (TAKE, begun.taken, begun.taken) in case.acknowledged)
    assert sorted(case.hashes) == list(range(5, begun.taken))


def test_blocks_that_come_twice_and_in_another_order_are_heard_once_and_in_order(opened, ear):
    case, sound = opened(ear), said("effusion", "nodule")
    case.listening.begin(TAKE)
    case.listening.listen(TAKE, True, 0)
    numbered = list(enumerate(blocks(sound, BLOCK_SAMPLES)))
    for number, block in [*numbered[:10], *numbered[30:], *numbered[5:40]]:
        case.listening.append(TAKE, number, to_pcm(block))
    case.listening.listen(TAKE, False, len(numbered))
    assert case.settled.acquire(timeout=60)
    assert holds_in_order(case.words(), "effusion", "nodule")
    assert case.words().count("nodule") == 1
    assert notices(case.events(), "gap") == []


def test_blocks_that_come_after_the_stop_are_waited_for_and_heard(opened, ear):
    case, sound = opened(ear), said("effusion", "lungs")
    case.listening.begin(TAKE)
    case.listening.listen(TAKE, True, 0)
    numbered = list(enumerate(blocks(sound, BLOCK_SAMPLES)))
    case.send(sound[: 20 * BLOCK_SAMPLES])
    case.listening.listen(TAKE, False, len(numbered))
    assert not case.listening.is_settled
    assert case.listening.missing_s == pytest.approx((len(numbered) - 20) / 10)
    assert not case.settled.acquire(timeout=0.5)
    for number, block in numbered[20:]:
        case.listening.append(TAKE, number, to_pcm(block))
    assert case.settled.acquire(timeout=60)
    assert holds_in_order(case.words(), "effusion", "lungs")


def test_a_pause_ends_the_phrase_and_the_text_goes_on_behind_it(opened, ear):
    case = opened(ear)
    case.listening.begin(TAKE)
    first = said("effusion", pause_s=0.0)[:-700]
    second = case.dictate(first)
    assert len(first) % BLOCK_SAMPLES
    case.dictate(said("lungs", before_s=0.0), second)
    finals = [event for event in case.events() if isinstance(event, Final) and event.words]
    assert holds_in_order(case.words(), "effusion", "lungs")
    assert finals[0].end_s <= second / 10 <= finals[-1].start_s + 0.032  # a frame of voice activity
    assert notices(case.events(), "gap") == []


def test_a_stretch_that_is_told_late_does_not_cut_what_is_said_now(opened, ear):
    case = opened(ear)
    case.listening.begin(TAKE)
    first, second = said("effusion"), said("nodule")
    first = first[: len(first) // BLOCK_SAMPLES * BLOCK_SAMPLES]
    sound = np.concatenate([first, second])
    middle, boundary = (len(first) + len(second) // 2) // BLOCK_SAMPLES, len(first) // BLOCK_SAMPLES
    case.send(sound[: middle * BLOCK_SAMPLES])
    until(lambda: case.listening._takes[TAKE]._heard >= middle * BLOCK_SAMPLES)
    case.listening.listen(TAKE, True, boundary)  # as a page tells a server that was started anew
    until(lambda: case.listening._takes[TAKE]._passed == boundary)
    last = case.send(sound[middle * BLOCK_SAMPLES :], middle)
    case.listening.listen(TAKE, False, last)
    until(lambda: case.listening.is_settled)  # it was settled before, too: nothing was announced yet
    until(lambda: holds_in_order(case.words(), "effusion", "nodule"))


def test_two_takes_of_a_case_do_not_mix(opened, ear):
    case = opened(ear)
    for take, name in ((TAKE, "effusion"), (OTHER, "nodule")):
        case.listening.begin(take)
        case.dictate(said(name), take=take)
    assert holds_in_order(case.words(TAKE), "effusion") and holds_in_order(case.words(OTHER), "nodule")
    assert "nodule" not in case.words(TAKE)


def test_an_ear_that_is_still_loading_delays_only_the_words(opened, ear):
    loading: Future = Future()
    case = opened(loading)
    case.listening.begin(TAKE)
    case.listening.listen(TAKE, True, 0)
    count = case.send(said("effusion"))
    case.listening.listen(TAKE, False, count)
    until(lambda: (TAKE, count, count) in case.acknowledged)
    assert case.events() == [] and not case.listening.is_settled
    loading.set_result(ear)
    assert case.settled.acquire(timeout=60)
    assert holds_in_order(case.words(), "effusion")


def test_an_ear_that_cannot_be_loaded_is_one_sentence_and_the_sound_is_kept(opened, tmp_path):
    loading: Future = Future()
    loading.set_exception(MissingError("MedASR needs its weights; put them into the cache."))
    case = opened(loading)
    begun = case.listening.begin(TAKE)
    case.dictate(said("effusion"))
    assert ["all sound is kept" in notice.text for notice in case.events()] == [True]
    case.listening.close()
    assert len(Recording(tmp_path / begun.file).samples()) == len(said("effusion"))


def killed(case: Case) -> None:
    """What a kill leaves behind: a file that nobody holds any more, without an end mark."""
    case.listening.close(finished=False)


def test_a_killed_server_doubles_no_word_and_loses_none(opened, ear):
    sound = said("effusion", "impression", "lungs", "nodule")
    whole = opened(PromptEar(ear))
    whole.listening.begin(TAKE)
    whole.dictate(sound)
    for share in (0.3, 0.5, 0.8):  # inside a phrase or between two
        take = f"{round(100 * share):032d}"
        case = opened(PromptEar(ear))
        begun = case.listening.begin(take)
        case.listening.listen(take, True, 0)
        sent = case.send(sound[: round(share * len(sound) / BLOCK_SAMPLES) * BLOCK_SAMPLES], take=take)
        until(lambda case=case, take=take: case.words(take))
        killed(case)
        heard_s = [event for event in case.events(take) if isinstance(event, Final)][-1].end_s
        after = opened(PromptEar(ear))
        assert after.listening.resume(take, begun.file, heard_s).taken == sent
        after.send(sound[(sent - 5) * BLOCK_SAMPLES :], sent - 5, take)  # the last ones were not acknowledged
        after.listening.listen(take, False, len(blocks(sound, BLOCK_SAMPLES)))
        assert after.settled.acquire(timeout=60)
        assert case.words(take) + after.words(take) == whole.words()


def ends_of(case: Case) -> list[float]:
    """Where the phrases of a case end, in seconds."""
    return [event.end_s for event in case.events() if isinstance(event, Final)]


@pytest.mark.parametrize("beyond", [0, 900])  # samples beyond a full block
def test_after_a_restart_the_stretches_end_where_they_ended(opened, ear, beyond):
    case = opened(PromptEar(ear))
    begun = case.listening.begin(TAKE)
    sound = said("effusion", pause_s=0.0)
    sound = sound[: (len(sound) // BLOCK_SAMPLES - 1) * BLOCK_SAMPLES + beyond]
    second = case.dictate(sound)
    third = case.dictate(said("lungs", before_s=0.0, pause_s=0.0)[: 20 * BLOCK_SAMPLES], second)
    case.dictate(said("nodule", before_s=0.0), third)
    killed(case)
    after = opened(PromptEar(ear))
    after.listening.resume(TAKE, begun.file, 0.0)
    until(lambda: after.listening.is_settled)
    if not beyond:
        assert second / 10 in ends_of(case), "the key was let go in the middle of a phrase"
    assert ends_of(case) and (ends_of(after), after.words()) == (ends_of(case), case.words())


def test_a_stretch_whose_last_blocks_come_after_a_restart_ends_where_it_was_told_before(opened, ear):
    case = opened(PromptEar(ear))
    begun = case.listening.begin(TAKE)
    case.listening.listen(TAKE, True, 0)
    sound = said("effusion", "lungs")
    count = len(sound) // BLOCK_SAMPLES
    case.send(sound[: 20 * BLOCK_SAMPLES])
    case.listening.listen(TAKE, False, count)
    killed(case)
    after = opened(PromptEar(ear))
    after.listening.resume(TAKE, begun.file, 0.0)
    assert after.listening.missing_s == pytest.approx((count - 20) / 10)
    after.send(sound[20 * BLOCK_SAMPLES : count * BLOCK_SAMPLES], 20)
    until(lambda: after.listening.is_settled)
    assert holds_in_order(after.words(), "effusion", "lungs")


def test_a_stretch_that_was_only_set_off_is_heard_whole_when_the_rest_of_it_comes(opened, ear):
    sound = said("effusion", "lungs")
    whole = opened(PromptEar(ear))
    whole.listening.begin(TAKE)
    whole.dictate(sound)
    for share in (0.15, 0.3, 0.45):
        case, take = opened(PromptEar(ear)), f"{round(100 * share):032d}"
        case.listening.begin(take)
        case.listening.listen(take, True, 0)
        sent = case.send(sound[: round(share * len(sound) / BLOCK_SAMPLES) * BLOCK_SAMPLES], take=take)
        until(lambda c=case, t=take, n=sent: c.listening._takes[t]._heard >= n * BLOCK_SAMPLES)
        case.listening.set_off(take)
        last = case.send(sound[sent * BLOCK_SAMPLES :], sent, take)
        case.listening.listen(take, False, last)
        until(lambda c=case: c.listening.is_settled)
        assert case.words(take) == whole.words()


@pytest.mark.parametrize("sent", [10, 16, 22, 25, 28])
def test_what_comes_after_a_stretch_was_ended_for_want_of_its_end_is_heard_once(opened, ear, monkeypatch, sent):
    monkeypatch.setattr("dictation.review.taking.GRACE_S", 0.0)
    case, sound = opened(PromptEar(ear)), said("effusion", "lungs")
    case.listening.begin(TAKE)
    case.listening.listen(TAKE, True, 0)
    case.send(sound[: sent * BLOCK_SAMPLES])
    case.listening.set_off(TAKE)
    until(lambda: case.listening.is_settled)  # what is here has its words
    last = case.send(sound[sent * BLOCK_SAMPLES :], sent)
    assert not case.listening.is_settled
    case.listening.listen(TAKE, False, last)
    until(lambda: case.listening.is_settled)
    assert holds_in_order(case.words(), "effusion", "lungs")
    assert [case.words().count(word) for word in ("effusion", "pneumothorax", "lungs", "clear")] == [1, 1, 1, 1]


@pytest.mark.parametrize("sent", [16, 22, 25])
def test_what_comes_after_a_restart_to_a_stretch_that_was_ended_is_heard_and_told_to_be_checked(opened, ear, sent):
    first, sound = opened(PromptEar(ear)), said("effusion", "lungs")
    begun = first.listening.begin(TAKE)
    first.listening.listen(TAKE, True, 0)
    first.send(sound[: sent * BLOCK_SAMPLES])
    first.listening.close()
    told_s = max(ends_of(first), default=0.0)
    case = opened(PromptEar(ear))
    case.listening.resume(TAKE, begun.file, told_s)
    last = case.send(sound[sent * BLOCK_SAMPLES :], sent)
    case.listening.listen(TAKE, False, last)
    until(lambda: case.listening.is_settled)
    words = [word.lower() for word in first.words() + case.words()]
    assert "pneumothorax" in words and holds_in_order(words, "lungs")  # what a cut made of the first half stays
    checks = [event.text for event in case.events() if isinstance(event, Notice) and "came late" in event.text]
    assert len(checks) == (told_s > sent / 10 - 0.3)


def test_a_take_that_an_earlier_run_heard_to_its_end_waits_for_no_ear_and_goes_on(opened, ear):
    first = opened(PromptEar(ear))
    begun = first.listening.begin(TAKE)
    last = first.dictate(said("effusion"))
    told_s, told = max(ends_of(first)), first.listening.told_blocks[TAKE]
    assert told == last
    first.listening.close()
    loading: Future = Future()
    case = opened(loading)
    case.listening.resume(TAKE, begun.file, told_s, told)
    assert case.listening.is_settled
    loading.set_result(PromptEar(ear))
    case.dictate(said("lungs"), last)
    assert holds_in_order(case.words(), "lungs") and "effusion" not in case.words()


def test_sound_that_was_announced_and_does_not_come_is_told_and_heard_when_it_does(opened, ear, monkeypatch):
    monkeypatch.setattr("dictation.review.taking.PATIENCE_S", 0.0)
    case, sound = opened(PromptEar(ear)), said("effusion", "lungs")
    last = len(blocks(sound, BLOCK_SAMPLES))
    case.listening.begin(TAKE)
    case.listening.listen(TAKE, True, 0)
    case.send(sound[: 20 * BLOCK_SAMPLES])
    case.listening.listen(TAKE, False, last)
    until(lambda: case.listening.given_up)
    assert [(one.start_s, one.end_s) for one in case.listening.given_up] == [(2.0, last / 10)]
    case.send(sound[20 * BLOCK_SAMPLES :], 20)
    until(lambda: case.listening.is_settled and not case.listening.given_up)
    assert holds_in_order(case.words(), "effusion", "lungs")


def test_a_new_word_of_the_vocabulary_goes_with_the_next_hearing(opened, ear):
    words = [EMPTY_VOCABULARY]
    prompt = PromptEar(ear)
    case = opened(prompt, vocabulary=lambda: words[-1])
    case.listening.begin(TAKE)
    second = case.dictate(said("effusion"))
    count = len(prompt.asked)
    words.append(Vocabulary(phrases=(Phrase(written="pneumothorax"),)))
    case.dictate(said("lungs"), second)
    assert {stretch.vocabulary for stretch, _ in prompt.asked[:count]} == {EMPTY_VOCABULARY}
    assert {stretch.vocabulary for stretch, _ in prompt.asked[count:]} == {words[-1]}


def test_what_never_came_is_told_at_the_end(opened, ear):
    case, sound = opened(ear), said("effusion", "lungs")
    case.listening.begin(TAKE)
    case.listening.listen(TAKE, True, 0)
    for number, block in enumerate(blocks(sound, BLOCK_SAMPLES)):
        if not 45 <= number < 50:
            case.listening.append(TAKE, number, to_pcm(block))
    case.listening.close()
    assert ["0.5 s of sound did not arrive" in notice.text for notice in notices(case.events(), "gap")] == [True]
    assert holds_in_order(case.words(), "lungs")


@pytest.mark.parametrize("pcm", [b"", b"odd", bytes(3202)])
def test_a_block_of_another_form_is_refused(opened, ear, pcm):
    case = opened(ear)
    case.listening.begin(TAKE)
    with pytest.raises(UsageError, match="1 to 1600 samples"):
        case.listening.append(TAKE, 0, pcm)


def test_sound_of_an_unknown_take_and_after_the_end_is_refused(opened, ear, tmp_path):
    case = opened(ear)
    with pytest.raises(UsageError, match="no dictation that is open"):
        case.listening.append(TAKE, 0, bytes(3200))
    case.listening.begin(TAKE)
    case.listening.close()
    with pytest.raises(UsageError, match="closed"):
        case.listening.append(TAKE, 0, bytes(3200))
    with pytest.raises(UsageError, match="closed"):
        case.listening.begin(OTHER)


def test_a_take_is_found_by_its_name_alone(opened, ear, tmp_path):
    (tmp_path.parent / "elsewhere.capture").write_bytes(bytes(500))
    with pytest.raises(InputError, match="cannot be opened"):
        opened(ear).listening.resume(TAKE, "../elsewhere.capture", 0.0)


def test_beginning_twice_is_beginning_once(opened, ear, tmp_path):
    case = opened(ear)
    assert case.listening.begin(TAKE) == case.listening.begin(TAKE)
    assert len(list(tmp_path.glob("*.capture"))) == 1


def test_who_fails_at_what_is_told_is_told_the_rest_all_the_same(opened, ear, capsys):
    case = opened(ear)
    fails, words = iter([True]), "left " + "lung"

    def tell(take, events):
        if next(fails, False):
            raise ValueError(words)
        case.told.setdefault(take, []).extend(events)

    case.listening._tell = tell
    case.listening.begin(TAKE)
    second = case.dictate(said("effusion"))
    case.dictate(said("lungs"), second)
    assert holds_in_order(case.words(), "lungs")
    printed = capsys.readouterr().err
    assert "ValueError" in printed and words not in printed


class BrokenEar(PromptEar):
    """The real ear, which fails so many times by a mistake of ours."""

    times = 2

    def hear(self, stretch, urgency, key=None):
        if self.times:
            self.times -= 1
            raise ValueError("a mistake")
        return super().hear(stretch, urgency, key)


def test_what_was_given_up_is_listened_to_again_when_asked(opened, ear):
    case = opened(BrokenEar(ear))
    case.listening.begin(TAKE)
    case.dictate(said("effusion"))
    assert case.words() == [] and case.listening.given_up
    assert case.listening.hear_again()
    assert case.settled.acquire(timeout=60)
    assert holds_in_order(case.words(), "effusion")
    assert not case.listening.given_up and not case.listening.hear_again()


def test_eight_cases_share_one_ear(opened, ear):
    names = ("effusion", "impression", "lungs", "nodule") * 2
    cases = [opened(ear) for _ in names]
    with ThreadPoolExecutor(8) as at_once:
        for case, name in zip(cases, names, strict=True):
            case.listening.begin(TAKE)
            at_once.submit(case.dictate, said(name))
    for case, name in zip(cases, names, strict=True):
        assert holds_in_order(case.words(), name)
