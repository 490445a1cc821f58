"""Three hours of dictation in bounded memory, as the command line does it."""

import json
import subprocess
import sys
from itertools import cycle

import numpy as np
import pytest
import soundfile

from tests.conftest import ROOT, SAMPLES

RATE = 16_000
LIMIT_MB = 1500


def spoken(path, hours: float) -> float:
    """Write the sample dictations again and again with pauses of 0.5 to 20 s; return the seconds of speech."""
    rng = np.random.default_rng(5)
    sounds = [soundfile.read(file, dtype="float32")[0] for file in sorted(SAMPLES.glob("*/*.flac"))]
    speech_s = 0.0
    with soundfile.SoundFile(path, "w", RATE, 1, subtype="PCM_16") as out:
        for sound in cycle(sounds):
            out.write(sound)
            out.write(np.zeros(int(rng.uniform(0.5, 20) * RATE), np.float32))
            speech_s += len(sound) / RATE
            if out.tell() >= hours * 3600 * RATE:
                return speech_s
    raise AssertionError("the samples are missing")


@pytest.mark.soak
@pytest.mark.skipif(sys.platform == "win32", reason="the peak memory of a process is read with Unix's resource module")
def test_three_hours_stay_below_the_limit_and_lose_nothing(tmp_path):
    import resource

    recording = tmp_path / "three_hours.wav"
    spoken(recording, 3.0)
    done = subprocess.run(
        [sys.executable, "-m", "pipelines", "transcribe", str(recording), "--format", "json"],
        capture_output=True, text=True, cwd=ROOT, check=True,
    )  # fmt: skip
    value = json.loads(done.stdout)
    peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
    print(f"peak {peak_mb:.0f} MB, {len(value['words'])} words, {value['warnings']}")
    assert peak_mb < LIMIT_MB
    assert value["duration_s"] == pytest.approx(3 * 3600, rel=0.01)
    hour = [sum(h * 3600 <= word["start_s"] < (h + 1) * 3600 for word in value["words"]) for h in range(3)]
    assert min(hour) > 0.9 * max(hour)
