"""A live dictation: numbered blocks of sound in, provisional and final words out, over any recognizer.

Each block is in the journal before anything else happens to it, and what is heard is read from there. Time is counted
in samples: clocks that jump and blocks that come in bursts change nothing.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from threading import Event as Flag

import numpy as np

from dictation.audio import SAMPLE_RATE
from dictation.audio.journal import Journal
from dictation.audio.silero import FRAME_SAMPLES
from dictation.errors import Cancelled, UsageError
from dictation.lexicon import EMPTY_VOCABULARY, Vocabulary
from dictation.speech.clock import clock
from dictation.speech.ear import Ear
from dictation.speech.live.arrival import Arrival, Gap
from dictation.speech.live.endpoint import Change, Ended, Endpoint, GivenBack, LeftOut, Opened
from dictation.speech.live.events import Event, Final, Notice
from dictation.speech.live.frames import Frames
from dictation.speech.live.phrases import Phrases
from dictation.speech.live.sound_level import SoundLevel
from dictation.speech.live.timing import DICTATION, Timing
from dictation.speech.live.untold import untold
from dictation.speech.transcript import Transcript, Word

_CHUNK = 10 * SAMPLE_RATE  # read from the journal at once
_LONG_GAP = 4 * SAMPLE_RATE  # half of it is heard as silence, which ends a phrase; the rest is passed over
_ONSET = SAMPLE_RATE // 10  # of a short pause, in which a soft first sound may lie
_WAIT_S = 0.05
_JOINED_S = 5.0  # softer voices closer together are one warning of the transcript


class LiveSession:
    """One dictation. Its methods are called from one thread; several sessions may share one ear.

    `vocabulary` may be set at any time and takes effect with the next hearing. `journal` stays open: closing it is the
    caller's. Raises MissingError where the package for finding speech is not installed.
    """

    def __init__(
        self,
        ear: Ear,
        journal: Journal,
        *,
        vocabulary: Vocabulary = EMPTY_VOCABULARY,
        timing: Timing = DICTATION,
        is_live: bool = True,
        told_s: float = 0.0,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin a dictation at block 0 of `journal`; `catch_up` takes in what is there already.

        Not `is_live`: no provisional words and no notice of delay. `told_s`: an earlier session over this journal told
        everything up to there, the end of one of its Finals; phrases are found as it found them, and what it told is
        not told again. `clock_s` only tells how late words come.
        """
        self.vocabulary = vocabulary
        self._ear, self._journal, self._timing, self._told_s = ear, journal, timing, told_s
        told = round(told_s * SAMPLE_RATE)
        self._phrases = Phrases(ear, journal, timing, told, is_live=is_live, clock_s=clock_s)
        lengths_s = (timing.end_silence_s, timing.grown_s, timing.grown_end_silence_s)
        self._endpoint = Endpoint(*(round(seconds * SAMPLE_RATE / FRAME_SAMPLES) for seconds in lengths_s))
        self._frames = Frames()
        self._level = SoundLevel()
        self._arrival = Arrival(journal.block_samples, timing.late_block_s)
        self._tail = round(timing.tail_s * SAMPLE_RATE)
        self._heard = 0  # sound up to this sample has been looked at
        self._framed = 0  # the sample at which the next frame begins
        self._blank_until = 0  # the end of the last gap or pause; what lies before is not heard with a phrase
        self._pause_until = 0  # the end of a pause in which blocks were counted and that is still to be passed over
        self._others_until = 0  # the end of the last speech that was somebody else's; neither is that
        self._covered = 0  # the end of the sound of the last phrase
        self._is_paused = self._is_finished = False
        self._words: list[Word] = []
        self._warnings: list[tuple[float, str]] = []
        self._left_out: list[tuple[float, float]] = []
        self._untold: list[Event] = []  # what happened and was not returned yet

    @property
    def heard_s(self) -> float:
        """Seconds of the dictation that have been looked at."""
        return self._heard / SAMPLE_RATE

    @property
    def is_idle(self) -> bool:
        """True where every phrase so far has its final words, and they were returned."""
        return self._phrases.is_idle and not self._untold

    def feed(self, block_number: int, samples: np.ndarray) -> list[Event]:
        """Take one block; return what happened. Never waits for the ear.

        `samples` is 16 kHz mono, shape (n,) or (n, 1), at most `journal.block_samples` long: floats with full scale at
        ±1 (what lies beyond is clipped, what is no number becomes silence, with a notice) or 16-bit integers. Blocks
        are numbered from 0; one that is known is ignored, a late one is waited for a second, and what does not come is
        heard as silence, with a notice; when it comes after all it is in the journal. While paused, new blocks are
        dropped. Raises ValueError for another type or shape, UsageError after `finish`, and what the journal raises.
        """
        if self._is_finished:
            raise UsageError("This dictation has ended; begin a new one.")
        block, bad = _checked(samples)
        if self._is_paused and block_number >= self._arrival.next:
            return self.poll()
        events: list[Event] = []
        if self._journal.append(block_number, block) is not None:
            gaps = self._arrival.add(block_number, len(block))
            events += self._listen(self._arrival.ready, gaps)
        if bad:
            text = f"{bad} samples of the microphone were no numbers and became silence; check the sound driver."
            events.append(Notice(kind="level", text=text, start_s=self.heard_s))
        self._keep(events)
        return self.poll()

    def poll(self) -> list[Event]:
        """Return what happened meanwhile, without new sound.

        Where this or another method raises, what had happened by then comes with the next call.
        """
        self._keep(self._phrases.collect())
        self._phrases.ask(self._framed, self.vocabulary)
        events, self._untold = self._untold, []
        return events

    def catch_up(self, until: int | None = None) -> list[Event]:
        """Listen to all that the journal holds and this session has not heard, as after a crash; or up to a sample."""
        samples, known = self._journal.samples if until is None else until, max(self._heard, self._pause_until)
        gaps = [Gap(max(start, known), stop) for start, stop in self._journal.gaps if known < stop <= samples]
        self._arrival = Arrival(self._journal.block_samples, self._timing.late_block_s, samples)
        self._arrival.skip_to(self._pause_until // self._journal.block_samples)
        self._keep(self._listen(samples, gaps))
        return self.poll()

    def pause(self) -> list[Event]:
        """End the open phrase; what is fed until `resume` is dropped."""
        self._keep([*self._all_arrived(), *self._changed(self._endpoint.finish(), self._heard)])
        self._blank_until = self._heard
        self._is_paused = True
        return self.poll()

    def resume(self, block_number: int | None = None) -> None:
        """Go on. `block_number` is the next block's, where blocks were counted while paused: that is no gap."""
        self._is_paused = False
        if block_number is not None:
            self._arrival.skip_to(block_number)
            self._pause_until = block_number * self._journal.block_samples

    def finish(self, timeout_s: float | None = None, cancel: Flag | None = None) -> list[Event]:
        """End the dictation: return what was left to tell, all final words among it.

        Waits for the ear, at most `timeout_s`: what was not heard by then is told in a notice and stays in the journal.
        When `cancel` is set, raises Cancelled; `finish` may then be called again.
        """
        self._is_finished = True
        ends_at_s = None if timeout_s is None else time.monotonic() + timeout_s
        self._keep([*self._all_arrived(), *self._last_frame(), *self._changed(self._endpoint.finish(), self._framed)])
        events = self.poll()
        while not self._phrases.is_idle:
            if cancel is not None and cancel.is_set():
                self._untold = events
                raise Cancelled("interrupted.")
            if ends_at_s is not None and time.monotonic() >= ends_at_s:
                self._keep(self._phrases.give_up())
                events += self.poll()
                break
            self._phrases.wait(_WAIT_S)
            events += self.poll()
        return events

    def transcript(self) -> Transcript:
        """Return all final words so far, and what a person should listen to again."""
        engine = self._ear.engine
        left_out = [(start_s, _softer_voice(start_s, end_s)) for start_s, end_s in _joined(self._left_out)]
        warnings = [*self._warnings, *left_out]
        return Transcript(
            recording=self._journal.id,
            words=tuple(self._words),
            engine=engine.model_copy(update={"settings": {**engine.settings, "live": asdict(self._timing)}}),
            duration_s=self.heard_s,
            warnings=tuple(dict.fromkeys((*self._journal.warnings, *(text for _, text in sorted(warnings))))),
        )

    def _listen(self, until: int, gaps: Sequence[Gap]) -> list[Event]:
        """Look at the sound up to sample `until`; what lies in a gap reads as silence."""
        events = self._past_pause() if self._heard < self._pause_until < until else []
        for gap in gaps:
            events += self._pass_through(gap.start)
            events += self._gap(gap)
        return events + self._pass_through(until)

    def _pass_through(self, until: int) -> list[Event]:
        events: list[Event] = []
        while self._heard < until:
            stop = min(until, self._heard + _CHUNK)
            samples = self._journal.read(self._heard, stop)
            samples = np.pad(samples, (0, stop - self._heard - len(samples)))
            self._heard = stop
            for is_voice, level_dbfs in self._frames.feed(samples):
                self._framed += FRAME_SAMPLES
                events += self._changed(self._endpoint.feed(is_voice, level_dbfs))
            self._follow()
            reference_dbfs = self._endpoint.voice.reference_dbfs
            for text, is_over in self._level.feed(samples, reference_dbfs, self.heard_s):
                events.append(Notice(kind="level", text=text, start_s=self.heard_s, is_over=is_over))
        return events

    def _past_pause(self) -> list[Event]:
        events = self._pass_over(self._pause_until)
        self._blank_until = self._pause_until
        return events

    def _pass_over(self, until: int) -> list[Event]:
        """Go on at sample `until` without a look at what lies before, but for less than a frame."""
        frames = max(0, until - self._heard) // FRAME_SAMPLES
        events = self._changed(self._endpoint.skip(frames), self._heard)
        self._heard += frames * FRAME_SAMPLES
        self._framed += frames * FRAME_SAMPLES
        return events + self._pass_through(until)

    def _gap(self, gap: Gap) -> list[Event]:
        events: list[Event] = []
        if gap.stop - gap.start > _LONG_GAP:
            events += self._pass_through(gap.start + _LONG_GAP // 2)
            events += self._pass_over(gap.stop)
        events += self._pass_through(gap.stop)
        self._blank_until = gap.stop
        start_s, end_s = gap.start / SAMPLE_RATE, gap.stop / SAMPLE_RATE
        text = f"{clock(start_s, end_s)}: {end_s - start_s:.1f} s of sound did not arrive; check what was said there."
        return [*events, Notice(kind="gap", text=text, start_s=start_s, end_s=end_s)]

    def _all_arrived(self) -> list[Event]:
        """Look at all sound that came, and give up what is missing in it."""
        events = self._listen(self._arrival.ready, self._arrival.finish())
        return events + self._pass_through(self._arrival.ready)

    def _last_frame(self) -> list[Event]:
        events: list[Event] = []
        for is_voice, level_dbfs in self._frames.finish():
            self._framed += FRAME_SAMPLES
            events += self._changed(self._endpoint.feed(is_voice, level_dbfs))
        return events

    def _follow(self) -> None:
        phrase, stop = self._phrases.open, self._endpoint.stop
        if phrase is not None and stop is not None:
            phrase.voice_stop = stop * FRAME_SAMPLES

    def _changed(self, changes: Sequence[Change], ends_at: int | None = None) -> list[Event]:
        """Take up what the frames so far changed, however they were fed; `ends_at`: no voice follows before there."""
        events: list[Event] = []
        for change in changes:
            if isinstance(change, Opened):
                self._begin(change.start * FRAME_SAMPLES, change.heard_from * FRAME_SAMPLES)
            elif isinstance(change, Ended):
                voice_stop = change.stop * FRAME_SAMPLES
                self._end(voice_stop, 0 if change.is_cut_off else self._room(voice_stop, ends_at), self._framed)
            elif isinstance(change, GivenBack):
                events.append(self._given_back(change))
            else:
                events.append(self._other_voice(change))
        return events

    def _room(self, voice_stop: int, ends_at: int | None) -> int:
        """The sound behind a voice that is heard with it; of a short pause a little is left to what follows."""
        room = self._framed - voice_stop if ends_at is None else ends_at - voice_stop
        if room >= self._tail:
            return self._tail
        return max(0, room - _ONSET if ends_at is None else room)

    def _begin(self, voice_start: int, heard_from: int) -> None:
        free_from = max(self._covered, self._blank_until, self._others_until, heard_from)
        first = max(free_from, voice_start - round(self._timing.before_s * SAMPLE_RATE))
        self._phrases.begin(voice_start, self._framed, min(first, voice_start))

    def _end(self, voice_stop: int, tail: int, told_at: int) -> None:
        voice_stop = min(voice_stop, self._heard)
        self._covered = min(voice_stop + tail, self._heard)
        self._phrases.end(voice_stop, self._covered, told_at)

    def _other_voice(self, left_out: LeftOut) -> Notice:
        start_s, end_s = (frame * FRAME_SAMPLES / SAMPLE_RATE for frame in (left_out.start, left_out.stop))
        self._others_until = left_out.stop * FRAME_SAMPLES
        self._left_out.append((start_s, end_s))
        return Notice(kind="voice", text=_softer_voice(start_s, end_s), start_s=start_s, end_s=end_s)

    def _given_back(self, given: GivenBack) -> Notice:
        """Hear after all what was left out since the last phrase."""
        start_s, end_s = given.start * FRAME_SAMPLES / SAMPLE_RATE, self._framed / SAMPLE_RATE
        self._left_out = [span for span in self._left_out if span[0] < start_s]
        self._others_until = min(self._others_until, given.start * FRAME_SAMPLES)
        for start, stop in given.phrases:
            self._begin(start * FRAME_SAMPLES, 0)
            has_pause = self._framed - stop * FRAME_SAMPLES >= 2 * self._tail
            self._end(stop * FRAME_SAMPLES, self._tail if has_pause else 0, stop * FRAME_SAMPLES)
        self._warnings.append((start_s, _taken_over(start_s, end_s)))
        return Notice(kind="own", text=_taken_over(start_s, end_s), start_s=start_s, end_s=end_s)

    def _keep(self, events: Sequence[Event]) -> None:
        """Take up what happened, for the transcript and for the caller."""
        if self._told_s:
            events = untold(events, self._told_s)
        for event in events:
            if isinstance(event, Final):
                self._words.extend(event.words)
                self._warnings.extend((event.start_s, text) for text in event.warnings)
            elif isinstance(event, Notice) and event.kind in ("gap", "engine", "level"):
                self._warnings.append((event.start_s, event.text))
        self._untold += events


def _softer_voice(start_s: float, end_s: float) -> str:
    return f"{clock(start_s, end_s)}: a voice that is softer than yours was left out; if it was yours, say it again."


def _taken_over(start_s: float, end_s: float) -> str:
    return f"{clock(start_s, end_s)}: only a softer voice spoke, so it is heard as yours; check that it was you."


def _joined(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Join spans that are close to each other: they make one warning."""
    joined: list[tuple[float, float]] = []
    for start_s, end_s in spans:
        if joined and start_s - joined[-1][1] < _JOINED_S:
            joined[-1] = (joined[-1][0], end_s)
        else:
            joined.append((start_s, end_s))
    return joined


def _checked(samples: np.ndarray) -> tuple[np.ndarray, int]:
    """Return a block as float32 in [-1, 1], shape (n,), and how many of its values were no numbers."""
    if not isinstance(samples, np.ndarray) or samples.dtype not in (np.float32, np.float64, np.int16):
        raise ValueError("a block of sound is a numpy array of float32, float64 or int16")
    if samples.ndim == 2 and samples.shape[1] == 1:
        samples = samples[:, 0]
    if samples.ndim != 1:
        raise ValueError(f"a block of sound has the shape (n,), one channel; this one has {samples.shape}")
    if samples.dtype == np.int16:
        return samples.astype(np.float32) / np.float32(32768), 0
    is_number = np.isfinite(samples)
    bad = int(samples.size - is_number.sum())
    block = samples if not bad else np.where(is_number, samples, 0)
    return np.clip(block, -1, 1).astype(np.float32), bad
