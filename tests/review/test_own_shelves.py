"""Templates and macros on a department's server: each user's own, beside the department's; HOME itself is nobody's."""

from pathlib import Path
from uuid import uuid4

import pytest

import pipelines.serve as serving
from dictation.case.draft import Draft
from dictation.errors import UsageError
from dictation.exam import Order
from dictation.records.rights import EVERYBODY
from dictation.records.users import Users
from dictation.review.engines import Engines
from dictation.review.personal import nobodys_files
from dictation.review.place import Place
from pipelines.doctor import examine
from tests.review.department import Visitor, department
from tests.review.wire_page import WirePage

MACROS = '[[macros]]\nname = "clear"\ntext = "{}"\n'
NORMALS = """title = "{title}"
source = "this test"
extends = "chest_xray"
default_normals = true
default = {default}

[[organs]]
heading = "Lungs"
covers = ["lungs"]
normal = "{normal}"
"""
FILM = Order(accession="A1", procedure="Chest X-ray", modality="DX", body_part="chest")


def shelf(folder: Path, who: str, *, default: bool = False) -> None:
    """A folder with a macro and with templates that have a normal of `who`: one named "ours", one as they are."""
    folder.joinpath("templates").mkdir(parents=True)
    folder.joinpath("macros.toml").write_text(MACROS.format(f"Lungs clear, says {who}."))
    normals = NORMALS.format(title=f"Of {who}", normal=f"Lungs of {who}.", default=str(default).lower())
    for name in ("ours", who):
        folder.joinpath("templates", f"{name}.toml").write_text(normals)


@pytest.fixture(scope="module")
def served(small_ear, settings, tmp_path_factory):
    home, shared = (tmp_path_factory.mktemp("department") / name for name in ("home", "shared"))
    shelf(home, "laptop", default=True)
    shelf(shared, "department")
    for name in ("ann", "bob"):
        shelf(home / "users" / name, name, default=name == "ann")
    with department(small_ear, settings.model_copy(update={"home": home, "shared": shared})) as served:
        yield served


@pytest.fixture
def pages(served):
    """Pages of ann (attending), bob and eve (residents)."""
    with (
        Visitor(served).signs_in("ann").page() as ann,
        Visitor(served).signs_in("bob").page() as bob,
        Visitor(served).signs_in("eve").page() as eve,
    ):
        yield {"ann": ann, "bob": bob, "eve": eve}


def inserted(page: WirePage, case: str) -> str:
    """What the macro puts into a text, which stays empty."""
    page.until(lambda: page.state["case"]["case"] == case and page.state["case"]["lock"]["mine"])
    page.obeyed("macro", name="clear")
    page.until(lambda: page.text != "")
    text = page.text
    page.type("", 0, len(text))
    page.until(lambda: page.text == "")
    return text


def titles(page: WirePage) -> dict[str, str]:
    return {one["name"]: one["title"] for one in page.state["case"]["templates"]}


def macro(page: WirePage) -> str:
    return next(one["text"] for one in page.state["case"]["macros"] if one["name"] == "clear")


def normal(served, case: str, page: WirePage) -> str:
    """Whose normal stands in the report by rules, once it has grown."""
    of = [f"Lungs of {name}." for name in ("ann", "bob", "department", "laptop")]

    def found() -> set[str]:
        report = served.cases.known(case).growing_report()
        return {one.text for one in report.findings} & {*of}

    page.until(lambda: len(found()) == 1)
    return found().pop()


def test_each_user_gets_their_own_macro_and_template_of_one_name_and_the_departments_otherwise(served, pages):
    for name, whose in (("ann", "ann"), ("bob", "bob"), ("eve", "department")):
        page = pages[name]
        case = page.new()
        assert inserted(page, case) == f"Lungs clear, says {whose}." == macro(page)
        assert titles(page)["ours"] == f"Of {whose}"
        assert {"ann", "bob", "laptop"} & {*titles(page)} == {whose} - {"department"}
        page.obeyed("template", name="ours")
        page.type("Heart normal.")
        assert normal(served, case, page) == f"Lungs of {whose}."
        assert not page.ask("template", name="laptop")["ok"]


