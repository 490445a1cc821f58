"""The size now written as the one before, and the other way round: what grew is then told to shrink."""

from collections.abc import Iterable

from dictation.discrepancy.alike import statement_of
from dictation.discrepancy.columns import Column
from dictation.discrepancy.corrections import of_sentence
from dictation.discrepancy.discrepancy import Discrepancy, Side, discrepancy_id, touches
from dictation.discrepancy.measures import values_of
from dictation.discrepancy.relation import distance
from dictation.findings import Claim, Measurement, SentenceSpan

Timed = tuple[Claim, Measurement, Measurement, SentenceSpan]  # what was measured, its size now and before, the sentence


def turned_sizes(heard: Column, written: Column, told: Iterable[Discrepancy]) -> list[Discrepancy]:
    """A major card for each pair of sizes that changed places in time. `told` are the cards made already."""
    cards = [card for card in told if card.kind in ("measurement", "unit")]
    wrote = _timed(written)
    found = []
    for claim, now, before, sentence in _timed(heard):
        if any(values_of(now) == values_of(size) and values_of(before) == values_of(old) for _, size, old, _ in wrote):
            continue  # another one has just these sizes
        for other, size, earlier, place in wrote:
            is_turned = values_of(now) == values_of(earlier) and values_of(before) == values_of(size)
            if not is_turned or distance(claim.finding, other.finding) is None:
                continue
            if any(touches(card.written, place.start, place.end) for card in cards):
                continue
            found.append(_card(now, before, size, sentence, place, heard, written))
            break
    return found


def _timed(column: Column) -> list[Timed]:
    """The sentences with one size now and another one before."""
    sentences: dict[SentenceSpan, list[tuple[Claim, Measurement]]] = {}
    for claim in column.claims:
        for size in claim.measurements:
            if size.span and column.is_body(claim):
                sentences.setdefault(column.sentence_at(size.span), []).append((claim, size))
    found = []
    for sentence, sizes in sentences.items():
        if len(sizes) == 2 and {size.temporality for _, size in sizes} == {"current", "historical"}:
            (claim, now), (_, before) = sorted(sizes, key=lambda sized: sized[1].temporality == "historical")
            if now.kind_group == before.kind_group and values_of(now) != values_of(before):
                found.append((claim, now, before, sentence))
    return found


def _card(
    now: Measurement,
    before: Measurement,
    written_now: Measurement,
    said: SentenceSpan,
    wrote: SentenceSpan,
    heard: Column,
    written: Column,
) -> Discrepancy:
    left, right = (
        Side(text=column.text[span.start : span.end], span=(span.start, span.end), differing=size.span)
        for column, span, size in ((heard, said, now), (written, wrote, written_now))
    )
    is_all = statement_of(right.text).words <= statement_of(left.text).words  # else it would take something along
    correction = of_sentence(left.text, wrote, written) if is_all else None
    return Discrepancy(
        id=discrepancy_id("measurement", left.text.lower(), right.text.lower()),
        kind="measurement",
        severity="major",
        heard=left,
        written=right,
        explanation=f"You said {now.raw} now and {before.raw} before; the report has them the other way round.",
        audio_span_s=heard.seconds(said.start, said.end),
        suggestion=correction.suggestion if correction else None,
        edits=correction.edits if correction else (),
    )
