"""Templates are data that a radiologist can copy and edit; a user's own count at once, beside the others."""

import os
from datetime import date

import pytest

from dictation.errors import InputError, MissingError
from dictation.exam import ExamFacts, Order, Patient
from dictation.lexicon import rows
from dictation.report import available_templates, load_template
from dictation.report.template_files import fitting_template, template_faults, template_named, templates_of

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


CHEST = Order(modality="DX", body_part="CHEST")
MINE = 'extends = "chest_xray"\ntitle = "Mine"\nsource = "me"\n'


@pytest.fixture
def shelf(tmp_path):
    folder = tmp_path / "templates"
    folder.mkdir()

    def put(name, text):
        path = folder / f"{name}.toml"
        path.write_text(text, encoding="utf-8")
        changed = path.stat().st_mtime_ns + 1_000_000_000 * len(list(folder.iterdir()))
        os.utime(path, ns=(changed, changed))

    put.home = tmp_path
    return put


def chosen(shelf, order=CHEST, facts=None):
    template = fitting_template(order, facts, templates_of(shelf.home))
    return template.name if template else None


def test_the_image_of_another_exam_chooses_no_template_and_tells_no_age(shelf):
    wrist, chest = Order(procedure="XR WRIST", modality="CR"), ExamFacts(procedure="CHEST PA", modality="CR")
    assert chosen(shelf, None, chest) == chosen(shelf, CHEST, chest) == "chest_xray"
    assert chosen(shelf, wrist, chest) is None


def test_an_own_file_counts_at_once_and_takes_the_place_of_its_namesake(shelf):
    before = templates_of(shelf.home)
    shelf("chest_xray", MINE)
    (mine,) = [template for template in templates_of(shelf.home) if template.name == "chest_xray"]
    assert mine.title == "Mine"
    assert len(templates_of(shelf.home)) == len(before)
    shelf("chest_xray", MINE.replace("Mine", "Changed"))
    assert template_named("chest_xray", templates_of(shelf.home)).title == "Changed"
    assert template_named("gone", templates_of(shelf.home)) is None


def test_a_broken_file_is_named_and_passed_over(shelf):
    assert template_faults(shelf.home) == ()
    shelf("good", MINE)
    shelf("no_toml", "title = ")
    shelf("no_field", MINE + 'impression = "[side]"\n')
    (shelf.home / "templates" / "latin.toml").write_bytes(b'title = "\xe9"')
    (shelf.home / "templates" / "folder.toml").mkdir()
    names = {template.name for template in templates_of(shelf.home)}
    assert names == {*available_templates(), "good"}
    faults = template_faults(shelf.home)
    assert len(faults) == 4
    for name, why in (
        ("no_toml", "is not valid TOML"),
        ("no_field", "'[side]' is no field; write [side: left|right]"),
        ("latin", "save it as plain text"),
        ("folder", "cannot be read"),
    ):
        (fault,) = [one for one in faults if f"{name}.toml" in one]
        assert why in fault and fault.endswith("It is passed over.")


def test_normals_are_chosen_by_the_order_only_where_the_user_said_so(shelf):
    assert chosen(shelf) == "chest_xray"
    shelf("mine", MINE + "default_normals = true\n")
    assert chosen(shelf) == "chest_xray"
    shelf("mine", MINE + "default_normals = true\ndefault = true\n")
    assert chosen(shelf) == "mine"


def test_the_template_that_asks_most_of_the_exam_is_chosen(shelf):
    exams = '[exams]\nmodalities = ["DX"]\nbody_parts = ["chest"]\n'
    shelf("child", MINE + exams + "age_below = 18\n")
    shelf("icu", MINE + '[exams]\nprocedures = ["portable chest"]\n')
    shelf("woman", MINE + exams + 'sex = "F"\nage_from = 18\n')
    assert chosen(shelf, CHEST.model_copy(update={"age": 4.0})) == "child"
    assert chosen(shelf, CHEST.model_copy(update={"age": 40.0, "sex": "F"})) == "woman"
    assert chosen(shelf, CHEST.model_copy(update={"sex": "F"})) == "chest_xray"
    assert chosen(shelf, CHEST.model_copy(update={"age": 40.0, "sex": "M"})) == "chest_xray"
    assert chosen(shelf, CHEST.model_copy(update={"age": 4.0, "procedure": "Portable chest"})) == "icu"
    born = Patient(birth_date=date(2020, 5, 1))
    facts = ExamFacts(modality="DX", body_part="CHEST", performed=date(2026, 1, 1), patient=born)
    assert chosen(shelf, None, facts) == "child"


def test_where_nothing_fits_no_template_is_chosen(tmp_path):
    assert fitting_template(Order(modality="MR", body_part="WRIST"), None, templates_of(tmp_path)) is None
    assert fitting_template(None, None, templates_of(tmp_path)) is None
