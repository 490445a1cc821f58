"""Blocks as they arrive → the journal and the live session; what is told when none arrive."""

import time
from concurrent.futures import Future
from threading import Event as Flag

from dictation.audio import SAMPLE_RATE, Journal
from dictation.lexicon import Vocabulary
from dictation.speech.ear import Ear
from dictation.speech.live.events import Event, Notice
from dictation.speech.live.session import LiveSession
from pipelines.live_sound import SoundFile, Stdin
from pipelines.live_view import Aside

POLL_S = 0.05  # between two looks at what the ear has ready
SILENT_S = 3.0  # without a single sample, and the microphone is said to be gone
_AHEAD_S = 2.0  # sound that runs ahead of the clock by more comes from no microphone: it can wait
_BUSY_S = 5.0  # of work that waits for the ear, and such sound does wait


class Listening:
    """One dictation from its first block on: into the journal at once, to the ear as soon as that is loaded.

    `warnings` hold what a person must know of sound that did not come.
    """

    def __init__(self, loading: Future[Ear], journal: Journal, vocabulary: Vocabulary, view: Aside, stop: Flag) -> None:
        self.warnings: list[str] = []
        self._loading, self._journal, self._vocabulary = loading, journal, vocabulary
        self._view, self._stop = view, stop
        self._session: LiveSession | None = None
        self._is_live = True
        self._stalled_s = 0.0  # how long nothing has come, once that was told

    def take(self, sound: Stdin | SoundFile) -> None:
        """Take all sound. Raises what the sound, the disk and the loading of the ear raise."""
        self._is_live = sound.is_live
        number, taken_s = 0, 0.0
        started_s = last_s = time.monotonic()
        for block in sound:
            waited_s = time.monotonic() - last_s
            if block is None:
                self._stall(waited_s, taken_s)
                self._show_ready()
                continue
            if self._stalled_s:
                self._go_on(waited_s, taken_s)
            if self._session is not None or self._loading.done() or not sound.is_live:
                self._view.show(self.session().feed(number, block))
            else:
                self._journal.append(number, block)
            number, taken_s = number + 1, taken_s + len(block) / SAMPLE_RATE
            while self._is_busy() and taken_s > time.monotonic() - started_s + _AHEAD_S and not self._stop.is_set():
                time.sleep(POLL_S)
                self._show_ready()
            last_s = time.monotonic()

    def session(self) -> LiveSession:
        """The session over all that came so far; waits for the ear, and raises what its loading raised."""
        if self._session is None:
            ear = self._loading.result()
            self._session = LiveSession(ear, self._journal, vocabulary=self._vocabulary, is_live=self._is_live)
            self._view.show(self._session.catch_up())
        return self._session

    def _show_ready(self) -> None:
        self._view.show(self.session().poll() if self._loading.done() else [])

    def _is_busy(self) -> bool:
        return not self._loading.done() or self._loading.result().waiting_s > _BUSY_S

    def _stall(self, waited_s: float, taken_s: float) -> None:
        if waited_s >= SILENT_S and not self._stalled_s:
            self._stalled_s = waited_s
            text = f"No sound has come for {waited_s:.0f} s; check the microphone and its cable."
            self._view.show([_gap(text, taken_s)])

    def _go_on(self, waited_s: float, taken_s: float) -> None:
        self._stalled_s = 0.0
        text = f"After {taken_s:.0f} s of sound none came for {waited_s:.0f} s; say again what was said then."
        self.warnings.append(text)
        self._view.show([_gap(text, taken_s)])


def _gap(text: str, at_s: float) -> Event:
    return Notice(kind="gap", text=text, start_s=at_s)
