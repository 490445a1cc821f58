"""Speaks the scripts of speech.json into FLAC files beside it: synthetic speech for the tests of the served page.

    PATH=voices/bin:$PATH python tests/browser/speech/make_speech.py             # all
    PATH=voices/bin:$PATH python tests/browser/speech/make_speech.py rib         # some

`voices` is an environment with the voice, as audio_samples/README.md makes it. `gap_s` is the silence after each line.
"""

import json
import sys
from pathlib import Path

import numpy as np
import soundfile

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[2]))
from benchmarks.voices import SAMPLE_RATE, silence, speak_line  # noqa: E402

VOICE = "hibari"
LEAD_S = 0.5  # of silence: a browser's microphone needs a moment
PEAK = 0.5


def main() -> None:
    """Speak the scripts that are named, else all."""
    scripts = json.loads((HERE / "speech.json").read_text(encoding="utf-8"))
    for name in sys.argv[1:] or scripts:
        script = scripts[name]
        pieces = [silence(LEAD_S)]
        for line in script["lines"]:
            pieces += [speak_line(line, VOICE), silence(script["gap_s"])]
        sound = np.concatenate(pieces)
        soundfile.write(HERE / f"{name}.flac", sound / np.abs(sound).max() * PEAK, SAMPLE_RATE)


if __name__ == "__main__":
    main()
