import pytest

from dictation.evaluation import (
    CLASSES,
    changed_claims,
    critical_tallies,
    pooled,
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
