"""Many recordings: the recognizer is loaded once, and words of your own are expected."""

from pathlib import Path

import dictation

ear = dictation.choose_recognizer("whisper", for_files=True)
words = dictation.Vocabulary(phrases=[{"written": "costophrenic"}, {"written": "Fleischner"}])
for path in sorted(Path("audio_samples").glob("0[23]*/*.flac")):
    print(path.name, dictation.transcribe(path, recognizer=ear, vocabulary=words).text[:60])
