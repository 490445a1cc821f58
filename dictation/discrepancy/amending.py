"""What an addendum says otherwise than the signed report: denied there, graver, another side, level or size.

Held against each other as the findings and the impression of one text are, and level by level ("L5" for "L4"). An
addendum is often made for just that; but where it turns a side, a negation, a level or the order of a number, whoever
acted on the signed report did the wrong thing, or the addendum has the slip: that is critical, and is answered for.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from dictation.discrepancy.columns import Column, written_column
from dictation.discrepancy.consistency import Own, causes, differing_part, weight
from dictation.discrepancy.discrepancy import Discrepancy, Side, discrepancy_id
from dictation.discrepancy.inference.evidence import BODY
from dictation.discrepancy.quoting import shortened
from dictation.discrepancy.relation import distance, is_graver
from dictation.discrepancy.told_levels import ToldLevels, apart, are_told, told_levels
from dictation.findings import Claim, SentenceSpan
from dictation.findings.lexicon import word_phrases
from dictation.findings.tokens import tokens_of
from dictation.lexicon import rows
from dictation.report import Report
from dictation.report.fields import without_fields

_GRAVE = ("side", "presence", "level")  # a size by its own severity: critical in another unit, or tenfold
_BARE_WORDS = 5  # so few with a side among them, their heading included, are a correction by themselves
_SIGNED = "signed:"  # before the ids of what was signed, which an addendum may have as well


_EARLIER = re.compile(
    r"\b(?:prior|previous(?:ly)?)\b(?!\s+(?:described|reported|mentioned|noted|stated|report)\b)", re.IGNORECASE
)


def amendments(signed: Sequence[Report], addendum: Report) -> list[Discrepancy]:
    """Return one card for each statement of an addendum that changes what was signed, critical or major.

    `signed` are the final report and its earlier addenda, oldest first: the newest that speaks of a finding counts.
    `written` spans are those of the addendum's text, `against` spans those of the report that it changes.
    """
    cards = [_card(*one) for one in _amended(signed, addendum)]
    added, before = written_column(without_fields(addendum)), [written_column(without_fields(r)) for r in signed]
    cards += [*_bare_sides(added, before), *_turned(added, before), *_withdrawn(added, before)]
    return list({card.id: card for card in cards}.values())


def _amended(signed: Sequence[Report], addendum: Report) -> Iterator[tuple[Claim, Claim, Own, Column, Column]]:
    """Each claim of the addendum that changes a signed one: both, how, and their columns."""
    added = written_column(without_fields(addendum))
    columns = [written_column(without_fields(report)) for report in reversed(signed)]
    carded: set[str] = set()  # claims of the addendum
    told: set[str] = set()
    for before in columns:
        for new, old, own in _changes(added, before):
            if new.id not in told | carded:
                carded.add(new.id)
                yield new, old, own, added, before
        told |= {
            new.id for new in added.claims if any(distance(new.finding, old.finding) == 0 for old in before.claims)
        }
    for new, at, own in (*_other_levels(added, _signed_levels(columns)), *_graver(added, columns)):
        if new.id not in carded:
            carded.add(new.id)
            yield new, at.claim, own, added, at.column


@dataclass(frozen=True, slots=True)
class _Signed:
    """A signed claim, and where it stands."""

    claim: Claim
    column: Column


@dataclass(frozen=True, slots=True)
class _AtLevel(_Signed):
    """A signed claim, and its levels that no later addendum takes back."""

    names: frozenset[str]


def _bare_sides(added: Column, signed: Sequence[Column]) -> Iterator[Discrepancy]:
    """One card for each correction that names a side and no finding, where the signed reports have the other side only.

    "The side should read left." changes something, and does not say what; so may a few words ("Left, not right.").
    """
    found = [(claim, column) for column in reversed(signed) for claim in column.claims if _is_stated(claim, column)]
    sides = {claim.laterality for claim, _ in found}
    for sentence in added.sentences:
        words = added.text[sentence.start : sentence.end]
        named = _named_in(sentence, added)
        if _words("corrects").search(words):
            named = [one for one in named if one.finding_class != "other"]  # "the right wrist was imaged"
        if sentence.section not in BODY or named:
            continue
        if len(words.split()) > _BARE_WORDS and not _words("corrects").search(words):
            continue
        tokens = tokens_of(words)
        for hit in word_phrases("laterality", "side").find(tokens):
            other = {"left": "right", "right": "left"}.get(hit.meaning)
            if other in sides and not sides & {hit.meaning, "bilateral"}:
                claim, column = next(one for one in found if one[0].laterality == other)
                span = sentence.start, sentence.end
                differing = (sentence.start + tokens[hit.start].start, sentence.start + tokens[hit.end - 1].end)
                written = Side(text=words, span=span, differing=differing)
                against = _side(claim, column, Own("side", claim, claim, "critical"))
                yield Discrepancy(
                    id=discrepancy_id("amendment", written.text.lower(), against.text.lower()),
                    kind="amendment",
                    severity="critical",
                    written=written,
                    against=against,
                    explanation=f"The addendum says “{hit.meaning}” and names no finding; the signed report says "
                    f"{shortened(against.text)}. Say what is on which side.",
                )


def _turned(added: Column, signed: Sequence[Column]) -> Iterator[Discrepancy]:
    """One card for each sentence that turns a signed side without naming the right one: "on the contralateral side"."""
    found = [(claim, column) for column in reversed(signed) for claim in column.claims if _is_stated(claim, column)]
    sided = [(claim, column) for claim, column in found if claim.laterality in ("left", "right")]
    for sentence in added.sentences:
        words = added.text[sentence.start : sentence.end]
        sides = {hit.meaning for hit in word_phrases("laterality", "side").find(tokens_of(words))} & {"left", "right"}
        named = _named_in(sentence, added)
        is_exchanged = len(sides) > 1 and not named and _words("corrects").search(words)  # "Left should be right."
        is_turned = is_exchanged or _words("turns").search(words)
        if sentence.section not in BODY or not is_turned or _words("adds").search(words):
            continue
        if len(sides) == 1 or (named and not any(_is_stated(one, added) for one in named)):
            continue  # told by its side; or said of what is normal there
        alike = [(old, at) for old, at in sided if any(distance(old.finding, one.finding) is not None for one in named)]
        for claim, column in (alike or sided)[:1]:
            against = _side(claim, column, Own("side", claim, claim, "critical"))
            yield Discrepancy(
                id=discrepancy_id("amendment", "turned", words.lower(), against.text.lower()),
                kind="amendment",
                severity="critical",
                written=Side(text=words, span=(sentence.start, sentence.end)),
                against=against,
                explanation=f"The addendum turns a side and does not name it; the signed report says "
                f"{shortened(against.text)}. Say what is on which side.",
            )


def _withdrawn(added: Column, signed: Sequence[Column]) -> Iterator[Discrepancy]:
    """One card for each sentence that takes back what was signed: "please disregard the nodule; it is a nipple"."""
    found = [(claim, column) for column in reversed(signed) for claim in column.claims if _is_stated(claim, column)]
    for sentence in added.sentences:
        words = added.text[sentence.start : sentence.end]
        if sentence.section not in BODY or not _words("withdraws").search(words):
            continue
        named = _named_in(sentence, added)
        taken = [(old, at) for old, at in found if any(distance(old.finding, one.finding) is not None for one in named)]
        if not (taken or (found and not named and _words("whole").search(words))):
            continue
        claim, column = (taken or found)[0]
        written = Side(text=words, span=(sentence.start, sentence.end))
        against = _side(claim, column, Own("presence", claim, claim, "critical"))
        says, said = shortened(words), shortened(against.text)
        yield Discrepancy(
            id=discrepancy_id("amendment", "withdrawn", words.lower(), against.text.lower()),
            kind="amendment",
            severity="critical",
            written=written,
            against=against,
            explanation=f"The addendum takes back what was signed: that says {said}, the addendum {says}.",
        )


def _named_in(sentence: SentenceSpan, column: Column) -> list[Claim]:
    return [claim for claim in column.claims if sentence.start <= claim.span[0] < sentence.end]


def _signed_levels(columns: Sequence[Column]) -> list[_AtLevel]:
    """What is signed of levels, the newest report first, as the `columns` are."""
    found: list[_AtLevel] = []
    denials: list[tuple[str, frozenset[str]]] = []  # of later reports: the finding, the levels
    for column in columns:
        claims = [(one, told_levels(one, column)) for one in column.claims if _is_at_level(one, column)]
        for claim, levels in claims:
            gone = (denied for finding, denied in denials if distance(finding, claim.finding) is not None)
            found.append(_AtLevel(claim, column, levels.told.difference(*gone)))
        denials += [(claim.finding, levels.denied) for claim, levels in claims]
    return [one for one in found if one.names]


def _changes(added: Column, before: Column) -> Iterator[tuple[Claim, Claim, Own]]:
    """Each new claim beside the signed one that it contradicts, as they stand in their own columns."""
    new = {claim.id: claim for claim in added.claims}
    old = {_SIGNED + claim.id: claim for claim in before.claims}
    for own in sorted(causes(_joined(added, before)).values(), key=weight):
        if own.what == "level":
            continue  # told by `_other_levels`, which holds all signed reports together
        one, two = (own.one, own.two) if own.one.id in new else (own.two, own.one)
        if one.id in new and two.id in old and not _is_beside(new[one.id], old[two.id], own, added):
            yield new[one.id], old[two.id], own


def _other_levels(added: Column, signed: Sequence[_AtLevel]) -> Iterator[tuple[Claim, _AtLevel, Own]]:
    """Each new claim of a level at which nothing of its kind was signed, or that denies a signed one, beside that."""
    told: set[tuple[str, ToldLevels]] = set()  # an impression says the same again
    for new in (one for one in added.claims if _is_at_level(one, added)):
        levels = told_levels(new, added)
        named = levels.told | levels.denied
        alike = [one for one in signed if _is_alike(new, named, one)]
        alike.sort(key=lambda one: _unlikeness(new, named, one))
        denied = [one for one in alike if any(are_told((level,), one.names) for level in levels.denied)]
        if not alike or (new.finding, levels) in told:
            continue
        old = (denied or alike)[0]
        own = Own("level", new, old.claim, "major")
        is_told = are_told(levels.told, frozenset[str]().union(*(one.names for one in alike)))
        if (denied and not _is_earlier(new, added)) or not (is_told or _is_beside(new, old.claim, own, added)):
            told.add((new.finding, levels))
            yield new, old, own


def _graver(added: Column, signed: Sequence[Column]) -> Iterator[tuple[Claim, _Signed, Own]]:
    """Each new claim by a graver name than any signed one, beside the newest of the milder: tension pneumothorax."""
    before = [_Signed(claim, column) for column in signed for claim in column.claims if _is_stated(claim, column)]
    for new in (one for one in added.claims if _is_stated(one, added)):
        milder = next((one for one in before if _may_be_graver(new, one.claim)), None)
        if milder is None or any(distance(new.finding, one.claim.finding) == 0 for one in before):
            continue
        own = Own("name", new, milder.claim, "major")
        if not _is_beside(new, milder.claim, own, added):
            yield new, milder, own


def _may_be_graver(new: Claim, old: Claim) -> bool:
    """Whether it is a graver name for what was signed, unless both say where it is, and that is elsewhere."""
    if not is_graver(new.finding, old.finding) or {new.laterality, old.laterality} == {"left", "right"}:
        return False
    places = ((new.site, old.site), (new.level, old.level))
    return not any(ours and theirs and not {*ours} & {*theirs} for ours, theirs in places)


def _is_alike(new: Claim, named: frozenset[str], old: _AtLevel) -> bool:
    """Whether it may be the same finding at another level; `named` are the levels of the new claim."""
    return distance(old.claim.finding, new.finding) is not None and apart(named, old.names) is not None


def _unlikeness(new: Claim, named: frozenset[str], old: _AtLevel) -> tuple[int, bool, int]:
    """For sorting: the same finding first, then that of the same side, then the nearest."""
    finding, far = distance(old.claim.finding, new.finding), apart(named, old.names)
    return finding or 0, old.claim.laterality != new.laterality, far or 0


def _is_at_level(claim: Claim, column: Column) -> bool:
    return bool(claim.level) and _is_stated(claim, column) and claim.finding_class != "other"


def _is_stated(claim: Claim, column: Column) -> bool:
    return claim.status == "present" and claim.temporality == "current" and column.is_body(claim)


def _is_beside(new: Claim, old: Claim, own: Own, added: Column) -> bool:
    """Whether a claim stands beside what was signed: of an earlier exam, one more of its kind, one in another place."""
    if _is_earlier(new, added) or (own.what != "presence" and _words("adds").search(_sentence(new, added))):
        return True
    if own.what in ("presence", "level", "name") or not (
        new.site and old.site and new.measurements and old.measurements
    ):
        return False
    is_elsewhere = not {*new.site} & {*old.site}
    if own.what in ("side", "place"):  # of the same size it may be the same one, put right
        return is_elsewhere and {one.raw for one in new.measurements} != {one.raw for one in old.measurements}
    return is_elsewhere or {new.laterality, old.laterality} == {"left", "right"}


@cache
def _words(role: str) -> re.Pattern[str]:
    """Words by which an addendum `adds` something to what was signed, or `corrects` it."""
    words = [
        re.escape(row["words"]) + (rf"(?!\s+(?:{row['ordinary_after']})\b)" if row["ordinary_after"] else "")
        for row in rows("addendum_words")
        if row["role"] == role
    ]
    return re.compile(rf"\b(?:{'|'.join(words)})\b".replace("\\ ", r"\s+"), re.IGNORECASE)


def _is_earlier(new: Claim, added: Column) -> bool:
    return bool(_EARLIER.search(_sentence(new, added)))


def _sentence(claim: Claim, column: Column) -> str:
    sentence = column.sentence_of(claim)
    return column.text[sentence.start : sentence.end]


def _joined(added: Column, before: Column) -> Column:
    """Both as one text: the signed report as its findings, behind the addendum as its impression."""
    offset = len(added.text) + 2
    claims = [_in_section(claim, added, "impression") for claim in added.claims]
    claims += [_shifted(_in_section(claim, before, "findings"), offset) for claim in _once(before.claims)]
    spans = [
        SentenceSpan(span.start + offset, span.end + offset, span.id and _SIGNED + span.id, span.section)
        for span in before.sentences
    ]
    origins = added.origins | {_SIGNED + id: origin for id, origin in before.origins.items()}
    text = f"{added.text}\n\n{before.text}"
    return replace(added, text=text, claims=tuple(claims), sentences=(*added.sentences, *spans), origins=origins)


def _in_section(claim: Claim, column: Column, section: str) -> Claim:
    return claim.model_copy(update={"section": section}) if column.is_body(claim) else claim


def _once(claims: Sequence[Claim]) -> list[Claim]:
    """Without what an impression only says again: "nodule" for the "2.5 cm nodule" of the findings agrees with any."""
    kept: list[Claim] = []
    for claim in claims:
        if not any(_says_no_more(claim, other) for other in kept):
            kept = [other for other in kept if not _says_no_more(other, claim)] + [claim]
    return kept


def _says_no_more(claim: Claim, other: Claim) -> bool:
    """Whether one claim repeats another, with the same details or fewer."""
    sizes = {measured.raw for measured in claim.measurements}
    return (
        (claim.finding, claim.status) == (other.finding, other.status)
        and claim.laterality in (None, other.laterality)
        and {*claim.site} <= {*other.site}
        and {*claim.level} <= {*other.level}
        and sizes <= {measured.raw for measured in other.measurements}
    )


def _shifted(claim: Claim, offset: int) -> Claim:
    start, end = claim.span
    return claim.model_copy(
        update={
            "id": _SIGNED + claim.id,
            "sentence": claim.sentence and _SIGNED + claim.sentence,
            "span": (start + offset, end + offset),
            "parts": {name: (low + offset, high + offset) for name, (low, high) in claim.parts.items()},
        }
    )


def _card(new: Claim, old: Claim, own: Own, added: Column, before: Column) -> Discrepancy:
    sides = [_side(claim, column, own) for claim, column in ((new, added), (old, before))]
    says, said = (shortened(side.text) for side in sides)
    return Discrepancy(
        id=discrepancy_id("amendment", *(side.text.lower() for side in sides)),
        kind="amendment",
        severity="critical" if own.what in _GRAVE else own.severity,
        written=sides[0],
        against=sides[1],
        explanation=f"The addendum changes the signed report: that says {said}, the addendum {says}.",
    )


def _side(claim: Claim, column: Column, own: Own) -> Side:
    sentence = column.sentence_of(claim)
    span = sentence.start, sentence.end
    return Side(text=column.text[slice(*span)], span=span, claim=claim, differing=differing_part(claim, own.what))
