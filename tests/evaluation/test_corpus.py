from tests.corpus import Row, corpus
from tests.evaluation.test_clinical import clinical
from tests.evaluation.test_grades import graded


def compared(one: str, other: str) -> str:
    return "alike" if clinical(one) == clinical(other) else "different"


def grades(script: str, hypothesis: str) -> str:
    return ", ".join(sorted({grade for _, _, grade in graded(script, hypothesis)}))


@corpus(__file__)
def test_a_row_holds(row: Row):
    row.holds({"compared": compared, "grades": grades})
