"""Speech that the small MedASR never saw: held-out sentences with their texts, alone or joined to a long dictation.

`held_out_clips()` reads the twelve that are committed and needs no voices; `held_out_speech(count)` speaks as many
as are wanted with espeak-ng and flite (the same each time, kept in a temporary folder); `dictation(...)` joins them.
"""

import hashlib
import json
import os
import random
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.small_lasr.grammar import utterances
from benchmarks.small_lasr.said import said
from benchmarks.small_lasr.voices import Voice, any_voice, joined, levelled, speak, with_noise
from dictation.audio import SAMPLE_RATE
from tests.speech.tiny_lasr import SMALL_LASR

HELD_OUT = SMALL_LASR.parent / "held_out"
COMMITTED = [0, 1, 3, 10, 11, 12, 15, 18, 21, 29, 31, 40]  # of the held-out speech, by number
SPOKEN = Path(tempfile.gettempdir()) / "small_lasr_speech"


@dataclass(frozen=True, eq=False)
class Utterance:
    """What MedASR would write (`text`, with `{period}` and `[FINDINGS]`), what is said, its 16 kHz float32 samples."""

    text: str
    spoken: str
    samples: np.ndarray


@dataclass(frozen=True, eq=False)
class Dictation:
    """Utterances in one recording: 16 kHz float32 samples, and the seconds between which each is said."""

    utterances: tuple[Utterance, ...]
    samples: np.ndarray
    starts_s: tuple[float, ...]
    ends_s: tuple[float, ...]

    @property
    def text(self) -> str:
        """All that MedASR would write."""
        return " ".join(utterance.text for utterance in self.utterances)


def held_out_clips() -> list[Utterance]:
    """Return the committed utterances."""
    texts = json.loads((HELD_OUT / "texts.json").read_text(encoding="utf-8"))
    return [Utterance(text, said(text), _read(HELD_OUT / name)) for name, text in texts.items()]


def held_out_speech(count: int, seed: int = 0) -> list[Utterance]:
    """Return `count` different held-out utterances in many voices; the same for the same seed and versions."""
    chosen = random.Random(seed)
    texts = list(islice(utterances(seed, held_out=True), count))
    voices = [any_voice(chosen) for _ in texts]
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(_spoken, texts, voices))


def dictation(
    utterances: Sequence[Utterance],
    pauses_s: Sequence[float] = (1.0,),
    level_dbfs: float = -24.0,
    noise_dbfs: float = -65.0,
    seed: int = 0,
) -> Dictation:
    """Join utterances, with pauses taken from `pauses_s` in turn before, between and after them, and white noise."""
    clips = [levelled(utterance.samples, level_dbfs) for utterance in utterances]
    samples, starts_s = joined(clips, list(islice(cycle(pauses_s), len(clips) + 1)))
    ends_s = (start_s + len(clip) / SAMPLE_RATE for start_s, clip in zip(starts_s, clips, strict=True))
    noisy = with_noise(samples, noise_dbfs, np.random.default_rng(seed))
    return Dictation(tuple(utterances), noisy, tuple(starts_s), tuple(ends_s))


def _spoken(text: str, voice: Voice) -> Utterance:
    name = hashlib.sha256(f"{text} {voice}".encode()).hexdigest()[:24]
    path = SPOKEN / f"{name}.flac"
    if not path.exists():
        SPOKEN.mkdir(exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.flac")  # two processes may speak it at once
        soundfile.write(part, speak(said(text), voice), SAMPLE_RATE)
        part.replace(path)
    return Utterance(text, said(text), _read(path))


def _read(path: Path) -> np.ndarray:
    samples, rate = soundfile.read(path, dtype="float32")
    assert rate == SAMPLE_RATE
    return samples


def main() -> None:
    """Speak the committed utterances anew: sides, negations, sizes, levels, commands and headings in many voices."""
    spoken = held_out_speech(60)
    named = {f"{number:02d}.flac": spoken[number] for number in COMMITTED}
    HELD_OUT.mkdir(exist_ok=True)
    for name, utterance in named.items():
        soundfile.write(HELD_OUT / name, utterance.samples, SAMPLE_RATE)
    texts = {name: utterance.text for name, utterance in named.items()}
    (HELD_OUT / "texts.json").write_text(json.dumps(texts, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
