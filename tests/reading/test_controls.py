"""The verdicts on answers: pure arithmetic, so here with numbers; on a network that sees, in test_blind."""

import math

import pytest

from dictation.models import NotAssessed
from dictation.reading import controls
from dictation.reading.probing import Answer, ask, log_odds

REFUSED = NotAssessed("the model would begin its answer with something else.")


def yes(probability: float, spread: float = 0.1) -> Answer:
    return Answer((probability, 1 - probability), spread)


def three(place: int, share: float = 0.8, spread: float = 0.1) -> Answer:
    rest = (1 - share) / 2
    return Answer(tuple(share if place == here else rest for here in range(3)), spread)


def never():
    raise AssertionError("a control was asked that decides nothing")


@pytest.mark.parametrize(
    ("seen", "blank", "verdict"),
    [
        (yes(0.9), yes(0.5), 0.9),
        (yes(0.1), yes(0.5), 0.1),
        (yes(0.02), yes(0.05), 0.02),  # odds more than halved
        (yes(0.9), yes(0.87), controls.WITHOUT_IMAGE),
        (yes(0.5), yes(0.5), controls.WITHOUT_IMAGE),
        (yes(0.7), yes(0.95), controls.AGAINST_IMAGE),  # "yes", though the image makes it less probable
        (yes(0.3), yes(0.05), controls.AGAINST_IMAGE),  # "no", though the image raises the odds of it eightfold
        (yes(0.9), REFUSED, 0.9),  # it answers only where there is something to see
    ],
)
def test_an_answer_must_depend_on_the_image(seen, blank, verdict):
    found = controls.presence(seen, lambda: blank)
    assert (found.reason if isinstance(found, NotAssessed) else found) == verdict


def test_an_answer_that_hangs_on_the_wording_is_none_and_costs_no_control():
    found = controls.presence(yes(0.8, spread=0.6), never)
    assert isinstance(found, NotAssessed) and found.reason == controls.WORDING


def test_what_is_there_is_there_in_the_mirror_too():
    assert controls.stays(yes(0.9), yes(0.6)) is None
    moved = controls.stays(yes(0.9), yes(0.2))
    assert moved is not None and moved.reason == controls.MIRRORED_PRESENCE
    assert controls.stays(yes(0.9), REFUSED) == REFUSED


LEFT, RIGHT, BOTH = 0, 1, 2


@pytest.mark.parametrize(
    ("seen", "mirrored", "verdict"),
    [
        (three(LEFT), three(RIGHT), "left"),
        (three(RIGHT), three(LEFT), "right"),
        (three(LEFT), three(LEFT), controls.SIDE_STAYS),
        (three(RIGHT), three(RIGHT), controls.SIDE_STAYS),
        (three(LEFT), three(BOTH), controls.SIDE_STAYS),
        (three(LEFT, 0.45), three(RIGHT), controls.UNSURE),
        (three(LEFT), three(RIGHT, 0.45), controls.UNSURE),
        (three(LEFT, spread=0.6), three(RIGHT), controls.WORDING),
        (three(LEFT), three(RIGHT, spread=0.6), controls.WORDING),
        (REFUSED, three(RIGHT), REFUSED.reason),
        (three(LEFT), REFUSED, REFUSED.reason),
    ],
)
def test_a_side_must_follow_the_mirror_image(seen, mirrored, verdict):
    found = controls.side(seen, lambda: mirrored, never)
    assert (found.reason if isinstance(found, NotAssessed) else found) == verdict


def test_both_sides_do_not_turn_round_so_they_must_depend_on_the_image():
    assert controls.side(three(BOTH), lambda: three(BOTH), lambda: three(LEFT)) == "bilateral"
    always = controls.side(three(BOTH), lambda: three(BOTH), lambda: three(BOTH))
    assert isinstance(always, NotAssessed) and always.reason == controls.WITHOUT_IMAGE


def test_both_sides_do_not_count_where_the_image_makes_them_less_probable():
    less = controls.side(three(BOTH, 0.6), lambda: three(BOTH, 0.6), lambda: three(BOTH, 0.95))
    assert isinstance(less, NotAssessed) and less.reason == controls.AGAINST_IMAGE


@pytest.mark.parametrize(
    ("own", "other", "why"),
    [
        (yes(0.9), yes(0.1), None),
        (yes(0.3), yes(0.1), None),  # what a doubled half does to the probability itself does not matter
        (yes(0.9), yes(0.88), controls.OTHER_HALF),
        (yes(0.1), yes(0.9), controls.OTHER_HALF),
        (yes(0.9, spread=0.6), yes(0.1), controls.WORDING),
        (yes(0.9), yes(0.1, spread=0.6), controls.WORDING),
        (REFUSED, yes(0.1), REFUSED.reason),
        (yes(0.9), REFUSED, REFUSED.reason),
    ],
)
def test_what_lies_on_one_side_is_gone_where_the_other_half_is_doubled(own, other, why):
    found = controls.half(own, other)
    assert (found.reason if found is not None else None) == why


INCREASED, DECREASED, STABLE = 0, 1, 2


def test_a_change_must_turn_round_with_the_images():
    assert controls.change(three(INCREASED), lambda: three(DECREASED), never) == "increased"
    assert controls.change(three(DECREASED), lambda: three(INCREASED), never) == "decreased"
    always = controls.change(three(INCREASED), lambda: three(INCREASED), never)
    assert isinstance(always, NotAssessed) and always.reason == controls.CHANGE_STAYS
    assert controls.change(three(STABLE), lambda: three(STABLE), lambda: three(INCREASED)) == "stable"
    always = controls.change(three(STABLE), lambda: three(STABLE), lambda: three(STABLE))
    assert isinstance(always, NotAssessed) and always.reason == controls.WITHOUT_IMAGE


def test_stable_does_not_count_where_the_earlier_image_makes_it_less_probable():
    less = controls.change(three(STABLE, 0.6), lambda: three(STABLE, 0.6), lambda: three(STABLE, 0.95))
    assert isinstance(less, NotAssessed) and less.reason == controls.AGAINST_IMAGE


class Shares:
    """Gives the probabilities that it was made with, one a question."""

    def __init__(self, *shares):
        self.left = list(shares)

    def choose(self, prefix, prompt, options, cancel=None):
        return self.left.pop(0)


def test_ways_of_asking_are_averaged_in_log_odds():
    answer = ask(Shares((0.9, 0.1), (0.6, 0.4), (0.8, 0.2)), None, ["a", "b", "c"], ("yes", "no"))
    mean = sum(math.log(p / (1 - p)) for p in (0.9, 0.6, 0.8)) / 3
    assert log_odds(answer.shares[0]) == pytest.approx(mean)
    assert sum(answer.shares) == pytest.approx(1) and answer.spread == pytest.approx(0.3)


def test_a_wording_that_is_certain_does_not_outvote_the_others():
    answer = ask(Shares((0.0, 1.0), (0.99, 0.01), (0.99, 0.01)), None, ["a", "b", "c"], ("yes", "no"))
    assert answer.shares[0] > 0.5 and answer.spread == pytest.approx(0.99)


def test_a_way_of_asking_without_an_answer_leaves_the_question_open():
    model = Shares((0.9, 0.1), REFUSED, (0.9, 0.1))
    assert ask(model, None, ["a", "b", "c"], ("yes", "no")) == REFUSED
    assert len(model.left) == 1  # and no more is asked
