"""A server may have as many files open as its system allows it, whatever few its shell gives a program."""

import resource
import subprocess
import sys

from tests.conftest import ROOT

TELL = """
import resource
from dictation.review.open_files import allow_many
allow_many()
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""


def limits_of_a_server(soft: int, hard: int) -> list[int]:
    def few() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    said = subprocess.run(
        [sys.executable, "-c", TELL], cwd=ROOT, preexec_fn=few, capture_output=True, text=True, check=True, timeout=120
    )
    return [int(one) for one in said.stdout.split()]


def test_the_soft_limit_of_open_files_becomes_the_hard_one():
    assert limits_of_a_server(128, 1000) == [1000, 1000]
    assert limits_of_a_server(1000, 1000) == [1000, 1000]
