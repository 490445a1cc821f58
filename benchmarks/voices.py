"""Speech synthesis: a line of text in, 16 kHz mono out. All of it is synthetic speech, and says so wherever it is used.

The voices are programs of their own; none is a dependency of the project.
"""

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

SAMPLE_RATE = 16_000  # Hz
EDGE = 0.01  # of the loudest sample: below it, the ends of a line are silence
Sound = NDArray[np.float32]

_FLITE = "apt-get install flite"
_HIBARI = "pip install hibari-tts==0.2.1 in an environment of its own, its bin folder on PATH"


@dataclass(frozen=True)
class Voice:
    """One voice: the command that speaks {line}, or its standard input, into the WAV file {wav}, and how to get it."""

    command: str
    install: str


VOICES = {
    "espeak-en-us": Voice("espeak-ng -v en-us -s 150 -w {wav} {line}", "apt-get install espeak-ng"),
    "festival-slt-hts": Voice(
        "text2wave -eval (voice_cmu_us_slt_arctic_hts) -o {wav}", "apt-get install festival festvox-us-slt-hts"
    ),
    "flite-awb": Voice("flite -voice awb -t {line} -o {wav}", _FLITE),
    "flite-rms": Voice("flite -voice rms -t {line} -o {wav}", _FLITE),
    "flite-slt": Voice("flite -voice slt -t {line} -o {wav}", _FLITE),
    "hibari": Voice("hibari {line} --speed {speed} --seed 0 -o {wav}", _HIBARI),
}


def speak_line(line: str, voice: str, speed: float = 1.0) -> Sound:
    """One line as sound in [-1, 1], its silent ends cut. `speed` moves hibari only (1.0 is its own pace).

    Raises SystemExit with one sentence where the voice's program is missing.
    """
    chosen = VOICES[voice]
    program = chosen.command.split()[0]
    if shutil.which(program) is None:
        raise SystemExit(f"The voice {voice} needs the program {program}, which is not here: {chosen.install}.")
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder, "line.wav")
        command = [part.format(line=line, wav=wav, speed=speed) for part in chosen.command.split()]
        subprocess.run(command, input=line, text=True, check=True, stdout=subprocess.DEVNULL)
        samples, rate = soundfile.read(wav, dtype="float32")
    samples = soxr.resample(samples, rate, SAMPLE_RATE)
    loud = np.flatnonzero(np.abs(samples) > EDGE * np.abs(samples).max())
    margin = round(0.025 * SAMPLE_RATE)
    return np.asarray(samples[max(0, loud[0] - margin) : loud[-1] + 2 * margin], dtype=np.float32)


def silence(seconds: float) -> Sound:
    """Digital silence."""
    return np.zeros(round(seconds * SAMPLE_RATE), dtype=np.float32)
