"""One recording, whatever its format: an id, a name and 16 kHz mono float32 blocks."""

from pathlib import Path

SAMPLE_RATE = 16_000  # Hz, of everything behind this room


class Recording:
    """A recording on disk. Nothing is decoded until blocks are asked for; hours are streamed in bounded memory."""

    def __init__(self, path: Path) -> None:
        self.path = path
