"""A text becomes sound: the voices of espeak-ng, flite and festival (Debian packages), at any speed and pitch.

Out comes 16 kHz float32, its silent ends cut, its voice at a given level. Nobody's voice, no patient.
"""

import random
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

from dictation.audio import SAMPLE_RATE

ESPEAK = [f"{accent}{variant}" for accent in ("en-us", "en-gb") for variant in ("", "+f2", "+f3", "+m3")]
FLITE = ["slt", "rms", "awb"]
FESTIVAL = "festival"  # its voice cmu_us_slt_arctic_hts
SILENT_DB = -40.0  # below the loudest 10 ms: the silent end of a recording


@dataclass(frozen=True)
class Voice:
    """One way to speak: `name` of ESPEAK, FLITE or FESTIVAL; `speed` and `pitch` times its own, not for festival."""

    name: str
    speed: float = 1.0
    pitch: float = 1.0


def any_voice(chosen: random.Random, festival: float = 0.0) -> Voice:
    """Draw a voice of espeak-ng or flite, as likely each, or with a given probability festival's, which is slow."""
    name = FESTIVAL if chosen.random() < festival else chosen.choice(chosen.choice([ESPEAK, FLITE]))
    return Voice(name, chosen.uniform(0.85, 1.2), chosen.uniform(0.85, 1.2))


def speak(text: str, voice: Voice) -> np.ndarray:
    """Return the sound of a text: 16 kHz, float32, shape (n,), RMS -20 dBFS, 30 ms of silence at most at each end."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        subprocess.run(_command(text, voice, path), check=True, capture_output=True, input=text, encoding="utf-8")
        samples, rate = soundfile.read(path, dtype="float32")
    return levelled(cut(soxr.resample(samples, rate, SAMPLE_RATE)))


def _command(text: str, voice: Voice, path: Path) -> list[str]:
    if voice.name in ESPEAK:
        speed, pitch = round(165 * voice.speed), round(50 * voice.pitch)
        return ["espeak-ng", "-v", voice.name, "-s", str(speed), "-p", str(pitch), "-w", str(path), "--stdin"]
    if voice.name in FLITE:
        stretch = f"duration_stretch={1 / voice.speed:.3f}"
        pitch = f"int_f0_target_mean={(170 if voice.name == 'slt' else 100) * voice.pitch:.0f}"
        return ["flite", "-voice", voice.name, "--setf", stretch, "--setf", pitch, "-t", text, "-o", str(path)]
    return ["text2wave", "-eval", "(voice_cmu_us_slt_arctic_hts)", "-o", str(path)]


def cut(samples: np.ndarray) -> np.ndarray:
    """Return the sound without its silent ends, 30 ms of each kept."""
    hop = SAMPLE_RATE // 100
    loudness = np.square(samples[: len(samples) // hop * hop].reshape(-1, hop)).mean(axis=1)
    [loud] = np.nonzero(loudness > loudness.max() * 10 ** (SILENT_DB / 10))
    return samples[max(0, loud[0] - 3) * hop : (loud[-1] + 4) * hop]


def joined(clips: Sequence[np.ndarray], pauses_s: Sequence[float]) -> tuple[np.ndarray, list[float]]:
    """Return clips with silence before each and after the last, and the second in which each begins.

    There is one pause more than there are clips.
    """
    pieces, starts_s = [np.zeros(round(pauses_s[0] * SAMPLE_RATE), np.float32)], []
    for clip, pause_s in zip(clips, pauses_s[1:], strict=True):
        starts_s.append(sum(map(len, pieces)) / SAMPLE_RATE)
        pieces += [clip, np.zeros(round(pause_s * SAMPLE_RATE), np.float32)]
    return np.concatenate(pieces), starts_s


def with_noise(samples: np.ndarray, noise_dbfs: float, random: np.random.Generator) -> np.ndarray:
    """Return the sound with white noise of this RMS, in dB below full scale, float32, cut where it would clip."""
    noise = random.standard_normal(len(samples), np.float32) * np.float32(10 ** (noise_dbfs / 20))
    return np.clip(samples + noise, -1.0, 1.0)


def levelled(samples: np.ndarray, level_dbfs: float = -20.0) -> np.ndarray:
    """Return the sound with this RMS, in dB below full scale; lower where it would clip."""
    rms, peak = np.sqrt(np.mean(np.square(samples))), np.abs(samples).max()
    return samples * np.float32(min(10 ** (level_dbfs / 20) / rms, 0.95 / peak))
