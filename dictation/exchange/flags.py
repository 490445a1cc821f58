"""Discrepancies of signed reports as flags, each with both quotations and the words that differ in them."""

from collections.abc import Mapping, Sequence

from dictation.discrepancy import Discrepancy, Side, discrepancy_id
from dictation.discrepancy.columns import Column
from dictation.discrepancy.consistency import Own, causes
from dictation.discrepancy.discrepancy import Kind, Severity, told_judged
from dictation.exam import ExamFacts, Order
from dictation.exchange.labels import kind_labels
from dictation.exchange.marks import exact_parts
from dictation.findings import Claim
from dictation.frozen import Frozen

LONGEST_QUOTE = 300  # characters; of a longer sentence the words around those that differ
AROUND = 120  # characters before and behind them, then
_AS: dict[str, Kind] = {
    "side": "laterality", "presence": "negation", "size": "measurement", "level": "level", "place": "site",
    "share": "measurement", "degree": "severity", "sort": "severity", "course": "change", "age": "change",
}  # fmt: skip
_ASKED = {  # what an order or a header states, by the kind of flag
    "laterality": ("procedure", "laterality"),
    "sex": ("sex",),
    "age": ("age", "birth_date"),
    "exam": ("procedure", "modality", "body_part"),
}
_SILENT = {"omission": "written", "addition": "heard"}  # the side that says nothing


class Quote(Frozen):
    """What one side says. `place`: heard, written, seen, a section of the report, order or image header.

    `marks` are the characters [start, end) of `text` that differ. An empty text: that side does not mention it.
    """

    place: str
    text: str
    marks: tuple[tuple[int, int], ...] = ()


class Flag(Frozen):
    """One place of one report that a reviewer should look at.

    `id` tells it from the flags of all other reports and is equal when the same report is looked at again. `kind` is
    that of the discrepancy, finer for a contradiction ("contradiction.side") and for what the image alone objects to
    ("negation.seen"). `said_s` is where in the recording it
    was said, and `clip` that stretch as a data URI, empty where there is none.
    """

    id: str
    report: str
    kind: str
    severity: Severity
    explanation: str
    quotes: tuple[Quote, ...] = ()
    said_s: tuple[float, float] | None = None
    clip: str = ""


def kind_label(kind: str) -> str:
    """The words for a kind of flag: "Contradicts itself: side"."""
    whole, _, part = kind.partition(".")
    label = kind_labels()[whole].label
    return f"{label}: {part}" if part else label


def flags(
    report: str,
    found: Sequence[Discrepancy],
    heard: Column | None,
    written: Column,
    order: Order | None = None,
    facts: ExamFacts | None = None,
) -> list[Flag]:
    """Return the discrepancies of the report named `report` as flags, in their order."""
    own: Mapping[str, tuple[Own, Column]] = {}
    if any(one.kind == "contradiction" for one in found):
        columns = [column for column in (heard, written) if column is not None]
        own = {id: (cause, column) for column in columns for id, cause in causes(column).items()}
    return [_flag(report, one, heard, written, order, facts, own.get(one.id)) for one in found]


def _flag(
    report: str,
    found: Discrepancy,
    heard: Column | None,
    written: Column,
    order: Order | None,
    facts: ExamFacts | None,
    own: tuple[Own, Column] | None,
) -> Flag:
    quotes = _contradiction(found, *own) if own else _sides(found, heard, written, order, facts)
    is_of_image = found.seen is not None and found.probability is not None  # without it, the texts disagree as well
    part = own[0].what if own else "seen" if is_of_image else ""
    return Flag(
        id=discrepancy_id("flag", report, found.id),
        report=report,
        kind=f"{found.kind}.{part}" if part else found.kind,
        severity=found.severity,
        explanation=f"{found.explanation} {told_judged(found)}".rstrip(),
        quotes=quotes,
        said_s=found.audio_span_s,
    )


def _contradiction(found: Discrepancy, own: Own, column: Column) -> tuple[Quote, ...]:
    as_kind = found.model_copy(update={"kind": _AS[own.what]})
    return tuple(_quote(column, _side(claim), as_kind) for claim in (own.one, own.two))


def _side(claim: Claim) -> Side:
    return Side(text=claim.text, span=claim.span, claim=claim)


def _sides(
    found: Discrepancy, heard: Column | None, written: Column, order: Order | None, facts: ExamFacts | None
) -> tuple[Quote, ...]:
    against = found.against if found.kind == "contradiction" else None  # of two scores, which no claim names
    quotes = [
        _quote(column, side, found)
        for column, side in (
            (written if found.written else heard, against),
            (heard, found.heard),
            (written, found.written),
        )
        if column is not None and side is not None
    ]
    if found.kind in _SILENT and (len(quotes) == 1 or (found.seen and not quotes)):
        quotes.append(Quote(place=_SILENT[found.kind], text=""))
    if found.seen:
        quotes.append(Quote(place="seen", text=found.seen.text))
    if len(quotes) < 2:
        quotes += _asked(found.kind, order, facts)
    return tuple(quotes)


def _quote(column: Column, side: Side, found: Discrepancy) -> Quote:
    """The sentence around a side, with what differs in it."""
    if side.span is None:
        return Quote(place=column.name, text=side.text)
    parts = exact_parts(found, side) or [side.span]
    sentence = column.sentence_at(side.span)
    place = column.name if column.name == "heard" else sentence.section or column.name
    start, end = min(sentence.start, side.span[0]), max(sentence.end, side.span[1])
    low, high = min(start_ for start_, _ in parts), max(end_ for _, end_ in parts)
    before, after = "", ""
    if end - start > LONGEST_QUOTE and high - low < LONGEST_QUOTE:
        cut = max(start, low - AROUND), min(end, high + AROUND)
        before, after = "… " if cut[0] > start else "", " …" if cut[1] < end else ""
        start, end = cut
    shift = len(before) - start
    marks = [(max(one, start) + shift, min(two, end) + shift) for one, two in parts if one < end and two > start]
    return Quote(place=place, text=before + column.text[start:end] + after, marks=tuple(_apart(marks)))


def _apart(marks: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The marks in order, those that touch as one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(marks):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _asked(kind: str, order: Order | None, facts: ExamFacts | None) -> list[Quote]:
    """What the order and the header state of the thing that a flag is about."""
    stated = [("order", order), ("image header", facts)] if kind in _ASKED else []
    quotes = []
    for place, source in stated:
        if source is None:
            continue
        values = [
            getattr(source, name, None) or getattr(source.patient, name, None) or "" for name in _fields(kind, place)
        ]
        text = ", ".join(str(value) for value in values if value not in ("", None))
        if text:
            quotes.append(Quote(place=place, text=text, marks=((0, len(text)),)))
    return quotes


def _fields(kind: str, place: str) -> tuple[str, ...]:
    return ("age_years", "birth_date") if kind == "age" and place != "order" else _ASKED[kind]
