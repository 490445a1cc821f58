"""An old bundle and a new one side by side: what the page for administrators and the image's build do with them."""

import fnmatch
import hashlib
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from deploy.bundle import REPOSITORY

CONTAINERFILE = (REPOSITORY / "deploy" / "Containerfile").read_text(encoding="utf-8")
OLD, NEW = (f"dictation-{version}-cp311-linux-x86_64" for version in ("0.1.0", "0.2.0"))

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="bundles are for Unix")


def make(dist: Path, *names: str) -> None:
    """Put small bundles into a folder, each with an installer that says which it is."""
    for name in names:
        root = dist.parent / "made" / name
        root.mkdir(parents=True)
        root.joinpath("install.sh").write_text(f'mkdir -p "$1" && echo {name} > "$1/installed"\n')
        dist.mkdir(exist_ok=True)
        with tarfile.open(dist / f"{name}.tar.gz", "w:gz") as archive:
            archive.add(root, name)
        sha256 = hashlib.sha256((dist / f"{name}.tar.gz").read_bytes()).hexdigest()
        dist.joinpath(f"{name}.tar.gz.sha256").write_text(f"{sha256}  {name}.tar.gz\n")


def shell(script: str, folder: Path, *, opt: Path) -> subprocess.CompletedProcess[str]:
    """Run a script as it stands but for /opt/dictation, which is a folder of the test."""
    lines = script.replace("/opt/dictation", str(opt))
    return subprocess.run(["sh", "-ec", lines], cwd=folder, capture_output=True, text=True, timeout=60)


def built(tmp_path: Path, dist: Path, bundle: str = "") -> subprocess.CompletedProcess[str]:
    """Do what the first stage of the build does with a folder, by its own words: COPY, then RUN."""
    (default,) = re.findall(r"^ARG BUNDLE=(.+)$", CONTAINERFILE, re.MULTILINE)
    assert CONTAINERFILE.count("COPY ${BUNDLE} /bundle/") == 1
    inside = tmp_path / "bundle"
    inside.mkdir()
    for name in fnmatch.filter((path.name for path in dist.iterdir()), bundle or default):
        inside.joinpath(name).write_bytes((dist / name).read_bytes())
    (run,) = re.findall(r"^RUN (set (?:.*\\\n)*.*)$", CONTAINERFILE, re.MULTILINE)
    return shell(run.replace("/bundle/", f"{inside}/"), tmp_path, opt=tmp_path / "opt")


def test_the_image_is_built_of_the_one_bundle_that_there_is(tmp_path):
    make(tmp_path / "dist", NEW)
    assert built(tmp_path, tmp_path / "dist").returncode == 0
    assert (tmp_path / "opt" / "installed").read_text() == f"{NEW}\n"


def test_of_two_bundles_the_build_takes_none_by_itself_and_says_so(tmp_path):
    make(tmp_path / "dist", OLD, NEW)
    done = built(tmp_path, tmp_path / "dist")
    assert done.returncode == 1 and not (tmp_path / "opt").exists()
    assert done.stderr == f"Containerfile: there are 2 bundles; say which: --build-arg BUNDLE={OLD}.tar.gz\n"
