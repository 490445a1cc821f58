"""TorchXRayVision reads frontal chest radiographs and nothing else, knows no side, and is uncalibrated by itself."""

import numpy as np
import pytest

from dictation.exam import ExamFacts, Order
from dictation.findings.lexicon import concepts
from dictation.imaging import Study, StudyImage
from dictation.models.xrv import XrvModel
from dictation.reading.calibration import NO_MORE
from dictation.reading.opinions import claims_of_reading
from dictation.reading.scored import NO_SCORE
from dictation.reading.xrv import xrv_reader
from dictation.settings import Settings
from tests.models.tiny_xrv import network, save_state
from tests.reading.studies import chest, noise
from tests.reading.test_calibration import FINDING, kept

SETTINGS = Settings(threads=1)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return XrvModel.load(save_state(tmp_path_factory.mktemp("xrv") / "weights.pt"), SETTINGS)


@pytest.fixture(scope="module")
def reader(model):
    return xrv_reader(model)


def test_every_finding_has_an_opinion_under_our_name(reader, model):
    pixels = noise(240, 260)
    reading = reader.read(chest(pixels))
    assert (reading.reader, reading.study, reading.engine) == ("xrv", "1.2.3", reader.engine)
    findings = [opinion.finding for opinion in reading.opinions]
    assert len(findings) == len(set(findings)) == 18 and set(findings) <= set(concepts())
    assert np.allclose([opinion.probability for opinion in reading.opinions], model.scores(pixels))
    named = dict(zip(model.findings, findings, strict=True))
    assert named["Effusion"] == "pleural_effusion" and named["Enlarged Cardiomediastinum"] == "mediastinal_widening"


def test_no_side_is_assessed_and_nothing_is_calibrated(reader):
    reading = reader.read(chest(noise(240, 260)))
    for opinion in reading.opinions:
        assert opinion.assessed and not opinion.side_assessed and not opinion.calibrated and opinion.laterality is None
    assert {claim.laterality for claim in claims_of_reading(reading)} == {None}
    assert reading.engine.settings["calibration"] == "uncalibrated"


@pytest.mark.parametrize(
    "study, why",
    [
        (chest(noise(240, 260), view="LL"), "lateral"),
        (chest(noise(240, 260), body_part="KNEE"), "radiographs other than of the chest"),
        (chest(noise(240, 260), modality="CT", view=""), "CT is not read"),
        (chest(noise(240, 260), modality="", body_part="", view=""), "neither an image header nor the order states"),
        (chest(noise(240, 200)), "240 x 200 pixels and this reader looks at 224"),
        (chest(noise(1, 1)), "1 x 1 pixels"),
        (Study("1.2.3", (), ExamFacts()), "no image"),
    ],
)
def test_what_is_no_frontal_chest_radiograph_is_not_assessed(reader, study, why):
    reading = reader.read(study)
    assert len(reading.opinions) == 18
    assert all(not opinion.assessed and why in opinion.reason for opinion in reading.opinions)


def test_the_order_says_what_a_picture_without_a_header_shows(reader):
    picture = Study("1.2.3", (StudyImage(noise(240, 260)),), ExamFacts())
    order = Order(modality="CR", body_part="CHEST", procedure="Chest AP", indication="effusion", name="EXAMPLE, Ada")
    assert reader.read(picture, order=order).opinions == reader.read(chest(noise(240, 260), view="AP")).opinions


def test_the_frontal_image_of_two_is_read(reader):
    frontal, lateral = chest(noise(240, 260)), chest(noise(240, 260, seed=1), view="LL")
    both = Study("1.2.3", (*lateral.images, *frontal.images), ExamFacts())
    assert reader.read(both).opinions == reader.read(frontal).opinions
    assert reader.read(frontal).opinions != reader.read(chest(noise(240, 260, seed=1))).opinions


def test_a_calibration_counts_where_it_knows_the_finding(model, reader, tmp_path):
    calibration = kept(tmp_path, model.engine)
    study = chest(noise(240, 260))
    plain, measured = reader.read(study), xrv_reader(model, calibration).read(study)
    assert measured.engine.settings["calibration"] == calibration.record
    for before, after in zip(plain.opinions, measured.opinions, strict=True):
        if before.finding == "pneumothorax":
            assert after.calibrated and after.probability == calibration.apply("pneumothorax", before.probability)
            assert after.probability != before.probability
        else:
            assert after == before


def test_a_calibrated_score_that_says_no_more_than_the_frequency_is_not_assessed(model, tmp_path):
    """At the operating point half of the images have it, as all of them together: nothing was seen."""
    finding = FINDING.model_copy(update={"slope": 0.01, "intercept": 0.0, "present": 50, "absent": 50})
    calibration = kept(tmp_path, model.engine, findings={"pneumothorax": finding})
    reading = xrv_reader(model, calibration).read(chest(noise(240, 260)))
    silent = {opinion.finding: opinion.reason for opinion in reading.opinions if not opinion.assessed}
    assert silent == {"pneumothorax": NO_MORE}


def test_a_finding_without_an_operating_point_is_not_assessed(tmp_path):
    import torch

    state = network().state_dict()
    state["op_threshs"][3] = torch.nan
    torch.save(state, tmp_path / "weights.pt")
    reading = xrv_reader(XrvModel.load(tmp_path / "weights.pt", SETTINGS)).read(chest(noise(240, 260)))
    silent = [opinion for opinion in reading.opinions if not opinion.assessed]
    assert [(opinion.finding, opinion.reason) for opinion in silent] == [("pneumothorax", NO_SCORE)]


def test_on_an_ap_view_heart_and_mediastinum_are_not_assessed(reader):
    reading = reader.read(chest(noise(240, 260), view="AP"))
    silent = {opinion.finding: opinion.reason for opinion in reading.opinions if not opinion.assessed}
    assert silent == dict.fromkeys(
        ("cardiomegaly", "mediastinal_widening"), "an AP view magnifies heart and mediastinum"
    )
