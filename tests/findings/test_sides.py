"""The side of every finding of a sentence, over all organs: stated, shared, inherited, and never a neighbour's."""

from pathlib import Path

import pytest

from dictation.findings import extract

_LINES = Path(__file__).with_name("sides.tsv").read_text(encoding="utf-8").splitlines()
CASES = [tuple(line.split("\t")) for line in _LINES if not line.startswith("#")]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_every_finding_has_the_side_that_is_said_of_it(text: str, expected: str) -> None:
    claims = [claim for claim in extract(text) if claim.finding_class != "normal_anatomy"]
    assert [f"{claim.finding}:{claim.laterality or '-'}" for claim in claims] == expected.split()


def test_a_side_taken_over_from_the_sentence_before_is_implied_and_never_held_against_another_text() -> None:
    opacity, atelectasis = extract("Opacity in the left base. This likely represents atelectasis.")
    assert (opacity.implied, atelectasis.implied) == ((), ("laterality", "site"))
    assert atelectasis.stated().laterality is None


def test_what_a_sentence_on_this_denies_takes_no_side_over() -> None:
    assert [claim.laterality for claim in extract("Opacity in the left base. This is no atelectasis.")] == [
        "left",
        None,
    ]
