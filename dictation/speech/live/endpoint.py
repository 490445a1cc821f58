"""Where phrases of the dictating voice begin and end, and where somebody else spoke.

A phrase begins with voice as loud as the dictating one; softer voice just before it belongs to it, as a soft last word
behind it does. It ends with silence, or where only softer voice has gone on for longer than a last word takes: that is
a second person in the room, whose speech is left out and told. Voice that falls without a breath between is the
speaker's own for longer: the end of a sentence may sink by 10 dB and take its last words with it. A soft word by itself
is heard where the dictating voice is within two seconds of it. Where softer voice goes on for ten seconds and hardly
any other comes, it was the dictating one after all, further away or turned down: what was left out since the last
phrase is given back.
"""

from dataclasses import dataclass

from dictation.audio.marks import DICTATED, FRAME_S
from dictation.speech.live.dictating_voice import DictatingVoice

BURST_FRAMES = round(DICTATED.burst_s / FRAME_S)  # a shorter sound is a click
_SOFT_FRAMES = round(0.7 / FRAME_S)  # a soft first or last word; the level's own memory adds 0.3 s to a last one
_FALL_FRAMES = round(
    2.0 / FRAME_S
)  # a falling end, which no breath parts from the voice before; heard of people: 1.5 s
_NEARBY_FRAMES = round(2.0 / FRAME_S)  # between a soft word by itself and the phrase that it goes with
_BREATH_FRAMES = BURST_FRAMES + 1  # until voice that goes on is noticed again, and one frame
_CLOSE_FRAMES = round(0.2 / FRAME_S)  # heard before a phrase that a second voice leads up to


@dataclass(frozen=True)
class Opened:
    """A phrase has begun: its voice at frame `start`, nothing before frame `heard_from` belongs to it."""

    start: int
    heard_from: int


@dataclass(frozen=True)
class Ended:
    """The open phrase has ended: its voice reaches to frame `stop`; `is_cut_off`: a second voice follows at once."""

    stop: int
    is_cut_off: bool = False


@dataclass(frozen=True)
class LeftOut:
    """Somebody softer spoke from frame `start` to frame `stop`."""

    start: int
    stop: int


@dataclass(frozen=True)
class GivenBack:
    """The softer voice is the dictating one since frame `start`.

    Nothing from there on is left out: `phrases` are [start, stop) in frames, each a phrase, and all of them are over.
    """

    start: int
    phrases: tuple[tuple[int, int], ...]


Change = Opened | Ended | LeftOut | GivenBack


@dataclass
class _Voice:
    """Voice that goes on: from frame `start` to `stop`, as loud as the dictating one up to frame `near_stop`,
    without a breath up to frame `joined_stop`; `soft_frames` of softer voice are behind the near one."""

    start: int
    stop: int
    near_stop: int
    joined_stop: int = 0
    soft_frames: int = 0


