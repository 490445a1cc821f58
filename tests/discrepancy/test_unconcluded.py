"""What was dictated in the impression and is missing from the written one has a card, though the findings tell it."""

import pytest

from dictation.discrepancy import Discrepancy, compare
from dictation.wording import Dictation, Sentence

FINDINGS = "Findings: Small left pneumothorax. Right pleural effusion. 5 mm nodule in the left upper lobe."


def missing(heard: str | Dictation, written: str) -> list[Discrepancy]:
    return [one for one in compare(heard, written) if "missing from the written impression" in one.explanation]


def test_a_pneumothorax_that_the_written_impression_lacks_is_major() -> None:
    heard = f"{FINDINGS} Impression: Small left pneumothorax."
    (found,) = missing(heard, f"{FINDINGS} Impression: No evidence of pneumonia.")
    assert (found.kind, found.severity) == ("omission", "major")
    assert found.explanation == (
        "You dictated “Small left pneumothorax” in the impression; it is missing from the written impression."
    )
    assert found.heard is not None and found.heard.span is not None
    assert found.heard.span[0] == heard.rindex("Small left pneumothorax")


def test_its_correction_brings_it_into_the_impression() -> None:
    written = f"{FINDINGS} Impression: No evidence of pneumonia."
    (found,) = missing(f"{FINDINGS} Impression: No pneumonia. Small left pneumothorax.", written)
    (edit,) = found.edits
    corrected = written[: edit.span[0]] + edit.text + written[edit.span[1] :]
    assert corrected.index("Small left pneumothorax", corrected.index("Impression")) > 0
    assert missing(f"{FINDINGS} Impression: No pneumonia. Small left pneumothorax.", corrected) == []


def test_one_sentence_makes_one_card_that_names_all_it_lost() -> None:
    heard = f"{FINDINGS} Impression: Small left pneumothorax with right pleural effusion."
    (found,) = missing(heard, f"{FINDINGS} Impression: No evidence of pneumonia.")
    assert "pneumothorax" in found.explanation and "effusion" in found.explanation


def test_one_side_of_two_that_is_missing_is_told() -> None:
    both = "Findings: Left lung nodule. Right lung nodule. Impression: Left lung nodule. Right lung nodule."
    (found,) = missing(both, both.removesuffix(" Right lung nodule."))
    assert found.heard is not None and found.heard.text == "Right lung nodule"


@pytest.mark.parametrize(
    ("said", "wrote"),
    [
        (" Impression: Small left pneumothorax.", ""),  # the report has no impression
        (" Small left pneumothorax.", " Impression: Right effusion."),  # the dictation has none
        (" Impression: Small left pneumothorax.", " Impression: Left pneumothorax, small."),
        (" Impression: Left upper lobe nodule.", " Impression: Nodule of the left upper lobe."),
        (" Impression: Possible pneumothorax.", " Impression: Right effusion."),
        (" Impression: No fracture.", " Impression: Right effusion."),
        (" Impression: CT is recommended to exclude pneumothorax.", " Impression: Right effusion."),
    ],
)
def test_nothing_is_missing(said: str, wrote: str) -> None:
    assert missing(FINDINGS + said, FINDINGS + wrote) == []


@pytest.mark.parametrize(
    ("wrote", "kind"), [("No pneumothorax", "negation"), ("Small right pneumothorax", "laterality")]
)
def test_what_another_card_tells_is_not_told_twice(wrote: str, kind: str) -> None:
    heard, written = (f"{FINDINGS} Impression: {words}." for words in ("Small left pneumothorax", wrote))
    assert missing(heard, written) == []
    assert (kind, "critical") in {(one.kind, one.severity) for one in compare(heard, written)}


def test_a_small_omission_of_the_sentence_does_not_hide_it() -> None:
    heard = f"{FINDINGS} Impression: Small left pneumothorax without rib fracture."
    (found,) = missing(heard, f"{FINDINGS} Impression: No evidence of pneumonia.")
    assert found.severity == "major"


def test_what_a_macro_brought_was_not_dictated() -> None:
    sentences = [Sentence(id="s1", text="Small left pneumothorax.", section="findings", origin="dictated")]
    sentences += [Sentence(id="s2", text="Small left pneumothorax.", section="impression", origin="macro")]
    written = "Findings: Small left pneumothorax. Impression: No evidence of pneumonia."
    assert missing(Dictation(sentences=tuple(sentences)), written) == []
    sentences[1] = sentences[1].model_copy(update={"origin": "dictated"})
    assert len(missing(Dictation(sentences=tuple(sentences)), written)) == 1
