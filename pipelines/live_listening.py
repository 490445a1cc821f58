"""What the journal takes in → the live session, as soon as there is an ear; what is told when no sound comes."""

import time
from concurrent.futures import Future
from threading import Event as Flag

from dictation.audio import Journal
from dictation.lexicon import Vocabulary
from dictation.speech.ear import Ear
from dictation.speech.live.events import Event, Notice
from dictation.speech.live.session import LiveSession
from pipelines.live_sound import Sound, Taking
from pipelines.live_view import Aside

POLL_S = 0.05  # between two looks at what came in and what the ear has ready
SILENT_S = 3.0  # without a single sample, and the microphone is said to be gone
_BUSY_S = 5.0  # of work that waits, and sound that can wait does so


class Listening:
    """One dictation from its first block on: on disk at once, in the ear as soon as that is loaded.

    `warnings` hold what a person must know of sound that did not come.
    """

    def __init__(
        self, sound: Sound, loading: Future[Ear], journal: Journal, vocabulary: Vocabulary, view: Aside
    ) -> None:
        self.warnings: list[str] = []
        self._sound, self._loading, self._journal, self._vocabulary = sound, loading, journal, vocabulary
        self._view = view
        self._session: LiveSession | None = None
        self._taking = Taking(sound, journal, self._is_busy)
        self._stall: tuple[float, float] | None = None  # that was told: when sound last came, and how much by then

    def listen(self, stop: Flag) -> None:
        """Listen until the sound ends or `stop` is set. Raises what ended it early, and what loading the ear raised."""
        while not self._taking.has_ended:
            if stop.is_set():
                self._taking.stop()
            if self._loading.done():
                self._view.show(self._heard(self.session()))
            self._watch()
            time.sleep(POLL_S)
        self._watch()
        if self._taking.trouble is not None:
            raise self._taking.trouble

    def session(self) -> LiveSession:
        """The session over all that came so far; waits for the ear, and raises what its loading raised."""
        if self._session is None:
            ear, is_live = self._loading.result(), self._sound.is_live
            self._session = LiveSession(ear, self._journal, vocabulary=self._vocabulary, is_live=is_live)
        return self._session

    def stop(self) -> None:
        """Take no more sound; what has come is in the journal."""
        self._taking.stop()

    def finish(self) -> LiveSession:
        """Take no more sound, hear the rest and wait for its words."""
        self.stop()
        session = self.session()
        self._view.show(self._heard(session))
        self._view.show(session.finish())
        return session

    def _heard(self, session: LiveSession) -> list[Event]:
        is_new = self._journal.duration_s > session.heard_s
        return session.catch_up() if is_new else session.poll()

    def _is_busy(self) -> bool:
        """True where sound that can wait had better do so."""
        if self._session is None or not self._loading.done():
            return True
        unheard_s = self._journal.duration_s - self._session.heard_s
        return unheard_s + self._loading.result().waiting_s > _BUSY_S

    def _watch(self) -> None:
        """Tell when sound stays away, and when it is back; and what the journal has to tell of its disk."""
        for text in self._journal.warnings:
            if text not in self._view.told:
                self._view.show([_gap(text, self._journal.duration_s)])
        last_s, taken_s = self._taking.last_s, self._journal.duration_s
        if self._stall is not None and last_s > self._stall[0]:
            waited_s, before_s = last_s - self._stall[0], self._stall[1]
            self._stall = None
            text = f"After {before_s:.0f} s of sound none came for {waited_s:.0f} s; say again what was said then."
            self.warnings.append(text)
            self._view.show([_gap(text, before_s)])
        elif self._stall is None and not self._taking.has_ended and (waited_s := self._sound.waited_s) >= SILENT_S:
            self._stall = last_s, taken_s
            text = f"No sound has come for {waited_s:.0f} s; check the microphone and its cable."
            self._view.show([_gap(text, taken_s)])


def _gap(text: str, at_s: float) -> Event:
    return Notice(kind="gap", text=text, start_s=at_s)
