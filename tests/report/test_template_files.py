"""A user's own templates: at once, beside the others, and never in the way of them."""

import errno
import os
from datetime import date
from pathlib import Path

import pytest

from dictation.exam import ExamFacts, Order, Patient
from dictation.report import available_templates
from dictation.report.template_files import fitting_template, template_faults, template_named, templates_of

CHEST = Order(modality="DX", body_part="CHEST")
OWN = 'extends = "chest_xray"\ntitle = "Mine"\nsource = "me"\n'


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


def test_without_own_files_those_that_come_along_stand_there(tmp_path):
    assert {template.name for template in templates_of(tmp_path)} == set(available_templates())
    assert template_faults(tmp_path) == ()


def test_an_own_file_counts_at_once_and_takes_the_place_of_its_namesake(shelf):
    before = templates_of(shelf.home)
    shelf("chest_xray", OWN)
    (mine,) = [template for template in templates_of(shelf.home) if template.name == "chest_xray"]
    assert mine.title == "Mine"
    assert len(templates_of(shelf.home)) == len(before)
    shelf("chest_xray", OWN.replace("Mine", "Changed"))
    assert template_named("chest_xray", templates_of(shelf.home)).title == "Changed"
    assert template_named("gone", templates_of(shelf.home)) is None


def test_a_broken_file_is_named_and_passed_over(shelf):
    shelf("good", OWN)
    shelf("no_toml", "title = ")
    shelf("no_field", OWN + 'impression = "[side]"\n')
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


def test_a_folder_that_cannot_be_listed_is_named_and_the_others_work(shelf, monkeypatch):
    shelf("good", OWN)
    folder, normal = shelf.home / "templates", Path.iterdir

    def without_rights(path):
        if path == folder:
            raise PermissionError(errno.EACCES, "Permission denied")
        return normal(path)

    monkeypatch.setattr(Path, "iterdir", without_rights)
    assert {template.name for template in templates_of(shelf.home)} == set(available_templates())
    (fault,) = template_faults(shelf.home)
    assert fault == f"{folder}: cannot be read (Permission denied); check its permissions. It is passed over."


def test_normals_are_chosen_by_the_order_only_where_the_user_said_so(shelf):
    assert chosen(shelf) == "chest_xray"
    shelf("mine", OWN + "default_normals = true\n")
    assert chosen(shelf) == "chest_xray"
    shelf("mine", OWN + "default_normals = true\ndefault = true\n")
    assert chosen(shelf) == "mine"


def test_the_template_that_asks_most_of_the_exam_is_chosen(shelf):
    exams = '[exams]\nmodalities = ["DX"]\nbody_parts = ["chest"]\n'
    shelf("child", OWN + exams + "age_below = 18\n")
    shelf("icu", OWN + '[exams]\nprocedures = ["portable chest"]\n')
    shelf("woman", OWN + exams + 'sex = "F"\nage_from = 18\n')
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
