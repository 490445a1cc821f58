"""How large an image may be before it is taken for a hostile or broken file."""

from pathlib import Path

from dictation.errors import InputError

MAX_PIXELS = 150_000_000  # of one image: three times a stitched long-leg or whole-spine radiograph
MAX_SIDE = 65_535  # pixels; what a DICOM header can state (PS3.3 C.7.6.3.1: unsigned, 16 bits)
MAX_STUDY_BYTES = 4 * 2**30  # of all display pixels: 16,000 slices of 512 x 512
MAX_FILE_BYTES = 4 * 2**30
MAX_INFLATED_BYTES = 2**29  # of a deflated file
MAX_INFLATION = 100  # times its size, which no picture reaches; a thousand is what the format allows
INFLATED_ANYHOW_BYTES = 2**26  # in which the emptiest of headers is parsed in half a minute
MAX_ITEMS = 500_000  # of sequences and fragments in one file: twenty for each frame of the longest; 30 µs each to parse
MAX_FILES = 20_000  # in one study
MAX_FRAMES = 20_000  # in one file
MAX_PAGES = 2_000  # of a TIFF: a long series that was exported to one


def needs_memory(path: Path | str) -> InputError:
    """Return the error of a file that unfolds to more than there is memory for."""
    return InputError(f"{path}: unfolds to more than there is memory for; export it smaller, or as single images.")


def check_size(path: Path | str, rows: int, columns: int) -> None:
    """Raise InputError where an image states no size, or one that no exam has."""
    if rows < 1 or columns < 1:
        raise InputError(f"{path}: states an image without rows or columns; export it again.")
    if rows * columns > MAX_PIXELS or max(rows, columns) > MAX_SIDE:
        raise InputError(f"{path}: states {rows} x {columns} pixels, more than any exam has; export it again.")
