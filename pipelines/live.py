"""Live dictation on the command line: sound that arrives now → text that grows, every block on disk first.

A capture that was left behind is finished by the same code, as fast as the ear can.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from typing import NamedTuple

from dictation.audio import SAMPLE_RATE, Journal, unfinished
from dictation.audio.capture import ENDING
from dictation.errors import DictationError, InputError, UsageError
from dictation.lexicon import Vocabulary
from dictation.settings import Settings
from dictation.speech import Transcript
from dictation.speech.ear import Ear
from dictation.speech.live.finishing import finish_from
from pipelines.exits import note, stops_at_ctrl_c
from pipelines.live_listening import Listening
from pipelines.live_sound import BLOCK_SAMPLES, Sound, SoundFile, Stdin, TwoChannels
from pipelines.live_view import Aside, Terminal, print_line, show_lines, show_notices
from pipelines.outputs import transcript_json, write_atomic
from pipelines.transcribe import written_form

FOLDER = "captures"
_NOT_WHOLE = "[NOT COMPLETE: part of this dictation was not heard]"
_TOLD = 3  # unfinished dictations, the newest
_WORTH_S = 1.0  # of sound, and it is kept where a dictation fails before anything was heard


def live(
    source: str, choose_ear: Callable[[], Ear], vocabulary: Vocabulary, settings: Settings, form: str, out: Path | None,
    *, expected: Vocabulary | None = None, rate_hz: int = SAMPLE_RATE, real_time: bool = False, keep: bool = False,
) -> bool:  # fmt: skip
    """Hear `source` ("-": stdin, a sound file, or a capture) until it ends or Ctrl-C; True where all of it was heard.

    `expected` turns the ear, `vocabulary` writes; without the first the second does both. `form` "text" prints the
    written text at its end, "jsonl" each event as it comes and the transcript last. `out` gets the transcript as JSON.
    The capture lies in `home`/captures from its first block on. Once its text is out it is deleted, unless `keep`, or
    where there is a reason to listen to it: no word was heard, not all of it, or the transcript has a warning.
    A capture that was left behind has no provisional words, and is deleted or kept by the same rule.
    """
    if out is not None:
        _check_place(out)
    heeded = vocabulary if expected is None else expected
    if source.endswith(ENDING):
        return _finish(Path(source), choose_ear, heeded, vocabulary, settings, form, out, keep)
    folder = settings.home / FOLDER
    _tell_unfinished(folder)
    stop = Flag()
    sound: Sound = Stdin(rate_hz) if source == "-" else SoundFile(Path(source), real_time)
    loading = _loading(choose_ear)
    journal = Journal.create(folder, block_samples=BLOCK_SAMPLES)
    if journal.unlocked:
        note(journal.unlocked)
    try:
        with journal, stops_at_ctrl_c(stop):
            outcome = _dictate(sound, loading, journal, stop, heeded, vocabulary, settings, form, out)
            _close(journal, outcome)
    except TwoChannels:  # what came before that was certain is noise
        journal.path.unlink(missing_ok=True)
        raise
    except BaseException:
        if journal.duration_s >= _WORTH_S:
            note(f"{journal.duration_s:.1f} s of sound are kept; for their text run: {_command(journal.path)}")
        else:
            journal.path.unlink(missing_ok=True)
        raise
    _keep_or_delete(journal.path, outcome, keep)
    return outcome.is_whole


class _Outcome(NamedTuple):
    """How a dictation went: whether all its sound came and was heard, was there a word in it, and any warning."""

    is_whole: bool
    is_empty: bool
    has_warnings: bool


def _check_place(out: Path) -> None:
    """Raise UsageError where no file can be written: that is to be known before anybody dictates."""
    try:
        if out.is_dir():
            raise UsageError(f"{out}: this is a folder; name the file for the JSON with --out.")
        if out.exists() and not out.is_file():
            raise UsageError(f"{out}: this is no ordinary file; name another for the JSON with --out.")
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out.parent):
            pass
    except OSError as error:
        raise UsageError(f"{out}: could not be written ({error.strerror}); choose another place with --out.") from error


def _finish(
    path: Path, choose_ear: Callable[[], Ear], heeded: Vocabulary, vocabulary: Vocabulary,
    settings: Settings, form: str, out: Path | None, keep: bool,
) -> bool:  # fmt: skip
    """Hear a capture as the live session would have; until its text is out the capture stays as it is."""
    with Journal.open(path) as journal:
        for text in (journal.unlocked, f"Hearing {journal.duration_s:.1f} s of sound in {path}."):
            if text:
                note(text)
        if not journal.samples:
            raise InputError(f"{path}: there is no sound in this capture; delete it.")
        view = Aside(show_lines if form == "jsonl" else show_notices)
        heard = finish_from(journal, choose_ear(), vocabulary=heeded, show=view.show)
        view.finish()
        transcript = _named(heard, journal, ())
        outcome = _put_out(str(path), transcript, vocabulary, settings, form, out, view, not view.saw_failure)
        _close(journal, outcome)
    _keep_or_delete(path, outcome, keep)
    return outcome.is_whole


def _named(transcript: Transcript, journal: Journal, warnings: Sequence[str]) -> Transcript:
    """The transcript of the recording that the capture is, with what else a person must know."""
    told = tuple(dict.fromkeys((*warnings, *transcript.warnings)))
    return transcript.model_copy(update={"recording": journal.recording_id(), "warnings": told})


def _close(journal: Journal, outcome: _Outcome) -> None:
    """End the capture; what was not heard whole stays unfinished, so that the next start names it again."""
    with suppress(DictationError):  # its text is out: a disk too full for the mark costs nothing but another reminder
        journal.close(finished=outcome.is_whole)


def _keep_or_delete(path: Path, outcome: _Outcome, keep: bool) -> None:
    if outcome.is_empty:
        note("No words were heard; listen to the sound, and check the microphone.")
    if not outcome.is_whole:
        note(f"The text is not complete. The sound is kept; for its text run: {_command(path)}")
    elif outcome.has_warnings:
        note(f"The sound is kept in {path}, because of the warnings: listen where they say, then delete it.")
    elif keep or outcome.is_empty:
        note(f"The sound is kept in {path}; delete it when it is no longer needed.")
    else:
        path.unlink()


def _command(path: Path) -> str:
    return f'dictation live "{path}"' if " " in str(path) else f"dictation live {path}"


def _tell_unfinished(folder: Path) -> None:
    paths = unfinished(folder)
    for path in paths[-_TOLD:]:
        note(f"An earlier dictation was not finished; run: {_command(path)}")
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
    sound: Sound, loading: Future[Ear], journal: Journal, stop: Flag, heeded: Vocabulary, vocabulary: Vocabulary,
    settings: Settings, form: str, out: Path | None,
) -> _Outcome:  # fmt: skip
    """Hear and put the text out. Raises what the sound raised if there was none, and what kept the ear from loading."""
    terminal = Terminal(vocabulary, settings) if form == "text" and sys.stderr.isatty() else None
    view = Aside(show_lines if form == "jsonl" else terminal or show_notices)
    listening = Listening(sound, loading, journal, heeded, view)
    if sound.name == "-":
        note("Listening; Ctrl-C ends the dictation.")
    trouble: DictationError | None = None
    try:
        try:
            listening.listen(stop)
        except DictationError as error:  # no more sound, but what was said before is heard to its end
            if not journal.samples or isinstance(error, TwoChannels):
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
    told = [] if trouble is None else [f"The dictation broke off at {journal.duration_s:.1f} s: {trouble}"]
    transcript = _named(session.transcript(), journal, (*told, *sound.warnings, *listening.warnings))
    is_whole = trouble is None and not view.saw_failure
    return _put_out(sound.name, transcript, vocabulary, settings, form, out, view, is_whole)


def _put_out(
    shown: str, transcript: Transcript, vocabulary: Vocabulary, settings: Settings, form: str, out: Path | None,
    view: Aside, is_whole: bool,
) -> _Outcome:  # fmt: skip
    """Print the whole text, or its object as the last line of JSON; write the object to `out`; tell the warnings.

    Text that is not whole says so in its last line: nobody may take it for the end of the dictation.
    """
    from dictation.case.heard import told_unsettled

    dictation = told_unsettled(written_form(transcript, vocabulary, settings))
    transcript = dictation.transcripts[0]
    value = transcript_json(shown, dictation, vocabulary)
    if form == "text":
        sys.stdout.write(f"{dictation.text}\n" if is_whole else f"{dictation.text}\n{_NOT_WHOLE}\n")
        sys.stdout.flush()
    else:
        print_line({"event": "transcript", **value})
    if out is not None:
        write_atomic(out, json.dumps(value, ensure_ascii=False, indent=2) + "\n")
    for warning in transcript.warnings:
        if warning not in view.told:
            note(f"warning: {warning}")
    return _Outcome(is_whole, not transcript.words, bool(transcript.warnings))
