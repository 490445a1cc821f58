"""The seconds at which something in the text was said, to be listened to again."""

import dictation

heard = dictation.transcribe("audio_samples/01_left_effusion/01_left_effusion.flac")
start = heard.text.index("left")
begin_s, end_s = heard.seconds(start, start + len("left"))
print(f'"left" was said from {begin_s:.1f} to {end_s:.1f} s')
