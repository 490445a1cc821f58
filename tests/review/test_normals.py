"""The normals of a template on an open case: what gave way is told until it is confirmed, an unknown organ is asked."""

import pytest

from tests.review.desks import Reader
from tests.waiting import until

TEMPLATE = "ct_abdomen_pelvis_normal"
LESION = "There is a 12 mm hypodense lesion in segment 7, likely a cyst."


@pytest.fixture
def reader(cases):
    reader = Reader(cases)
    reader.do(do="template", name=TEMPLATE)
    return reader


def standing(case):
    return {one.organ for one in case.composed.case.report.findings if one.origin == "template"}


def questions(case):
    return [one for one in case.composed.case.discrepancies if one.choices]


def left_out(reader):
    """The headings that the sign dialog asks to confirm."""
    return [
        heading
        for one in reader.blockers()
        if one["kind"] == "normals"
        for heading in one["text"].partition("Normals replaced: ")[2].rstrip(".").split(", ")
    ]


def listed(reader, kind="pane"):
    html = reader.state(kind)["cards" if kind == "pane" else "html"]
    return html.partition('data-normals="')[2].partition('"')[0].split()


def test_a_lesion_of_the_liver_takes_one_normal_away_which_is_told_until_it_is_confirmed(reader):
    reader.type(LESION)
    until(lambda: any(one.evidence for one in reader.case.reviewing.growing.findings))
    assert len(listed(reader, "report")) == 1  # before it is compared, too
    reader.compare()
    assert len(standing(reader.case)) == 11 and "Liver" not in standing(reader.case)
    assert questions(reader.case) == [] and len(listed(reader)) == 1
    assert "replaced" not in reader.state("pane")["columns"]  # it is told once
    sign = reader.state("sign")
    assert left_out(reader) == ["Liver"] and sign["unmentioned"] == ["Lower chest"]
    assert sign["gave_way"] == listed(reader)
    reader.unsigned("Not signed")
    reader.do(do="confirm", normals=listed(reader))
    assert listed(reader) == [] and reader.state("sign")["gave_way"] == [] and left_out(reader) == []
    reader.writes(" The spleen is normal.")
    assert left_out(reader) == ["Spleen"]  # the liver's stays confirmed


def test_an_unknown_organ_blocks_the_signature_until_somebody_says_which(reader):
    reader.writes("There is a 5 cm mass.")
    assert len(standing(reader.case)) == 12
    (asked,) = questions(reader.case)
    assert any(one["discrepancy"] == asked.id for one in reader.blockers())
    assert 'data-organ="Spleen"' in reader.state("pane")["cards"]
    reader.do(do="place", id=asked.id, organ="Spleen")
    until(lambda: reader.case.is_reviewed and not questions(reader.case))
    report = reader.report
    assert {one.organ: one.text for one in report.findings if one.evidence} == {"Spleen": "There is a 5 cm mass."}
    assert "Spleen" not in standing(reader.case) and left_out(reader) == ["Spleen"]
    assert reader.text == "There is a 5 cm mass."  # no word of the dictation is changed


def test_no_organ_of_the_template_is_an_answer(reader):
    reader.writes("There is a 5 cm mass.")
    reader.do(do="place", id=questions(reader.case)[0].id, organ="Other")
    until(lambda: reader.case.is_reviewed and not questions(reader.case))
    assert len(standing(reader.case)) == 12


def test_a_page_cannot_place_what_is_not_asked(reader):
    reader.writes("There is a 5 cm mass.")
    (asked,) = questions(reader.case)
    for id, organ in ((asked.id, "Toe"), ("d0", "Spleen")):
        reader.refused("look at it again", do="place", id=id, organ=organ)


def test_a_finding_that_is_edited_in_beside_a_normal_is_asked_about(reader):
    reader.writes("The liver is normal.")
    statement = next(one for one in reader.report.findings if one.organ == "Spleen")
    mine = next(one for one in reader.report.findings if one.evidence)
    reader.edit(mine, "The liver is normal. Splenic laceration.")
    (card,) = [one for one in reader.cards() if one.against and one.severity == "critical"
               and one.against.text == statement.text]  # fmt: skip
    assert card.kind == "contradiction"


def test_without_normals_the_organs_that_nobody_mentioned_are_named_all_the_same(cases):
    reader = Reader(cases)
    reader.do(do="template", name="ct_abdomen_pelvis")
    reader.writes("The liver is normal.")
    sign = reader.state("sign")
    assert sign["gave_way"] == [] and {"Spleen", "Bowel"} <= set(sign["unmentioned"]) and listed(reader) == []
