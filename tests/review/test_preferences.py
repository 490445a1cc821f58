"""What a user chose once is there again; a broken file costs one sentence and nothing else."""

import stat

import pytest

from dictation.errors import UsageError
from dictation.review.preferences import Preferences, keep_preferences, preferred, read_preferences


def test_what_was_chosen_is_there_again(tmp_path):
    chosen = preferred(Preferences(), "hidden", ["unit", "age"])
    chosen = preferred(preferred(chosen, "key", "F4"), "image_hidden", True)
    keep_preferences(tmp_path / "home", chosen)
    assert read_preferences(tmp_path / "home") == (chosen, "")
    assert chosen.hidden == ("unit", "age") and chosen.key == "F4"
    path = tmp_path / "home" / "preferences.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["preferences.json"]


def test_without_a_file_the_defaults_hold_in_silence(tmp_path):
    assert read_preferences(tmp_path) == (Preferences(), "")


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("", "no JSON"),
        ("[]", "no JSON"),
        ('{"silence_s": "soon"}', "silence_s"),
        ('{"colour": 1}', "colour"),
        ("\xff", ""),
    ],
)
def test_a_broken_file_gives_the_defaults_and_one_sentence(tmp_path, content, named):
    (tmp_path / "preferences.json").write_bytes(content.encode("latin-1"))
    preferences, told = read_preferences(tmp_path)
    assert preferences == Preferences()
    assert named in told and told.count(". ") == 0 and "\n" not in told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hidden", ["nothing of ours"]),
        ("hidden", "unit"),
        ("key", ""),
        ("key", "x" * 41),
        ("silence_s", -1),
        ("silence_s", float("inf")),
        ("silence_s", float("nan")),
        ("microphone", "shout"),
        ("layout", None),
        ("__class__", 1),
        ("image_hidden", object()),
        ("image_above", object()),
    ],
)
def test_what_is_no_preference_is_refused_in_one_sentence(name, value):
    with pytest.raises(UsageError) as error:
        preferred(Preferences(), name, value)
    assert "\n" not in str(error.value)


def test_a_disk_that_refuses_is_told_of(tmp_path):
    (tmp_path / "home").write_text("a file where the folder should be")
    with pytest.raises(UsageError, match="cannot be kept"):
        keep_preferences(tmp_path / "home", Preferences())
