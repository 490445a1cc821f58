from tests.corpus import Row, corpus
from tests.pipelines.test_right_words import judged


@corpus(__file__)
def test_a_row_holds(row: Row):
    row.holds({"judged": judged})
