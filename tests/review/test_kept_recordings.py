import hashlib

import pytest

from dictation.errors import InputError, UsageError
from dictation.review.keeping import keep_recording


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
