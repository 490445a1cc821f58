"""Templates are data that a radiologist can copy and edit."""

import pytest

from dictation.errors import InputError, MissingError
from dictation.lexicon import rows
from dictation.report import available_templates, load_template

OWN = """
title = "Knee"
source = "test"
default_normals = true

[exams]
modalities = ["CR"]
body_parts = ["knee"]

[[organs]]
heading = "Joint"
keywords = ["joint", "meniscus"]
normal = "No joint effusion."

[[organs]]
heading = "Bone"
covers = ["bones"]
"""


def test_the_templates_that_come_along():
    exams = ("chest_ct", "chest_xray", "ct_abdomen_pelvis", "ct_head", "us_abdomen", "xray_knee")
    assert set(available_templates()) == {*exams, *(f"{exam}_normal" for exam in exams), "generic"}


@pytest.mark.parametrize("name", available_templates())
def test_each_template_covers_known_organs_once_and_names_its_source(name):
    template = load_template(name)
    known = {row["organ"] for row in rows("organs")}
    covered = [organ for heading in template.organs for organ in heading.covers]
    assert set(covered) <= known
    for heading in template.organs:  # of several headings of one organ, keywords tell which is meant
        assert heading.keywords or all(covered.count(organ) == 1 for organ in heading.covers)
    assert template.source
    assert template.default_normals == name.endswith("_normal")
    assert not template.default


def test_the_generic_template_covers_every_organ():
    assert {o for heading in load_template("generic").organs for o in heading.covers} == {
        row["organ"] for row in rows("organs")
    }


@pytest.mark.parametrize("name", available_templates())
def test_a_normal_sentence_speaks_of_its_own_organ_first(name):
    """Else it would not give way to a dictated sentence on what it says."""
    template = load_template(name)
    for organ in template.organs:
        if organ.normal:
            assert template.organ_of(organ.normal) == organ.heading
            assert set(template.mentions(organ.normal)) == {organ.heading}


def test_an_unknown_template_is_missing_and_the_known_are_listed():
    with pytest.raises(MissingError, match=r"no template 'knee'; use one of chest_ct, .*generic, .*, or the path"):
        load_template("knee")
    with pytest.raises(MissingError, match="no such template file"):
        load_template("missing.toml")


def test_a_radiologists_own_template(tmp_path):
    path = tmp_path / "knee.toml"
    path.write_text(OWN, encoding="utf-8")
    template = load_template(path)
    assert (template.name, template.default_normals) == ("knee", True)
    assert template.organ_of("Large joint effusion.") == "Joint"
    assert template.organ_of("The meniscus is torn.") == "Joint"
    assert template.organ_of("Fracture of the tibia.") == "Bone"
    assert load_template(str(path)) == template


def test_a_template_that_extends_another_changes_only_what_it_says(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('extends = "chest_xray"\ntitle = "Mine"\nsource = "me"\n', encoding="utf-8")
    assert load_template(path).organs == load_template("chest_xray").organs


@pytest.mark.parametrize(
    "text, why",
    [
        ("title = ", "is not valid TOML"),
        ('title = "x"\nsource = "y"\n', "the key 'organs' is missing"),
        (OWN + "colour = 1\n", "is not known"),
        (OWN.replace("Bone", "Joint"), "different headings"),
        (OWN.replace("Bone", "Other"), "different headings"),
        (OWN.replace('covers = ["bones"]', 'covers = ["bonse"]'), "'bonse'"),
        (OWN.replace('covers = ["bones"]', 'covers = "bones"'), r"organs.1.covers"),
        ('extends = "knee"\n', "unknown template 'knee'"),
        (OWN.replace("joint effusion", "[effusion]"), "'\\[effusion\\]' is no field; write".replace("\\", "")),
        (OWN.replace("joint effusion", "[side: left|left]"), "is no field"),
        (OWN.replace("joint effusion", "[size: furlong]"), "is no field"),
    ],
)
def test_a_wrong_template_names_the_file_and_the_reason(tmp_path, text, why):
    path = tmp_path / "knee.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        load_template(path)
    assert str(error.value).startswith(str(path))
    assert why in str(error.value)
