from hashlib import sha256
from importlib.resources import files

import pytest

from dictation.findings.lexicon import concepts
from dictation.lexicon import rows
from dictation.reading.probes import (
    change_prompts,
    patient_words,
    presence_prompts,
    probes_for,
    prompt_version,
    side_prompts,
    words,
)

ALL = [(row["modality"], row["region"]) for row in rows("probe_findings")]
CONTEXT = words("image", exam="frontal chest radiograph", patient="a patient")


@pytest.mark.parametrize(("modality", "region"), sorted(set(ALL)))
def test_every_finding_is_one_of_ours_and_is_asked_for_in_four_ways(modality, region):
    probes = probes_for(modality, {region} if region else ())
    assert len({probe.finding for probe in probes}) == len(probes) == ALL.count((modality, region))
    for probe in probes:
        assert probe.finding in concepts()
        assert len(set(probe.questions)) == 4
        assert len(set(probe.side_questions)) in (0, 3)


def test_has_side_says_whether_sides_are_asked_for():
    assert all((row["has_side"] == "yes") == bool(row["side_questions"]) for row in rows("probe_findings"))


def test_a_chest_radiograph_is_asked_about_what_matters_there():
    asked = {probe.finding: bool(probe.side_questions) for probe in probes_for("radiograph", {"chest"})}
    assert 14 <= len(asked) <= 18
    assert asked["pleural_effusion"] and asked["pneumothorax"] and asked["fracture"] and asked["chest_tube"]
    assert not asked["cardiomegaly"] and not asked["pulmonary_edema"] and not asked["endotracheal_tube"]


def test_a_region_without_questions_of_its_own_gets_those_of_the_modality():
    assert {probe.finding for probe in probes_for("radiograph", {"knee"})} >= {"fracture", "dislocation"}
    assert {probe.finding for probe in probes_for("radiograph", {"chest", "abdomen"})} >= {"fracture", "dislocation"}
    assert probes_for("CT", {"knee"}) == probes_for("ultrasound", {"liver"}) == ()


def test_each_way_of_asking_names_the_options_in_another_order():
    probe = probes_for("radiograph", {"chest"})[0]
    ends = [
        [prompt.partition("one word: ")[2] for prompt in prompts]
        for prompts in (
            presence_prompts(probe, CONTEXT), side_prompts(probe, CONTEXT), change_prompts(probe, CONTEXT),
        )
    ]  # fmt: skip
    assert ends == [
        ["yes or no.", "no or yes.", "yes or no.", "no or yes."],
        ["left, right or both.", "right, both or left.", "both, left or right."],
        ["increased, decreased or stable.", "decreased, stable or increased.", "stable, increased or decreased."],
    ]
    assert all(prompt.startswith(CONTEXT) for prompt in presence_prompts(probe, CONTEXT))
    assert all("the patient's left is on the right of the image" in prompt for prompt in side_prompts(probe, CONTEXT))


@pytest.mark.parametrize(("modality", "region"), sorted(set(ALL)))
def test_yes_and_no_and_each_side_come_first_equally_often(modality, region):
    for probe in probes_for(modality, {region} if region else ()):
        firsts = [prompt.partition("one word: ")[2].split(" ")[0].rstrip(",") for prompt in presence_prompts(probe, "")]
        assert firsts.count("yes") == firsts.count("no")
        sides = [prompt.partition("one word: ")[2].split(",")[0] for prompt in side_prompts(probe, "")]
        assert sorted(sides) in ([], ["both", "left", "right"])


def test_questions_that_name_a_place_say_so():
    limited = {probe.finding: probe.sites for probe in probes_for("radiograph", {"chest"}) if probe.sites}
    assert limited == {"fracture": ("rib", "clavicle")}
    assert {place for sites in limited.values() for place in sites} <= {row["id"] for row in rows("anatomy")}


def test_no_question_is_true_of_another_finding_as_well():
    asked = {probe.finding: " ".join(probe.questions) for probe in probes_for("radiograph", {"chest"})}
    assert "collapse" not in asked["atelectasis"]  # a pneumothorax collapses the lung
    assert "visible in the trachea" not in asked["endotracheal_tube"]  # a tracheostomy tube is, too


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
