import pytest

from dictation.evaluation import (
    CLASSES,
    Tally,
    changed_claims,
    critical_tallies,
    pooled,
    term_tally,
    word_tally,
)
from tests.evaluation.planted import SCRIPTS, SLIPS


def slipped(slip) -> tuple[str, str]:
    _, number, said, heard, _ = slip
    script = SCRIPTS[number]
    assert script.count(said) == 1
    return script, script.replace(said, heard)


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: f"{slip[0]}: {slip[3]}")
def test_a_slip_is_an_error_of_its_class_and_of_no_other(slip):
    tallies = critical_tallies(*slipped(slip))
    assert {name: tally.errors for name, tally in tallies.items() if tally.errors} == {slip[0]: 1}
    assert tallies[slip[0]].words > 0


@pytest.mark.parametrize("slip", [slip for slip in SLIPS if slip[4]], ids=lambda slip: f"{slip[4]}: {slip[3]}")
def test_a_slip_that_changes_the_meaning_changes_a_claim(slip):
    changes = changed_claims(*slipped(slip))
    assert slip[4] in changes.kinds
    assert changes.lost + changes.changed + changes.added >= 1
    assert len(changes.cards) == sum(changes.kinds.values())


def test_few_slips_are_seen_in_classes_and_claims_and_hardly_in_the_word_error_rate():
    pairs = [slipped(slip) for slip in SLIPS]
    wer = pooled(word_tally(*pair, "clinical") for pair in pairs).rate
    worst = {name: pooled(critical_tallies(*pair)[name] for pair in pairs).rate for name in CLASSES}
    claims = pooled(changed_claims(*pair).tally for pair in pairs)
    assert wer is not None and wer < 0.03
    assert min(worst[name] / wer for name in ("side", "negation", "number", "unit", "level", "drug")) > 2
    assert claims.rate is not None and claims.rate > 4 * wer


@pytest.mark.parametrize("script", SCRIPTS)
def test_what_was_heard_as_said_changes_nothing(script):
    changes = changed_claims(script, script)
    assert (changes.lost, changes.changed, changes.added, changes.cards) == (0, 0, 0, ())
    assert changes.said >= 4
    assert not any(tally.errors for tally in critical_tallies(script, script).values())


@pytest.mark.parametrize(
    "script",
    [
        "FINDINGS: Left pleural effusion.\nIMPRESSION: Right pleural effusion.",
        "Lungs are clear, now focal consolidation. Small left plural effusion.",
        "There is a large tension pneumothorax on the left.",
    ],
)
def test_what_is_wrong_with_the_script_itself_is_no_fault_of_the_ear(script):
    assert changed_claims(script, script).cards == ()


def test_another_time_of_follow_up_is_a_changed_claim():
    changes = changed_claims("Recommend follow-up CT in 6 months.", "Recommend follow-up CT in 3 months.")
    assert (changes.changed, changes.kinds) == (1, {"follow_up": 1})


def test_who_hears_nothing_loses_every_claim_normals_too():
    script = "The lungs are clear. There is a large left pneumothorax. No effusion. Heart size is normal."
    changes = changed_claims(script, "")
    assert (changes.said, changes.lost, changes.tally) == (4, 4, Tally(4, 4))
    assert [card.kind for card in changes.cards] == ["omission"]
    assert changed_claims("", script).added == 1


def test_a_denial_that_is_turned_is_no_worse_than_one_that_is_gone():
    script = "No pneumothorax. Heart size is normal."
    turned, gone = (changed_claims(script, heard).tally for heard in ("A pneumothorax. Heart size is normal.", ""))
    assert (turned, gone) == (Tally(1, 2), Tally(2, 2))


def test_a_denial_heard_for_an_article_counts_though_nothing_critical_was_said():
    assert critical_tallies("a nodule", "no nodule")["negation"] == Tally(1, 0)


def test_words_of_a_finding_and_of_a_drug_are_found_in_all_their_forms():
    tallies = critical_tallies("Ground-glass opacities and pleural effusions after Omnipaque", "")
    assert tallies["finding"] == Tally(5, 5)
    assert tallies["drug"] == Tally(1, 1)


def test_units_are_units_behind_a_number_and_letters_are_levels_before_one():
    tallies = critical_tallies("three liters in L 4 and a French catheter at 2 Gy", "")
    assert tallies["unit"].words == 2  # liters, Gy
    assert tallies["level"].words == 1


def test_term_errors_count_words_of_the_lexicon_only():
    assert term_tally("The mediastinum was seen", "the media was seen") == Tally(1, 1)
    assert term_tally("it was seen", "it was") == Tally(0, 0)
    assert term_tally("it was seen", "it was pneumothorax").errors == 1
