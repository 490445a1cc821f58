from hashlib import sha256
from importlib.resources import files

import pytest

from dictation.findings.lexicon import concepts
from dictation.lexicon import rows
from dictation.reading.probes import (
    patient_words,
    presence_prompts,
    probes_for,
    prompt_version,
    side_prompts,
)

ALL = [(row["modality"], row["region"]) for row in rows("probe_findings")]


@pytest.mark.parametrize(("modality", "region"), sorted(set(ALL)))
def test_every_finding_is_one_of_ours_and_is_asked_for_in_four_ways(modality, region):
    probes = probes_for(modality, {region} if region else ())
    assert len({probe.finding for probe in probes}) == len(probes) == ALL.count((modality, region))
    for probe in probes:
        assert probe.finding in concepts()
        assert len(set(probe.questions)) == 4
        assert len(set(probe.side_questions)) in (0, 3)


@pytest.mark.parametrize(("modality", "region"), sorted(set(ALL)))
def test_yes_and_no_and_each_side_come_first_equally_often(modality, region):
    for probe in probes_for(modality, {region} if region else ()):
        firsts = [prompt.partition("one word: ")[2].split(" ")[0].rstrip(",") for prompt in presence_prompts(probe, "")]
        assert firsts.count("yes") == firsts.count("no")
        sides = [prompt.partition("one word: ")[2].split(",")[0] for prompt in side_prompts(probe, "")]
        assert sorted(sides) in ([], ["both", "left", "right"])
        assert all("the patient's left is on the right of the image" in prompt for prompt in side_prompts(probe, ""))


@pytest.mark.parametrize(
    ("sex", "age", "said"),
    [
        ("F", 64.2, "a female patient aged 60 to 69 years"),
        ("M", 0.3, "a male patient aged 0 to 9 years"),
        ("M", 89.9, "a male patient aged 80 to 89 years"),
        ("F", 90, "a female patient aged 90 years or more"),
        ("O", 103, "a patient aged 90 years or more"),
        (None, None, "a patient"),
    ],
)
def test_of_the_patient_only_sex_and_decade_are_told(sex, age, said):
    assert patient_words(sex, age) == said


def test_the_version_is_that_of_every_word_that_is_asked():
    folder = files("dictation.lexicon").joinpath("data")
    tables = [folder.joinpath(f"{name}.tsv").read_bytes() for name in ("probe_findings", "probe_prompts")]
    assert prompt_version() == sha256(b"".join(tables)).hexdigest()
