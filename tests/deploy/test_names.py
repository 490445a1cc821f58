"""What the files for administrators name is there: settings and commands."""

import re

import pytest
import typer

from deploy.bundle import REPOSITORY
from dictation.settings import Settings
from pipelines.cli import app

TEXTS = [*(REPOSITORY / "deploy").iterdir(), REPOSITORY / "docs" / "administration.md"]
FILES = {path.name: path.read_text(encoding="utf-8") for path in TEXTS if path.is_file()}


@pytest.mark.parametrize("name", FILES)
def test_every_setting_that_is_named_exists(name):
    named = set(re.findall(r"\bDICTATION_([A-Z_]+[A-Z])\b", FILES[name]))
    assert {setting for setting in named if setting.lower() not in Settings.model_fields} == set()


@pytest.mark.parametrize("name", FILES)
def test_every_command_that_is_named_exists(name):
    known = set(typer.main.get_command(app).commands)
    named = set(re.findall(r"(?:bin/|exec app |^    |`)dictation ([a-z-]+)", FILES[name], re.MULTILINE))
    assert named - known == set()
