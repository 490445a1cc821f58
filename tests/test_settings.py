import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from dictation.settings import Settings
from pipelines.exits import exits


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SPELLING", "welsh"),
        ("THREADS", "many"),
        ("THREADS", "-1"),
        ("PORT", "70000"),
        ("WHISPER_DEVICE", "tpu"),
        ("PUBLIC_URL", "reports.example/dictation"),
        ("PROXIES", "the.proxy"),
        ("UPLOAD_MB_PER_H", "0"),
        ("KEEP_AUDIO", "0"),
        ("KEEP_AUDIO", "sometimes"),
        ("KEEP_AUDIO", "-3"),
    ],
)
def test_an_unusable_value_is_wrong_usage_and_names_its_variable(monkeypatch, capsys, name, value):
    monkeypatch.setenv(f"DICTATION_{name}", value)
    with pytest.raises(typer.Exit) as ended, exits():
        Settings()
    assert ended.value.exit_code == 2
    said = capsys.readouterr().err
    assert f"DICTATION_{name} " in said and "program itself" not in said and "value error" not in said


def test_an_empty_variable_counts_as_unset(monkeypatch):
    monkeypatch.setenv("DICTATION_HOME", "")
    assert Settings().home.is_absolute()


def test_a_tilde_is_the_users_home(monkeypatch):
    monkeypatch.setenv("DICTATION_CACHE", "~/somewhere")
    assert Settings().cache == Path.home() / "somewhere"


def test_a_key_is_not_shown(monkeypatch):
    monkeypatch.setenv("DICTATION_ENDPOINT_KEY", "secret-key")
    assert "secret-key" not in repr(Settings())


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://Reports.example/dictation", "https://reports.example/dictation/"),
        ("https://reports.example:443", "https://reports.example/"),
        ("http://reports.example:8080/a//b/", "http://reports.example:8080/a/b/"),
    ],
)
def test_a_public_address_is_kept_as_browsers_write_it(given, kept):
    assert Settings(public_url=given).public_url == kept


@pytest.mark.parametrize(
    "given", ["reports.example", "ftp://reports.example", "https://me@reports.example/", "https://a.example/?a=b"]
)
def test_what_is_no_public_address_is_refused(given):
    with pytest.raises(ValueError):
        Settings(public_url=given)


def test_a_secret_may_be_a_file(tmp_path):
    tmp_path.joinpath("dictation_database_url").write_text("postgresql://app:word@database/dictation\n")
    ask = "from dictation.settings import Settings; print(Settings().database_url.get_secret_value())"
    environment = {**os.environ, "CREDENTIALS_DIRECTORY": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", ask], env=environment, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("postgresql://app:word@database/dictation\n", "")
