"""The tables of concepts hold together: each has a sentence in `corpus/concepts.tsv`, no term means two things."""

from collections import Counter
from pathlib import Path

from dictation.findings.lexicon import ancestors
from dictation.findings.tokens import tokenise
from dictation.lexicon import rows
from tests.corpus import rows_of


def _terms(table: str) -> list[str]:
    """The norms of all terms; two spellings of one row are one."""
    norms = (
        {" ".join(token.norm for token in tokenise(term)) for term in row["terms"].split("|")} for row in rows(table)
    )
    return [norm for own in norms for norm in own]


def test_every_concept_has_a_sentence() -> None:
    table = Path(__file__).parent / "corpus" / "concepts.tsv"
    named = {row.arguments["finding"] for row in rows_of(table)}
    assert {row["id"] for row in rows("findings")} <= named


def test_no_term_means_two_things() -> None:
    for terms in (_terms("findings") + _terms("shorthand"), _terms("anatomy")):
        assert [term for term, count in Counter(terms).items() if count > 1] == []


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
