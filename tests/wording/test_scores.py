"""Every score, in every spoken variant, with every allowed value; and nothing that is no score."""

import pytest

from dictation.lexicon.tables import rows
from tests.wording.spell import spell, spell_integer
from tests.wording.spoken import figures


def cells(row, column):
    return [cell.strip() for cell in row[column].split("|") if cell.strip() != "-"]


def value_forms(value):
    """Ways in which a value is heard: "4A", "4 A", "four A", "four a"."""
    digits = "".join(c for c in value if c.isdigit())
    if not digits:
        return [value]
    head, tail = value.split(digits)
    number = spell_integer(int(digits))
    return [
        value,
        f"{head} {digits} {tail}".strip(),
        f"{head} {number} {tail}".strip(),
        f"{head} {number} {tail}".strip().lower(),
    ]


@pytest.mark.parametrize("row", rows("scores"), ids=lambda row: row["written"])
def test_every_variant_and_value_of_a_score(row):
    joint = {"space": " ", "hyphen": "-", "none": ""}[row["joint"]]
    values = cells(row, "values")
    for variant in (form for column in ("spoken", "misheard", "ordinary") for form in cells(row, column)):
        if values == ["none"]:
            assert figures(f"per {variant} criteria") == [row["written"]]
            continue
        for value in ["425", "2.5"] if values == ["number"] else values:
            for form in value_forms(value) if value[-1] != "5" or "." not in value else ["2.5", "two point five"]:
                assert figures(f"overall {variant} {form}.") == [f"{row['written']}{joint}{value}"], (variant, form)


def test_no_variant_belongs_to_two_scores():
    variants = [
        form for row in rows("scores") for column in ("spoken", "misheard", "ordinary") for form in cells(row, column)
    ]
    assert len(variants) == len(set(variants))


def test_scores_can_be_spoken_and_written_again():
    for row in rows("scores"):
        for value in cells(row, "values"):
            if value in ("none", "number") or not value[0].isdigit() or row["written"] == "TR":
                continue
            joint = {"space": " ", "hyphen": "-"}[row["joint"]]
            text = f"{row['written']}{joint}{value}"
            assert figures(f"{spell(text)} .") == [text]
