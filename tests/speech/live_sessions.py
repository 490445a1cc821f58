"""What tests of live dictation share: known sound, a real ear in several tempers, blocks that are fed in any way."""

import gc
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import numpy as np

from dictation.audio import SAMPLE_RATE, Recording
from dictation.audio.journal import Journal
from dictation.errors import ModelError
from dictation.speech.context import middle_s
from dictation.speech.ear import Ear, Heard, Stretch, Urgency
from dictation.speech.live import Event, Final, LiveSession, Notice
from dictation.speech.transcript import Word
from tests.speech.tiny_lasr import CLIPS

BLOCK = SAMPLE_RATE // 10
SOUNDS = {clip.stem: Recording(clip).samples() for clip in CLIPS}
KEY_WORDS = {
    "lungs": ("lungs", "clear"),
    "effusion": ("pleural", "effusion", "pneumothorax"),
    "nodule": ("nodule", "upper", "lobe"),
    "impression": ("acute", "finding"),
}


class PromptEar:
    """The real ear, which answers before the next block comes: what happens does not depend on the machine's speed."""

    def __init__(self, ear: Ear) -> None:
        self._ear = ear
        self.engine, self.max_stretch_s, self.waiting_s = ear.engine, ear.max_stretch_s, 0.0
        self.asked: list[tuple[Stretch, Urgency]] = []

    def hear(self, stretch: Stretch, urgency: Urgency, key: object = None) -> "Future[Heard]":
        self.asked.append((stretch, urgency))
        future = self._ear.hear(stretch, urgency)
        future.exception()
        return future


class BusyEar(PromptEar):
    """The real ear, which answers nothing until it is let go."""

    def __init__(self, ear: Ear) -> None:
        super().__init__(ear)
        self._held: list[tuple[Stretch, Urgency, Future[Heard]]] | None = []

    @property
    def held_s(self) -> float:
        """The seconds of sound that it was given and has not heard."""
        return sum(len(stretch.samples) for stretch, _, future in self._held or [] if not future.done()) / SAMPLE_RATE

    def hear(self, stretch: Stretch, urgency: Urgency, key: object = None) -> "Future[Heard]":
        if self._held is None:
            return super().hear(stretch, urgency, key)
        future: Future[Heard] = Future()
        self.asked.append((stretch, urgency))
        self._held.append((stretch, urgency, future))
        return future

    def let_go(self) -> None:
        """Answer all that waits, the last first, and everything from now on."""
        held, self._held = self._held or [], None
        for stretch, urgency, future in reversed(held):
            if future.set_running_or_notify_cancel():
                future.set_result(self._ear.hear(stretch, urgency).result())


class ScriptedEar(PromptEar):
    """Gives words by their seconds, others behind a cut than in the first hearing."""

    def __init__(self, ear: Ear, first: Sequence[Word], behind_a_cut: Sequence[Word]) -> None:
        super().__init__(ear)
        self._first, self._behind_a_cut = first, behind_a_cut

    def hear(self, stretch: Stretch, urgency: Urgency, key: object = None) -> "Future[Heard]":
        words = self._behind_a_cut if stretch.context_s else self._first
        new_s, end_s = stretch.start_s + stretch.context_s, stretch.start_s + len(stretch.samples) / SAMPLE_RATE
        future: Future[Heard] = Future()
        future.set_result(Heard(tuple(one for one in words if middle_s(one) >= new_s and (one.end_s or 0) <= end_s)))
        return future


class FailingEar(PromptEar):
    """The real ear, which fails `times` times on sound that holds second `at_s`."""

    def __init__(self, ear: Ear, at_s: float, times: int) -> None:
        super().__init__(ear)
        self._at_s, self._left = at_s, times

    def hear(self, stretch: Stretch, urgency: Urgency, key: object = None) -> "Future[Heard]":
        new_s = stretch.start_s + stretch.context_s
        if urgency is Urgency.FINAL and self._left and new_s <= self._at_s < new_s + len(stretch.samples) / SAMPLE_RATE:
            self._left -= 1
            failed: Future[Heard] = Future()
            failed.set_exception(ModelError("MedASR failed on the cpu (its memory is full); close other programs."))
            return failed
        return super().hear(stretch, urgency, key)


def silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * SAMPLE_RATE), np.float32)


def said(*names: str, pause_s: float = 1.0, before_s: float = 0.5) -> np.ndarray:
    """The clips one after the other, as they were recorded, in a quiet room."""
    pieces = [silence(before_s)]
    for name in names:
        pieces += [SOUNDS[name], silence(pause_s)]
    sound = np.concatenate(pieces)
    return sound + np.random.default_rng(0).normal(0, 10 ** (-70 / 20), len(sound)).astype(np.float32)


def blocks(sound: np.ndarray, samples: int = BLOCK) -> list[np.ndarray]:
    return [sound[start : start + samples] for start in range(0, len(sound), samples)]


@contextmanager
def session_of(ear: Ear, folder: Path, **options) -> Iterator[LiveSession]:
    """A session with a journal of its own."""
    with Journal.create(folder, block_samples=BLOCK) as journal:
        yield LiveSession(ear, journal, **options)


def dictated(session: LiveSession, sound: np.ndarray, first: int = 0) -> list[Event]:
    """Feed all blocks in order."""
    return [event for number, block in enumerate(blocks(sound), first) for event in session.feed(number, block)]


def heard_live(ear: Ear, folder: Path, sound: np.ndarray, **options) -> tuple[list[Event], LiveSession]:
    with session_of(ear, folder, **options) as session:
        return dictated(session, sound) + session.finish(), session


def final_words(events: Sequence[Event]) -> list[str]:
    return [word.text for event in events if isinstance(event, Final) for word in event.words]


def notices(events: Sequence[Event], kind: str) -> list[Notice]:
    return [event for event in events if isinstance(event, Notice) and event.kind == kind]


def holds_in_order(words: Sequence[str], *names: str) -> bool:
    """True where the key words of all clips stand in `words` in the order in which the clips were said."""
    rest = iter(words)
    return all(word in rest for name in names for word in KEY_WORDS[name])


def held_bytes(session: LiveSession) -> int:
    """The bytes of all arrays that a session holds, without its ear and its journal."""
    seen, total = {id(session._ear), id(session._journal), id(session._frames._model)}, 0
    left: list[object] = [session]
    while left:
        one = left.pop()
        if id(one) in seen or isinstance(one, type | ModuleType):
            continue
        seen.add(id(one))
        total += one.nbytes if isinstance(one, np.ndarray) else 0
        if not callable(one):
            left.extend(gc.get_referents(one))
    return total
