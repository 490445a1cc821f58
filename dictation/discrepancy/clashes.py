"""Which claims of one text cannot both be true: a finding and its own denial, or the normal sentence of its organ.

Nobody rewrote anything here, so the bar is higher than between the columns: what leaves room for the finding (another
side or place, "other", "except", "old", a doubt) is no clash, and of an organ only a normal sentence that speaks of all
of it counts. What a macro or template brought in was not worded for this patient: there every finding that the organ's
normal rules out counts, the doubtful ones as well.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from dictation.discrepancy.columns import Column
from dictation.discrepancy.labels import label_before
from dictation.discrepancy.places import LOBES, is_vague, sites_differ
from dictation.discrepancy.quoting import joining_words
from dictation.discrepancy.relation import WHOLE, denies, is_negative
from dictation.discrepancy.told_levels import levels_of_row, none_shared
from dictation.findings import Claim, SentenceSpan
from dictation.findings.body_regions import named_by, regions_in, regions_of
from dictation.findings.lexicon import (
    ancestors,
    cell,
    concepts,
    organ_parts,
    place_phrases,
    region_of,
    structure_phrases,
    structures,
)
from dictation.findings.phrases import Phrases
from dictation.findings.tokens import Token, norms, tokenise
from dictation.lexicon import rows

_TABLE = "own_contradictions"
_READY = ("macro", "template")  # origins of text that was worded beforehand
_HEADS = frozenset({"abnormality", "process", "disease", "finding", "change", "pathology", "injury"})
_MANY_PLACES = frozenset({"bones", "vessels", "whole", "soft_tissue", "lymph_nodes", "breast", ""})
_OLD = frozenset({"chronic", "calcified", "benign"})
_KNOWN = frozenset({"stable", "decreased", "resolved"})
_WHOLE_WORDS = frozenset({"acute", "focal"})  # qualifiers of a denial that nobody means to narrow it
_SIDES = frozenset({"left", "right"})
_ROLES = ("exception", "excepted", "unsure", "partial", "whole")
_POLES = frozenset({"upper_pole", "interpolar", "lower_pole"})
_MOST = 8  # denials of one finding that are looked at


@dataclass(frozen=True, slots=True)
class Clash:
    """A finding and what denies it in the same text. `is_direct`: by its name, else through normal anatomy.

    `is_ready_made`: one of the two came from a macro or template.
    """

    present: Claim
    denial: Claim
    is_direct: bool
    is_ready_made: bool


def clashes(column: Column) -> Iterator[Clash]:
    """Every finding of the text beside what denies it, the plainest denial of each finding first."""
    claims = [claim for claim in column.claims if column.is_body(claim) and claim.temporality == "current"]
    denials: dict[str, list[Claim]] = {}
    for claim in claims:
        if claim.status in ("absent", "normal") and claim.certainty == "definite" and claim.change is None:
            denials.setdefault(claim.finding, []).append(claim)
    for claim in claims:
        if not is_negative(claim) and claim.finding_class == "finding":
            found = [
                clash for name in _denied_by(claim.finding, denials) for clash in _of(claim, denials[name], column)
            ]
            yield from sorted(found, key=lambda clash: (not clash.is_direct, clash.denial.finding == WHOLE))


def _denied_by(finding: str, denials: dict[str, list[Claim]]) -> list[str]:
    """The findings and structures of the text by which this finding may be denied."""
    direct = [name for name in ancestors(finding) if name in denials and (name == finding or _is_urgent(name))]
    return direct + [
        name for name in denials if (name in structures() and denies(name, finding)) or name in _ruling_out(finding)
    ]


def _is_urgent(finding: str) -> bool:
    return finding in concepts() and concepts()[finding].is_urgent


@cache
def _ruling_out(finding: str) -> frozenset[str]:
    """The structures of the table whose normal sentence cannot stand beside the finding."""
    return frozenset(
        row["structure"] for row in rows(_TABLE) if not ancestors(finding).isdisjoint(cell(row["findings"]))
    )


def _of(present: Claim, denials: Sequence[Claim], column: Column) -> Iterator[Clash]:
    for denial in denials[:_MOST]:
        is_direct = denial.status == "absent"
        is_ready = any(_is_ready_made(claim, column) for claim in (present, denial))
        if present.certainty != "definite" and not (is_ready and present.certainty != "cannot_exclude"):
            continue
        is_named = _is_named(present, denial) if is_direct else _is_whole(present, denial, is_ready)
        if is_named and not _are_apart(present, denial, column) and not leaves_room(present, denial, column):
            yield Clash(present, denial, is_direct, is_ready)


def _is_ready_made(claim: Claim, column: Column) -> bool:
    return claim.sentence is not None and column.origins.get(claim.sentence) in _READY


def _name(claim: Claim) -> tuple[str, ...]:
    """The words that name the finding or the structure."""
    low, high = claim.parts.get("finding", claim.span)
    return tuple(norms(claim.text[max(0, low - claim.span[0]) : high - claim.span[0]]))


@cache
def _terms(finding: str) -> frozenset[tuple[str, ...]]:
    return frozenset(
        tuple(norms(term)) for row in rows("findings") if row["id"] == finding for term in cell(row["terms"])
    )


@cache
def _first_term(finding: str) -> tuple[str, ...]:
    return next((tuple(norms(cell(row["terms"])[0])) for row in rows("findings") if row["id"] == finding), ())


def _is_named(present: Claim, denial: Claim) -> bool:
    """Whether the denial names all of the finding: by its first name, by that of the other claim, or in one word."""
    name, other = _name(denial), _name(present)
    if name == _first_term(denial.finding) or (name and name == other[-len(name) :]):
        return True
    if not _is_urgent(denial.finding):
        return False
    return len(name) == 1 or (concepts()[denial.finding].organ not in _MANY_PLACES and name in _terms(denial.finding))


def _is_whole(present: Claim, denial: Claim, is_ready: bool) -> bool:
    """Whether the normal sentence speaks of the whole structure, and rules the finding out."""
    if present.finding == "opacity" and not is_ready:
        return False
    parts = {match.meaning.id for match in place_phrases().find(tokenise(denial.text))} & _parts_of_organs()
    if parts and parts.isdisjoint(present.site):
        return False  # "Left lung: upper lobe clear"
    name = _name(denial)
    while name and name[-1] in _HEADS:
        name = name[:-1]
    for row in rows(_TABLE):
        if row["structure"] == denial.finding and name in _names(row["terms"]):
            is_elsewhere = denial.finding == "lungs" and _organ(present) == "mediastinum"  # a mediastinal mass
            if not is_elsewhere and not ancestors(present.finding).isdisjoint(cell(row["findings"])):
                return True
            if is_ready and denial.finding != WHOLE and denies(denial.finding, present.finding):
                return True
    return False


@cache
def _parts_of_organs() -> frozenset[str]:
    return LOBES.union(*organ_parts(), _POLES)


@cache
def _names(terms: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(norms(term)) for term in cell(terms))


def _are_apart(present: Claim, denial: Claim, column: Column) -> bool:
    """Whether the two may speak of different sides or places."""
    one, two = column.sentence_of(present), column.sentence_of(denial)
    if one.start == two.start:
        return True
    sides = {denial.laterality} if denial.laterality else _sides_in(two, column)
    if sides & _SIDES and len(sides & _SIDES) == 1 and not (sides | {"bilateral"}) & {present.laterality}:
        return True
    levels, denied = (levels_of_row(claim, column) for claim in (present, denial))
    if denied and none_shared(denied, levels):
        return True
    if not _is_labelled(denial, column):
        places = {site for site in denial.site if not is_vague(site) or region_of(site) == "position"}
        if denial.status == "absent" and places and not places & set(present.site):
            return True
        if sites_differ(present.site, denial.site):
            return True
    if column.origins:  # statements carry their organ apart
        return False
    if denial.status == "absent" and _is_of_other_part(label_before(two.end, column.text), present, denial, column):
        return True
    if _MANY_PLACES.isdisjoint((_organ(present), _organ(denial))):
        return False
    labels = {label_before(sentence.end, column.text) for sentence in (one, two)} - {""}
    return len(labels) > 1


def _is_of_other_part(label: str, present: Claim, denial: Claim, column: Column) -> bool:
    """Whether a denial stands under the label of a part of the body in which the finding does not lie: "Head: No
    fracture" and a fracture of C6, "BONES: No metastasis" and one of the liver.
    """
    if (denial.site and not _is_labelled(denial, column)) or denial.level:
        return False
    sentence = column.sentence_of(present)
    labelled = regions_in(label) | named_by(label) if label else regions_in(denial.text)
    regions = regions_of(present.finding, present.site, present.level) or regions_in(
        column.text[sentence.start : sentence.end]
    )
    if labelled and regions and labelled.isdisjoint(regions):
        return True
    tokens = tokenise(label)
    if sites_differ([match.meaning.id for match in place_phrases().find(tokens)], present.site):
        return True
    organs = _organs(tokens)
    own = {_organ(present), _organ(denial)}
    is_told_apart = present.finding != denial.finding or label_before(sentence.end, column.text)
    return bool(is_told_apart and organs and _organ(present)) and own.isdisjoint(organs)


def _is_labelled(claim: Claim, column: Column) -> bool:
    """Whether the place of a claim is but the label of its own organ: "Pleura: No pneumothorax"."""
    low, high = claim.parts.get("site", (0, 0))
    if not high or not column.text.startswith(":", high):
        return False
    return _organ(claim) in _organs(tokenise(column.text, low, high))


def _organs(tokens: Sequence[Token]) -> set[str]:
    return {structures()[match.meaning.id].organ for match in structure_phrases().find(tokens)}


def _organ(claim: Claim) -> str:
    return concepts()[claim.finding].organ if claim.finding in concepts() else ""


def _sides_in(sentence: SentenceSpan, column: Column) -> set[str | None]:
    words = {token.norm for token in tokenise(column.text, sentence.start, sentence.end)}
    return {*words & _SIDES} if not words & {"bilateral", "bilaterally", "both"} else set()


def leaves_room(present: Claim, denial: Claim, column: Column) -> bool:
    """Whether the words of either sentence leave room for the other."""
    one, two = column.sentence_of(present), column.sentence_of(denial)
    said, denied = _roles_in(one, column), _roles_in(two, column)
    if {"excepted", "unsure"} & said or "exception" in denied or ("partial" in denied and "whole" not in denied):
        return True
    is_old = bool(_OLD & set(present.qualifier)) and "acute" not in present.qualifier  # not "acute on chronic"
    if is_old or present.change == "resolved":
        return True
    is_of_all = not (denial.site or denial.laterality or denial.level)  # "no fracture": none that is new
    is_of_news = denial.finding == WHOLE or "acute" in denial.qualifier or (_organ(denial) == "bones" and is_of_all)
    if is_of_news and present.change in _KNOWN:
        return True
    if denial.severity and denial.severity != present.severity:
        return True
    if denial.status == "absent" and set(denial.qualifier) - set(present.qualifier) - _WHOLE_WORDS:
        return True
    if denial.status == "normal" and (set(denial.qualifier) - {"acute"} or _is_of_size(denial, present)):
        return True
    if "focal" in denial.qualifier and "diffuse" in present.qualifier:
        return True
    return not _stands_plain(denial, column, two)


def _is_of_size(denial: Claim, present: Claim) -> bool:
    """Whether only the size is called normal, and the finding is none of size."""
    row = next(row for row in rows(_TABLE) if row["role"] == "size")
    return bool(_words("size").find(tokenise(denial.text))) and ancestors(present.finding).isdisjoint(
        cell(row["findings"])
    )


def _stands_plain(denial: Claim, column: Column, sentence: SentenceSpan) -> bool:
    """Whether no word before the denied name narrows it: "deep reflux", "infratentorial lesion", "nasal bones"."""
    start = denial.parts.get("finding", denial.span)[0]
    before = column.text[sentence.start : start].rstrip()
    if not before or not before[-1].isalpha():
        return True
    word = norms(before.split()[-1])[-1:]
    if not word or word[0] in joining_words() or word[0] in _plain():
        return True
    at = sentence.start + len(before) - 1
    return any(
        low <= at < high
        for claim in column.claims
        if sentence.start <= claim.span[0] < sentence.end
        for name, (low, high) in claim.parts.items()
        if name != "site"
    )


@cache
def _plain() -> frozenset[str]:
    words = {
        norm for row in rows(_TABLE) if row["role"] == "plain" for term in cell(row["terms"]) for norm in norms(term)
    }
    cues = {
        norm
        for row in rows("assertion")
        if row["cue"] == "negation"
        for term in cell(row["terms"])
        for norm in norms(term)
    }
    return frozenset(words | cues)


@cache
def _words(role: str) -> Phrases[str]:
    return Phrases((term, role) for row in rows(_TABLE) if row["role"] == role for term in cell(row["terms"]))


def _roles_in(sentence: SentenceSpan, column: Column) -> set[str]:
    """What the words of a sentence say of it, by the roles of the table."""
    tokens = tokenise(column.text, sentence.start, sentence.end)
    return {role for role in _ROLES if _words(role).find(tokens)}
