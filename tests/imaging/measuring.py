"""What loading a file takes of memory, and what is said of one that is refused."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dictation.errors import InputError
from dictation.imaging import load_study

MOST_MB = 120.0  # of memory for what is decoded elsewhere
PEAK = """
import sys
from pathlib import Path
import numpy, PIL.Image, PIL.PngImagePlugin, pydicom.pixels
from dictation.errors import InputError
from dictation.imaging import load_study
from dictation.imaging.for_reader import square

def peak_mb():
    try:  # not ru_maxrss, which on Linux begins with that of the process that started this one
        status = Path("/proc/self/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    except OSError:
        import resource
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)

before = peak_mb()
try:
    for image in load_study([Path(sys.argv[1])]).images:
        square(image.pixels)
except InputError as error:
    assert str(error).startswith(sys.argv[1]), error
print(peak_mb() - before)
"""


def peak_mb(path):
    """How much more memory a fresh process has taken at most, after the packages, for loading and squaring a file."""
    called = [sys.executable, "-c", PEAK, str(path)]
    done = subprocess.run(called, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


def message(path: Path) -> str:
    with pytest.raises(InputError) as error:
        load_study([path])
    text = str(error.value)
    assert text.startswith(f"{path}: ") and text.endswith(".") and text.count("\n") == 0
    return text.removeprefix(f"{path}: ")


def own_mb(pid: int) -> float:
    """Memory of a process that is nobody else's and no file's."""
    return int(Path(f"/proc/{pid}/status").read_text().split("RssAnon:")[1].split()[0]) / 1024


@contextmanager
def flat(pid: int) -> Iterator[None]:
    """Within, a process takes no more than `MOST_MB` at any time."""
    before, most, is_over = own_mb(pid), [0.0], threading.Event()

    def watch() -> None:
        while not is_over.wait(0.02):
            most[0] = max(most[0], own_mb(pid))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield
    finally:
        is_over.set()
        watching.join()
    assert most[0] < before + MOST_MB, most
