"""What is seen against what is said and written. An image reader only ever asks: nothing here is critical.

A reader whose probabilities are not calibrated on labelled images never rises above info, whatever it says. Of a
calibrated one, what contradicts the texts or is urgent is major where it is sure, else minor. A side is info always: no
calibration measures sides. "Not assessed" disagrees with nothing, and no card here has a wording for the report.

Where the two texts agree and only the image objects, one card a study is above info: the weightiest of all readers.
That holds for contradictions too, because a chest report denies most of what a reader is asked about, so that false
alarms would arrive as contradictions; what the others say is in the folded cards and in the seen column.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dictation.discrepancy.answering import answer
from dictation.discrepancy.columns import Column
from dictation.discrepancy.discrepancy import SEVERITIES, Discrepancy, Kind, Severity, Side, discrepancy_id
from dictation.discrepancy.quoting import name_of
from dictation.discrepancy.relation import is_urgent, structure_of
from dictation.findings import Claim
from dictation.reading import Reading
from dictation.reading.opinions import claim_of, claims_of_reading

_SURE = 0.8  # confidence of a calibrated reader that is worth an interruption
_WHOLE_DENIALS = {"acute", "focal"}  # "no focal consolidation" denies all of it; "no large" or "no displaced" does not
_QUIET = {"chronic"}  # an old fracture that a reader does not see is worth no interruption
_UNSTATED = 0.6  # probability of a description, which states none


@dataclass(frozen=True, slots=True)
class _Seen:
    reader: str
    claim: Claim
    probability: float
    calibrated: bool


def seen_differences(readings: Sequence[Reading], heard: Column, written: Column) -> list[Discrepancy]:
    """Each opinion against both texts; one card for an opinion, with the sides that it contradicts."""
    found = []
    for reading in readings:
        for seen in _opinions(reading):
            card = _compare(seen, heard, written)
            if card is not None:
                found.append(card)
    return found


def with_seen(
    found: Sequence[Discrepancy], opinions: Sequence[Discrepancy]
) -> tuple[list[Discrepancy], list[Discrepancy]]:
    """Return the cards of the two texts, joined by the image's where it takes a side, and those that it raises alone.

    An opinion that contradicts just the claim that the texts already disagree on, in the same way, becomes the third
    side of that card. Of the others all but the weightiest are info.
    """
    joined = list(found)
    alone: list[Discrepancy] = []
    for opinion in opinions:
        contradicted = _claim_ids(opinion)
        place = next(
            (
                number
                for number, card in enumerate(joined)
                if card.seen is None and card.kind == opinion.kind and contradicted and contradicted < _claim_ids(card)
            ),
            None,
        )
        if place is None:
            alone.append(opinion)
        else:
            joined[place] = joined[place].model_copy(update={"seen": opinion.seen})
    alone.sort(key=_weight)
    return joined, alone[:1] + [card.model_copy(update={"severity": "info"}) for card in alone[1:]]


def _weight(card: Discrepancy) -> tuple[int, bool, float, str]:
    """The surest first, but what is urgent and sure before all. An urgent guess comes after what is sure."""
    is_urgent_claim = card.seen is not None and card.seen.claim is not None and is_urgent(card.seen.claim)
    first = is_urgent_claim and _is_sure(card.probability)
    return SEVERITIES.index(card.severity), not first, -(card.probability or 0.0), card.id


def _claim_ids(card: Discrepancy) -> set[str]:
    return {side.claim.id for side in (card.heard, card.written) if side and side.claim}


def _opinions(reading: Reading) -> list[_Seen]:
    if not reading.opinions:
        return [_Seen(reading.reader, claim, _UNSTATED, False) for claim in claims_of_reading(reading)]
    return [
        _Seen(reading.reader, claim, claim.confidence or _UNSTATED, opinion.calibrated)
        for opinion in reading.opinions
        if (claim := claim_of(reading, opinion)) is not None and claim.finding_class != "other"
    ]


def _compare(seen: _Seen, heard: Column, written: Column) -> Discrepancy | None:
    views = [answer(seen.claim, column) for column in (heard, written)]
    contrary = [claim for claim, says in views if says == "contrary"]
    if contrary:
        sides = [claim if says == "contrary" else None for claim, says in views]
        is_grave = any(_is_plain(claim) for claim in contrary if claim)
        return _card("negation", _severity(seen, is_grave), seen, sides, heard, written)
    other_side = [claim for claim, says in views if says == "other side"]
    if other_side:
        sides = [claim if says == "other side" else None for claim, says in views]
        return _card("laterality", "info", seen, sides, heard, written)
    is_finding = seen.claim.status == "present" and structure_of(seen.claim.finding) is None
    if is_finding and all(says == "silent" for _, says in views):
        return _card("omission", _severity(seen, is_urgent(seen.claim)), seen, [None, None], heard, written)
    return None


def _is_plain(claim: Claim) -> bool:
    """Whether a claim says what it says of the finding as such, not of a part of it: "no large pneumothorax"."""
    qualifiers = set(claim.qualifier)
    return not qualifiers & _QUIET if claim.status == "present" else not qualifiers - _WHOLE_DENIALS


def _severity(seen: _Seen, is_grave: bool) -> Severity:
    if not seen.calibrated:
        return "info"
    return "major" if is_grave and _is_sure(seen.probability) else "minor"


def _is_sure(probability: float | None) -> bool:
    return probability is not None and probability >= _SURE


def _card(
    kind: Kind, severity: Severity, seen: _Seen, sides: Sequence[Claim | None], heard: Column, written: Column
) -> Discrepancy:
    said, wrote = sides
    left = heard.side(said) if said else None
    claim = seen.claim
    return Discrepancy(
        id=discrepancy_id(
            f"seen-{kind}", claim.id, claim.laterality or "", *(side.id if side else "-" for side in sides)
        ),
        kind=kind,
        severity=severity,
        heard=left,
        written=written.side(wrote) if wrote else None,
        seen=Side(text=claim.text, span=claim.span if claim.span[1] else None, claim=claim),
        explanation=_explain(kind, seen, said, wrote, is_dictated=bool(heard.text)),
        probability=seen.probability,
        audio_span_s=heard.seconds(*left.span) if left and left.span else None,
    )


def _explain(kind: Kind, seen: _Seen, said: Claim | None, wrote: Claim | None, is_dictated: bool) -> str:
    view = f"{seen.reader} sees {seen.claim.text}"
    if kind == "omission":
        return f"{view}; " + (
            "neither you nor the report mentions it." if is_dictated else "the report does not mention it."
        )
    who = "you and the report say" if said and wrote else "you said" if said else "the report says"
    text = said or wrote
    assert text is not None
    if kind == "laterality":
        return f"{view}; {who} {text.laterality}."
    state = {
        "absent": f"no {name_of(text)}",
        "normal": f"normal {name_of(text)}",
        "removed": f"{name_of(text)} removed",
    }
    return f"{view}; {who} {state.get(text.status, name_of(text))}."
