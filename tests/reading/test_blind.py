"""The blind read on tiny real Gemmas: one that was taught to see, others with bad habits, one that knows nothing."""

from dataclasses import replace
from datetime import date

import pytest
from pydantic import SecretStr

from dictation.errors import MissingError
from dictation.exam import ExamFacts
from dictation.models.endpoint import EndpointModel
from dictation.models.gemma import GemmaModel
from dictation.models.protocol import SOMETHING_ELSE, NotAssessed
from dictation.reading import controls
from dictation.reading.asking import Asked
from dictation.reading.blind import BlindReader
from dictation.reading.calibration import NO_MORE, FindingCalibration, SiteCalibration
from dictation.reading.gate import admitted
from dictation.reading.opinions import claims_of_reading
from dictation.reading.probes import probes_for, prompt_version
from dictation.reading.showing import context, shown
from dictation.settings import Settings
from tests.models.local_chat import KEY, LocalChat, Said
from tests.models.tiny_gemma import save_tiny_text_gemma
from tests.reading.drawn import PATIENTS, PROBES, Scene
from tests.reading.scenes import ORDER, PATIENT, Watched, chest

EFFUSION, HEART = "pleural_effusion", "cardiomegaly"
NOTHING = Scene()


def opinions(model, study, **given):
    return {one.finding: one for one in BlindReader(model).read(study, **given).opinions}


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("scene", "side"),
    [
        (Scene("left"), "left"),
        (Scene("right"), "right"),
        (Scene("both"), "bilateral"),
        (Scene("left", is_large=False, large_heart=True), "left"),
        (Scene("right", is_large=False, large_heart=True), "right"),
    ],
)
def test_what_is_there_is_seen_on_its_side(seeing, scene, side, seed):
    seen = opinions(seeing, chest(scene, seed))
    assert seen[EFFUSION].assessed and seen[EFFUSION].probability > 0.9
    assert seen[EFFUSION].laterality == side and seen[EFFUSION].side_assessed
    assert seen[HEART].assessed and (seen[HEART].probability > 0.5) == scene.large_heart
    assert not any(one.calibrated for one in seen.values())


def test_what_is_not_there_is_not_seen(seeing):
    seen = opinions(seeing, chest(NOTHING))
    assert set(seen) == {probe.finding for probe in probes_for("radiograph", {"chest"})}
    assert seen[EFFUSION].assessed and seen[EFFUSION].probability < 0.1
    assert seen[HEART].assessed and seen[HEART].probability < 0.1
    assert not any(one.assessed and one.probability >= 0.5 for one in seen.values())


def test_opinions_become_claims_of_the_seen_column(seeing):
    claims = claims_of_reading(BlindReader(seeing).read(chest(Scene("right"))))
    effusion = next(claim for claim in claims if claim.finding == EFFUSION)
    assert (effusion.status, effusion.laterality, effusion.source) == ("present", "right", "seen")


@pytest.mark.parametrize("scene", [NOTHING, Scene("left"), Scene("right", large_heart=True)])
def test_a_model_that_ignores_images_has_no_opinion(ignoring_images, scene):
    seen = opinions(ignoring_images, chest(scene))
    assert {one.reason for one in seen.values() if not one.assessed} == {controls.WITHOUT_IMAGE}
    assert not any(one.assessed for one in seen.values())
    assert claims_of_reading(BlindReader(ignoring_images).read(chest(scene))) == []


@pytest.mark.parametrize("side", ["left", "right", "both"])
def test_a_model_that_always_says_left_has_no_side(always_left, side):
    effusion = opinions(always_left, chest(Scene(side)))[EFFUSION]
    assert effusion.assessed and effusion.probability > 0.9
    assert not effusion.side_assessed and effusion.laterality is None
    assert effusion.reason == f"side: {controls.SIDE_STAYS}"


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_side_that_follows_a_lateral_cue_and_not_the_finding_is_not_assessed(seeing, side):
    """It says where the effusion is when it is asked for the side of an enlarged heart: that follows the mirror."""
    probe = replace(PROBES[HEART], side_questions=PROBES[EFFUSION].side_questions)
    study = chest(Scene(side, large_heart=True))
    exam = admitted(study)
    asked = Asked(seeing, shown(exam, study, PATIENTS[0]), context(exam, PATIENTS[0]), "", {}, None)
    assert asked.presence(probe) > 0.9
    refused = asked.side(probe)
    assert isinstance(refused, NotAssessed) and refused.reason == controls.OTHER_HALF
    assert asked.side(PROBES[EFFUSION]) == side


