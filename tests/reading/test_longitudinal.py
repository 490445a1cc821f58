"""Change between two images, on tiny Gemmas: one that sees it, and others that say the same of any two images."""

from dataclasses import replace

import pytest

from dictation.errors import ModelError
from dictation.models import NotAssessed
from dictation.reading import controls
from dictation.reading.blind import BlindReader
from dictation.reading.longitudinal import changes
from dictation.reading.probes import words
from tests.reading.drawn import EFFUSION, EXAM, PATIENTS, Scene
from tests.reading.scenes import PATIENT, Watched, chest

SMALL, LARGE = chest(Scene("left", is_large=False), seed=3), chest(Scene("left"), seed=4)
CONTEXT = words("pair", exam=EXAM, patient=PATIENTS[0])


def effusion(model, current, prior):
    reading = BlindReader(model).read(current, prior=prior)
    return next(one for one in reading.opinions if one.finding == "pleural_effusion"), reading


def change(model, earlier, current):
    seen = [(one.images[0].pixels,) for one in (earlier, current)]
    return changes(model, *seen, [EFFUSION], CONTEXT)["pleural_effusion"]


@pytest.mark.parametrize(
    ("earlier", "current", "said"),
    [
        (SMALL, LARGE, "increased"),
        (LARGE, SMALL, "decreased"),
        (SMALL, chest(Scene("left", is_large=False), seed=8), "stable"),
        (LARGE, chest(Scene("left"), seed=9), "stable"),
    ],
)
def test_what_changed_between_two_images_is_seen(seeing, earlier, current, said):
    opinion, reading = effusion(seeing, current, earlier)
    assert (opinion.change, opinion.reason, reading.notes) == (said, "", ())
    assert opinion.probability > 0.9 and opinion.laterality == "left"


def test_a_change_that_does_not_turn_round_with_the_images_is_none(always_left):
    """It says "increased" of any two images."""
    opinion, _ = effusion(always_left, LARGE, SMALL)
    assert opinion.assessed and opinion.change is None
    assert opinion.reason == f"side: {controls.SIDE_STAYS}; change: {controls.CHANGE_STAYS}"


def test_stable_is_none_where_the_model_says_it_without_the_earlier_image(ignoring_images):
    found = change(ignoring_images, SMALL, LARGE)
    assert isinstance(found, NotAssessed) and found.reason == controls.WITHOUT_IMAGE


def test_both_images_are_named_and_the_control_exchanges_them(seeing):
    model = Watched(seeing)
    change(model, SMALL, LARGE)
    assert len(model.seen) == 2  # no blank picture: "increased" turns round
    for (name, one, name_2, two), images in zip(model.seen, [(SMALL, LARGE), (LARGE, SMALL)], strict=True):
        assert (name, name_2) == ("Earlier image:", "Current image:")
        assert (one == images[0].images[0].pixels).all() and (two == images[1].images[0].pixels).all()
    assert len(model.prompts) == 6 and all(prompt.startswith(CONTEXT) for prompt in model.prompts)


@pytest.mark.parametrize(
    ("stated", "why"),
    [
        ({"view": "LL"}, "of the earlier study, chest radiographs that are lateral"),
        ({"modality": "CT", "view": ""}, "of the earlier study, CT is not read"),
    ],
)
def test_an_earlier_study_that_is_not_read_gives_no_change_and_a_note(seeing, stated, why):
    opinion, reading = effusion(seeing, LARGE, chest(Scene("left"), **stated))
    assert opinion.change is None and opinion.probability > 0.9
    assert why in reading.notes[0] and PATIENT.patient_id not in reading.notes[0]


def test_two_kinds_of_radiographs_are_not_compared(seeing):
    reader = BlindReader(seeing, also={"chest_lateral"})
    reading = reader.read(LARGE, prior=replace(chest(Scene("left"), view="LL"), id="2"))
    assert reading.notes == ("Change is not assessed: it is asked of two radiographs of one kind only.",)


class FailingOnTwo(Watched):
    """Fails as soon as two images are shown together."""

    def prepare(self, seen=(), cancel=None):
        if len(seen) > 1:
            raise ModelError("tiny: out of memory.")
        return super().prepare(seen, cancel)


def test_a_comparison_that_fails_costs_no_opinion(seeing):
    opinion, reading = effusion(FailingOnTwo(seeing), LARGE, SMALL)
    assert opinion.probability > 0.9 and opinion.laterality == "left" and opinion.change is None
    assert reading.notes == ("Change is not assessed: tiny: out of memory.",)
