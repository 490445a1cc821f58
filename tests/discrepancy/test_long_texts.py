"""A long text is compared however often it says the same thing; what grew with the cube of its length hung here."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from dictation.discrepancy import compare
from dictation.discrepancy.columns import heard_column, written_column
from dictation.discrepancy.doubts import critical_words
from dictation.discrepancy.inference import INFERENCE_KINDS, inferences
from dictation.discrepancy.suspicion.alert_evidence import GRAVE
from dictation.exam import Order
from dictation.wording import typed
from tests.wording.dictating import dictated


def work(compared: Callable[[int], object], size: int) -> int:
    """How many lines of Python run for a text of that many words: the same on a busy machine as on a quiet one."""
    ran = 0

    def count(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal ran
        ran += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        compared(size)
    finally:
        sys.settrace(before)
    return ran


def growth(compared: Callable[[int], object], size: int) -> float:
    """How many times the work of a text is that of one half as long: 2 where it is linear, 4 a square, 8 a cube."""
    compared(size // 2)  # tables are loaded once
    return work(compared, 2 * size) / work(compared, size)


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
    def compared(size: int) -> None:
        texts = []
        for sentence in (heard, written):
            count = size // len(sentence.split())
            body = "".join(sentence.format(chr(97 + number % 26) * 4) for number in range(count))
            texts.append(f"FINDINGS: {body}IMPRESSION: {body[: len(body) // 3]}")
        assert compare(*texts)

    assert growth(compared, 100) < 4
    compared(400)


def test_words_without_any_mark_are_compared_however_long_they_run_on() -> None:
    def compared(size: int) -> None:
        (card, *_) = compare("no effusion left " * size, "right effusion " * size)
        assert card.severity in GRAVE

    assert growth(compared, 200) < 2.5
    compared(1_000)


@pytest.mark.parametrize(("text", "size"), [("a", 2_000), ("no ", 500), ("ilium ileum ", 300), ("50 mm nodule. ", 200)])
def test_a_hostile_text_does_not_hang(text: str, size: int) -> None:
    def compared(size: int) -> None:
        critical_words(text * size, text * size)
        critical_words(text * size, text * size + " again")

    assert growth(compared, size) < 2.5
    compared(10 * size)


@pytest.mark.parametrize("text", ["uh ", "oh, ", "no, ", "correction. ", "not left, "])
def test_a_long_text_of_cues_does_not_hang(text: str) -> None:
    def compared(size: int) -> None:
        critical_words(typed(text * size), text * size)
        dictated(text * size)

    assert growth(compared, 200) < 2.5


@pytest.mark.parametrize("text", ["", "\u202eabc\u200b", "<script>left</script>", "no " * 20_000, "3 months " * 5_000])
def test_hostile_text_is_survived_beside_an_order(text: str) -> None:
    knee = {"procedure": "XR KNEE 3 VIEWS", "modality": "CR", "body_part": "KNEE", "laterality": "right"}
    prior = {
        "date": "2024-03-05",
        "text": "FINDINGS: 5 mm nodule in the right upper lobe. Left adrenal nodule of 1.2 cm.",
    }
    order = Order.model_validate(knee | {"sex": "M", "age": 70, "priors": [prior]})
    inferences(heard_column(text), written_column(text), order, None, kinds=INFERENCE_KINDS)
