"""How large an image may be before it is taken for a hostile or broken file."""

from pathlib import Path

from dictation.errors import InputError

MAX_PIXELS = 150_000_000  # of one image: three times a stitched long-leg or whole-spine radiograph
MAX_STUDY_BYTES = 4 * 2**30  # of all display pixels: 16,000 slices of 512 x 512
MAX_FILE_BYTES = 4 * 2**30
MAX_FILES = 20_000  # in one study
MAX_FRAMES = 20_000  # in one file


def check_size(path: Path | str, rows: int, columns: int) -> None:
    """Raise InputError where an image states no size, or one that no exam has."""
    if rows < 1 or columns < 1:
        raise InputError(f"{path}: states an image without rows or columns; export it again.")
    if rows * columns > MAX_PIXELS:
        raise InputError(f"{path}: states {rows} x {columns} pixels, more than any exam has; export it again.")
