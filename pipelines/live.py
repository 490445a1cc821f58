"""Live dictation on the command line: sound that arrives now → text that grows, every block on disk first."""

import json
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from types import FrameType
from typing import NamedTuple

from dictation.audio import SAMPLE_RATE, Journal, unfinished
from dictation.errors import DictationError, UsageError
from dictation.lexicon import Vocabulary
from dictation.settings import Settings
from dictation.speech.ear import Ear
from dictation.wording import Dictation
from pipelines.exits import note
from pipelines.live_listening import Listening
from pipelines.live_sound import BLOCK_SAMPLES, Sound, SoundFile, Stdin
from pipelines.live_view import Aside, Terminal, show_lines, show_notices
from pipelines.outputs import transcript_json, write_atomic
from pipelines.transcribe import written_form

FOLDER = "captures"
_TOLD = 3  # unfinished dictations, the newest
_WORTH_S = 1.0  # of sound, and it is kept where a dictation fails before anything was heard


def live(
    source: str, choose_ear: Callable[[], Ear], vocabulary: Vocabulary, settings: Settings, form: str, out: Path | None,
    *, rate_hz: int = SAMPLE_RATE, real_time: bool = False, keep: bool = False,
) -> bool:  # fmt: skip
    """Hear `source` ("-": stdin, else a sound file) until it ends or Ctrl-C; True where all of it was heard.

    `form` "text" prints the written text at its end, "jsonl" each event as it comes and the transcript last. `out` gets
    the transcript as JSON. The capture lies in `home`/captures from its first block on; once its text is out it is
    deleted, unless `keep`, or where nothing or not everything in it could be heard.
    """
    if out is not None and out.is_dir():
        raise UsageError(f"{out}: this is a folder; name the file for the JSON with --out.")
    folder = settings.home / FOLDER
    _tell_unfinished(folder)
    stop = Flag()
    sound: Sound = Stdin(rate_hz) if source == "-" else SoundFile(Path(source), real_time)
    loading = _loading(choose_ear)
    journal = Journal.create(folder, block_samples=BLOCK_SAMPLES)
    try:
        with journal, _stops_at_ctrl_c(stop):
            outcome = _dictate(sound, loading, journal, stop, vocabulary, settings, form, out)
            journal.close(finished=True)
    except BaseException:
        if journal.duration_s >= _WORTH_S:
            note(
                f"{journal.duration_s:.1f} s of sound are kept; for their text run: dictation transcribe {journal.path}"
            )
        else:
            journal.path.unlink(missing_ok=True)
        raise
    if outcome.is_empty:
        note("No words were heard; listen to the sound, and check the microphone.")
    if keep or outcome.is_empty or not outcome.is_whole:
        note(f"The sound is kept in {journal.path}; delete it when it is no longer needed.")
    else:
        journal.path.unlink()
    return outcome.is_whole


class _Outcome(NamedTuple):
    """How a dictation went: whether all its sound came and was heard, and whether there was no word in it."""

    is_whole: bool
    is_empty: bool


def _tell_unfinished(folder: Path) -> None:
    paths = unfinished(folder)
    for path in paths[-_TOLD:]:
        note(f"An earlier dictation was not finished; run: dictation transcribe {path}, then delete that file.")
    if len(paths) > _TOLD:
        note(f"There are {len(paths) - _TOLD} older ones in {folder}.")


def _loading(choose_ear: Callable[[], Ear]) -> Future[Ear]:
    """Load the ear in a thread of its own: what is said meanwhile is on disk, and is heard as soon as it is there."""
    ear: Future[Ear] = Future()

    def load() -> None:
        try:
            ear.set_result(choose_ear())
        except BaseException as error:
            ear.set_exception(error)

    Thread(target=load, name="ear", daemon=True).start()
    return ear


def _dictate(
    sound: Sound, loading: Future[Ear], journal: Journal, stop: Flag, vocabulary: Vocabulary,
    settings: Settings, form: str, out: Path | None,
) -> _Outcome:  # fmt: skip
    """Hear and put the text out. Raises what the sound raised if there was none, and what kept the ear from loading."""
    terminal = Terminal(vocabulary, settings) if form == "text" and sys.stderr.isatty() else None
    view = Aside(show_lines if form == "jsonl" else terminal or show_notices)
    listening = Listening(sound, loading, journal, vocabulary, view)
    if sound.name == "-":
        note("Listening; Ctrl-C ends the dictation.")
    trouble: DictationError | None = None
    try:
        try:
            listening.listen(stop)
        except DictationError as error:  # no more sound, but what was said before is heard to its end
            if not journal.samples:
                raise
            trouble = error
        if stop.is_set():
            note("Finishing; Ctrl-C stops at once, and the sound is kept.")
        elif sound.name == "-" and trouble is None:
            note(f"The sound ended after {journal.duration_s:.1f} s.")
        session = listening.finish()
    finally:
        listening.stop()
    view.finish()
    if terminal is not None:
        terminal.finish()
    transcript = session.transcript()
    warnings = tuple(dict.fromkeys((*sound.warnings, *listening.warnings, *transcript.warnings)))
    transcript = transcript.model_copy(update={"recording": journal.recording_id(), "warnings": warnings})
    _put_out(sound.name, written_form(transcript, vocabulary, settings), vocabulary, form, out)
    for warning in warnings:
        if warning not in view.told:
            note(f"warning: {warning}")
    if trouble is not None:
        note(f"dictation: {trouble}")
    return _Outcome(trouble is None and not view.saw_failure, not transcript.words)


def _put_out(shown: str, dictation: Dictation, vocabulary: Vocabulary, form: str, out: Path | None) -> None:
    """Print the whole text, or its object as the last line of JSON; write the object to `out`."""
    value = transcript_json(shown, dictation, vocabulary)
    if form == "text":
        sys.stdout.write(dictation.text + "\n")
    else:
        sys.stdout.write(json.dumps({"event": "transcript", **value}, ensure_ascii=False) + "\n")
    sys.stdout.flush()
    if out is not None:
        write_atomic(out, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


@contextmanager
def _stops_at_ctrl_c(stop: Flag) -> Iterator[None]:
    """Within, the first Ctrl-C (or SIGTERM) sets `stop`, the second raises KeyboardInterrupt."""

    def ask(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
