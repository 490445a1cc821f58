"""Every score, in every spoken variant, with every allowed value; and nothing that is no score."""

import pytest

from dictation.lexicon.tables import rows
from dictation.wording.spell import spell, spell_integer
from tests.wording.heard import figures, written


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


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        ("BI-RADS 4", "[BI-RADS 4]"),
        ("bi-rads-4", "[BI-RADS 4]"),
        ("BIRADS4A", "[BI-RADS 4A]"),
        ("BI-RADS category four", "[BI-RADS category 4]"),
        ("by rads four A", "[BI-RADS 4A]"),
        ("lung rads 4 A", "[Lung-RADS 4A]"),
        ("lung rads four a suspicious nodule", "[Lung-RADS 4] a suspicious nodule"),
        ("lung rads four b suspicious", "[Lung-RADS 4B] suspicious"),
        ("BI-RADS nine", "[BI-RADS] nine"),
        ("BI-RADS 4.2", "[BI-RADS] [4.2]"),
        ("BI-RADS four point two", "[BI-RADS] [4.2]"),
        ("TI-RADS 3 5 mm nodule", "[TI-RADS 3] [5 mm] nodule"),
        ("TI-RADS three five mm nodule", "[TI-RADS 3] [5 mm] nodule"),
        ("TI-RADS 5 mm", "[TI-RADS] [5 mm]"),
        ("BI-RADS, 4", "[BI-RADS] , [4]"),
        ("bosniak two f cyst", "[Bosniak 2F] cyst"),
        ("Bosniak IIF", "[Bosniak] IIF"),
        ("LR five", "[LR-5]"),
        ("L R five", "[LR-5]"),
        ("T score of minus two point five", "[T-score of -2.5]"),
        ("T-score -1.2", "[T-score -1.2]"),
        ("gleason three plus four equals seven", "[Gleason 3+4=7]"),
        ("Gleason 3+4", "[Gleason 3+4]"),
        ("T two N one M zero", "[T2 N1 M0]"),
        ("pT2 N0", "[pT2 N0]"),
        ("lateral aspects two nodules", "lateral aspects two nodules"),
        ("in the garden two of them", "in the garden two of them"),
        ("the devil four times", "the devil four times"),
    ],
)
def test_scores_beside_other_words(heard, expected):
    assert written(heard) == expected


def test_scores_can_be_spoken_and_written_again():
    for row in rows("scores"):
        for value in cells(row, "values"):
            if value in ("none", "number") or not value[0].isdigit() or row["written"] == "TR":
                continue
            joint = {"space": " ", "hyphen": "-"}[row["joint"]]
            text = f"{row['written']}{joint}{value}"
            assert figures(f"{spell(text)} .") == [text]
