"""Words with their seconds, the ones that the recognizer was least sure of first."""

import dictation

heard = dictation.transcribe("audio_samples/04_nodule_size/04_nodule_size.flac", recognizer="whisper")
for word in sorted(heard.words, key=lambda word: word.confidence)[:5]:
    print(f"{word.start_s:5.1f} to {word.end_s:4.1f} s  {word.confidence:.2f}  {word.text}")
