"""A path given for a text is refused: read as a text it names findings, or says that nothing differs."""

import pytest

import dictation
from dictation.errors import UsageError
from tests.conftest import SAMPLES

CASE = SAMPLES / "01_left_effusion"


@pytest.mark.parametrize("given", [str(CASE / "report.txt"), f"{CASE / 'report.txt'}\n", CASE / "report.txt", 1, None])
def test_what_is_no_text_is_refused(given):
    with pytest.raises(UsageError):
        dictation.extract(given)
    with pytest.raises(UsageError):
        dictation.compare("No effusion.", given)
    with pytest.raises(UsageError):
        dictation.compare(given, "No effusion.")


@pytest.mark.parametrize(
    "text", ["", "report.txt", "Effusion as in report.txt", "No effusion.\nreport.txt", "a" * 5000]
)
def test_a_text_that_only_looks_like_a_path_is_read(text):
    assert isinstance(dictation.compare(text, text), list)
