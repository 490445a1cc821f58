"""Shorthand reads as the name it stands for, and a true difference behind it is still shown."""

from pathlib import Path

import pytest

from dictation.discrepancy import compare
from dictation.findings import extract


def _pairs() -> list[list[str]]:
    lines = Path(__file__).with_name("shorthand.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")][1:]


@pytest.mark.parametrize(("short", "full"), _pairs())
def test_shorthand_says_the_same_as_the_full_name(short: str, full: str) -> None:
    assert extract(short), "a name that is not read hides every difference"
    for heard, written in ((short, full), (full, short)):
        told = compare(written, written)  # of a critical result, whatever was heard
        assert [card.kind for card in told] in ([], ["critical_result"])
        assert [card.kind for card in compare(heard, written)] == [card.kind for card in told]


@pytest.mark.parametrize(
    ("heard", "written", "kind"),
    [
        ("triple a six point two centimeters", "AAA measuring 2.6 cm.", "measurement"),
        ("right subdural seven millimeters", "Left subdural hematoma measuring 7 mm.", "laterality"),
        ("no hydro", "Hydronephrosis.", "negation"),
        ("mild left hydro", "Mild right hydronephrosis.", "laterality"),
        ("left ptx", "No pneumothorax.", "negation"),
        ("cbd is not dilated", "Dilated common bile duct.", "negation"),
        ("the appendix is dilated", "The appendix is not dilated.", "negation"),
        ("acl is torn", "No ACL tear.", "negation"),
        ("type a dissection", "Type B aortic dissection.", "severity"),
        ("left kidney is surgically absent", "Right nephrectomy.", "laterality"),
        ("no mets", "Liver metastases.", "addition"),
    ],
)
def test_a_true_difference_behind_shorthand_is_shown(heard: str, written: str, kind: str) -> None:
    assert kind in [card.kind for card in compare(heard, written)]


@pytest.mark.parametrize(
    "text",
    [
        "triple phase CT of the liver",
        "catheter in the subdural space",
        "mass four centimeters from the nipple",
        "lesion of the left kidney, too small to characterize",
    ],
)
def test_what_only_looks_like_a_finding_names_none(text: str) -> None:
    found = {claim.finding for claim in extract(text)}
    assert not found & {"abdominal_aortic_aneurysm", "subdural_hematoma", "nipple_shadow", "atrophy"}


def test_a_denial_inside_a_name_denies_nothing_behind_it() -> None:
    claims = extract("gallbladder surgically absent, pancreatitis")
    assert [(claim.finding, claim.status) for claim in claims] == [
        ("cholecystectomy", "present"),
        ("pancreatitis", "present"),
    ]
