"""Parts of the body as exams divide it: which an exam shows, and which a text speaks of.

An exam shows its neighbours, too: a CT of the abdomen the lung bases, one of the head the upper neck. What only looks
like a region does not name one: a word counts where it is said of that region alone.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from dictation.findings.level import levels_in
from dictation.findings.lexicon import cell, concepts, region_of
from dictation.findings.phrases import Phrases
from dictation.findings.tokens import tokens_of
from dictation.lexicon import rows

_WHOLE, _ANYWHERE = "whole", "anywhere"  # rows of the table that are no region
_LETTERS = {"C": "cervical_spine", "T": "thoracic_spine", "L": "lumbar_spine", "S": "sacrum"}  # of vertebral levels


@lru_cache(maxsize=256)
def named_by(exam: str) -> frozenset[str]:
    """The regions that the words of an exam name ("CT HEAD W/O" → head); "whole" among them where it shows all.

    A region that holds others stands for all of them ("MRI SPINE"), unless one of them is named as well.
    """
    words = exam.lower().replace("_", " ")
    named = {row["region"] for row in rows("exam_regions") if row["exams"] and _words(row["exams"]).search(words)}
    whole = {region for region in named if named.isdisjoint(_parts().get(region, ()))}
    return frozenset(whole.union(*(_parts().get(region, ()) for region in whole)))


@lru_cache(maxsize=256)
def shown_by(exam: str) -> frozenset[str]:
    """The regions that an exam shows, neighbours as well; empty where its words name none, or the whole body."""
    named = named_by(exam)
    return frozenset() if _WHOLE in named else neighbours(named)


def neighbours(regions: Iterable[str]) -> frozenset[str]:
    """These regions, and those that an exam of them shows as well."""
    shown = {row["region"]: cell(row["shows"]) for row in rows("exam_regions")}
    found = {name for region in regions for name in (region, *shown.get(region, ()))}
    return frozenset(found.union(*(_parts().get(region, ()) for region in found)))


@cache
def _parts() -> dict[str, frozenset[str]]:
    """Region → those that lie within it."""
    larger = {row["within"] for row in rows("exam_regions")} - {""}
    return {name: frozenset(row["region"] for row in rows("exam_regions") if row["within"] == name) for name in larger}


@dataclass(frozen=True, slots=True)
class Located:
    """A term lies in any of these regions. `is_vague`: it may be of any part of a larger one ("vertebra")."""

    regions: frozenset[str]
    is_vague: bool = False


def located_in(sentence: str) -> list[Located]:
    """Where the anatomy, structures and findings that a sentence names lie; a term that says no region is left out.

    A vertebral level says which part of the spine its sentence is of: "disc bulge at L4-L5" is lumbar.
    """
    tokens = tokens_of(sentence)
    levels = {_LETTERS.get(name[:1]) for level in levels_in(tokens) for name in level.names} - {None}
    terms = [match.meaning for match in _located_terms().find(tokens) if match.meaning.regions]
    if not levels:
        return terms
    spine = _parts()["spine"]
    others = [term for term in terms if not (term.is_vague and term.regions & spine)]
    return [*others, Located(frozenset(name for name in levels if name))]


def regions_of(finding: str, sites: Sequence[str], levels: Sequence[str] = ()) -> frozenset[str]:
    """Where a finding lies, by its places and vertebral levels, else by its own name; none where nothing says so."""
    of = _where()
    places = [of["places"].get(site) or of["places"].get(region_of(site)) or Located(frozenset()) for site in sites]
    found = frozenset().union(*(place.regions for place in places), {_LETTERS.get(level[:1], "") for level in levels})
    concept = concepts().get(finding)
    if found - {""} or concept is None:
        return found - {""}
    return _by_name(finding, concept.organ, "findings").regions


@cache
def _where() -> dict[str, dict[str, Located]]:
    """Column of body_places.tsv → id → where it lies."""
    return {
        column: {name: _located(cell(row["regions"])) for row in rows("body_places") for name in cell(row[column])}
        for column in ("places", "structures", "findings")
    }


def _by_name(name: str, organ: str, column: str) -> Located:
    general = frozenset() if name in _general() else regions_of_organ(organ)
    return _where()[column].get(name, Located(general))


@cache
def _general() -> frozenset[str]:
    return frozenset(name for row in rows("general_findings") for name in cell(row["findings"]))


@cache
def _located_terms() -> Phrases[Located]:
    found = [(word, _located(cell(row["regions"]))) for row in rows("body_places") for word in cell(row["words"])]
    of = _where()["places"]
    for place in rows("anatomy"):
        where = of.get(place["id"]) or of.get(place["region"])
        found += [(term, where) for term in cell(place["terms"]) if where]
    for table, column in (("findings", "id"), ("structures", "structure")):
        for row in rows(table):
            where = _by_name(row[column], row["organ"], table)
            # What lies nowhere hides no word that does: "fracture of the rib" is one of the chest.
            found += [(term, where) for term in cell(row["terms"]) if where.regions]
    return Phrases(found)


def _located(regions: tuple[str, ...]) -> Located:
    whole = frozenset(regions).union(*(_parts().get(region, ()) for region in regions))
    return Located(whole, any(region in _parts() for region in regions))


@cache
def region_of_word() -> dict[str, str]:
    """Word, in small letters → the region that alone it is said of."""
    return {
        word.strip(): row["region"]
        for row in rows("exam_regions")
        if row["region"] != _ANYWHERE
        for word in row["own"].split("|")
        if word.strip()
    }


@cache
def regions_of_organ(organ: str) -> frozenset[str]:
    """The regions in which an organ of the findings lies, none where that is not told."""
    return frozenset(row["region"] for row in rows("exam_regions") if organ in cell(row["organs"]))


def regions_in(sentence: str) -> frozenset[str]:
    """The regions of which the words of a sentence speak."""
    words = re.findall(r"[a-z]+", sentence.lower())
    return frozenset(region for word in words if (region := region_of_word().get(word)))


def may_be_named_anywhere(text: str, start: int = 0, end: int | None = None) -> bool:
    """Whether words stand there that name a far part of the body by right: a primary tumor, a disease, a protocol."""
    return bool(_anywhere().search(text, start, len(text) if end is None else end))


@cache
def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(word.strip() for word in pattern.split("|")) + r")\b")


@cache
def _anywhere() -> re.Pattern[str]:
    named = next(row["own"] for row in rows("exam_regions") if row["region"] == _ANYWHERE)
    return re.compile(r"\b(?:" + "|".join(word.strip() for word in named.split("|")) + ")", re.IGNORECASE)
