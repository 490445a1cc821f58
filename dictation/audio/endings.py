"""Endings of the files that are taken for recordings. What is inside decides whether they can be heard."""

AUDIO_ENDINGS = frozenset(
    [
        *(".wav", ".w64", ".flac", ".mp3", ".m4a", ".mp4", ".aac", ".ogg", ".oga", ".opus", ".webm"),
        *(".aif", ".aiff", ".aifc", ".au", ".caf", ".dss", ".wma", ".amr"),
        ".capture",  # a live dictation that was cut off
    ]
)
