from pathlib import Path

import pytest
import typer

from dictation.settings import Settings
from pipelines.exits import exits


@pytest.mark.parametrize(
    ("name", "value"),
    [("SPELLING", "welsh"), ("THREADS", "many"), ("THREADS", "-1"), ("PORT", "70000"), ("WHISPER_DEVICE", "tpu")],
)
def test_an_unusable_value_is_wrong_usage_and_names_its_variable(monkeypatch, capsys, name, value):
    monkeypatch.setenv(f"DICTATION_{name}", value)
    with pytest.raises(typer.Exit) as ended, exits():
        Settings()
    assert ended.value.exit_code == 2
    said = capsys.readouterr().err
    assert f"DICTATION_{name} " in said and "program itself" not in said


def test_an_empty_variable_counts_as_unset(monkeypatch):
    monkeypatch.setenv("DICTATION_HOME", "")
    assert Settings().home.is_absolute()


def test_a_tilde_is_the_users_home(monkeypatch):
    monkeypatch.setenv("DICTATION_CACHE", "~/somewhere")
    assert Settings().cache == Path.home() / "somewhere"


def test_a_key_is_not_shown(monkeypatch):
    monkeypatch.setenv("DICTATION_ENDPOINT_KEY", "secret-key")
    assert "secret-key" not in repr(Settings())
