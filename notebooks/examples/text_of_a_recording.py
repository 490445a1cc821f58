"""The text of a recording, by the best recognizer of this machine."""

import dictation

heard = dictation.transcribe("audio_samples/01_left_effusion/01_left_effusion.flac")
print(heard.text)
for warning in heard.transcripts[0].warnings:
    print("Listen again:", warning)