def test_on_an_ap_view_heart_and_mediastinum_are_not_assessed(seeing):
    model = Watched(seeing)
    seen = opinions(model, chest(Scene("left", large_heart=True), view="AP"))
    for finding in (HEART, "mediastinal_widening"):
        assert not seen[finding].assessed and seen[finding].reason == "an AP view magnifies heart and mediastinum"
    assert seen[EFFUSION].laterality == "left"
    assert not any("heart" in prompt or "mediastin" in prompt for prompt in model.prompts)


def test_a_fracture_is_asked_of_ribs_and_clavicles_and_the_opinion_says_so(seeing):
    fracture = opinions(seeing, chest(NOTHING))["fracture"]
    assert fracture.site == ("rib", "clavicle") and fracture.name == "fracture of rib or clavicle"


def test_a_model_that_knows_nothing_has_next_to_no_opinion(untaught):
    seen = opinions(untaught, chest(Scene("left")))
    assert sum(one.assessed for one in seen.values()) <= 2
    by_controls = {controls.WORDING, controls.WITHOUT_IMAGE, controls.AGAINST_IMAGE, controls.MIRRORED_PRESENCE}
    reasons = {one.reason for one in seen.values() if not one.assessed}
    assert reasons <= by_controls | {SOMETHING_ELSE.reason.rstrip(".")}


def test_the_model_is_told_nothing_but_the_exam_the_sex_and_the_decade(seeing):
    model = Watched(seeing)
    reader = BlindReader(model, describes=True, locates=True)
    reading = reader.read(chest(Scene("left")), prior=chest(Scene("left", is_large=False), 2), order=ORDER)
    assert {one.change for one in reading.opinions} == {None, "increased"}
    said = [*model.prompts, *(part for seen in model.seen for part in seen if isinstance(part, str))]
    assert len(said) > 60
    secrets = [PATIENT.patient_id, *PATIENT.name.split("^"), "1960", "2024", "05-17", "64", "A-2024-99", "1.2.3"]
    secrets += ["dyspnoea", "fall", "query", "haemothorax", ORDER.procedure]
    for secret in secrets:
        assert not any(secret.lower() in text.lower() for text in said), secret
    assert all("a female patient aged 60 to 69 years" in prompt for prompt in model.prompts)


def test_the_sex_and_the_age_of_the_order_count_where_no_header_states_them(seeing):
    study = replace(chest(NOTHING), facts=ExamFacts())
    model = Watched(seeing)
    BlindReader(model).read(study, order=ORDER)
    assert "of a female patient aged 60 to 69 years." in model.prompts[0]


def test_the_record_names_the_model_and_what_it_was_asked(seeing):
    reading = BlindReader(seeing, also={"ct"}).read(chest(NOTHING))
    assert reading.engine is not None
    assert (reading.reader, reading.engine.name, reading.engine.model) == ("medgemma", "medgemma", "seeing")
    assert reading.engine.settings["prompt_version"] == prompt_version()
    assert reading.engine.settings["read_also"] == ["ct"]
    assert reading.study == "1.2.3"


def test_an_exam_that_is_not_read_is_not_shown_and_each_finding_says_why(seeing):
    model = Watched(seeing)
    reading = BlindReader(model).read(chest(Scene("left"), view="LL"))
    assert model.seen == model.prompts == []
    assert {one.finding for one in reading.opinions} == {probe.finding for probe in probes_for("radiograph", {"chest"})}
    assert all(not one.assessed and "frontal views" in one.reason for one in reading.opinions)


