"""The plain JavaScript of the page is tested by Node's own runner; a browser decides only what a browser decides."""

import os
import subprocess
from pathlib import Path

import playwright
import pytest

HERE = Path(__file__).parent
NODE = Path(playwright.__file__).parent / "driver" / ("node.exe" if os.name == "nt" else "node")  # it comes along


@pytest.mark.parametrize("script", sorted(HERE.glob("*.test.js")), ids=lambda path: path.name.partition(".")[0])
def test_a_script_of_the_page(script):
    done = subprocess.run(
        [NODE, "--test", "--test-reporter=tap", script], capture_output=True, encoding="utf-8", timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\n# fail 0\n" in done.stdout and "\n# pass 0\n" not in done.stdout, done.stdout
