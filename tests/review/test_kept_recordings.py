import hashlib
import os

import pytest

from dictation.errors import InputError, UsageError
from dictation.review.keeping import keep_recording
from dictation.review.quiet import uploads_folder


@pytest.fixture
def uploads(tmp_path):
    folder = tmp_path / "home" / "uploads"
    folder.mkdir(parents=True)
    return folder


def test_a_recording_is_kept_under_the_hash_of_its_bytes(tmp_path, uploads):
    sent = uploads / "EXAMPLE_Ada.WAV"
    sent.write_bytes(b"sound")
    kept = keep_recording(sent, uploads, tmp_path / "home")
    assert kept.name == hashlib.sha256(b"sound").hexdigest() + ".wav"
    assert kept.read_bytes() == b"sound"
    assert "Ada" not in str(kept)


def test_the_same_recording_is_kept_once(tmp_path, uploads):
    for name in ("a.wav", "b.wav"):
        (uploads / name).write_bytes(b"sound")
        keep_recording(uploads / name, uploads, tmp_path / "home")
    assert len(list((tmp_path / "home" / "recordings").iterdir())) == 1


def test_a_file_that_the_page_did_not_send_is_not_touched(tmp_path, uploads):
    secret = tmp_path / "secret.wav"
    secret.write_bytes(b"secret")
    (uploads / "link.wav").symlink_to(secret)
    for path in (secret, uploads / ".." / ".." / "secret.wav", uploads / "link.wav", uploads / "missing.wav"):
        with pytest.raises(UsageError):
            keep_recording(path, uploads, tmp_path / "home")
    assert not (tmp_path / "home" / "recordings").exists()


def test_a_disk_that_refuses_is_named_with_the_fix(tmp_path, uploads):
    (uploads / "a.wav").write_bytes(b"sound")
    (tmp_path / "home" / "recordings").write_text("a file where the folder should be")
    with pytest.raises(InputError, match="cannot be kept there"):
        keep_recording(uploads / "a.wav", uploads, tmp_path / "home")
    assert (uploads / "a.wav").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps folders private by their place, not by a mode")
def test_voices_are_for_their_owner_alone(tmp_path, uploads):
    (uploads / "a.wav").write_bytes(b"sound")
    kept = keep_recording(uploads / "a.wav", uploads, tmp_path / "new" / "home")
    modes = [oct(path.stat().st_mode & 0o777) for path in (kept.parent.parent, kept.parent, kept)]
    assert modes == ["0o700", "0o700", "0o600"]


def test_a_folder_open_to_others_is_closed_to_them(tmp_path):
    folder = tmp_path / "uploads"
    folder.mkdir(mode=0o755)
    assert uploads_folder(tmp_path) == folder.resolve()
    if os.name != "nt":
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_home_that_takes_nothing_is_named_with_the_setting(tmp_path, monkeypatch):
    monkeypatch.delenv("GRADIO_TEMP_DIR", raising=False)
    home = tmp_path / "file"
    home.write_text("a file where the folder should be")
    with pytest.raises(UsageError, match="DICTATION_HOME") as error:
        uploads_folder(home)
    assert str(home) in str(error.value)
    assert "GRADIO_TEMP_DIR" not in os.environ
