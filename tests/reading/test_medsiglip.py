"""MedSigLIP weighs two sentences against each other, several pairs a finding, and says under which name it reads."""

import numpy as np
import pytest

from dictation.discrepancy import compare
from dictation.findings.lexicon import concepts
from dictation.lexicon import rows
from dictation.models.siglip import SiglipModel
from dictation.reading import medsiglip
from dictation.reading.medsiglip import medsiglip_reader
from dictation.settings import Settings
from tests.models.tiny_siglip import save_tiny_siglip
from tests.reading.studies import chest, noise

PAIRS = rows("siglip_pairs")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return SiglipModel.load(save_tiny_siglip(tmp_path_factory.mktemp("siglip") / "tiny"), Settings(threads=1))


def test_the_pairs_ask_for_findings_that_we_know():
    assert {row["finding"] for row in PAIRS} <= set(concepts())
    assert all(row["positive"] != row["negative"] for row in PAIRS)
    assert len({(row["positive"], row["negative"]) for row in PAIRS}) == len(PAIRS)


def test_a_probability_is_the_mean_over_the_pairs_of_its_finding(model):
    pixels = noise(64, 48)
    reading = medsiglip_reader(model).read(chest(pixels))
    each = model.probabilities(pixels, model.encoded([(row["positive"], row["negative"]) for row in PAIRS]))
    for opinion in reading.opinions:
        of_finding = [value for row, value in zip(PAIRS, each, strict=True) if row["finding"] == opinion.finding]
        assert opinion.probability == pytest.approx(np.mean(of_finding))
        assert not opinion.side_assessed and not opinion.calibrated
    assert len(reading.opinions) == len({row["finding"] for row in PAIRS})
    assert reading.reader == "medsiglip"


def test_other_sentences_are_another_version(model, monkeypatch):
    before = medsiglip.record(model).settings["prompt_version"]
    assert medsiglip_reader(model).engine.settings["prompt_version"] == before
    changed = ({**PAIRS[0], "positive": "fluid"}, *PAIRS[1:])
    monkeypatch.setattr(medsiglip, "rows", lambda name: changed)
    assert medsiglip.record(model).settings["prompt_version"] != before


def test_uncalibrated_it_only_ever_adds_info(model):
    text = "No pneumothorax, effusion, opacity, edema or fracture. Heart and mediastinum are normal."
    cards = compare(text, text, [medsiglip_reader(model).read(chest(noise(64, 48)))])
    assert {card.severity for card in cards if card.seen} == {"info"}


def test_a_pair_is_one_finding_and_its_denial():
    """ "The lungs are clear" denies more than an opacity, and the cardiomediastinum is also the heart."""
    texts = {(row["finding"], row[way]) for row in PAIRS for way in ("positive", "negative")}
    assert not any("clear" in text for _, text in texts)
    assert not any("cardio" in text for finding, text in texts if finding == "mediastinal_widening")
