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


@pytest.mark.parametrize(
    ("sentence", "levels"),
    [
        ("L5-S1: Disc desiccation, no protrusion.", ("L5", "S1")),
        ("At L5-S1, degenerative change and no protrusion.", ("L5", "S1")),
        ("L4-L5: Bulge compressing the root, L5-S1: desiccation, no protrusion.", ("L5", "S1")),
        ("No protrusion at L4-L5; at L5-S1 there is desiccation.", ("L4", "L5")),
        ("Desiccation and no protrusion.", ()),
    ],
)
def test_a_level_that_heads_the_sentence_holds_for_what_is_denied_behind_a_comma(
    sentence: str, levels: tuple[str, ...]
) -> None:
    [denied] = [claim for claim in extract(sentence) if claim.status == "absent"]
    assert denied.level == levels


@pytest.mark.parametrize(
    ("sentence", "sites"),
    [
        ("Lesions in segments 4 and 6 of the liver.", {"segment_4", "segment_6"}),
        ("Cysts in segments II, III and IVb.", {"segment_2", "segment_3", "segment_4"}),
        ("Lesion in segment 6/7.", {"segment_6", "segment_7"}),
        ("Cyst in segment 6, 4 mm.", {"segment_6"}),
        ("Split of the peroneus brevis, longus is intact.", {"peroneus_brevis"}),
    ],
)
def test_of_several_numbered_places_each_is_read(sentence: str, sites: set[str]) -> None:
    assert {site for site in extract(sentence)[0].site if site not in ("liver",)} == sites


@pytest.mark.parametrize(
    ("heard", "written"),
    [  # of strangers' pairs (benchmarks/pairs r13, r14)
        ("erosions at the second and third metacarpal heads", "The heads of metacarpals II and III are eroded."),
        ("head of the fifth metatarsal is eroded", "Erosion of the metatarsal head V."),
        ("Old amputation of the second toe.", "Previous amputation of digit II."),
        ("fractures of the fourth to sixth ribs", "Fractures of ribs IV to VI."),
    ],
)
def test_roman_figures_count_rays_and_ribs(heard, written):
    assert not [one for one in compare(heard, written) if one.kind == "level"]


def test_another_roman_figure_is_another_ray():
    found = compare("Old amputation of the second toe.", "Previous amputation of digit III.")
    assert any(one.kind == "level" and one.severity == "critical" for one in found)
    assert not any(claim.level for claim in extract("fracture of the toe I think"))
