"""Speaks the scripts and draws the images of the samples again, from the recipes in samples.json.

    python make_samples.py              # everything
    python make_samples.py 03 07        # samples whose id begins so

Each line of a script.txt is one utterance. A recipe ("synthesis") says `gap_s`, the silence after each line;
`pause_after_line` and `pause_s`, one long pause; `speed` of a hibari voice; `noise_db`, the level of background noise
below the speech; `peak`, the loudest sample (0-1). The voices are those of benchmarks/voices.py, which
says how to get them; .m4a needs ffmpeg. The same voices in the same versions give the same sound.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from draw_chest import draw

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent / "benchmarks"))
from voices import SAMPLE_RATE, Sound, silence, speak_line  # noqa: E402

LEAD_S = 0.3  # silence before the first and after the last word
HUM_HZ = 120  # a ventilator's hum under the hiss of the noisy sample


def speak(lines: list[str], voice: str, recipe: dict[str, float], seed: int) -> Sound:
    """The whole dictation: lines, gaps, the long pause, noise, level."""
    pieces = [silence(LEAD_S)]
    for number, line in enumerate(lines, 1):
        pieces.append(speak_line(line, voice, recipe.get("speed", 1.0)))
        is_long = number == recipe.get("pause_after_line")
        pieces.append(silence(recipe["pause_s"] if is_long else recipe["gap_s"]))
    sound = np.concatenate([*pieces, silence(LEAD_S)])
    if "noise_db" in recipe:
        voiced_level = np.sqrt(np.mean(sound[np.abs(sound) > 0.02] ** 2))
        sound = sound + _noise(len(sound), seed) * voiced_level * 10 ** (-recipe["noise_db"] / 20)
    return np.asarray(sound / np.abs(sound).max() * recipe["peak"], dtype=np.float32)


def _noise(count: int, seed: int) -> Sound:
    """Room noise with an RMS of 1: a ventilator's hum and a hiss that falls with frequency."""
    hiss = np.random.default_rng(seed).normal(size=count)
    hiss = np.convolve(hiss, np.exp(-np.arange(12) / 4.0), mode="same")
    hum = np.sin(2 * np.pi * HUM_HZ * np.arange(count) / SAMPLE_RATE)
    noise = hiss / hiss.std() + 0.7 * hum
    return np.asarray(noise / noise.std(), dtype=np.float32)


def save(sound: Sound, path: Path) -> None:
    """Write 16 kHz mono in the format that the ending names."""
    if path.suffix != ".m4a":
        soundfile.write(path, sound, SAMPLE_RATE)
        return
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder, "sound.wav")
        soundfile.write(wav, sound, SAMPLE_RATE)
        command = ["ffmpeg", "-v", "error", "-y", "-i", str(wav), "-c:a", "aac", "-b:a", "48k", "-bitexact", str(path)]
        subprocess.run(command, check=True)


def make(sample: dict[str, Any], number: int) -> None:
    """Speak and draw one sample into its folder."""
    lines = (FOLDER / sample["script"]).read_text(encoding="utf-8").splitlines()
    sound = speak(lines, sample["voice"], sample["synthesis"], seed=number)
    save(sound, FOLDER / sample["audio"])
    if sample["image"]:
        draw(sample["drawing"], seed=number).save(FOLDER / sample["image"], optimize=True)
    print(f"{sample['id']}: {len(sound) / SAMPLE_RATE:.1f} s, {sample['voice']}")


def main(wanted: list[str]) -> None:
    """Make the samples whose ids begin with one of `wanted`, or all."""
    for number, sample in enumerate(json.loads((FOLDER / "samples.json").read_text(encoding="utf-8")), 1):
        if not wanted or sample["id"].startswith(tuple(wanted)):
            make(sample, number)


if __name__ == "__main__":
    main(sys.argv[1:])
