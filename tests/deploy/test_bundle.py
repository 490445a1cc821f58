"""The offline bundle: what is in it, and what its installer refuses before it writes anything.

Here it holds the wheel of this program alone, which needs no network. `make soak` makes the whole one.
"""

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from deploy import bundle

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
VERSION = tomllib.loads((bundle.REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="install.sh is for Unix")


@pytest.fixture(scope="module")
def sealed(tmp_path_factory) -> Path:
    """A bundle laid out."""
    folder = tmp_path_factory.mktemp("bundle")
    bundle.own_wheel(folder / "wheels")
    root = folder / bundle.name_of(folder / "wheels")
    bundle.assemble(folder / "wheels", root, "")
    return root


@pytest.fixture
def unpacked(sealed, tmp_path) -> Path:
    """A copy of it, to be damaged."""
    return Path(shutil.copytree(sealed, tmp_path / "unpacked"))


def install(root: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = ["sh", str(root / "install.sh"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=root.parent, timeout=120)


def refusal(root: Path, target: Path, *python: object) -> str:
    """The one sentence with which it refuses, and nothing is written."""
    before = sorted(target.rglob("*")) if target.is_dir() else None
    done = install(root, target, *(python or (sys.executable,)))
    assert done.returncode == 1
    assert (sorted(target.rglob("*")) if target.is_dir() else None) == before
    (line,) = done.stderr.splitlines()
    return line


def stated(root: Path, **settings: str) -> None:
    """Change what the bundle says of itself, and seal it again."""
    conf = root / "bundle.conf"
    lines = [line for line in conf.read_text().splitlines() if line.partition("=")[0] not in settings]
    conf.write_text("".join(f"{line}\n" for line in [*lines, *(f"{key}={value}" for key, value in settings.items())]))
    bundle.seal(root)


def test_every_file_is_sealed_and_every_wheel_is_locked_by_its_hash(sealed):
    lines = [line.split("  ") for line in (sealed / bundle.SUMS).read_text().splitlines()]
    assert {name for _, name in lines} == {
        path.relative_to(sealed).as_posix() for path in sealed.rglob("*") if path.is_file() and path.name != bundle.SUMS
    }
    for sha256, name in lines:
        assert hashlib.sha256((sealed / name).read_bytes()).hexdigest() == sha256
    (wheel,) = (sealed / "wheels").iterdir()
    (locked,) = (sealed / "requirements.txt").read_text().splitlines()
    assert locked.startswith("radiology-dictation==")
    assert locked.endswith(f"--hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}")


def test_what_an_administrator_needs_is_in_it(sealed):
    inside = {path.relative_to(sealed).as_posix() for path in sealed.rglob("*")}
    assert {
        "install.sh",
        "administration.md",
        "CHANGELOG.md",
        "as_service.py",
        "dictation.env",
        "dictation.service",
        "dictation-backup.timer",
        "LICENSE",
    } <= inside
    assert (sealed / "licences" / "radiology-dictation" / "LICENSE").read_text().count("Apache License") > 1
    assert f"radiology-dictation\t{VERSION}\tApache-2.0\t2" in (sealed / "licences" / "overview.tsv").read_text()


def test_it_names_no_folder_and_no_host_of_the_machine_that_made_it(sealed):
    places = (str(bundle.REPOSITORY), str(Path.home()), str(sealed.parent), sys.prefix, socket.gethostname())
    secret = [word for word in places if len(word) > 4 and word != "localhost"]  # "/", "vm" are words of any text
    texts = {path.name: path.read_bytes() for path in sealed.rglob("*") if path.is_file() and path.suffix != ".whl"}
    with zipfile.ZipFile(next((sealed / "wheels").iterdir())) as wheel:
        texts |= {name: wheel.read(name) for name in wheel.namelist()}
    assert len(texts) > 200
    assert [(name, word) for name, text in texts.items() for word in secret if word.encode() in text] == []


def test_the_same_parts_give_the_same_bytes(sealed, unpacked, tmp_path):
    again = unpacked.rename(tmp_path / sealed.name)
    for path in again.rglob("*"):
        os.utime(path, (1, 1))
    again.joinpath("install.sh").chmod(0o700)
    first, second = bundle.pack(sealed, tmp_path / "first"), bundle.pack(again, tmp_path / "second")
    assert first.read_bytes() == second.read_bytes()
    assert first.with_name(f"{first.name}.sha256").read_text() == (
        f"{hashlib.sha256(first.read_bytes()).hexdigest()}  {first.name}\n"
    )
    with tarfile.open(first) as packed:
        assert {(entry.uid, entry.uname, entry.mtime) for entry in packed} == {(0, "", bundle.MTIME)}


@pytest.mark.parametrize("damaged", ["a wheel", "a licence", "the requirements"])
def test_a_changed_file_is_named(unpacked, tmp_path, damaged):
    place = {"a wheel": "wheels/*.whl", "a licence": "licences/*/NOTICE", "the requirements": "requirements.txt"}
    (path,) = unpacked.glob(place[damaged])
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    sentence = f"{path.relative_to(unpacked)} is not as it was packed; copy and unpack the archive again."
    assert refusal(unpacked, tmp_path / "new") == f"install.sh: {sentence}"


def test_a_missing_file_is_named(unpacked, tmp_path):
    shutil.rmtree(unpacked / "wheels")
    assert refusal(unpacked, tmp_path / "new").endswith(".whl is missing; copy and unpack the archive again.")
    (unpacked / "bundle.conf").unlink()
    assert "bundle.conf is not beside this script" in refusal(unpacked, tmp_path / "new")


@pytest.mark.parametrize(
    ("states", "python", "why"),
    [
        ({"PYTHON": "3.99"}, sys.executable, f"needs Python 3.99 and found {HERE}; install it"),
        ({}, "/no/such/python", "found none"),
        ({"PLATFORM": "linux-riscv64"}, sys.executable, f"for linux-riscv64 and this machine is {bundle.PLATFORM}"),
        ({"GLIBC": "9.1"}, sys.executable, "needs glibc 9.1 and this system has 2."),
        ({"NEEDED_MB": "999999999"}, sys.executable, "999999999 MB are needed; free some space or give another folder"),
    ],
    ids=["another Python", "no Python", "another machine", "an older system", "a disk without room"],
)
def test_a_place_where_it_cannot_run_is_refused(unpacked, tmp_path, states, python, why):
    if "GLIBC" in states and sys.platform != "linux":
        pytest.skip("glibc is Linux's")
    stated(unpacked, **states)
    assert why in refusal(unpacked, tmp_path / "new", python)


def test_a_folder_that_holds_something_else_is_left_alone(sealed, tmp_path):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "file").write_text("x")
    assert "is not empty; give a new folder" in refusal(sealed, tmp_path / "theirs")
    assert "cannot be written" in refusal(sealed, tmp_path / "theirs" / "file" / "below")
    (tmp_path / "theirs" / ".installed").write_text("9.9.9\n")
    assert f"holds version 9.9.9; give version {VERSION} a folder of its own" in refusal(sealed, tmp_path / "theirs")


def test_another_build_of_the_same_version_is_not_called_installed(sealed, unpacked, tmp_path):
    (target := tmp_path / "theirs").mkdir()
    build = hashlib.sha256((sealed / bundle.SUMS).read_bytes()).hexdigest()
    (target / ".installed").write_text(f"{VERSION} {build}\n")
    done = install(sealed, target, sys.executable)
    assert (done.returncode, done.stdout) == (0, f"Version {VERSION} is installed in {target} already.\n")
    (unpacked / "NOTICE").write_text("Another build.\n")
    bundle.seal(unpacked)
    assert f"holds another build of version {VERSION}; give this one a folder of its own" in refusal(unpacked, target)
    (target / ".installed").write_text(f"{VERSION}\n")  # before builds were told apart
    assert f"holds another build of version {VERSION}" in refusal(sealed, target)


def test_what_is_installed_is_known_by_its_build(unpacked, tmp_path):
    wheels = unpacked / "wheels"
    shutil.rmtree(wheels)
    wheels.mkdir()
    (unpacked / "requirements.txt").write_text("")
    bundle.seal(unpacked)
    assert install(unpacked, target := tmp_path / "new", sys.executable).returncode == 0
    build = hashlib.sha256((unpacked / bundle.SUMS).read_bytes()).hexdigest()
    assert (target / ".installed").read_text() == f"{VERSION} {build}\n"
    assert "is installed in" in install(unpacked, target, sys.executable).stdout
