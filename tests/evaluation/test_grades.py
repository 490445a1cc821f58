"""What an error means to whoever acts on the report."""

import pytest

from dictation.evaluation import changed_claims
from dictation.evaluation.grades import graded_errors
from tests.evaluation.planted import SCRIPTS, SLIPS


def graded(script: str, hypothesis: str) -> list[tuple[str, str, str]]:
    cards = changed_claims(script, hypothesis).cards
    return [(error.said, error.heard, error.grade) for error in graded_errors(script, hypothesis, cards)]


@pytest.mark.parametrize(("name", "number", "said", "heard", "kind"), SLIPS)
def test_a_planted_slip_could_change_care(name, number, said, heard, kind):
    script = SCRIPTS[number]
    assert said in script
    assert {grade for _, _, grade in graded(script, script.replace(said, heard))} == {"could change care"}


def test_a_difference_is_laid_to_the_words_that_make_it():
    assert graded("A small left effusion is seen today.", "The small right effusion is seen now.") == [
        ("a", "the", "harmless"), ("left", "right", "could change care"), ("today", "now", "minimal"),
    ]  # fmt: skip


def test_where_a_difference_has_no_other_cause_a_stop_word_is_to_blame():
    from dictation.discrepancy import Discrepancy
    from dictation.discrepancy.discrepancy import Side

    card = Discrepancy(
        id="d", kind="certainty", severity="major", heard=Side(text="an effusion", span=(0, 11)), explanation=""
    )
    [error] = graded_errors("an effusion", "the effusion", [card])
    assert error.grade == "could change care"


def test_equal_texts_and_no_texts_have_no_errors():
    assert graded(SCRIPTS[0], SCRIPTS[0]) == [] == graded("", "")


def test_an_error_is_a_run_and_knows_its_kind():
    found = graded_errors("no left effusion today", "no effusion today again")
    assert [(error.kind, len(error.run)) for error in found] == [("deletion", 1), ("insertion", 1)]


def test_opposites_are_not_harmless_though_both_are_stop_words():
    [(said, heard, grade)] = graded("the line above the carina", "the line below the carina")
    assert (said, heard) == ("above", "below") and grade != "harmless"
