"""The sound of one case, block by block: on disk before anything else, heard as soon as there is an ear.

A page that records sends its takes; each is a capture of its own in HOME/captures. Taking a block in never waits for
the ear, and one that is still being loaded delays only the words. A page may send the same block twice, or late.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from threading import Condition, Event, Lock

from dictation.audio import Journal
from dictation.audio.capture import from_pcm
from dictation.audio.resample import SAMPLE_RATE
from dictation.case.draft import Unheard
from dictation.errors import UsageError
from dictation.frozen import Frozen
from dictation.lexicon import Vocabulary
from dictation.review.failing import told
from dictation.review.taking import Taking
from dictation.shared_threads import SharedThreads
from dictation.speech.ear import Ear
from dictation.speech.live import Event as LiveEvent

BLOCK_SAMPLES = SAMPLE_RATE // 10  # what a page sends at once
MOST_HASHES = 1000  # in one answer: 100 s of sound
_POLL_S = 0.05  # between two looks at what the ear has ready
_REST_S = 1.0  # with nothing to do
_THREADS = SharedThreads("listening", 256)  # that many cases are heard at once; far more may be open


class Begun(Frozen):
    """A take that is here: `recording` is its journal's id, `file` its name in the folder of captures.

    All blocks below `taken` are here, all below `saved` are forced onto the disk. One that `is_closed` takes no more.
    """

    take: str
    recording: str
    file: str
    taken: int
    saved: int
    is_closed: bool = False


class Kept(Frozen):
    """What is here of a take: all blocks below `taken`, all below `saved` on the disk.

    `hashes`: the SHA-256 of some of the latter as they stand in the file, by their numbers. Only these are
    acknowledged: whoever sent a block keeps it until its hash is that of what was sent.
    """

    taken: int
    saved: int
    hashes: dict[int, str] = {}


class Listening:
    """All takes of one case that is being dictated. Every method may be called from any thread, and returns at once.

    `vocabulary` is asked before each hearing. From threads of this object, `tell` gets what happened in a take, in
    order; `acknowledge` a take and its `Kept` blocks, whenever the disk has confirmed more; `settle`
    is called when all sound that was announced is here and has its final words.
    """

    def __init__(
        self,
        captures: Path,
        ear: "Ear | Future[Ear]",
        vocabulary: Callable[[], Vocabulary],
        tell: Callable[[str, Sequence[LiveEvent]], None],
        *,
        acknowledge: "Callable[[str, Kept], None]" = lambda take, kept: None,
        settle: Callable[[], None] = lambda: None,
    ) -> None:
        self._captures, self._vocabulary = captures, vocabulary
        self._ear = ear if isinstance(ear, Future) else _loaded(ear)
        self._tell, self._acknowledge, self._settle = tell, acknowledge, settle
        self._takes: dict[str, Taking] = {}
        self._confirmed: dict[str, int] = {}  # the hashes of all blocks below were told, or are asked for
        self._lock = Lock()
        self._news = Condition()
        self._has_news = self._is_looking = self._looks_at_once = False
        self._next_look = (
            0  # the number of the one that is planned; one that was planned before does not count any more
        )
        self._ending = Event()
        self._was_settled = True
        self._ear.add_done_callback(lambda _: self._wake())

    def begin(self, take: str) -> Begun:
        """Begin a take, or find the one that has this id; the names in the result are for the case's draft.

        Raises DictationError where the disk refuses it, UsageError after `close`.
        """
        with self._lock:
            self._refuse_after_close()
            if take not in self._takes:
                journal = Journal.create(self._captures, block_samples=BLOCK_SAMPLES)
                journal.rest()  # until its first block
                self._add(take, journal, 0.0)
            return self._begun(take)

    def resume(self, take: str, file: str, heard_s: float, told_blocks: int = 0) -> Begun:
        """Go on with a take of an earlier run: the words of its first `heard_s` seconds were told then.

        Nothing was said behind them in its first `told_blocks` blocks. `file` is its name in the folder of captures.
        Raises InputError where there is no such capture, UsageError where another program writes it.
        """
        with self._lock:
            self._refuse_after_close()
            if take not in self._takes:
                journal = Journal.open(self._captures / Path(file).name)
                if journal.samples == 0:
                    journal.rest()
                self._add(take, journal, heard_s, told_blocks)
            self._wake()
            return self._begun(take)

    def append(self, take: str, number: int, pcm: bytes) -> Kept:
        """Keep block `number` of a take. One that is known changes nothing, and is acknowledged where it is saved.

        `pcm` is 16-bit little-endian mono at 16 kHz, 1 to 1600 samples; a shorter block ends a stretch of dictation.
        Raises UsageError for an unknown take or another form, and what the journal raises.
        """
        taking = self._taking(take)
        if not pcm or len(pcm) % 2 or len(pcm) > 2 * BLOCK_SAMPLES:
            raise UsageError(f"A block of sound holds 1 to {BLOCK_SAMPLES} samples of 16 bits; reload the page.")
        journal = taking.journal
        journal.append(number, from_pcm(pcm))
        self._wake()
        saved = journal.saved_blocks
        return Kept(taken=journal.taken_blocks, saved=saved, hashes=journal.hashes(number, min(number + 1, saved)))

    def hashes(self, take: str, first: int) -> dict[int, str]:
        """Return the hashes of `MOST_HASHES` blocks from `first` on, as far as they are on the disk.

        Those of blocks that are not yet, as right after a restart, come as soon as the disk has confirmed them.
        """
        journal = self._taking(take).journal
        with self._lock:
            stop = min(first + MOST_HASHES, journal.saved_blocks)
            self._confirmed[take] = min(self._confirmed[take], max(first, stop))
        return journal.hashes(first, stop)

    def listen(self, take: str, on: bool, block: int) -> None:
        """The microphone went on, and `block` is its first, or off: no block from `block` on belongs to that stretch.

        Blocks that were sent before may still be on their way; their words are waited for. Raises UsageError.
        """
        self._taking(take).switch(on, block)
        with self._lock:
            self._was_settled = False  # even where all its words are told before anybody looks
        self._wake()

    def is_past(self, take: str, number: int) -> bool:
        """Whether a block lies behind the last end that was told of a take whose microphone is off."""
        return self._taking(take).is_past(number)

    def set_off(self, take: str) -> None:
        """The microphone of a page that is not here is off; where it was, the page tells with `listen` if it returns.

        After a while of silence what is here is all. Raises UsageError.
        """
        self._taking(take).set_off()
        with self._lock:
            self._was_settled = False
        self._wake()

    @property
    def takes(self) -> int:
        """How many takes are open."""
        return len(self._takes)

    @property
    def given_up(self) -> tuple[Unheard, ...]:
        """The sound that is not listened to any more."""
        with self._lock:
            return tuple(sound for taking in self._takes.values() for sound in taking.given_up)

    def hear_again(self) -> bool:
        """Listen anew to what could not be; return whether there was any."""
        with self._lock:
            given_up = [taking for taking in self._takes.values() if taking.given_up]
            for taking in given_up:
                taking.try_again()
            self._was_settled = self._was_settled and not given_up
        self._wake()
        return bool(given_up)

    @property
    def told_blocks(self) -> dict[str, int]:
        """Take → the number of its blocks of which all words were told."""
        with self._lock:
            return {take: taking.told_blocks for take, taking in self._takes.items()}

    @property
    def is_settled(self) -> bool:
        """Whether all sound that was announced is here and has its final words."""
        with self._lock:
            return all(taking.is_settled for taking in self._takes.values())

    @property
    def is_heard(self) -> bool:
        """Whether all sound that is here has its final words."""
        with self._lock:
            return all(taking.is_heard for taking in self._takes.values())

    @property
    def still_heard_to(self) -> tuple[str, float] | None:
        """The newest take and the second where its sound ends so far; None where all words were told."""
        with self._lock:
            if all(taking.is_settled for taking in self._takes.values()):
                return None
            newest = next(reversed(self._takes.values()))
            return newest.take, newest.end_s

    @property
    def kept_s(self) -> float:
        """Seconds of sound that is here and has no words yet."""
        with self._lock:
            return sum(taking.kept_s for taking in self._takes.values())

    @property
    def missing_s(self) -> float:
        """Seconds of sound that a page has announced and not sent yet."""
        with self._lock:
            return sum(taking.missing for taking in self._takes.values()) * BLOCK_SAMPLES / SAMPLE_RATE

    def close(self, *, finished: bool = True, timeout_s: float | None = None) -> None:
        """Take no more sound; tell all final words, for which it waits, and end the captures.

        Not `finished`: the captures can be resumed, nothing is waited for. What was not heard within `timeout_s` is
        told. Closing again does nothing.
        """
        self._ending.set()
        with self._news:
            self._news.wait_for(lambda: not self._is_looking)
        with self._lock:
            takes, self._takes = self._takes, {}
        for taking in takes.values():
            if finished:
                self._told(taking, taking.finish(self._ear, self._vocabulary, timeout_s))
            taking.journal.close(finished=finished)

    def _add(self, take: str, journal: Journal, told_s: float, told_blocks: int = 0) -> None:
        self._takes[take] = Taking(take, journal, told_s, told_blocks)
        self._confirmed[take] = journal.taken_blocks  # what an earlier run kept, a page asks for
        journal.on_saved = lambda: self._saved(take, journal)

    def _saved(self, take: str, journal: Journal) -> None:
        with self._lock:
            first, saved = self._confirmed[take], journal.saved_blocks
            told = self._confirmed[take] = max(first, saved)
        self._acknowledge(take, Kept(taken=journal.taken_blocks, saved=told, hashes=journal.hashes(first, told)))

    def _begun(self, take: str) -> Begun:
        journal = self._takes[take].journal
        return Begun(
            take=take,
            recording=journal.id,
            file=journal.path.name,
            taken=journal.taken_blocks,
            saved=journal.saved_blocks,
        )

    def _taking(self, take: str) -> Taking:
        with self._lock:
            self._refuse_after_close()
            if take not in self._takes:
                raise UsageError("This sound belongs to no dictation that is open here; open its case again.")
            return self._takes[take]

    def _refuse_after_close(self) -> None:
        if self._ending.is_set():
            raise UsageError("This dictation was closed; open the case again to go on.")

    def _wake(self) -> None:
        with self._news:
            self._has_news = True
            if not self._is_looking and not self._looks_at_once:
                self._plan(0.0)

    def _plan(self, in_s: float) -> None:
        """Look in so many seconds, and not when it was planned before."""
        if self._ending.is_set():
            return
        self._next_look += 1
        self._looks_at_once = in_s == 0
        _THREADS.do(partial(self._look, self._next_look), in_s)

    def _look(self, number: int) -> None:
        with self._news:
            if number != self._next_look or self._is_looking or self._ending.is_set():
                return
            self._is_looking, self._has_news, self._looks_at_once = True, False, False
        wait_s: float | None = _REST_S
        try:
            wait_s = self._listen()
        finally:
            with self._news:
                self._is_looking = False
                self._news.notify_all()
                if self._has_news:
                    self._plan(0.0)
                elif wait_s is not None:
                    self._plan(wait_s)

    def _listen(self) -> float | None:
        """Hear what has come; return the seconds until it should be looked at again, None where only news count."""
        with self._lock:
            takes = list(self._takes.values())
        for taking in takes:
            self._told(taking, taking.hear(self._ear, self._vocabulary))
            taking.was_told()
        self._tell_settled()
        if any(taking.is_waiting for taking in takes):
            return _POLL_S
        is_done = [taking.rest() for taking in takes]
        return None if all(is_done) else _REST_S

    def _told(self, taking: Taking, events: Sequence[LiveEvent]) -> None:
        if not events:
            return
        try:
            self._tell(taking.take, events)
        except Exception as error:  # the sound that follows must still be heard
            told(error)

    def _tell_settled(self) -> None:
        with self._lock:
            is_settled = all(taking.is_settled for taking in self._takes.values())
            is_new, self._was_settled = is_settled and not self._was_settled, is_settled
        if is_new:
            try:
                self._settle()
            except Exception as error:
                told(error)


def _loaded(ear: Ear) -> "Future[Ear]":
    future: Future[Ear] = Future()
    future.set_result(ear)
    return future
