"""The tests that failed in `make test`, once more and alone: what passes then is unsteady, what fails again has failed.

A test that falls only beside others is a fault too, but none that keeps a change from landing. Each is printed as
`unsteady: …` and written to `unsteady.txt` beside this file, to be mended. No second run is given where more than three
tests failed, nor to a test that guards a word, a side, a number, a record or a signature.
"""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
KEPT = ROOT / ".pytest_cache" / "v"  # what pytest's cache, and tests/conftest.py through it, kept of the first run
UNSTEADY = Path(__file__).with_name("unsteady.txt")
MOST = 3
RUNS = 2  # of pytest in `make test`: the parallel one, and the one of real time
GUARDED = re.compile(r"tests/(wording|findings|discrepancy|records|report)/|sign(ing|ed|ature|_off)(?!_in|_out)")
RAN = {0, 1}  # pytest's exit codes where all tests ran; not interrupted, no error of its own


def kept(name: str) -> Any:
    """What the first run kept under that name; None where it did not get that far."""
    file = KEPT / name
    return json.loads(file.read_text("utf-8")) if file.exists() else None


def refusal(codes: list[int], failed: list[str]) -> str | None:
    """Why these tests get no second run, in a sentence; None where they get one.

    >>> refusal([1, 0], ["tests/report/test_align.py::test_a"])
    'no second run: tests/report/test_align.py::test_a guards what is signed'
    """
    if len(codes) != RUNS or not RAN.issuperset(codes) or not failed:
        return f"no second run: pytest did not run all tests (its exit codes: {codes})"
    if len(failed) > MOST:
        return f"no second run: {len(failed)} tests failed, more than {MOST}"
    return next((f"no second run: {test} guards what is signed" for test in failed if GUARDED.search(test)), None)


def main() -> int:
    """Run them; the exit code is that of the second run."""
    failed = sorted(kept("cache/lastfailed") or ())
    if reason := refusal(kept("gate/exit_codes") or [], failed):
        print(reason)
        return 1
    print("once more and alone:", *failed, sep="\n  ", flush=True)
    code = subprocess.run([sys.executable, "-m", "pytest", "-n", "0", *failed], cwd=ROOT).returncode
    if code == 0:
        day = datetime.now(UTC).date().isoformat()
        with UNSTEADY.open("a", encoding="utf-8") as rows:
            for test in failed:
                print(f"unsteady: {test}")
                print(day, test, file=rows)
    return code


if __name__ == "__main__":
    sys.exit(main())
