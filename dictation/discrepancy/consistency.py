"""What contradicts itself within one text: a finding that it denies elsewhere, another side, another size.

One card for one contradiction, however often the text repeats it, and whether one column holds it or both. Shown only
where no card between the columns speaks of the same: a slip of the report is shown as that slip.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from dictation.discrepancy.cards import Card
from dictation.discrepancy.clashes import clashes, leaves_room
from dictation.discrepancy.clauses import is_marked
from dictation.discrepancy.columns import Column
from dictation.discrepancy.conflicts import pair
from dictation.discrepancy.discrepancy import SEVERITIES, Discrepancy, Kind, Severity, Side, discrepancy_id
from dictation.discrepancy.inferred import are_signs_of, may_read, reads
from dictation.discrepancy.pool import Pool
from dictation.discrepancy.quoting import shortened
from dictation.discrepancy.relation import denial_distance, distance, is_negative
from dictation.discrepancy.scores import scores_apart
from dictation.discrepancy.sections_apart import sections_apart
from dictation.discrepancy.twins import twins
from dictation.findings import Claim
from dictation.findings.lexicon import ancestors, concepts

_TELLING: frozenset[Kind] = frozenset({"negation", "omission", "addition", "laterality"})
_GRAVE = ("critical", "major")
_ADDENDUM = re.compile(r"^[ \t]*addendum\b[^\n:]{0,80}:", re.IGNORECASE | re.MULTILINE)
_NEXT_HEADING = re.compile(r"^[ \t]*(?:findings|impression)\b", re.IGNORECASE | re.MULTILINE)
_WHOLE_WORDS = frozenset({"acute"})  # "no acute fracture" is said where there is none, or but an old one
_KNOWN = frozenset({"stable", "decreased", "resolved"})
_PARTS = {
    "presence": ("negation", "status"), "size": ("measurement", "measurements"), "side": ("laterality",),
    "level": ("level",), "place": ("site",), "share": ("measurement",), "degree": ("severity",),
    "sort": ("qualifier",), "course": ("change",), "age": ("qualifier",), "name": (),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Own:
    """Two claims of one text that contradict each other; `two` is the one whose words stand on the card."""

    what: Literal["presence", "size", "side", "level", "place", "share", "degree", "sort", "course", "age", "name"]
    one: Claim
    two: Claim
    severity: Severity


def contradictions(heard: Column, written: Column, told: Sequence[Card]) -> list[Discrepancy]:
    """One card for each contradiction; where the dictation holds the same one, its words are shown as well."""
    found: list[tuple[Own, Discrepancy]] = []
    for column in (written, heard):
        for own in sorted(_within(column, told), key=weight):
            if _is_added(own.one, column) != _is_added(own.two, column):
                continue  # an addendum is made to change what was written before
            known = next((at for at, (other, _) in enumerate(found) if _is_same(own, other)), None)
            if known is None:
                found.append((own, _card(own, column)))
            elif column.name == "heard" and found[known][1].heard is None:
                other, card = found[known]
                found[known] = other, card.model_copy(update=_sides(column, own))
    said = {card.id: card for card in scores_apart(heard)}
    scores = [
        card.model_copy(update={"heard": said[card.id].heard, "audio_span_s": said[card.id].audio_span_s})
        if card.id in said
        else card
        for card in scores_apart(written)
    ]
    return [*(card for _, card in found), *(scores if written.text.strip() else said.values())]


def _is_added(claim: Claim, column: Column) -> bool:
    """Whether a claim stands behind a heading "ADDENDUM"."""
    heading = _ADDENDUM.search(column.text, 0, claim.span[1])
    return heading is not None and not _NEXT_HEADING.search(column.text, heading.end(), claim.span[0])


def weight(own: Own) -> tuple[int, bool]:
    """For sorting: the gravest first; a finding with two sides is told by its sides, whatever else denies it."""
    return SEVERITIES.index(own.severity), own.what != "side"


def causes(column: Column) -> dict[str, Own]:
    """The two claims behind each contradiction of one text, by the id of its card."""
    return {_id(own): own for own in _within(column, ())}


def differing_part(claim: Claim, what: str) -> tuple[int, int] | None:
    """The characters of a claim that differ in a contradiction: its denial, side, size or level, else its finding."""
    return next((claim.parts[name] for name in (*_PARTS[what], "finding") if name in claim.parts), None)


def _id(own: Own) -> str:
    return discrepancy_id("contradiction", own.one.text.lower(), own.two.text.lower())


def _within(column: Column, told: Sequence[Card]) -> Iterator[Own]:
    """The contradictions of one text, the gravest of each cause."""
    if column.name == "heard" and not is_marked(column):
        yield from _between_sections(column, _ids(told))  # nobody knows where a denial of such a text ends
        return
    grave = _ids(card for card in told if card.kind in _TELLING and card.severity in _GRAVE)
    silent = _ids(told) if column.name == "heard" else grave
    for clash in clashes(column):
        if clash.present.id not in silent and clash.denial.id not in silent:
            is_sure = clash.is_ready_made or clash.present.certainty == "definite"
            yield Own("presence", clash.present, clash.denial, "critical" if is_sure else "major")
    for one, two in twins(column):
        if one.id not in _ids(told) and two.id not in _ids(told):
            yield Own("size", one, two, "major")
    yield from _between_sections(column, _ids(told))


def _ids(told: Iterable[Card]) -> Collection[str]:
    return {claim.id for card in told for claim in card.claims}


def _is_same(one: Own, two: Own) -> bool:
    """Whether both tell the same contradiction: of the same finding, or of the same normal sentence."""
    if "size" in (one.what, two.what) and one.what != two.what:
        return False
    if one.two.finding == two.two.finding and one.two.text == two.two.text and one.two.status == "normal":
        return True
    if distance(one.one.finding, two.one.finding) is None:
        return False
    return {one.one.laterality, two.one.laterality} != {"left", "right"} or one.what != two.what


def _card(own: Own, column: Column) -> Discrepancy:
    return Discrepancy(
        id=_id(own),
        kind="contradiction",
        severity=own.severity,
        explanation=_explanation(own, column),
        against=_side(own.one, own.what),
        **_sides(column, own),  # type: ignore[arg-type]
    )


def _explanation(own: Own, column: Column) -> str:
    one, two = (shortened(_sentence(claim, column)) for claim in (own.one, own.two))
    if own.one.section == "findings" and own.two.section == "impression":
        return f"The findings say {one}; the impression says {two}."
    if own.one.section == "impression" and own.two.section == "findings":
        return f"The impression says {one}; the findings say {two}."
    whose = "You said" if column.name == "heard" else "The report says"
    origin = column.origins.get(own.two.sentence or "")
    by = f" (from a {origin})" if origin in ("macro", "template") else ""
    return f"{whose} {one}, and also {two}{by}."


def _sentence(claim: Claim, column: Column) -> str:
    sentence = column.sentence_of(claim)
    return column.text[sentence.start : sentence.end]


def _sides(column: Column, own: Own) -> dict[str, object]:
    """The denial's or the impression's words stand for the column."""
    side = _side(own.two, own.what)
    if column.name == "written":
        return {"written": side}
    return {"heard": side, "audio_span_s": column.seconds(*own.two.span)}


def _side(claim: Claim, what: str) -> Side:
    return Side(text=claim.text, span=claim.span, claim=claim, differing=differing_part(claim, what))


def _between_sections(column: Column, told_ids: Collection[str]) -> Iterator[Own]:
    """Findings against impression: another side, level, place or size, or denied in one and stated in the other."""
    current = [claim for claim in column.claims if claim.temporality == "current"]
    turned = [Own(*apart) for apart in sections_apart(column, told_ids)]
    yield from turned
    findings, impression = _pools([claim for claim in current if claim.certainty == "definite"])
    told = {*told_ids, *(own.two.id for own in turned)}
    said: dict[str, list[Claim]] = {}
    for claim in findings.claims:
        if claim.id not in told:
            for subject in _subjects(claim):
                said.setdefault(subject, []).append(claim)
    for two in impression.claims:
        if two.id in told:
            continue
        for one in (claim for subject in _subjects(two) for claim in said.get(subject, ())):
            present, negative = (two, one) if is_negative(one) else (one, two)
            if _denied(one, two, findings, impression) and not leaves_room(present, negative, column):
                told.add(two.id)
                yield Own("presence", one, two, "major")
                break
    yield from _spelled_out(findings, impression, told)


def _spelled_out(findings: Pool, impression: Pool, told: Collection[str]) -> Iterator[Own]:
    """What the impression denies though the findings tell its signs: no cholecystitis, and a thick wall and fluid."""
    present = [one for one in findings.claims if not is_negative(one) and one.finding_class == "finding"]
    for two in impression.claims:
        is_urgent = two.finding in concepts() and concepts()[two.finding].is_urgent
        if two.id not in told and two.status == "absent" and is_urgent and not (two.site or two.level):
            signs = [one for one in present if reads(two.finding, one.finding) or may_read(two.finding, one.finding)]
            signs = [one for one in signs if {one.laterality, two.laterality} != {"left", "right"}]
            if are_signs_of(two.finding, (one.finding for one in signs)):
                yield Own("presence", signs[0], two, "major")


def _pools(claims: Sequence[Claim]) -> tuple[Pool, Pool]:
    """Those of the findings, and those of the impression."""
    findings = [claim for claim in claims if claim.section in ("findings", None)]
    return Pool(findings), Pool([claim for claim in claims if claim.section == "impression"])


def _subjects(claim: Claim) -> list[str]:
    """What only claims on the very same thing share; whoever denies a fracture denies every kind of it."""
    own = claim.finding.removesuffix("_abnormality")
    return [own] if is_negative(claim) else [own, *(ancestors(own) - {own})]


def _denied(one: Claim, two: Claim, findings: Pool, impression: Pool) -> bool:
    if is_negative(one) == is_negative(two):
        return False
    present, negative, own = (two, one, findings) if is_negative(one) else (one, two, impression)
    if not _WHOLE_WORDS.issuperset(negative.qualifier):
        return False
    is_direct = denial_distance(present, negative) == 0 and pair(one, two, findings, impression) is not None
    return (is_direct or _is_of_kind(present, negative)) and not any(
        not is_negative(other) and distance(other.finding, present.finding) is not None for other in own.claims
    )


def _is_of_kind(present: Claim, negative: Claim) -> bool:
    """Whether the denial is of all such findings of that organ, whatever the place: no fracture, a rib fracture."""
    if negative.status != "absent" or negative.finding not in ancestors(present.finding):
        return False
    is_wide = not (negative.site or negative.laterality or negative.level or negative.severity or negative.measurements)
    is_new = present.change not in _KNOWN and negative.finding != present.finding
    return is_wide and is_new and concepts()[negative.finding].organ == concepts()[present.finding].organ
