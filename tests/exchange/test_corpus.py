"""Rows of what the exchange writes, checked by plain functions."""

import re

from dictation.exchange.clean_text import ascii_of
from tests.corpus import Row, corpus


def plain(written: str) -> str:
    """Signs are written out in printable ASCII, and none is unknown."""
    said, unknown = ascii_of(written)
    return re.sub(" +", " ", said) + "".join(f" unknown: {sign}" for sign in unknown)


@corpus(__file__)
def test_a_row_of_the_corpus_holds(row: Row):
    row.holds({"plain": plain})
