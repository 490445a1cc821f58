import numpy as np
import pytest

from dictation.reading.showing import doubled


@pytest.mark.parametrize(
    ("columns", "left", "right"),
    [
        ([1, 2, 3, 4], [4, 3, 3, 4], [1, 2, 2, 1]),
        ([1, 2, 9, 3, 4], [4, 3, 9, 3, 4], [1, 2, 9, 2, 1]),
        ([5], [5], [5]),
    ],
)
@pytest.mark.parametrize("colours", [0, 3])
def test_one_half_of_the_body_twice(columns, left, right, colours):
    """The patient's left is on image right."""

    def image(values):
        row = np.array([values, values], np.uint8)
        return np.dstack([row] * colours) if colours else row

    before = image(columns)
    for side, expected in (("left", left), ("right", right)):
        said, made = doubled(("SLICE 1", before), side)
        assert said == "SLICE 1" and (made == image(expected)).all()
    assert (before == image(columns)).all()
