"""Every concept of the lexicon is found by a sentence, with the side and the place that the sentence says."""

from collections import Counter
from pathlib import Path

import pytest

from dictation.discrepancy import SEVERITIES, compare
from dictation.findings import extract
from dictation.findings.lexicon import ancestors
from dictation.findings.tokens import tokenise
from dictation.lexicon import rows

_WEIGHTY = 2  # severities that interrupt: critical and major


def _table(name: str) -> list[tuple[str, ...]]:
    lines = Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines if not line.startswith("#")][1:]


def _terms(table: str) -> list[str]:
    """The norms of all terms; two spellings of one row are one."""
    norms = (
        {" ".join(token.norm for token in tokenise(term)) for term in row["terms"].split("|")} for row in rows(table)
    )
    return [norm for own in norms for norm in own]


@pytest.mark.parametrize(("sentence", "finding", "side", "site"), _table("concepts.tsv"))
def test_a_sentence_names_its_finding(sentence: str, finding: str, side: str, site: str) -> None:
    found = [claim for claim in extract(sentence) if claim.finding == finding]
    assert found, [claim.finding for claim in extract(sentence)]
    assert any((claim.laterality or "") == side for claim in found), [claim.laterality for claim in found]
    assert not site or any(site in claim.site for claim in found), [claim.site for claim in found]


@pytest.mark.parametrize(("heard", "written"), _table("broader_names.tsv"))
def test_a_broader_name_is_no_disagreement(heard: str, written: str) -> None:
    assert [card for card in compare(heard, written) if SEVERITIES.index(card.severity) < _WEIGHTY] == []


@pytest.mark.parametrize(("heard", "written"), _table("other_diseases.tsv"))
def test_another_disease_is_shown(heard: str, written: str) -> None:
    assert [card for card in compare(heard, written) if SEVERITIES.index(card.severity) < _WEIGHTY]


def test_every_concept_has_a_sentence() -> None:
    named = {finding for _, finding, _, _ in _table("concepts.tsv")}
    assert {row["id"] for row in rows("findings")} <= named


def test_no_term_means_two_things() -> None:
    for terms in (_terms("findings") + _terms("shorthand"), _terms("anatomy")):
        counted = Counter(zip(terms, [""] * len(terms), strict=True))
        twice = [term for (term, _), count in counted.items() if count > 1]
        assert twice == []


def test_parents_are_concepts_and_never_in_a_circle() -> None:
    ids = {row["id"] for row in rows("findings")}
    for row in rows("findings"):
        parents = {part.strip() for part in row["parents"].split("|") if part.strip()}
        assert parents <= ids, row["id"]
        assert all(row["id"] not in ancestors(parent) for parent in parents), row["id"]


def test_what_lies_in_an_organ_takes_the_name_of_a_known_concept() -> None:
    findings, sites = {row["id"] for row in rows("findings")}, {row["id"] for row in rows("anatomy")}
    for row in rows("placed_findings"):
        assert {part.strip() for part in row["finding"].split("|")} | {row["becomes"]} <= findings, row
        assert {part.strip() for part in row["site"].split("|")} <= sites, row


def test_a_place_with_a_side_in_its_name_is_one_of_two_or_lies_on_that_side() -> None:
    assert {row["paired"] for row in rows("anatomy")} == {"yes", "no"}
    assert next(row for row in rows("anatomy") if row["id"] == "kidney")["paired"] == "yes"
    assert next(row for row in rows("anatomy") if row["id"] == "spleen")["paired"] == "no"
