"""An error that another process named by its class: what it says is not to be trusted."""

import pytest

from dictation.errors import DictationError, MissingError, error_named


def test_a_named_error_keeps_its_class_and_sentence():
    error = error_named("MissingError", "x: is not here.")
    assert type(error) is MissingError
    assert str(error) == "x: is not here."


@pytest.mark.parametrize("name", ["WRITING_CANCELLED", "error_named", "KeyboardInterrupt", "__name__", ""])
def test_a_name_that_is_no_error_of_ours_is_the_general_one(name):
    assert type(error_named(name, "x")) is DictationError
