"""Recordings of many lengths and formats with known texts: the lines of audio_samples, joined anew.

Each line of a script was spoken by itself, with digital silence after it, so a recording can be cut into its lines and
these put together in any order; the noisy one stays whole. No line comes twice in one recording: a recognizer that
takes repetition for a failure is not led astray.
"""

import json
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

from dictation.audio import SAMPLE_RATE, Recording
from dictation.audio.marks import runs

SAMPLES = Path(__file__).parent.parent / "audio_samples"
LENGTHS_S = ((0.75, 3.0, 10.0), (0.2, 10.0, 30.0), (0.05, 30.0, 90.0))  # share of the recordings, from, to
PAUSE_S = (0.3, 1.2)  # between two lines
LONG_PAUSE_S, LONG_PAUSES = (4.0, 8.0), 0.05  # while the images are looked at, and how often
EDGE_S = 0.3
QUIET = 0.002  # of the loudest sample
# ending, codec (None: libsndfile writes it), rate in Hz, channels
KINDS = (
    ("wav", None, 16_000, 1), ("flac", None, 16_000, 1), ("wav", None, 44_100, 2), ("mp3", None, 22_050, 1),
    ("ogg", None, 16_000, 1), ("m4a", "aac", 44_100, 1), ("webm", "libopus", 48_000, 1), ("wav", None, 8_000, 1),
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """What was spoken at one go: its sound, 16 kHz mono, and its words."""

    sound: np.ndarray
    text: str


@dataclass(frozen=True)
class Made:
    """A recording that was made: its place below the folder, its seconds and what is said in it."""

    place: str
    duration_s: float
    text: str


def make(folder: Path, count: int, seed: int, spoken: float = 1.0) -> list[Made]:
    """Make recordings in subfolders. Equal options give equal files.

    Where a share of less than 1 is `spoken`, for the tests, those are of one line and the others half a second of
    silence.
    """
    rng = random.Random(seed)
    known = lines()
    made = []
    for number in range(count):
        _, low, high = rng.choices(LENGTHS_S, [share for share, _, _ in LENGTHS_S])[0]
        sound, text = _dictated(known, 0.0 if spoken < 1 else rng.uniform(low, high), rng)
        if spoken < 1 and number % round(1 / spoken):
            sound, text = np.zeros(SAMPLE_RATE // 2, np.float32), ""
        ending, codec, rate_hz, channels = KINDS[number % len(KINDS)]
        place = f"{number % 7}/{number:04d}.{ending}"
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        _write(folder / place, sound, codec, rate_hz, channels)
        made.append(Made(place, len(sound) / SAMPLE_RATE, text))
    return made


def lines() -> list[Line]:
    """The lines of all samples. Raises ValueError where a recording does not have the pauses of its script."""
    found = []
    for sample in json.loads((SAMPLES / "samples.json").read_text(encoding="utf-8")):
        sound = Recording(SAMPLES / sample["audio"]).samples()
        said = (SAMPLES / sample["script"]).read_text(encoding="utf-8").splitlines()
        if "noise_db" in sample["synthesis"]:
            found.append(Line(sound, " ".join(said)))
            continue
        pause = round((sample["synthesis"]["gap_s"] - 0.08) * SAMPLE_RATE)
        quiet = [run for run in runs(np.abs(sound) <= QUIET * np.abs(sound).max()) if run[1] - run[0] >= pause]
        if len(quiet) != len(said) + 1:
            raise ValueError(f"{sample['id']}: {len(said)} lines and {len(quiet)} pauses")
        for text, (_, start), (stop, _) in zip(said, quiet[:-1], quiet[1:], strict=True):
            margin = pause // 4
            found.append(Line(sound[start - margin : stop + margin], text))
    return found


def _dictated(known: list[Line], wanted_s: float, rng: random.Random) -> tuple[np.ndarray, str]:
    """Lines in a random order until they last `wanted_s`, or there are no more."""
    pieces, said = [_silence(EDGE_S)], []
    for line in rng.sample(known, len(known)):
        longest_s = max(wanted_s, 5.0)
        if len(line.sound) > longest_s * SAMPLE_RATE:
            continue
        pause_s = rng.uniform(*(LONG_PAUSE_S if rng.random() < LONG_PAUSES else PAUSE_S))
        pieces += [line.sound, _silence(pause_s)]
        said.append(line.text)
        if sum(map(len, pieces)) >= wanted_s * SAMPLE_RATE:
            break
    return np.concatenate([*pieces[:-1], _silence(EDGE_S)]), " ".join(said)


def _silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * SAMPLE_RATE), np.float32)


def _write(path: Path, samples: np.ndarray, codec: str | None, rate_hz: int, channels: int) -> None:
    import av

    sound = soxr.resample(samples, SAMPLE_RATE, rate_hz).clip(-1, 1).astype(np.float32)
    if codec is None:
        soundfile.write(path, np.repeat(sound[:, None], channels, axis=1), rate_hz)
        return
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=rate_hz, layout="mono")
        resampler = av.AudioResampler(format=stream.format, layout="mono", rate=rate_hz)
        frame = av.AudioFrame.from_ndarray(sound.reshape(1, -1), "fltp", "mono")
        frame.sample_rate = rate_hz
        for given in [*resampler.resample(frame), None]:
            out.mux(stream.encode(given))
