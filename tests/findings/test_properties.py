"""What holds for every text: spans are characters of it, ids are unique, and a text never differs from itself."""

import random
import sys
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dictation.discrepancy import compare
from dictation.findings import extract

SENTENCES = (
    "Small left pleural effusion, unchanged.",
    "No pneumothorax or consolidation.",
    "Moderate left and small right pleural effusions.",
    "The lungs are clear.",
    "Heart size is normal; mediastinal contours are unremarkable.",
    "Cardiomegaly.",
    "5 mm nodule in the right upper lobe, previously 4 mm.",
    "Lesion measures 2.3 x 1.8 cm.",
    "T12 compression fracture is new.",
    "Cannot exclude early pneumonia at the left base.",
    "Endotracheal tube tip 3.5 cm above the carina.",
    "Interval removal of the right chest tube.",
    "The uvula is bifid on the left.",
    "Opacity in the left base, likely atelectasis versus pneumonia.",
    "No acute cardiopulmonary process.",
    "Follow-up to exclude malignancy is recommended.",
    "Bilateral effusions, right greater than left.",
    "Right hemidiaphragm remains elevated.",
)
VOCABULARY = """
no not left right nodule effusion 5 mm cm x 1.2 . , ; : and or with lungs clear the T8 to L2 possible heart normal
FINDINGS: Impression: previously is are seen cannot exclude removed tip in svc fracture rib 3 rd new stable
"""
WORDS = st.sampled_from([*VOCABULARY.split(), "\n"])


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_text_can_be_read(text: str) -> None:
    check_spans(text)


@given(st.lists(WORDS, max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_order_of_words_can_be_read_and_agrees_with_itself(words: list[str]) -> None:
    text = " ".join(words)
    check_spans(text)
    assert [found for found in compare(text, text) if found.kind not in ("contradiction", "critical_word")] == []


@pytest.mark.parametrize("seed", range(30))
def test_order_and_sections_of_sentences_make_no_difference(seed: int) -> None:
    chance = random.Random(seed)
    heard = chance.sample(SENTENCES, 8)
    written = chance.sample(heard, len(heard))
    report = "FINDINGS:\n" + "\n".join(written[:5]) + "\n\nIMPRESSION:\n" + " ".join(written[5:])
    found = [f for f in compare(" ".join(heard), report) if f.kind != "contradiction"]
    assert found == [], [f.explanation for f in found]


def lines_run(text: str) -> int:
    """How many lines of our own code reading a text takes; steps of patterns are counted in test_patterns.py."""
    count = 0

    def line(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += "/dictation/" in frame.f_code.co_filename
        return line if "/dictation/" in frame.f_code.co_filename else None

    before = sys.gettrace()
    sys.settrace(line)
    try:
        extract(text)
    finally:
        sys.settrace(before)
    return count


def check_spans(text: str) -> None:
    claims = extract(text)
    assert len({claim.id for claim in claims}) == len(claims)
    for claim in claims:
        start, end = claim.span
        assert 0 <= start < end <= len(text)
        assert text[start:end] == claim.text
        for low, high in claim.parts.values():
            assert 0 <= low < high <= len(text)
        for measurement in claim.measurements:
            assert measurement.span and text[slice(*measurement.span)] == measurement.raw


@pytest.mark.parametrize(
    "unit",
    [
        "a", "effusion ", "no effusion, ", "left effusion and ", "opacity may represent ", "5 mm ", "5 x ", "L4-",
        "one hundred and ", "(", "- ", ". ", "\n", "<b>left</b> ", "\u200b", "\u202eleft ", "\u05d0 ", "1.",
        "findings: ",
    ],
)  # fmt: skip
def test_a_long_text_without_end_is_read_in_steps_near_its_length(unit: str) -> None:
    text = unit * (6_000 // len(unit))
    few, many = lines_run(text), lines_run(2 * text)
    assert many <= 2.5 * few + 10_000
    check_spans(5 * text)


def test_a_megabyte_of_one_word_is_read() -> None:
    check_spans("nodule" * 170_000)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert('left effusion')</script> Small left effusion.",
        "\u202eSmall left\u202c effusion \u200bon the right.",
        "Kleiner Pleuraerguss links. Épanchement pleural gauche. 左側胸水。 انصباب جنبي أيسر",
        "Left\u00a0effusion,\u2003right nodule\u2028No pneumothorax.",
    ],
)
def test_markup_other_scripts_and_invisible_characters_keep_offsets(text: str) -> None:
    check_spans(text)


def test_offsets_are_of_the_given_text_also_behind_headings_and_numbers() -> None:
    text = "FINDINGS:\n1. Small left effusion.\r\n2. No nodule.\n\nImpression: Clear lungs."
    check_spans(text)
    assert [claim.section for claim in extract(text)] == ["findings", "findings", "impression"]


def test_what_is_only_implied_is_not_stated() -> None:
    opacity, atelectasis = extract("Opacity in the left base. This likely represents atelectasis.")
    assert (opacity.implied, atelectasis.implied) == ((), ("laterality", "site"))
    assert (atelectasis.stated().laterality, atelectasis.stated().site) == (None, ())