def test_after_a_takeover_the_new_users_count_and_the_page_says_so(served, pages):
    bob, ann = pages["bob"], pages["ann"]
    case = bob.new()
    bob.obeyed("template", name="ours")
    bob.type("Heart normal.")
    assert normal(served, case, bob) == "Lungs of bob."
    served.cases.desk.records.grant(case, "ann", "test")
    ann.open(case)
    ann.until(lambda: ann.state["case"]["lock"]["by"] == "bob")
    assert titles(ann)["ours"] == "Of bob", "a page that looks on names the template that the case has"
    assert macro(ann) == "Lungs clear, says ann."
    ann.obeyed("takeover")
    ann.until(lambda: ann.state["case"]["lock"]["mine"] and titles(ann)["ours"] == "Of ann")
    ann.until(lambda: any("Your own template takes the place" in text for text in ann.notices))
    ann.until(lambda: normal(served, case, ann) == "Lungs of ann.")
    bob.until(lambda: bob.state["case"]["lock"]["by"] == "ann")
    assert bob.notices == [], "it is no news to who only looks on"
    ann.type("", 0, len(ann.text))
    assert inserted(ann, case) == "Lungs clear, says ann."


def test_a_template_that_the_new_user_does_not_have_is_told_and_brings_nothing(served, pages):
    bob, ann = pages["bob"], pages["ann"]
    case = bob.new()
    bob.obeyed("template", name="bob")
    bob.type("Heart normal.")
    assert normal(served, case, bob) == "Lungs of bob."
    served.cases.desk.records.grant(case, "ann", "test")
    ann.open(case)
    ann.until(lambda: ann.state["case"]["lock"]["by"] == "bob")
    ann.obeyed("takeover")
    ann.until(lambda: any("not among yours" in text for text in ann.notices))
    served_case = served.cases.known(case)
    ann.until(lambda: "Lungs of bob." not in served_case.growing_report().text)
    assert served_case.template is None and "bob" not in titles(ann)


def test_the_order_chooses_among_the_templates_of_whoever_opens_the_case(served, pages):
    case = Draft(id=uuid4().hex, orders=(FILM,))
    served.cases.desk.records.create(case, "test")
    ann, bob, eve = pages["ann"], pages["bob"], pages["eve"]
    ann.open(case.id)
    ann.until(lambda: ann.state["case"]["template"] == "ann")
    ann.new()
    bob.open(case.id)
    bob.until(lambda: bob.state["case"]["lock"]["mine"] and bob.state["case"]["template"] == "chest_xray")
    assert {"ann", "laptop"}.isdisjoint(titles(bob)) and bob.notices == []
    eve.open(eve.new())
    assert served.cases.known(case.id).template.name == "chest_xray"


def test_what_lies_in_home_counts_where_nobody_signs_in_and_is_named_where_users_do(
    served, small_ear, monkeypatch, capsys
):
    desk = served.cases.desk
    assert desk.shelves(EVERYBODY) == (None, desk.settings.shared)
    alone = desk.settings.model_copy(update={"sign_in": "none"})
    assert nobodys_files(alone) is None
    monkeypatch.setattr(serving, "serve_page", lambda *_: None)
    serving.serve(Engines(small_ear), desk.settings, 7860, Place())
    said = capsys.readouterr().err
    (check,) = [one for one in examine(desk.settings)["checks"] if one["name"] == "own files"]
    for text in (said, f"{check['state']} {check['fix']}"):
        assert "macros.toml, templates/laptop.toml, templates/ours.toml" in text and "users/NAME" in text
    assert not check["ok"]
    assert not [one for one in examine(alone)["checks"] if one["name"] == "own files"]


@pytest.mark.parametrize("name", ["..", ".", "", "../ann", "a/b", "a\\b", "ANN/..", "/etc", "-rf", "a\0b"])
def test_no_users_name_is_a_way_out_of_their_folder(served, name):
    with pytest.raises(UsageError):
        Users(served.cases.desk.records).add(name, "Dr. X", "resident", "four wet otters of x", "test")