class Endpoint:
    """Frames in, beginnings and ends of phrases out."""

    def __init__(self, end_frames: int, grown_frames: int, grown_end_frames: int) -> None:
        """A phrase ends after `end_frames` without voice; the longer it is, the fewer, down to `grown_end_frames`."""
        self.voice = DictatingVoice()
        self._end_frames, self._grown_frames, self._grown_end_frames = end_frames, grown_frames, grown_end_frames
        self._at = 0  # the number of the next frame
        self._open: _Voice | None = None
        self._softer: _Voice | None = None  # voice, or a click, that has not become a phrase yet
        self._word: tuple[int, int] | None = None  # a soft word by itself that a phrase may follow
        self._left: list[tuple[int, int]] = []  # what was left out since the last phrase
        self._free_from = 0  # the end of the last phrase or of somebody else's speech
        self._phrase_stop = -_NEARBY_FRAMES - 1  # of the last phrase of near voice
        self._voice_run = self._near_run = 0

    @property
    def stop(self) -> int | None:
        """The frame to which the voice of the open phrase reaches so far; None where no phrase is open."""
        return self._open.stop if self._open else None

    def feed(self, is_voice: bool, level_dbfs: float) -> list[Change]:
        """Take the next frame; return what it changed, in order."""
        self._at += 1
        is_near = is_voice and self.voice.is_near(level_dbfs)
        self._voice_run = self._voice_run + 1 if is_voice else 0
        self._near_run = self._near_run + 1 if is_near else 0
        changes = self._between(is_voice) if self._open is None else self._within(self._open)
        if is_near and self._open is not None:
            self.voice.hear(level_dbfs)
        elif is_voice and not is_near and self._voice_run >= BURST_FRAMES:
            self.voice.hear_softer(level_dbfs)
        return [*changes, *self._followed()] if self.voice.is_gone else changes

    def skip(self, frames: int) -> list[Change]:
        """Pass over frames without sound, as after a long gap; an open phrase ends."""
        changes = self.finish()
        self._at += frames
        return changes

    def finish(self) -> list[Change]:
        """End the open phrase at once. Voice that is cut off here may be a word however short it is."""
        changes: list[Change] = []
        if self._open is None and self._near_run:
            changes += self._begun(self._at - self._near_run)
        if self._open is not None:
            changes.append(self._ended(self._open.stop))
        changes += self._over() + self._word_left_out()
        self._voice_run = self._near_run = 0
        return changes

    def _between(self, is_voice: bool) -> list[Change]:
        changes: list[Change] = []
        if self._word is not None and self._at - self._word[1] > _NEARBY_FRAMES + BURST_FRAMES:
            changes += self._word_left_out()
        if self._softer is None:
            if not is_voice:
                return changes
            self._softer = _Voice(self._at - 1, self._at - 1, self._at - 1)
        softer = self._softer
        if self._voice_run >= BURST_FRAMES:
            softer.stop = self._at
        if self._near_run >= BURST_FRAMES:
            return changes + self._begun(self._at - self._near_run)
        if self._at - softer.stop >= self._end_frames:
            return changes + self._over()
        return changes

    def _begun(self, near_start: int) -> list[Change]:
        changes: list[Change] = []
        start = self._softer.start if self._softer else near_start
        if self._word is not None and near_start - self._word[1] <= _NEARBY_FRAMES:
            word, self._word = self._word, None
            changes += self._alone(*word)
        if near_start - start > _SOFT_FRAMES:
            assert self._softer is not None
            start = near_start
            self._softer.stop = max(self._softer.start, near_start - _CLOSE_FRAMES)
            softer, self._softer = self._softer, None
            changes += self._left_out(softer.start, softer.stop)
        changes += self._word_left_out()
        self._softer, self._left = None, []
        self._open = _Voice(start, self._at, self._at, self._at)
        return [*changes, Opened(start, self._free_from)]

    def _within(self, phrase: _Voice) -> list[Change]:
        if self._voice_run >= BURST_FRAMES:
            if self._at - phrase.stop <= _BREATH_FRAMES and phrase.joined_stop == phrase.stop:
                phrase.joined_stop = self._at
            phrase.stop = self._at
            phrase.soft_frames += 1
        if self._near_run >= BURST_FRAMES:
            phrase.near_stop = phrase.joined_stop = self._at
            phrase.soft_frames = 0
        is_fall = phrase.joined_stop == phrase.stop
        if phrase.soft_frames > (_FALL_FRAMES if is_fall else _SOFT_FRAMES):
            return self._cut_off(phrase)
        if self._at - phrase.stop >= self._end_of(phrase) and self._voice_run == 0:
            return [self._ended(phrase.stop)]
        return []

    def _end_of(self, phrase: _Voice) -> int:
        grown = min(1.0, (phrase.stop - phrase.start) / self._grown_frames)
        return round(self._end_frames - grown * (self._end_frames - self._grown_end_frames))

    def _ended(self, stop: int, *, is_cut_off: bool = False) -> Ended:
        self._open, self._free_from, self._phrase_stop = None, stop, stop
        return Ended(stop, is_cut_off)

    def _cut_off(self, phrase: _Voice) -> list[Change]:
        """Somebody else speaks: the phrase ends there, behind a soft last word that a breath parts from that voice."""
        is_parted = phrase.joined_stop < phrase.stop
        stop = phrase.joined_stop if is_parted else phrase.near_stop
        self._softer = _Voice(stop, phrase.stop, stop)
        return [self._ended(stop, is_cut_off=True)]

    def _over(self) -> list[Change]:
        """Softer voice has ended: a word that goes with a phrase is heard, or may be; a longer one is left out."""
        softer, self._softer = self._softer, None
        if softer is None or softer.stop - softer.start < BURST_FRAMES:
            return []
        changes = self._word_left_out()
        if softer.stop - softer.start > _SOFT_FRAMES:
            return changes + self._left_out(softer.start, softer.stop)
        if softer.start - self._phrase_stop <= _NEARBY_FRAMES:
            return changes + self._alone(softer.start, softer.stop)
        self._word = (softer.start, softer.stop)
        return changes

    def _alone(self, start: int, stop: int) -> list[Change]:
        """A phrase of one soft word; what was left out before it stays so, as phrases come in order."""
        opened, self._free_from, self._left = Opened(start, self._free_from), stop, []
        return [opened, Ended(stop)]

    def _word_left_out(self) -> list[Change]:
        word, self._word = self._word, None
        return self._left_out(*word) if word else []

    def _left_out(self, start: int, stop: int) -> list[Change]:
        self._left.append((start, stop))
        self._free_from = stop
        return [LeftOut(start, stop)]

    def _followed(self) -> list[Change]:
        """The softer voice is the dictating one: give back what was left out, and go on with what it says now."""
        self.voice.follow_softer()
        if self._open is not None:
            return []
        pieces = [*self._left, *([self._word] if self._word else [])]
        softer, self._left, self._word = self._softer, [], None
        self._free_from = max([self._phrase_stop, *(stop for _, stop in pieces)])
        if softer is not None and softer.stop > softer.start:
            self._softer, self._open = None, _Voice(softer.start, softer.stop, softer.stop, softer.stop)
            opened = Opened(softer.start, self._free_from)
            return [GivenBack(pieces[0][0] if pieces else softer.start, tuple(pieces)), opened]
        return [GivenBack(pieces[0][0], tuple(pieces))] if pieces else []
