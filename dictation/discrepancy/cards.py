"""From what the support check found to the cards a reader sees: one cause, one card."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dictation.discrepancy import corrections, lone, severity
from dictation.discrepancy.columns import Column
from dictation.discrepancy.conflicts import Pair
from dictation.discrepancy.corrections import PART, Correction
from dictation.discrepancy.discrepancy import SEVERITIES, Discrepancy, Kind, Severity, Side, discrepancy_id
from dictation.discrepancy.explanation import explain
from dictation.discrepancy.support import Outcome
from dictation.findings import Claim, Measurement


@dataclass(frozen=True, slots=True)
class Card:
    """A discrepancy before it gets its id and place.

    `also`: further claims of the side shown that share its cause; `others`: whatever claims of both sides do, in other
    sentences, too. `size` is the number that one side lacks. `is_implied`: the other side describes the finding that
    this one names, or names what this one describes. `is_joined`: its sides were first told apart.
    """

    kind: Kind
    severity: Severity
    heard: Claim | None
    written: Claim | None
    heard_span: tuple[int, int] | None = None
    written_span: tuple[int, int] | None = None
    also: tuple[Claim, ...] = ()
    others: tuple[tuple[Claim | None, Claim | None], ...] = ()
    size: Measurement | None = None
    is_implied: bool = False
    is_joined: bool = False

    @property
    def pairs(self) -> list[tuple[Claim | None, Claim | None]]:
        """All claims of the card, those of one cause beside each other."""
        return [(self.heard, self.written), *self.others]

    @property
    def claims(self) -> list[Claim]:
        """All claims that the card tells of."""
        return [claim for pair in self.pairs for claim in pair if claim]


def cards_of(outcome: Outcome, heard: Column, written: Column) -> list[Card]:
    """One card for each cause."""
    cards = _by_cause([card for found in outcome.conflicts for card in _of_conflict(found)], heard, written)
    cards += _by_sentence([_alone("omission", claim, outcome) for claim in outcome.omitted], heard)
    cards += _by_sentence([_alone("addition", claim, outcome) for claim in outcome.added], written)
    return _distinct(cards)


def _alone(kind: Kind, claim: Claim, outcome: Outcome) -> Card:
    is_implied = claim.id in outcome.explained
    heard, written = (claim, None) if kind == "omission" else (None, claim)
    weight: Severity = "minor" if is_implied else severity.of_lone(claim)
    return Card(kind, weight, heard, written, is_implied=is_implied)


def _of_conflict(found: Pair) -> list[Card]:
    """A contradiction in presence or side is one cause even where other attributes differ, too."""
    kinds = found.kinds
    if "negation" in kinds:
        kinds = ("negation",)
    if found.heard.laterality == found.written.laterality in ("left", "right"):
        kinds = tuple(kind for kind in kinds if kind != "laterality")  # no alert holds a side against itself
    return [Card(kind, severity.of_conflict(kind, found), found.heard, found.written) for kind in kinds]


def _by_cause(cards: Sequence[Card], heard: Column, written: Column) -> list[Card]:
    """One word changes a whole list ("no effusion or pneumothorax"): one card for a kind, a value and two sentences."""
    groups: dict[tuple[object, ...], list[Card]] = {}
    for card in cards:
        assert card.heard is not None and card.written is not None
        places = heard.sentence_of(card.heard).start, written.sentence_of(card.written).start
        values = _value(card.heard, card.kind), _value(card.written, card.kind)
        groups.setdefault((card.kind, places, values), []).append(card)
    merged = []
    for group in groups.values():
        group.sort(key=lambda card: (SEVERITIES.index(card.severity), -_shown(card)))
        also = tuple(claim for card in group[1:] if (claim := card.heard))
        others = tuple((card.heard, card.written) for card in group[1:])
        merged.append(replace(group[0], also=also, others=others))
    return merged


def _shown(card: Card) -> int:
    """How many sides of the card hold the very word that differs: of "left opacity, atelectasis" the first claim."""
    return sum(bool(claim and _with_part(claim, card.kind) == claim.span) for claim in (card.heard, card.written))


def _with_part(claim: Claim, kind: str) -> tuple[int, int]:
    """The characters of the claim, and of the word that the card is about where that stands before or behind it."""
    part = claim.parts.get(PART.get(kind, ""), claim.span)
    return min(part[0], claim.span[0]), max(part[1], claim.span[1])


def _by_sentence(cards: Sequence[Card], column: Column) -> list[Card]:
    """Everything that is missing of one sentence makes one card, named after its weightiest claim."""
    groups: dict[tuple[int, int], list[Card]] = {}
    for card in cards:
        claim = card.heard or card.written
        assert claim is not None
        sentence = column.sentence_of(claim)
        groups.setdefault((sentence.start, sentence.end), []).append(card)
    merged = []
    for group in groups.values():
        group.sort(key=lambda card: SEVERITIES.index(card.severity))
        first = group[0]
        claims = [claim for card in group if (claim := card.heard or card.written)]
        span = min(claim.span[0] for claim in claims), max(claim.span[1] for claim in claims)
        heard_span, written_span = (span, None) if first.heard else (None, span)
        others = tuple((card.heard, card.written) for card in group[1:])
        merged.append(
            replace(first, heard_span=heard_span, written_span=written_span, also=tuple(claims[1:]), others=others)
        )
    return merged


def _distinct(cards: Sequence[Card]) -> list[Card]:
    """The same contradiction repeated in findings and impression is shown once."""
    kept: dict[tuple[object, ...], Card] = {}
    for card in cards:
        key = (card.kind, *_gist(card.heard, card.kind), *_gist(card.written, card.kind))
        first = kept.get(key)
        kept[key] = replace(first, others=(*first.others, *card.pairs)) if first else card
    return list(kept.values())


def _gist(claim: Claim | None, kind: str) -> tuple[object, ...]:
    return (None,) if claim is None else (claim.finding, claim.status, _value(claim, kind))


def _value(claim: Claim, kind: str) -> object:
    """What a claim states of the attribute that `kind` is about."""
    values = {
        "level": claim.level, "site": claim.site, "severity": claim.severity, "certainty": claim.certainty,
        "change": claim.change, "device_position": claim.device_position, "negation": claim.status,
        "measurement": tuple(m.raw for m in claim.measurements), "unit": tuple(m.raw for m in claim.measurements),
    }  # fmt: skip
    return values.get(kind, claim.laterality)


def finished(card: Card, heard: Column, written: Column) -> Discrepancy:
    """The card as a discrepancy, with its id, its sentence and its sound."""
    sides = _side(card.heard, card.heard_span, heard, card), _side(card.written, card.written_span, written, card)
    audio = heard.seconds(*sides[0].span) if sides[0] and sides[0].span else None
    words = _words(card.heard, sides[0], heard, card), _words(card.written, sides[1], written, card)
    correction = _correction(card, heard, written)
    text = explain(card.kind, card.heard, card.written, card.also, card.size, words, is_implied=card.is_implied)
    return Discrepancy(
        id=discrepancy_id(card.kind, *(claim.id if claim else "-" for claim in (card.heard, card.written))),
        kind=card.kind,
        severity=card.severity,
        heard=sides[0],
        written=sides[1],
        explanation=text,
        audio_span_s=audio,
        suggestion=correction.suggestion if correction else None,
        edits=correction.edits if correction else (),
    )


def _words(claim: Claim | None, side: Side | None, column: Column, card: Card) -> str:
    """The words that say all of one side: those shown, the whole sentence where one word changes a list."""
    if claim is None or side is None:
        return ""
    sentence = column.sentence_of(claim)
    return column.text[sentence.start : sentence.end] if card.heard and card.written else side.text


def _correction(card: Card, heard: Column, written: Column) -> Correction | None:
    both = [(one, two) for one, two in card.pairs if one and two]
    if card.is_joined:
        return None  # the other words around the number may say more than was dictated
    if both:
        if card.kind == "negation" and any(_may_be_no(one, heard) for one, _ in both):
            return None
        return corrections.of_conflict(card.kind, both, heard, written)
    if card.heard:
        return lone.of_omission([card.heard, *card.also], heard, written)
    if card.size:
        return None
    return lone.of_addition([two for _, two in card.pairs if two], heard, written)


def _may_be_no(claim: Claim, heard: Column) -> bool:
    """Whether a "non" beside it may be a misheard "no": "non acute hemorrhage"."""
    sentence = heard.sentence_of(claim)
    return re.search(r"\bnon\s", heard.text[sentence.start : sentence.end], re.IGNORECASE) is not None


def _side(claim: Claim | None, span: tuple[int, int] | None, column: Column, card: Card) -> Side | None:
    if claim is None:
        return None
    start, end = span or _with_part(claim, card.kind)
    return Side(text=column.text[start:end], span=(start, end), claim=claim)
