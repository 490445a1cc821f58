"""Where sound was lost inside a recording: a stretch of one and the same sample value that cuts through a voice.

A damaged copy or a lost connection leaves zeros. So does a noise gate, and synthetic speech, in every pause; but a gate
closes where the voice has faded, and leaves no pause that holds soft noise. A stretch is reported where the sound
beside it stops or begins at the level of a voice, in a recording most of whose pauses are not digitally silent, or
where it begins or ends with a jump that no voice makes. Measured: seven of ten cuts in mid-speech are found, and none
of the pauses of gated or synthetic speech.
"""

import numpy as np

_LEAST_S = 0.3  # shorter ones take no word away
_COUNTED_S = 0.1  # of the digitally silent pauses that are compared with those that are not
_EDGE_S = 0.005  # of the sound beside a stretch, in which its level is measured
_STEP_S = 0.0005  # of it, in which the jump is compared with the steps between its samples
_VOICE = 10 ** (-15 / 20)  # of the level of the whole recording: a voice, even a soft one
_JUMP, _STEPS = 0.1, 6.0  # a jump is at least this much of that level, and so many times as large as any step beside it
_FRAME_S, _PAUSE_FRAMES = 0.02, 5
_PAUSE = 10 ** (-25 / 20)  # of the level of the whole recording: no voice, noise at most
_SHOWN = 5  # stretches that a warning names


class Dropouts:
    """Looks at every frame that passes, in bounded memory, for stretches that were lost."""

    def __init__(self) -> None:
        self._rate = 0
        self._before_s = 0.0  # of sound at other rates
        self._at = 0  # the index of the first frame of `_held`
        self._skipped = 0  # frames that were taken out of the stretch that `_held` ends with
        self._held = np.zeros((0, 1), np.float32)
        self._rest = np.zeros((0, 1), np.float32)  # of the last whole 20 ms
        self._levels: list[np.ndarray] = []  # of each 20 ms; negative where all its samples are the same
        self._silent = 0
        self._found: list[tuple[float, float, float, float]] = []  # start, end, the level and the jump beside it

    def feed(self, frames: np.ndarray, rate_hz: int) -> None:
        """Take in the next frames, shape (n, channels)."""
        frames = np.nan_to_num(frames, nan=0.0, posinf=0.0, neginf=0.0)
        if rate_hz != self._rate or frames.shape[1] != self._held.shape[1]:
            if self._rate:
                self._before_s += (self._at + len(self._held) + self._skipped) / self._rate
            self._rate, self._at, self._skipped = rate_hz, 0, 0
            self._held = self._rest = frames[:0]
        self._measure(frames)
        self._search(np.concatenate([self._held, frames]))

    def warnings(self, name: str) -> list[str]:
        """One sentence with the seconds of what was lost; complete after the last frame."""
        levels = np.concatenate(self._levels) if self._levels else np.zeros(0)
        whole = float(np.sqrt(np.mean(np.maximum(levels, 0) ** 2))) if len(levels) else 0.0
        is_soft = (levels >= 0) & (levels < _PAUSE * whole)
        edges = np.diff(np.concatenate([[0], is_soft.astype(np.int8), [0]]))
        lengths = np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)
        has_noise = int((lengths >= _PAUSE_FRAMES).sum()) > self._silent
        lost = [
            f"{start_s:.1f} to {end_s:.1f} s"
            for start_s, end_s, level, jump in self._found
            if jump > _JUMP * whole or (has_noise and level > _VOICE * whole)
        ]
        if not lost:
            return []
        more = f" and {len(lost) - _SHOWN} more" if len(lost) > _SHOWN else ""
        where = ", ".join(lost[:_SHOWN]) + more
        return [f"{name}: the sound drops out ({where}), so words may be missing there; copy or record the file again."]

    def _measure(self, frames: np.ndarray) -> None:
        length = max(1, round(_FRAME_S * self._rate))
        sound = np.concatenate([self._rest, frames])
        stop = len(sound) - len(sound) % length
        whole = sound[:stop].reshape(-1, length, sound.shape[1])
        levels = np.sqrt(whole.var(axis=1).mean(axis=1))
        self._levels.append(np.where(np.ptp(whole, axis=1).max(axis=1) == 0, -1.0, levels))
        self._rest = sound[stop:].copy()

    def _search(self, sound: np.ndarray) -> None:
        """Look for stretches that end inside `sound`; keep of it what is needed to go on."""
        edge = max(1, round(_EDGE_S * self._rate))
        is_same = np.concatenate([[0], np.all(sound[1:] == sound[:-1], axis=1).astype(np.int8), [0]])
        edges = np.diff(is_same)
        starts, stops = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) + 1
        keep = max(0, len(sound) - edge)
        for start, stop in zip(starts, stops, strict=True):
            if stop > len(sound) - edge:
                if stop - start > edge or stop == len(sound):
                    keep = min(keep, max(0, int(start) - edge))
                    break
                continue
            skipped, self._skipped = self._skipped, 0
            self._take(sound, int(start), int(stop), skipped)
            self._at += skipped
        open_from = int(starts[-1]) if len(starts) and stops[-1] == len(sound) else len(sound)
        longest = round(_LEAST_S * self._rate) + 2 * edge
        self._at += keep
        if len(sound) - open_from > longest:
            self._skipped += len(sound) - open_from - longest
            sound = sound[: open_from + longest]
        self._held = sound[keep:].copy()

    def _take(self, sound: np.ndarray, start: int, stop: int, skipped: int) -> None:
        length, first = stop - start + skipped, self._at + start
        if length < _COUNTED_S * self._rate or start < _EDGE_S * self._rate:
            return
        self._silent += 1
        if length < _LEAST_S * self._rate:
            return
        edge, value = max(1, round(_EDGE_S * self._rate)), sound[start]
        beside = [(sound[start - edge : start] - value)[::-1], sound[stop : stop + edge] - value]
        level = max(float(np.sqrt(np.mean(one**2))) for one in beside)
        jump = max(self._jump(one) for one in beside)
        start_s = self._before_s + first / self._rate
        self._found.append((start_s, start_s + length / self._rate, level, jump))

    def _jump(self, beside: np.ndarray) -> float:
        """The height of the jump to sound whose first frame lies at the stretch; 0 where its steps are as large."""
        near = beside[: max(8, round(_STEP_S * self._rate))]
        height, step = float(np.abs(near[0]).max()), float(np.abs(np.diff(near, axis=0)).max(initial=0))
        return height if height > _STEPS * step else 0.0
