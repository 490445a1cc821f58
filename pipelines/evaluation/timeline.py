"""Deletion bursts on a time line: how loud a recording is, its mel spectrogram, and where words are gone."""

import io
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from math import ceil
from pathlib import Path

import numpy as np

from dictation.audio import SAMPLE_RATE
from dictation.evaluation import Run, Span, burst_runs
from pipelines.evaluation.confused import CLASSES, MARKS
from pipelines.evaluation.measuring import Measured
from pipelines.evaluation.showing import seconds_shown
from pipelines.evaluation.sounds import LONGEST_S, MARGIN_S, Parts, around, player, read_parts

ON_PAGE = 20  # recordings of systems
SHOWN_S = 60.0  # of one recording
PLAYERS = 3  # of a figure
HATCHED = (
    '<svg class="pattern" width="0" height="0" aria-hidden="true"><defs><pattern id="hatched" width="8" height="8"'
    ' patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hatch" x1="0" x2="0" y1="0" y2="8"/>'
    "</pattern></defs></svg>"
)
WORDS = 24  # of a burst that are shown
WIDTH, LEFT = 1100, 40  # of a figure, in pixels of its own
TOP, WAVE, MEL, MARKED, AXIS = 22, 70, 150, 26, 24  # heights of its parts, from above
COLUMNS = 1000  # of the spectrogram, at most
POINTS = 530  # of the waveform
BANDS, FFT, HOP = 64, 1024, 160  # of the spectrogram: mel bands, samples, samples
QUIETEST_DB = -70.0  # below the loudest: white
TICKS = 12


@dataclass(frozen=True)
class Burst:
    """Words lost in a row, and where: [start, end) in seconds."""

    words: tuple[str, ...]
    run: Run
    span: Span


@dataclass(frozen=True)
class Line:
    """The bursts of one recording by one system."""

    label: str
    one: Measured
    bursts: tuple[Burst, ...]

    @property
    def lost(self) -> int:
        """Words lost in bursts."""
        return sum(len(burst.run) for burst in self.bursts)

    @cached_property
    def part(self) -> Span:
        """What is shown of the recording, in seconds: what lies around its bursts, or around the largest of them."""
        largest = max(self.bursts, key=lambda burst: len(burst.run))
        first, last = self.bursts[0].span[0], max(burst.span[1] for burst in self.bursts)
        if last - first > SHOWN_S - 2 * MARGIN_S:
            first, last = largest.span[0], min(largest.span[1], largest.span[0] + SHOWN_S - 2 * MARGIN_S)
        start = 0.0 if last + MARGIN_S <= SHOWN_S else max(0.0, first - (SHOWN_S - (last - first)) / 2)
        return start, start + SHOWN_S


def lines(measured: Mapping[str, Sequence[Measured]]) -> tuple[list[Line], int]:
    """The recordings with bursts after wording, most lost words first; and how many others have no seconds."""
    found: list[Line] = []
    without = 0
    for label, of_system in measured.items():
        for one in of_system:
            steps, seconds = one.steps["written"], one.seconds["written"]
            bursts = []
            for run in burst_runs(steps):
                span = seconds[run.first]
                if span is not None:
                    words = tuple(step.said for step in steps[run.first : run.end])
                    bursts.append(Burst(words, run, span))
            if bursts:
                found.append(Line(label, one, tuple(bursts)))
            else:
                without += bool(burst_runs(steps))
    return sorted(found, key=lambda line: -line.lost), without


def timelines_html(measured: Mapping[str, Sequence[Measured]]) -> str:
    """A figure for each of the recordings that lost most; "" where none has a burst."""
    found, without = lines(measured)
    shown = found[:ON_PAGE]
    sounds = read_parts(_wanted(shown))
    notes = []
    if len(found) > ON_PAGE:
        notes.append(f"{len(found) - ON_PAGE} more recordings with bursts stand in alignments.jsonl.")
    if without:
        notes.append(f"Of {without} recordings with bursts the hypothesis has no seconds: they are not drawn.")
    figures = "".join(_figure(line, sounds) for line in shown)
    return (HATCHED if shown else "") + figures + "".join(f"<p>{note}</p>" for note in notes)


def _wanted(shown: Iterable[Line]) -> dict[Path, list[Span]]:
    wanted: dict[Path, list[Span]] = {}
    for line in shown:
        spans = [line.part, *(around(burst.span) for burst in line.bursts[:PLAYERS])]
        wanted.setdefault(line.one.recording.audio, []).extend(spans)
    return wanted


def _figure(line: Line, sounds: Parts) -> str:
    recording, audio = line.one.recording, line.one.recording.audio
    bursts = "1 burst" if len(line.bursts) == 1 else f"{len(line.bursts)} bursts"
    title = f"{line.label}, {recording.id}: {line.lost} words lost in {bursts}"
    listed = "".join(_listed(line, burst, sounds) for burst in line.bursts[:PLAYERS])
    if len(line.bursts) > PLAYERS:
        listed += f"<li>and {len(line.bursts) - PLAYERS} more</li>"
    samples = sounds.get((audio, line.part))
    drawn = "<p>Its sound could not be read any more.</p>" if samples is None else _drawn(line, title, samples)
    return f'<div class="timeline"><h3>{escape(title)}</h3>{drawn}<ul class="bursts">{listed}</ul></div>'


def _listed(line: Line, burst: Burst, sounds: Parts) -> str:
    """What was lost in a burst, with its player."""
    where = seconds_shown(*burst.span)
    samples = sounds.get((line.one.recording.audio, around(burst.span)))
    long = " (its beginning)" if burst.span[1] - burst.span[0] > LONGEST_S - 2 * MARGIN_S else ""
    sound = "" if samples is None else player(samples, f"{line.one.recording.id}, {where}")
    words = " ".join(burst.words[:WORDS]) + (" …" if len(burst.words) > WORDS else "")
    return (
        f'<li class="sound"><span>{len(burst.words)} words, {where}{long}</span>{sound}'
        f'<span class="lost"><b>−</b>{escape(words)}</span></li>'
    )


