"""A long text is compared in well under a second, however often it says the same thing."""

import time

import pytest

from dictation.discrepancy import compare

_LIMIT_S = 2.0  # several times what it takes, for a busy machine


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        (
            "No pleural effusion. Small left effusion. Lungs are clear. ",
            "No left pneumothorax. Right pleural effusion. ",
        ),
        ("There is a 4 mm nodule in the left upper lobe. ", "There is a 5 mm nodule in the right lower lobe. "),
        ("The {} of the left flange is mildly bent. ", "The {} of the right gusset is severely bent. "),
    ],
)
def test_a_long_text_is_compared_in_time(heard: str, written: str) -> None:
    texts = []
    for sentence in (heard, written):
        body = "".join(sentence.format(chr(97 + number % 26) * 4) for number in range(800 // len(sentence.split())))
        texts.append(f"FINDINGS: {body}IMPRESSION: {body[: len(body) // 3]}")
    start = time.perf_counter()
    compare(*texts)
    assert time.perf_counter() - start < _LIMIT_S
