"""What a person or a program sees while a dictation goes on: a growing text on a terminal, or events as JSON lines.

Showing happens in a thread of its own, because a terminal that is held up must not hold up the sound.
"""

import json
import queue
import shutil
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

from dictation.lexicon import Vocabulary
from dictation.settings import Settings
from dictation.speech import Word
from dictation.speech.live.events import Event, Final, Notice, Partial
from dictation.wording import Rules, written_alone
from pipelines.exits import note

Show = Callable[[Sequence[Event]], None]
_CONTEXT_SENTENCES = 3  # that are written again with the open one: an editing command may reach back to them
_DIM, _PLAIN, _CLEAR = "\x1b[2m", "\x1b[0m", "\r\x1b[K"


class Aside:
    """Calls `show` with all events in order, in a thread of its own."""

    def __init__(self, show: Show) -> None:
        self._show = show
        self._waiting: queue.Queue[Sequence[Event] | None] = queue.Queue()
        self._trouble: OSError | None = None
        self._has_failed = False
        self.told: set[str] = set()
        """The texts of all notices so far."""
        self.saw_failure = False
        """Whether one of them told of sound that could not be heard."""
        self._thread = threading.Thread(target=self._work, name="view", daemon=True)
        self._thread.start()

    def show(self, events: Sequence[Event]) -> None:
        """Show events soon. Raises the OSError of an earlier showing, as where the reader of stdout has left."""
        if self._trouble is not None:
            raise self._trouble
        notices = [event for event in events if isinstance(event, Notice)]
        self.told |= {notice.text for notice in notices}
        self.saw_failure |= any(notice.kind == "engine" for notice in notices)
        if events:
            self._waiting.put(events)

    def finish(self) -> None:
        """Wait until everything was shown. Raises as `show` does."""
        self._waiting.put(None)
        self._thread.join()
        self.show(())

    def _work(self) -> None:
        while (events := self._waiting.get()) is not None and self._trouble is None:
            try:
                self._show(events)
            except OSError as error:
                self._trouble = error
            except Exception as error:  # its message may hold dictated words
                if not self._has_failed:
                    note(f"The text cannot be shown as it grows ({type(error).__name__}); it comes at the end.")
                self._has_failed = True


def show_lines(events: Sequence[Event]) -> None:
    """Print each event as one line of JSON on stdout, with its kind under "event"."""
    for event in events:
        print_line({"event": type(event).__name__.lower(), **event.model_dump(mode="json")})


def print_line(value: dict[str, Any]) -> None:
    """Print a line of JSON on stdout, escaped where stdout knows no Unicode."""
    is_unicode = (sys.stdout.encoding or "utf-8").lower().startswith("utf")
    sys.stdout.write(json.dumps(value, ensure_ascii=not is_unicode) + "\n")
    sys.stdout.flush()


def show_notices(events: Sequence[Event]) -> None:
    """Tell notices alone, on stderr."""
    for event in events:
        if isinstance(event, Notice):
            note(event.text)


class Terminal:
    """The growing text on stderr: each sentence on a line of its own once the next begins, the open one below.

    The open line is written anew with every hearing, what is provisional in it dimmed. What is shown here is for the
    eye: the text that counts is printed at the end, with every later edit in it.
    """

    def __init__(self, vocabulary: Vocabulary, settings: Settings) -> None:
        self._rules = Rules(
            vocabulary=vocabulary, spelling=settings.spelling, guessed_punctuation=settings.guessed_punctuation
        )
        self._words: list[Word] = []  # of the open sentence and a few before it
        self._shown = 0  # how many of these words stand in sentences that were shown
        self._open = ""

    def __call__(self, events: Sequence[Event]) -> None:
        """Show events."""
        for event in events:
            if isinstance(event, Final):
                self._add(event.words)
                self._line(self._open, "", "")
            elif isinstance(event, Notice):
                _print(_CLEAR)
                note(event.text)
        if isinstance(events[-1], Partial):
            words = [word.text for word in events[-1].words]
            stable = events[-1].stable
            self._line(self._open, " ".join(words[:stable]), " ".join(words[stable:]))

    def finish(self) -> None:
        """Clear the open line, and keep what was shown apart from the text that follows."""
        _print(f"{_CLEAR}\n" if self._words else _CLEAR)

    def _add(self, words: Sequence[Word]) -> None:
        self._words += words
        if not self._words:
            return
        sentences = written_alone(self._words, self._rules).sentences
        begins = [
            min((word for link in sentence.alignment for word in link.words), default=0) for sentence in sentences
        ]
        if not sentences:
            self._open = ""
            return
        for sentence, begin in zip(sentences[:-1], begins, strict=False):
            if begin >= self._shown:
                _print(f"{_CLEAR}{_plain(sentence.text)}\n")
        self._open = sentences[-1].text
        first = begins[-1 - _CONTEXT_SENTENCES] if len(begins) > _CONTEXT_SENTENCES else 0
        self._shown = begins[-1] - first
        self._words = self._words[first:]

    def _line(self, final: str, stable: str, provisional: str) -> None:
        """Write the open line, its end where it is wider than the terminal."""
        sure = " ".join(_plain(part) for part in (final, stable) if part)
        unsure = _plain(provisional)
        room = max(1, shutil.get_terminal_size().columns - 1)
        unsure = unsure[-room:]
        sure = sure[-max(0, room - len(unsure) - 1) :] if len(unsure) + 1 < room else ""
        _print(f"{_CLEAR}{sure}{' ' if sure and unsure else ''}{_DIM}{unsure}{_PLAIN}")


def _plain(text: str) -> str:
    """Text on one line, without what would steer a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _print(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
