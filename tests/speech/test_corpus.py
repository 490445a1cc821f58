from tests.corpus import Row, corpus
from tests.speech.test_medasr_tokens import read


@corpus(__file__)
def test_a_row_holds(row: Row):
    row.holds({"read": read})
