"""A long text is compared however often it says the same thing; what grew with the cube of its length hung here."""

import pytest

from dictation.discrepancy import compare
from dictation.discrepancy.columns import heard_column, written_column
from dictation.discrepancy.doubts import critical_words
from dictation.discrepancy.inference import INFERENCE_KINDS, inferences
from dictation.exam import Order
from dictation.wording import typed
from tests.wording.dictating import dictated


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


@pytest.mark.parametrize("text", ["a" * 300_000, "no " * 100_000, "ilium ileum " * 25_000, "50 mm nodule. " * 20_000])
def test_a_hostile_text_does_not_hang(text: str) -> None:
    critical_words(text, text)
    critical_words(text, text + " again")


@pytest.mark.parametrize(
    "text", ["uh " * 2_000, "oh, " * 2_000, "no, " * 2_000, "correction. " * 1_000, "not left, " * 1_000]
)
def test_a_long_text_of_cues_does_not_hang(text):
    critical_words(typed(text), text)
    dictated(text)


@pytest.mark.parametrize("text", ["", "\u202eabc\u200b", "<script>left</script>", "no " * 20_000, "3 months " * 5_000])
def test_hostile_text_is_survived_beside_an_order(text: str) -> None:
    knee = {"procedure": "XR KNEE 3 VIEWS", "modality": "CR", "body_part": "KNEE", "laterality": "right"}
    prior = {
        "date": "2024-03-05",
        "text": "FINDINGS: 5 mm nodule in the right upper lobe. Left adrenal nodule of 1.2 cm.",
    }
    order = Order.model_validate(knee | {"sex": "M", "age": 70, "priors": [prior]})
    inferences(heard_column(text), written_column(text), order, None, kinds=INFERENCE_KINDS)
