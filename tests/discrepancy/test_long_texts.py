"""A long text is compared however often it says the same thing; what grew with the cube of its length hung here."""

import pytest

from dictation.discrepancy import compare


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        (
            "No pleural effusion. Small left effusion. Lungs are clear. ",
            "No left pneumothorax. Right pleural effusion. ",
        ),
        ("There is a 4 mm nodule in the left upper lobe. ", "There is a 5 mm nodule in the right lower lobe. "),
        ("The left {} uvula is mildly bifid. ", "The right {} tonsil is severely swollen. "),
    ],
)
def test_a_long_text_that_repeats_itself_is_compared(heard: str, written: str) -> None:
    texts = []
    for sentence in (heard, written):
        body = "".join(sentence.format(chr(97 + number % 26) * 4) for number in range(800 // len(sentence.split())))
        texts.append(f"FINDINGS: {body}IMPRESSION: {body[: len(body) // 3]}")
    assert compare(*texts)


def test_words_without_any_mark_are_compared_however_long_they_run_on() -> None:
    (card, *_) = compare("no effusion left " * 4_000, "right effusion " * 4_000)
    assert card.severity == "critical"
