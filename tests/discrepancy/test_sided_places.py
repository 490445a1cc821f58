"""A side beside the name of a part of the body: the other one in the report is told, whatever words are around it.

The pairs are quoted from authors who had seen neither program nor rule (benchmarks/pairs).
"""

import json
from pathlib import Path

import pytest

from dictation.discrepancy import compare
from dictation.discrepancy.columns import heard_column, written_column
from dictation.discrepancy.sided_places import sided_places
from dictation.report import parse_report

PAIRS = Path(__file__).parents[2] / "benchmarks" / "pairs"
REPORT_PAIRS = sorted(PAIRS.glob("r*.jsonl"))


def told(heard, written):
    return sided_places(heard_column(heard), written_column(parse_report(written)), [])


def sides_of(heard, written):
    return [one for one in compare(heard, parse_report(written)) if one.kind == "laterality"]


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("The left optic nerve is swollen.", "The intraorbital portion of the right optic nerve is expanded."),
        ("ribs three to six on the right", "The third through sixth ribs on the left are fractured segmentally."),
        ("narrowing of the left internal carotid", "The right internal carotid artery narrows in a tapered fashion."),
        ("left kidney shattered, other kidney normal", "The right kidney is shattered. The opposite kidney is normal."),
        (
            "12 mm nodule in the left lower lobe. The heart is normal.",
            "15 mm nodule in the right lower lobe, new. Heart size normal.\nIMPRESSION: New nodule.",
        ),
        ("Right testis, no flow on color or power.", "In the left testis neither color nor power Doppler shows flow."),
    ],
)  # fmt: skip
def test_another_side_of_the_same_part_is_critical(heard, written):
    assert any(one.severity == "critical" for one in sides_of(heard, f"FINDINGS: {written}"))


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("Small left kidney. On the right it is normal.", "Small left kidney. Normal right kidney."),
        ("Right kidney 10.9 cm, left 11.4 cm.", "Length of the right kidney 10.9 cm, of the left kidney 11.4 cm."),
        ("Both kidneys are normal.", "Left kidney normal. Right kidney normal."),
        ("No hydronephrosis in either kidney. Left cyst.", "Right kidney without hydronephrosis. Left renal cyst."),
        ("Right lower lobe nodule. Left upper lobe scar.", "Right lower lobe: Nodule. Left upper lobe: Scar."),
        ("The mediastinum is shifted from left to right.", "Shift of the mediastinum to the right."),
        # by a reviewer who looked for faithful reports that would trip it
        ("Left kidney cyst, other kidney normal.", "Left renal cyst. Normal right kidney."),
        ("Left ovary has a dermoid, the other ovary is normal.", "Left ovarian dermoid. Right ovary normal."),
        ("Left kidney has a cyst.", "Kidneys: Cyst on the left. The right kidney is unremarkable."),
        ("Left hip arthroplasty, contralateral osteoarthritis.", "Left arthroplasty. Right hip osteoarthritis."),
        ("Right coronary artery is dominant.", "RCA dominant. Plaque in the left anterior descending coronary artery."),
        ("Left vertebral artery is dominant.", "Dominant left vertebral. Right middle cerebral artery aneurysm."),
        ("Cyst in the right hepatic lobe.", "Cyst in the right lobe of the liver. Dilated left hepatic ducts."),
        ("Left pulmonary nodule.", "Left lung nodule. Embolus in the right lower lobe pulmonary artery."),
        ("Left ICA stenosis. Right carotid bulb plaque.", "Right bulb plaque. Stenosis of the left carotid artery."),
    ],
)  # fmt: skip
def test_the_same_side_both_sides_and_a_side_of_something_else_tell_nothing(heard, written):
    assert told(heard, f"FINDINGS: {written}") == []


def test_a_missing_side_beside_it_is_no_alert_of_its_own_and_no_edit_without_the_side():
    written = "FINDINGS: 15 mm nodule in the right lower lobe, new. Heart size normal.\nIMPRESSION: New nodule."
    [alert] = sides_of("12 mm nodule in the left lower lobe. The heart is normal.", written)
    assert [edit.text for edit in alert.edits] == ["left"]


def test_most_exchanged_sides_of_strangers_are_told_and_hardly_a_faithful_report_is():
    pairs = [json.loads(line) for path in REPORT_PAIRS for line in path.read_text("utf-8").splitlines()]
    swapped = [row for row in pairs if row["kind"] == "side swapped"]
    assert sum(bool(sides_of(row["heard"], row["written"])) for row in swapped) >= 0.7 * len(swapped) > 35
    faithful = [row for row in pairs if row["kind"] == "clean"]
    assert sum(bool(told(row["heard"], row["written"])) for row in faithful) <= 0.005 * len(faithful)


@pytest.mark.parametrize("right", ["R", "Rt", "Right"])
@pytest.mark.parametrize("left", ["L", "Lt", "Left"])
def test_the_side_of_a_label_is_told_by_its_letter_too(left, right):
    heard = f"{right} kidney: 11 cm. 2 cm cyst. {left} kidney: 10 cm. 4 mm stone."
    same = "FINDINGS: Right kidney 11 cm with a 2 cm cyst. Left kidney 10 cm with a 4 mm stone."
    turned = "FINDINGS: Right kidney 11 cm with a 4 mm stone. Left kidney 10 cm with a 2 cm cyst."
    assert not sides_of(heard, same)
    assert "critical" in {one.severity for one in sides_of(heard, turned)}
