"""Which passwords may be chosen, row by row (`corpus/passwords.tsv`)."""

import pytest

from dictation.errors import UsageError
from dictation.records.passwords import checked
from tests.corpus import corpus


@corpus(__file__)
def test_a_row_of_the_corpus(row):
    row.holds(globals())


def chosen(password, name, display) -> str:
    """What is said of a password that this user chooses."""
    try:
        checked(password, name, display)
    except UsageError as error:
        return (
            "too short" if "15 to 256" in str(error) else "guessed" if "guessed quickly" in str(error) else str(error)
        )
    return "taken"


@pytest.mark.parametrize("length, is_taken", [(14, False), (15, True), (256, True), (257, False)])
def test_a_password_has_15_to_256_characters(length, is_taken):
    words = ("cobalt ladle fence mango tulip gravel orbit sock " * 6)[:length]
    assert (chosen(words, "ann", "") == "taken") is is_taken
