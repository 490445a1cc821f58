"""Ranges of vertebrae and ribs name all that lies between their ends."""

import pytest

from dictation.discrepancy import compare
from dictation.findings import extract


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("T4-T8 compression fractures.", ("T4", "T5", "T6", "T7", "T8")),
        ("Laminectomy from L2 to L4.", ("L2", "L3", "L4")),
        ("Fusion of C6 through T2.", ("C6", "C7", "T1", "T2")),
        ("t four through t six compression fractures", ("T4", "T5", "T6")),
        ("Fractures of ribs 4 through 7.", ("rib 4", "rib 5", "rib 6", "rib 7")),
        ("Left fourth to sixth rib fractures.", ("rib 4", "rib 5", "rib 6")),
        ("Fractures of the 4th-6th ribs.", ("rib 4", "rib 5", "rib 6")),
        ("Left rib fractures 4-6.", ("rib 4", "rib 5", "rib 6")),
        ("Fractures of the fourth and sixth to eighth ribs.", ("rib 4", "rib 6", "rib 7", "rib 8")),
        ("Fractures of the 4th, 6th and 8th ribs.", ("rib 4", "rib 6", "rib 8")),
        ("L5-S1 disc bulge.", ("L5", "S1")),
        ("Left rib fracture, 4 mm displaced.", ()),
    ],
)
def test_a_range_names_what_lies_between_its_ends(text: str, levels: tuple[str, ...]) -> None:
    assert [claim.level for claim in extract(text)] == [levels]


@pytest.mark.parametrize(
    ("heard", "written", "kinds"),
    [
        ("Fractures of ribs 4 through 7.", "Fractures of the 4th, 5th, 6th and 7th ribs.", []),
        ("Fractures of ribs 4 through 7.", "Fractures of the 4th, 5th, 6th and 8th ribs.", ["level"]),
        ("Fractures of ribs 4 through 7.", "Fractures of the 4th through 8th ribs.", ["level"]),
        ("T4-T8 compression fractures.", "Compression fractures at T4, T5, T9, T7 and T8.", ["level"]),
        ("T6 compression fracture.", "T4-T8 compression fractures.", ["level"]),
        ("Laminectomy L2 to L4.", "Laminectomy at L2, L3 and L4.", []),
        ("Fractures of the 4th, 5th and 6th ribs.", "4th rib fracture. 5th rib fracture. 6th rib fracture.", []),
        ("Disc bulges at L3-L4 and L4-L5.", "L3-L4: Disc bulge. L4-L5: Disc bulge.", []),
    ],
)
def test_a_range_is_compared_member_by_member(heard: str, written: str, kinds: list[str]) -> None:
    assert [found.kind for found in compare(heard, written)] == kinds
