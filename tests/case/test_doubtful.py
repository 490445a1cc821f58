"""What a person is asked to check before a report is signed, as no two columns differ there."""

import pytest

from dictation.case import review_dictation
from dictation.case.doubtful import doubtful_words
from dictation.report import ExtractiveWriter
from dictation.wording import write
from tests.wording.dictating import transcript


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Findings: No free air. The liver is in-", ["“The liver is in-” breaks off."]),  # the page was closed there
        ("Findings: No free air. Nodes are not in the.", ["“Nodes are not in the” breaks off."]),
        ("Findings: No free air. There is a follow-up.", []),
    ],
)
def test_a_sentence_that_ends_within_a_word_is_asked(said: str, asked: list[str]):
    case = review_dictation(write([transcript(said)]), writer=ExtractiveWriter())
    assert [one.question for one in doubtful_words(case) if one.why == "cut off"] == asked