def _drawn(line: Line, title: str, samples: np.ndarray) -> str:
    """The waveform above the spectrogram; bursts hatched through both, other errors as their marks below."""
    begins_s, seconds = line.part[0], len(samples) / SAMPLE_RATE

    def x(at_s: float) -> float:
        return round(LEFT + (WIDTH - LEFT) * min(max(at_s - begins_s, 0.0), seconds) / seconds, 1)

    foot = TOP + WAVE + MEL
    height = foot + MARKED + AXIS
    drawn = (
        f'<path class="wave" d="{_wave(samples)}"/>'
        f'<image class="mel" x="{LEFT}" y="{TOP + WAVE}" width="{WIDTH - LEFT}" height="{MEL}"'
        f' preserveAspectRatio="none" href="data:image/png;base64,{b64encode(mel_png(samples)).decode()}"/>'
        f'<text x="0" y="{TOP + WAVE + 12}">8 kHz</text><text x="0" y="{foot - 2}">0 Hz</text>'
    )
    for burst in line.bursts:
        left, right = x(burst.span[0]), x(burst.span[1])
        if burst.span[1] < begins_s or burst.span[0] > begins_s + seconds:
            continue
        width = max(3.0, round(right - left, 1))
        drawn += (
            f'<rect class="burst" fill="url(#hatched)" x="{left}" y="{TOP}" width="{width}" height="{WAVE + MEL}"/>'
            f'<text class="lost-words" x="{left}" y="{TOP - 7}">− {len(burst.words)} words</text>'
        )
    drawn += "".join(
        f'<text class="mark {CLASSES[kind]}" x="{x(at_s)}" y="{foot + 19}">{MARKS[kind]}</text>'
        for kind, at_s in _other_errors(line, begins_s, begins_s + seconds)
    )
    step, axis = _step(seconds), foot + MARKED
    drawn += f'<line class="axis" x1="{LEFT}" x2="{WIDTH}" y1="{axis}" y2="{axis}"/>'
    for number in range(ceil(begins_s / step), int((begins_s + seconds) / step) + 1):
        at = x(number * step)
        drawn += (
            f'<line class="axis" x1="{at}" x2="{at}" y1="{axis}" y2="{axis + 5}"/>'
            f'<text class="tick" x="{at}" y="{axis + 18}">{number * step:g} s</text>'
        )
    return (
        f'<figure><svg width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="img">'
        f"<title>{escape(title)}</title>{drawn}</svg></figure>"
    )


def _other_errors(line: Line, start_s: float, end_s: float) -> list[tuple[str, float]]:
    """Kind and middle of each error outside bursts that lies in [start, end] seconds."""
    inside = {at for burst in line.bursts for at in range(burst.run.first, burst.run.end)}
    found: list[tuple[str, float]] = []
    for at, (step, span) in enumerate(zip(line.one.steps["written"], line.one.seconds["written"], strict=True)):
        if step.kind != "hit" and at not in inside and span is not None:
            middle_s = sum(span) / 2
            if start_s <= middle_s <= end_s:
                found.append((step.kind, middle_s))
    return found


def _step(seconds: float) -> float:
    """Between two ticks, so that there are TICKS at most."""
    return next(step for step in (0.5, 1, 2, 5, 10, 20) if seconds / step <= TICKS or step == 20)


def envelope(samples: np.ndarray, points: int = POINTS) -> np.ndarray:
    """The loudest sample, 0–1, of each of at most `points` equal parts."""
    size = max(1, ceil(len(samples) / points))
    padded = np.pad(np.abs(samples), (0, -len(samples) % size))
    return np.asarray(padded.reshape(-1, size).max(axis=1))


def _wave(samples: np.ndarray) -> str:
    """The envelope as a closed line, mirrored at the middle; the loudest part is as high as the room for it."""
    loud = envelope(samples)
    loud = loud / max(float(loud.max()), 1e-6) * (WAVE / 2 - 2)
    places = LEFT + (WIDTH - LEFT) * (np.arange(len(loud)) + 0.5) / len(loud)
    middle = TOP + WAVE / 2
    above = [f"{x:.0f},{middle - y:.1f}" for x, y in zip(places, loud, strict=True)]
    below = [f"{x:.0f},{middle + y:.1f}" for x, y in zip(places[::-1], loud[::-1], strict=True)]
    return f"M{' '.join([*above, *below])}Z"


def mel_spectrogram(samples: np.ndarray) -> np.ndarray:
    """The power in BANDS mel bands from 0 to 8 kHz, in dB below the loudest, shape (BANDS, COLUMNS or fewer)."""
    import librosa

    hop = max(HOP, ceil(len(samples) / COLUMNS))
    power = librosa.feature.melspectrogram(y=samples, sr=SAMPLE_RATE, n_fft=max(FFT, hop), hop_length=hop, n_mels=BANDS)
    return np.asarray(librosa.power_to_db(power, ref=np.max, top_db=-QUIETEST_DB))


def mel_png(samples: np.ndarray) -> bytes:
    """The mel spectrogram as a picture in greys, high tones above: the louder, the darker."""
    from PIL import Image

    grey = np.clip(mel_spectrogram(samples) / QUIETEST_DB, 0, 1) * 255
    out = io.BytesIO()
    Image.fromarray(np.flipud(grey).astype(np.uint8)).save(out, "PNG", optimize=True)
    return out.getvalue()
