"""The tables of the lexicon, made ready for searching once and kept."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from dictation.findings.phrases import Phrases
from dictation.findings.tokens import normal_form, norms
from dictation.lexicon import rows

FindingClass = Literal["finding", "device", "normal_anatomy", "procedure", "other"]
_GENERIC_HEADS = ("abnormality", "process", "disease", "finding", "change", "pathology", "injury", "disease process")


@dataclass(frozen=True, slots=True)
class Concept:
    """A finding, device or procedure. `parents` are the broader findings of which it is one kind.

    `is_denied`: the very words deny it ("the common bile duct is not dilated").
    """

    id: str
    finding_class: FindingClass
    organ: str
    parents: tuple[str, ...]
    is_urgent: bool
    is_denied: bool = False


@dataclass(frozen=True, slots=True)
class Structure:
    """Normal anatomy. `denies`: findings that are ruled out where it is normal."""

    id: str
    organ: str
    denies: frozenset[str]


@dataclass(frozen=True, slots=True)
class Abnormality:
    """A generic word such as "acute osseous abnormality". `structure` None: it takes that of its clause."""

    structure: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """A site; `side` where its name says one ("lingula"), `region` groups places that lie next to each other."""

    id: str
    side: str | None
    region: str


@dataclass(frozen=True, slots=True)
class Cue:
    """A word of assertion: what it says and in which direction it reaches.

    `leading`: what it says where it stands before its finding, if that differs ("suspected", "unlikely").
    """

    kind: str
    scope: str
    leading: str | None = None


def cell(value: str) -> tuple[str, ...]:
    """The values of one cell."""
    return tuple(part.strip() for part in value.split("|") if part.strip())


@cache
def concepts() -> dict[str, Concept]:
    """All findings, devices and procedures by id."""
    return {
        row["id"]: Concept(row["id"], row["class"], row["organ"], cell(row["parents"]), row["urgent"] == "yes")  # type: ignore[arg-type]
        for row in rows("findings")
    }


@cache
def structures() -> dict[str, Structure]:
    """All normal anatomy by id."""
    return {
        row["structure"]: Structure(row["structure"], row["organ"], frozenset(cell(row["denies"])))
        for row in rows("structures")
    }


@cache
def ancestors(finding: str) -> frozenset[str]:
    """The finding itself and everything that it is a kind of."""
    found = {finding}
    for parent in concepts()[finding].parents if finding in concepts() else ():
        found |= ancestors(parent)
    return frozenset(found)


@cache
def _placed() -> dict[tuple[str, str], str]:
    return {
        (name, site): row["becomes"]
        for row in rows("placed_findings")
        for name in cell(row["finding"])
        for site in cell(row["site"])
    }


@cache
def rarely_denied() -> frozenset[str]:
    """Findings that nobody denies in a list without "or"."""
    return frozenset(row["finding"] for row in rows("rarely_denied"))


def placed_finding(finding: str, sites: Sequence[str]) -> str:
    """The name that a general finding has where it lies: a nodule of the adrenal gland is an adrenal nodule."""
    organs_first = sorted(sites, key=lambda site: site.endswith("_pole"))  # "lower pole of the thyroid" is no kidney
    names = [_placed()[finding, site] for site in organs_first if (finding, site) in _placed()]
    urgent = (name for name in names if name in concepts() and concepts()[name].is_urgent)
    return next(urgent, next(iter(names), finding))


@cache
def _elsewhere() -> dict[tuple[str, str, str], str]:
    return {
        (" ".join(norms(words)), row["finding"], place): row["becomes"]
        for row in rows("elsewhere")
        for words in cell(row["words"])
        for place in cell(row["places"])
    }


@cache
def may_lie_elsewhere(finding: str) -> bool:
    """Whether general words for a finding name another one at some places."""
    return any(row["finding"] == finding for row in rows("elsewhere"))


def is_found_elsewhere(finding: str, words: str) -> bool:
    """Whether general words name this finding only because of where it lies."""
    return (" ".join(norms(words)), finding) in _named_elsewhere()


@cache
def _named_elsewhere() -> frozenset[tuple[str, str]]:
    return frozenset((words, becomes) for (words, _, _), becomes in _elsewhere().items())


def finding_elsewhere(finding: str, words: str, sites: Sequence[str]) -> str:
    """What general words name at a place that is not their own: a "filling defect" is no embolism in the stomach.

    `words` are the norms of the words that name it. Where one of its places of that region is its own, it stays.
    """
    found = {site: _elsewhere().get((words, finding, site)) for site in sites}
    regions = {region_of(site) for site, name in found.items() if name}
    names = [name for site, name in found.items() if name or region_of(site) in regions]
    return names[0] if names and names[0] and all(names) else finding


@cache
def organ_parts() -> tuple[frozenset[str], ...]:
    """Site ids that are parts of one organ and exclude one another, organ by organ."""
    return tuple(frozenset(cell(row["parts"])) for row in rows("organ_parts"))


@cache
def is_part(place: str) -> bool:
    """Whether a site id is such a part."""
    return any(place in parts for parts in organ_parts())


@cache
def region_of(place: str) -> str:
    """The region of a site id, "" where unknown."""
    return next((row["region"] for row in rows("anatomy") if row["id"] == place), "")


def _terms_of(structure: str) -> tuple[str, ...]:
    return next(cell(row["terms"]) for row in rows("structures") if row["structure"] == structure)


def _named() -> list[tuple[str, Concept]]:
    """Every way to name a finding: by its terms, in short, turned around, and by the organ that is gone."""
    terms = [(term, row["id"]) for row in rows("findings") for term in cell(row["terms"])]
    terms += [(term, row["finding"]) for row in rows("shorthand") for term in cell(row["terms"])]
    phrases = [(term, concepts()[finding]) for term, finding in terms]
    states = {term for row in rows("turned") for term in cell(row["terms"])}
    own_states = {
        (term, state)
        for row in rows("states")
        for state in cell(row["terms"])
        for structure in cell(row["structure"])
        if structure in structures()
        for term in _terms_of(structure)
    }
    for term, finding in terms:
        state, _, subject = term.partition(" ")
        if state in states and subject and (subject, state) not in own_states:
            concept = concepts()[finding]
            phrases += [(f"{subject} {link}{state}", concept) for link in ("", "is ", "are ", "appears ")]
            phrases += [
                (f"{subject} {link}not {state}", replace(concept, is_denied=True)) for link in ("", "is ", "are ")
            ]
    for row in rows("removed_organs"):
        for organ in cell(row["organ"]):
            gone = [f"{organ} {link}surgically absent" for link in ("", ": ", "is ", "are ", "has been ")]
            gone += [f"{organ} {link}surgically removed" for link in ("is ", "has been ", "was ")]
            gone += [f"{organ} {link}{end}" for link in ("is ", "has been ", "was ") for end in ("removed", "resected")]
            gone += [f"surgically absent {organ}"]
            if row["absent"] == "yes":
                gone += [f"absent {organ}", f"{organ} absent", f"{organ} is absent"]
            phrases += [(term, concepts()[row["finding"]]) for term in gone]
    return phrases


@cache
def finding_phrases() -> Phrases[Concept | Abnormality | None]:
    """Findings, devices, procedures, and generic abnormalities of a structure; None for what only looks like one."""
    phrases: list[tuple[str, Concept | Abnormality | None]] = [*_named()]
    phrases += [(term, None) for row in rows("look_alikes") for term in cell(row["terms"])]
    for row in rows("structures"):
        for adjective in cell(row["adjectives"]):
            phrases += [(f"{adjective} {head}", Abnormality(row["structure"])) for head in _GENERIC_HEADS]
    phrases += [("abnormality", Abnormality(None)), ("significant finding", Abnormality(None))]
    phrases += [(f"acute {head}", Abnormality(None)) for head in _GENERIC_HEADS]
    phrases += [(f"active {head}", Abnormality(None)) for head in _GENERIC_HEADS]
    return Phrases(phrases)


@cache
def structure_phrases() -> Phrases[Structure]:
    """Structures that can be called normal."""
    return Phrases((term, structures()[row["structure"]]) for row in rows("structures") for term in cell(row["terms"]))


@cache
def state_phrases() -> Phrases[dict[str, str]]:
    """State words → structure id ("*" for all) → finding id or "normal"."""
    meanings: dict[str, dict[str, str]] = {}
    for row in rows("states"):
        for term in cell(row["terms"]):
            for structure in cell(row["structure"]):
                meanings.setdefault(term, {}).setdefault(structure, row["finding"])
    return Phrases(meanings.items())


@cache
def place_phrases() -> Phrases[Place]:
    """Sites."""
    return Phrases(
        (term, Place(row["id"], row["side"] or None, row["region"]))
        for row in rows("anatomy")
        for term in cell(row["terms"])
    )


@cache
def part_words() -> dict[str, dict[str, Place]]:
    """The word of a part → the organ whose part it names, as an id → that part: "tail of pancreas"."""
    organs = {term: row["id"] for row in rows("anatomy") for term in cell(row["terms"])}
    found: dict[str, dict[str, Place]] = {}
    for row in rows("anatomy"):
        for term in cell(row["terms"]):
            part, joint, organ = term.partition(" of ")
            if joint and organ in organs and " " not in part:
                found.setdefault(part, {})[organs[organ]] = Place(row["id"], row["side"] or None, row["region"])
    return found


@cache
def cue_phrases() -> Phrases[Cue]:
    """Cues of presence, absence and doubt."""
    leading = {term: row["cue"] for row in rows("assertion") if row["scope"] == "before" for term in cell(row["terms"])}
    return Phrases(
        (term, Cue(row["cue"], row["scope"], leading.get(term) if row["scope"] == "after" else None))
        for row in rows("assertion")
        for term in cell(row["terms"])
    )


@cache
def plain_words(*roles: str) -> frozenset[str]:
    """Words that say nothing of a finding, of some roles of unread_words.tsv ("stop", "placing" …) or all of them."""
    return frozenset(
        normal_form(term)
        for row in rows("unread_words")
        if row["role"] in roles or not roles
        for term in cell(row["terms"])
    )


@cache
def word_phrases(table: str, column: str) -> Phrases[str]:
    """A table of one meaning a row (severity, change, laterality, qualifier)."""
    return Phrases((term, row[column]) for row in rows(table) for term in cell(row["terms"]))
