"""Sentences of every region with all that they claim: `assertions.tsv`, read against what is extracted.

A claim is written as status ("no", "removed", "normal"; present is silent), certainty, temporality, finding, side,
@site, #level, severity, change, sizes in mm ("was 4": measured earlier), xCOUNT, "in" position. "~": implied, not
stated. A finding may be named by a broader one, so that the table need not know every kind.
"""

from pathlib import Path

import pytest

from dictation.findings import Claim, extract
from dictation.findings.lexicon import ancestors

_TABLE = Path(__file__).with_name("assertions.tsv")
_STATUS = {"present": [], "absent": ["no"], "removed": ["removed"], "normal": ["normal"]}


def _sentences() -> list[tuple[str, str]]:
    lines = [line for line in _TABLE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return [(text, claims) for _, text, claims in (line.split("\t") for line in lines[1:])]


def _written(claim: Claim, finding: str) -> str:
    words = list(_STATUS[claim.status])
    words += [claim.certainty] * (claim.certainty != "definite") + [claim.temporality] * (
        claim.temporality != "current"
    )
    words.append(finding)
    if claim.laterality:
        words.append(claim.laterality + "~" * ("laterality" in claim.implied))
    words += [qualifier for qualifier in claim.qualifier if qualifier.endswith("_dominant")]
    words += [f"@{site}" + "~" * ("site" in claim.implied) for site in claim.site]
    words += [f"#{level.replace(' ', '')}" for level in claim.level]
    words += [word for word in (claim.severity, claim.change) if word]
    for measured in claim.measurements:
        size = " x ".join(f"{value:g}" for value in measured.values_mm)
        words.append(f"was {size}" if measured.temporality == "historical" else size)
    words += [f"x{claim.count}"] * bool(claim.count) + [f"in {claim.device_position}"] * bool(claim.device_position)
    return " ".join(words)


@pytest.mark.parametrize(("text", "expected"), _sentences())
def test_a_sentence_claims_what_it_says(text: str, expected: str) -> None:
    wanted = expected.split(" | ") if expected else []
    found = extract(text)
    said = [_written(claim, claim.finding) for claim in found]
    assert len(found) == len(wanted), said
    for claim, want in zip(found, wanted, strict=True):
        assert want in {_written(claim, name) for name in ancestors(claim.finding)}, said


def test_the_table_is_large_enough_and_covers_every_region() -> None:
    lines = _TABLE.read_text(encoding="utf-8").splitlines()
    regions = {line.split("\t")[0] for line in lines if line and not line.startswith("#")}
    assert len(_sentences()) >= 150
    assert regions >= {"chest", "abdomen", "spine", "brain", "msk", "breast", "us", "unknown"}
