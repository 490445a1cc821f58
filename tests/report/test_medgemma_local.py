"""The writer with a real, tiny Gemma 3 in this process: images, what it cannot do, and what it is told to do."""

import numpy as np
import pytest

from dictation.case import review_dictation
from dictation.case.showing import seen_by_writer
from dictation.exam import ExamFacts, Order
from dictation.imaging import Study, StudyImage
from dictation.imaging.for_reader import radiograph
from dictation.models.gemma import GemmaModel
from dictation.report import load_template
from dictation.report.citing import Answers
from dictation.report.medgemma import MedGemmaWriter
from dictation.settings import Settings
from dictation.wording import typed
from tests.models.tiny_gemma import save_tiny_gemma, save_tiny_text_gemma
from tests.report.dictated import dictated

SHORT = dictated("Small left effusion.", "No pneumothorax.")
DICTATED = dict(zip(("s1", "s2"), ("Small left effusion.", "No pneumothorax."), strict=True))
CHEST = ExamFacts(modality="DX", body_part="CHEST")
GREY = np.full((40, 50), 90, np.uint8)
FRONTAL = StudyImage(GREY, modality="DX", view="PA")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return save_tiny_gemma(tmp_path_factory.mktemp("tiny"), context=9000)


@pytest.fixture
def gemma(tiny):
    """Tiny networks lose more by threads than they win."""
    import torch

    threads = torch.get_num_threads()
    yield GemmaModel.load(tiny, Settings(threads=1))
    torch.set_num_threads(threads)


def scrambled(gemma, seed):
    import torch

    torch.manual_seed(seed)
    with torch.no_grad():
        for weight in gemma._model.network.parameters():
            weight.normal_(std=0.5)
    gemma._model.network.tie_weights()
    return gemma


def images_seen(gemma, work):
    """How many images the vision tower looks at while `work` is done."""
    seen = []
    hook = gemma._model.network.model.vision_tower.register_forward_pre_hook(
        lambda _, args, given: seen.extend(given["pixel_values"]), with_kwargs=True
    )
    try:
        work()
    finally:
        hook.remove()
    return len(seen)


def study(*images, facts=CHEST):
    return Study("1", tuple(images), facts)


@pytest.mark.parametrize("style", ["keep", "polish"])
def test_random_networks_write_reports_that_lose_nothing(gemma, style):
    normals = load_template("chest_xray_normal")
    most = Answers(SHORT, normals).item_schema["properties"]["text"]["maxLength"]
    told = []
    report = MedGemmaWriter(scrambled(gemma, 1)).write(
        SHORT, order=Order(procedure="Chest"), template=normals, style=style, told=told.append
    )
    assert {name for s in report.statements for name in s.evidence} == set(DICTATED)
    assert all(s.organ in normals.headings for s in report.findings)
    assert all(len(s.text) <= most for s in (*report.statements, *told))


def shown_to(gemma):
    return MedGemmaWriter(gemma, seen_by_writer)


def test_a_radiograph_is_looked_at_once_before_the_dictation_ends(gemma):
    writer, chest = shown_to(gemma), study(FRONTAL)
    assert images_seen(gemma, lambda: writer.prepare(chest)) == 1
    assert images_seen(gemma, lambda: writer.write(SHORT, study=chest)) == 0


def test_where_it_polishes_it_sees_nothing(gemma):
    assert images_seen(gemma, lambda: shown_to(gemma).write(SHORT, study=study(FRONTAL), style="polish")) == 0


@pytest.mark.parametrize(
    ("images", "facts", "order", "shown"),
    [
        ([StudyImage(GREY, modality="CT")], CHEST, None, 0),
        ([FRONTAL], CHEST, None, 1),
        ([StudyImage(GREY)], ExamFacts(), Order(modality="CR", body_part="CHEST", procedure="Chest AP"), 1),
        ([StudyImage(GREY)], CHEST, None, 0),  # nobody says that it is frontal
        ([StudyImage(GREY)], ExamFacts(), None, 0),  # nobody says what it is
        ([StudyImage(GREY, modality="DX", view="PA")], ExamFacts(modality="DX", body_part="HAND"), None, 0),
        ([StudyImage(GREY, modality="DX", view="PA", across="R")], CHEST, None, 0),  # turned
        ([StudyImage(GREY, modality="DX", view="LL")], CHEST, None, 0),
        ([], CHEST, None, 0),
        ([FRONTAL, StudyImage(GREY + 1, modality="DX", view="PA")], CHEST, None, 1),
    ],
)
def test_a_frontal_chest_radiograph_is_shown_and_nothing_else(gemma, images, facts, order, shown):
    writer = shown_to(gemma)
    assert images_seen(gemma, lambda: writer.prepare(study(*images, facts=facts), order)) == shown


def test_of_two_views_the_frontal_one_is_shown(gemma):
    lateral, frontal = StudyImage(GREY, modality="DX", view="LL"), StudyImage(GREY + 9, modality="DX", view="PA")
    gemma.prepare([radiograph(frontal)])
    assert images_seen(gemma, lambda: shown_to(gemma).prepare(study(lateral, frontal))) == 0


def test_a_model_that_reads_text_only_is_shown_no_image(tmp_path, gemma):
    reads = shown_to(GemmaModel.load(save_tiny_text_gemma(tmp_path / "text"), Settings(threads=1)))
    assert reads.engine.settings["images"] == "none: the model reads text only"
    assert MedGemmaWriter(gemma).engine.settings["images"] == "none"
    assert shown_to(gemma).engine.settings["images"] == "a frontal chest radiograph where the wording is kept"
    reads.prepare(study(FRONTAL))  # an image would be an error


def test_half_an_hour_is_more_than_this_model_reads_and_nothing_is_cut(gemma):
    """Some 4,500 words, in 640 sentences."""
    spoken = " ".join(f"Nodule number {number} in the right upper lobe is unchanged." for number in range(1, 641))
    case = review_dictation(typed(spoken), writer=MedGemmaWriter(gemma), study=study())
    assert case.engines["writer"].settings["instead_of"] == "medgemma"
    assert "longer than the model's context (9000); dictate the report in parts." in case.warnings[0]
    assert [s.text for s in case.report.findings] == [s.text for s in case.dictation.sentences]


def test_too_little_memory_costs_the_report_only(gemma):
    import torch

    hook = gemma._model.network.register_forward_pre_hook(lambda *_: torch.empty(10**15))
    case = review_dictation(SHORT, writer=MedGemmaWriter(gemma), study=study())
    hook.remove()
    assert "memory of this machine's cpu is too small" in case.warnings[0]
    assert [s.text for s in case.report.findings] == list(DICTATED.values())
