"""Whatever is said of a finding and whichever it is, its denial stays; lists that are denied are in `corpus`."""

import pytest

from dictation.findings import extract
from dictation.lexicon import rows


@pytest.mark.parametrize("lead", ["There is no", "No", "The lungs show no"])
@pytest.mark.parametrize("noun", ["scarring", "granulomas", "degenerative changes", "kyphosis", "fracture", "nodule"])
def test_whatever_describes_a_finding_its_denial_stays(lead, noun):
    words = (
        "mild", "stable", "scattered", "chronic", "prior", "postoperative", "age related", "multilevel", "calcified",
        "bilateral", "old healed", "patchy", "mid thoracic", "interval", "residual", "extensive", "small right apical",
    )  # fmt: skip
    texts = [f"{lead} {word} {noun}{end}" for word in words for end in (".", " is seen.", " at the left base.")]
    assert [
        text for text in texts if "present" in {c.status for c in extract(text) if c.finding_class == "finding"}
    ] == []


def test_the_denial_of_every_finding_denies_it():
    first = {}
    for row in rows("findings"):
        first.setdefault(row["id"], row["terms"].split("|")[0].strip())
    stated = [t for t in first.values() if {c.status for c in extract(f"There is {t}.")} == {"present"}]
    assert len(stated) > 800
    assert [t for t in stated if "absent" not in {c.status for c in extract(f"There is no {t}.")}] == []
