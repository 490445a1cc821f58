"""The table of slow tests names tests that are there."""

import pytest

from tests.conftest import SLOW, TESTS


@pytest.mark.parametrize("line", sorted(SLOW))
def test_a_row_names_a_file_or_a_test_of_it(line):
    file, _, test = line.partition("::")
    assert f"def {test or 'test_'}" in (TESTS / file).read_text("utf-8")
