"""Boxes and descriptions: where the model says it sees what it found, and what it says in its own words."""

import numpy as np
import pytest

from dictation.errors import ModelError
from dictation.imaging.for_reader import square
from dictation.reading.blind import BlindReader
from dictation.reading.describing import MOST_CHARACTERS, described, located
from tests.reading.drawn import EFFUSION, HEART, Scene
from tests.reading.scenes import Watched, chest

CONTEXT = "This is a frontal chest radiograph of a patient."


class Answering(Watched):
    """A model that sees as it does, and gives these boxes or this description. What it is asked must allow them."""

    def __init__(self, model, answer):
        super().__init__(model)
        self.answer = answer

    def generate(self, prefix, prompt, schema, cancel=None, told=None):
        from dictation.models.schema import violation

        self.prompts.append(prompt)
        if isinstance(self.answer, Exception):
            raise self.answer
        assert violation(self.answer, schema) == ""
        return self.answer


def box(name, y0, x0, y1, x1):
    return {"name": name, "y0": y0, "x0": x0, "y1": y1, "x1": x1}


def boxes(*found):
    return {"boxes": list(found)}


def effusion(model, study, **options):
    reading = BlindReader(model, **options).read(study)
    return next(one for one in reading.opinions if one.finding == "pleural_effusion"), reading


def test_the_network_s_own_boxes_come_back_in_pixels_of_the_displayed_image(seeing):
    pixels = chest(Scene("left", large_heart=True), rows=100, columns=60).images[0].pixels
    shown = square(pixels)
    prefix = seeing.prepare((shown.pixels,))
    for one in located(seeing, prefix, shown, [EFFUSION, HEART], CONTEXT).values():
        y0, x0, y1, x1 = one
        assert 0 <= y0 < y1 <= 100 and 0 <= x0 < x1 <= 60


def test_a_box_is_taken_out_of_the_padding(seeing):
    shown = square(np.zeros((100, 60), np.uint8))  # 20 black columns on each side
    model = Answering(seeing, boxes(box("pleural effusion", 500, 500, 1000, 1000), box("cardiomegaly", 0, 0, 500, 600)))
    found = located(model, seeing.prepare((shown.pixels,)), shown, [EFFUSION, HEART], CONTEXT)
    assert found == {"pleural_effusion": (50, 30, 100, 60), "cardiomegaly": (0, 0, 50, 40)}


def test_what_is_no_box_is_left_out_and_the_first_of_several_counts(seeing):
    shown = square(np.zeros((100, 60), np.uint8))
    wrong = [box("pleural effusion", 600, 500, 500, 900), box("cardiomegaly", 0, 0, 900, 150)]  # upside down; padding
    model = Answering(seeing, boxes(*wrong))
    assert located(model, seeing.prepare((shown.pixels,)), shown, [EFFUSION, HEART], CONTEXT) == {}
    model.answer = boxes(box("pleural effusion", 0, 200, 500, 800), box("pleural effusion", 0, 200, 900, 800))
    found = located(model, seeing.prepare((shown.pixels,)), shown, [EFFUSION, HEART], CONTEXT)
    assert found == {"pleural_effusion": (0, 0, 50, 60)}


def test_a_box_is_asked_of_what_is_there_only(seeing):
    model = Answering(seeing, boxes(box("pleural effusion", 500, 800, 1000, 1000)))
    opinion, reading = effusion(model, chest(Scene("left"), rows=200, columns=200), locates=True)
    assert (opinion.box, opinion.laterality) == ((100, 160, 200, 200), "left")
    assert "Locate each of these: pleural effusion." in model.prompts[-1]
    assert all(one.box is None for one in reading.opinions if one.finding != "pleural_effusion")


def test_a_box_on_the_other_side_of_the_patient_makes_the_side_doubtful(seeing):
    model = Answering(seeing, boxes(box("pleural effusion", 500, 0, 1000, 200)))
    opinion, _ = effusion(model, chest(Scene("left"), rows=200, columns=200), locates=True)
    assert opinion.assessed and opinion.probability > 0.9
    assert opinion.box is None and opinion.laterality is None and not opinion.side_assessed
    assert opinion.reason == "side: the place that the model gives lies on the other side"


def test_boxes_and_descriptions_are_off_unless_asked_for(seeing):
    model = Answering(seeing, AssertionError("was asked"))
    opinion, reading = effusion(model, chest(Scene("left")))
    assert opinion.box is None and reading.description is None


def test_a_description_is_what_the_model_says_in_plain_white_space(seeing):
    model = Answering(seeing, {"description": "Large left\n pleural effusion. "})
    _, reading = effusion(model, chest(Scene("left")), describes=True)
    assert reading.description == "Large left pleural effusion."
    assert model.prompts[-1].startswith("This is a frontal chest radiograph of a female patient aged 60 to 69 years.")


@pytest.mark.parametrize("option", ["describes", "locates"])
def test_the_opinions_stand_where_the_model_fails_to_describe(seeing, option):
    model = Answering(seeing, ModelError("tiny: the answer is not valid JSON."))
    opinion, reading = effusion(model, chest(Scene("left")), **{option: True})
    assert opinion.laterality == "left" and reading.description is None
    assert reading.notes == ("The image was not described further: tiny: the answer is not valid JSON.",)


def test_the_network_s_own_description_keeps_to_its_limit(seeing):
    said = described(seeing, seeing.prepare((chest(Scene("left")).images[0].pixels,)), CONTEXT)
    assert said is None or 1 <= len(said) < MOST_CHARACTERS