def test_only_what_the_gate_lets_through_is_shown(seeing):
    lateral, frontal = chest(Scene("right"), view="LL"), chest(Scene("left"))
    both = replace(frontal, images=lateral.images + frontal.images)
    model = Watched(seeing)
    reading = BlindReader(model).read(both)
    assert next(one for one in reading.opinions if one.finding == EFFUSION).laterality == "left"
    shown = [part for seen in model.seen for part in seen if not isinstance(part, str)]
    assert not any((part == lateral.images[0].pixels).all() for part in shown if part.shape == (240, 240))


def test_what_had_to_be_assumed_is_noted(seeing):
    reading = BlindReader(seeing).read(
        replace(chest(Scene("left"), view="", modality="", body_part=""), facts=ExamFacts()), order=ORDER
    )
    assert reading.notes == ()  # the order says PA
    order = ORDER.model_copy(update={"procedure": "XR CHEST"})
    study = replace(chest(Scene("left"), view="", modality="", body_part=""), facts=ExamFacts())
    assert "read as frontal" in BlindReader(seeing).read(study, order=order).notes[0]


def test_a_mirrored_display_has_no_side(seeing):
    effusion = opinions(seeing, chest(Scene("left"), across="R"))[EFFUSION]
    assert effusion.probability > 0.9 and not effusion.side_assessed and "image right" in effusion.reason


MEASURED = FindingCalibration(
    slope=0.5, intercept=-0.5, present=40, absent=60, patients=100, auc=0.9, auc_after=0.9, brier=0.2, brier_after=0.1
)


def calibrated_by(measured: FindingCalibration) -> SiteCalibration:
    return SiteCalibration(
        reader="medgemma", model="seeing", weights_sha256="1", precision="float32 (cpu)", images=100,
        prompt_version=prompt_version(), versions={}, findings={EFFUSION: measured}, made_on=date(2026, 11, 26),
    )  # fmt: skip


def test_a_calibrated_probability_takes_the_place_of_the_raw_one_and_says_so(seeing):
    calibration = calibrated_by(MEASURED)
    reading = BlindReader(seeing, calibration=calibration).read(chest(Scene("left")))
    calibrated, raw = {one.finding: one for one in reading.opinions}, opinions(seeing, chest(Scene("left")))
    assert calibrated[EFFUSION].calibrated and calibrated[EFFUSION].laterality == "left"
    assert calibrated[EFFUSION].probability == calibration.apply(EFFUSION, raw[EFFUSION].probability)
    assert 0.5 < calibrated[EFFUSION].probability < raw[EFFUSION].probability
    assert not calibrated[HEART].calibrated and calibrated[HEART].probability == raw[HEART].probability
    assert reading.engine is not None and reading.engine.settings["calibration"] == calibration.record


def test_what_calibration_turns_round_against_the_image_is_not_assessed(seeing):
    """The reader sees it; where it is that rare it is still improbable, but the image is no reason to say it is not."""
    rare = MEASURED.model_copy(update={"intercept": -4.0, "present": 5, "absent": 95})
    reading = BlindReader(seeing, calibration=calibrated_by(rare)).read(chest(Scene("left")))
    effusion = next(one for one in reading.opinions if one.finding == EFFUSION)
    assert not effusion.assessed and effusion.reason == NO_MORE


def test_a_model_that_reads_text_only_is_no_reader(tmp_path):
    model = GemmaModel.load(save_tiny_text_gemma(tmp_path / "text-only"), Settings(threads=1))
    with pytest.raises(MissingError, match="text-only: this model reads text only; name one that sees images"):
        BlindReader(model)


def test_a_server_that_gives_no_probabilities_is_asked_once_a_finding_and_nothing_is_assessed():
    with LocalChat(Said("yes")) as server:
        reader = BlindReader(EndpointModel(server.url, "medgemma", SecretStr(KEY)))
        reading = reader.read(chest(Scene("left")))
    assert reading.reader == "endpoint" and len(server.requests) == len(reading.opinions)
    assert not any(one.assessed for one in reading.opinions)
    assert all("log-probabilities" in one.reason for one in reading.opinions)
