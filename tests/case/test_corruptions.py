"""A model that says something else, and says it again when it is asked again: nothing of it reaches the report."""

from pathlib import Path

import pytest

from dictation.case import review_dictation
from dictation.report.medgemma import MedGemmaWriter
from dictation.speech import Engine
from tests.report.answering import said
from tests.report.dictated import dictated

DATA = Path(__file__).parent / "data"
NEIGHBOUR = "Trachea patent."
POLISHED = "The trachea is patent."


def rows(name):
    lines = (DATA / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines[2:]]


CORRUPTIONS, REWRITES = rows("corruptions"), rows("rewrites")


class Stubborn:
    """A model that gives the same statements whatever it is told, as far as it is asked of their sentences."""

    engine = Engine(name="stubborn", model="stubborn")
    sees = False

    def __init__(self, *statements):
        self.statements, self.asked = statements, 0

    def prepare(self, seen=(), cancel=None):
        return None

    def generate(self, prefix, prompt, schema, cancel=None, told=None, likely=""):
        self.asked += 1
        item = schema["properties"]["statements"]["items"]["properties"]
        ids = item["evidence"]["items"]["enum"]
        asked = [
            {**one, "evidence": [name for name in one["evidence"] if name in ids]}
            for one in self.statements
            if not set(ids).isdisjoint(one["evidence"])
        ]
        return {"statements": asked}


def reported(sentences, statements, style, places=("findings: Other",)):
    """What stands on these sentences where a model makes these statements of all of them; what it was asked."""
    ids = [f"s{number}" for number in range(1, len(sentences) + 1)]
    places = [*places, *places[-1:] * len(statements)]
    items = [said(place, ids, text) for place, text in zip(places, statements, strict=False)]
    model = Stubborn(*items, said("findings: Other", [f"s{len(ids) + 1}"], POLISHED))
    case = review_dictation(dictated(*sentences, NEIGHBOUR), writer=MedGemmaWriter(model), style=style)
    stand = [one for one in case.report.statements if one.evidence and not {*ids}.isdisjoint(one.evidence)]
    [neighbour] = [one for one in case.report.statements if one not in stand and one.origin != "suggested"]
    assert (neighbour.text, neighbour.kept) == (POLISHED if style == "polish" else "The trachea is patent.", "")
    return case.report, stand, model.asked


@pytest.mark.parametrize("style", ["keep", "polish"])
@pytest.mark.parametrize(("kind", "spoken", "written"), CORRUPTIONS)
def test_another_fact_never_stands(kind, spoken, written, style):
    sentences, statements = spoken.split(" / "), written.split(" / ")
    for place in ("findings: Other", "impression") if style == "polish" else ("findings: Other",):
        report, stand, asked = reported(sentences, statements, style, [place])
        assert sorted(one.text for one in stand) == sorted(sentences), kind
        wrong = set(statements) - set(sentences)
        assert wrong and all(text not in report.text for text in wrong)
        assert any(one.kept for one in stand) and asked <= 2


def test_most_polished_wordings_that_say_the_same_stand_and_the_others_are_as_dictated():
    accepted = 0
    for spoken, written in REWRITES:
        _, [statement], asked = reported([spoken], [written], "polish")
        accepted += statement.text == written
        if statement.text != written:
            assert statement.text == spoken and statement.kept and asked == 2
        else:
            assert not statement.kept and asked == 1
    assert accepted >= len(REWRITES) / 2


@pytest.mark.parametrize("style", ["keep", "polish"])
@pytest.mark.parametrize(
    ("sentences", "statements"),
    [
        (["Liver normal.", "Left renal cyst."], ["Left renal cyst.", "Liver normal."]),
        (["no effusion", "left rib fracture"], ["Left rib fracture.", "No effusion."]),
        (["Renal mass.", "It enhances.", "Liver cyst."], ["Liver cyst.", "Renal mass. It enhances."]),
        (["Renal mass.", "It enhances.", "Liver cyst."], ["Liver cyst.", "It enhances.", "Renal mass."]),
        (["Spleen 12 cm.", "Liver 16 cm."], ["The liver is 16 cm.", "The spleen is 12 cm."]),
        (["Heart normal, lungs clear, no effusion."], ["No effusion.", "Lungs clear.", "Heart normal."]),
    ],
)
def test_the_same_words_in_another_order_of_statements_stand(sentences, statements, style):
    _, stand, asked = reported(sentences, statements, style)
    assert sorted(one.text for one in stand) == sorted(statements)
    assert not any(one.kept for one in stand) and asked == 1
