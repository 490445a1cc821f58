"""Endings of the files that are taken for recordings. What is inside decides whether they can be heard."""

APPLE_DOUBLE = b"\x00\x05\x16\x07"  # begins what macOS lays beside a file on another disk: "._a.wav" (RFC 1740)
AUDIO_ENDINGS = frozenset(
    [
        *(".wav", ".w64", ".flac", ".mp3", ".m4a", ".mp4", ".aac", ".ogg", ".oga", ".opus", ".webm"),
        *(".aif", ".aiff", ".aifc", ".au", ".caf", ".dss", ".wma", ".amr"),
        ".capture",  # a live dictation that was cut off
    ]
)
