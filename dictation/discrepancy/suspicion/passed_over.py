"""What the rules passed over: sentences that are suspect, and no grave alert tells what is likely wrong of them.

One that stands word for word in the other text is not asked about.
"""

from collections.abc import Iterator, Sequence

from dictation.discrepancy.alike import differences, statement_of
from dictation.discrepancy.columns import Column
from dictation.discrepancy.discrepancy import Discrepancy, Kind, Side, discrepancy_id, touches
from dictation.discrepancy.judge.entailment import Entailment, Span, entailment, part_entailments
from dictation.discrepancy.quoting import shortened
from dictation.discrepancy.suspicion.alert_evidence import GRAVE
from dictation.discrepancy.suspicion.trees import SUSPECTED, Suspicions
from dictation.findings.measurement import figures_of
from dictation.findings.tokens import tokens_of

ALONE = 0.7  # a suspicion above which a sentence is told
NAMED = 0.5  # a probability of one kind of error above which it is that
_BODY = (None, "findings", "impression")
_FEWEST, _MOST = 3, 40  # words of a sentence that is asked about
_COUNTERPART = 0.5  # how surely a sentence of the other text must contradict to be quoted beside it


def with_passed_over(
    found: Sequence[Discrepancy], heard: Column, written: Column, suspected: Suspicions
) -> list[Discrepancy]:
    """Return the alerts of the rules, weighed, and major ones on such sentences, those of the report first.

    Where what is likely wrong of the sentence is told already, but as minor, that alert is major.
    """
    told = list(found)
    for own, other in ((written, heard), (heard, written)):
        likely, kinds = suspected.of(own)
        for at, span in _open(own, other) if other.text.strip() else ():
            if likely[at] > ALONE:
                kind = SUSPECTED[kinds[at].argmax()] if kinds[at].max() > NAMED else None
                kind = _missing(own) if kind in ("omission", "addition") else kind
                told = _told(told, kind, own, span, other, round(float(likely[at]), 3))
    return told


def _told(
    told: list[Discrepancy], kind: Kind | None, own: Column, span: Span, other: Column, likely: float
) -> list[Discrepancy]:
    """The alerts, of which one tells of a suspect sentence; where it is likely known what is wrong, of that."""
    beside = [at for at, one in enumerate(told) if touches(_side_of(one, own), *span)]
    same = [at for at in beside if kind in (None, told[at].kind)]
    if any(told[at].severity in GRAVE or (kind is None and told[at].judged) for at in same):
        return told
    lesser = [at for at in same if kind is not None and told[at].seen is None]
    if lesser:
        raised = told[lesser[0]].model_copy(update={"severity": "major", "judged": None, "probability": likely})
        return [raised if at == lesser[0] else one for at, one in enumerate(told)]
    judged = entailment(own.text, span, other.text)
    if kind is None and beside and judged.absent > judged.contradicts:
        return told  # told as missing or added already, and as no more than that
    there = [_side_of(one, other) for one in told if one.severity in GRAVE or one.judged]
    return [*told, _alert(own, span, other, judged, likely, kind, there)]


def _missing(own: Column) -> Kind:
    """What a sentence of this column is that the other text does not have."""
    return "omission" if own.name == "heard" else "addition"


def _side_of(alert: Discrepancy, column: Column) -> Side | None:
    return alert.heard if column.name == "heard" else alert.written


def _open(own: Column, other: Column) -> Iterator[tuple[int, Span]]:
    """The sentences of a column that are asked about, with their number."""
    said = {_words(other.text[one.start : one.end]) for one in other.sentences}
    for at, sentence in enumerate(own.sentences):
        words = _words(own.text[sentence.start : sentence.end])
        is_body = sentence.section in _BODY and own.was_dictated(sentence.id)
        if is_body and _FEWEST <= len(words) <= _MOST and words not in said:
            yield at, (sentence.start, sentence.end)


def _words(sentence: str) -> tuple[str, ...]:
    return tuple(token.norm for token in tokens_of(sentence) if any(map(str.isalnum, token.norm)))


def _alert(
    own: Column, span: Span, other: Column, judged: Entailment, likely: float, named: Kind | None,
    told: Sequence[Side | None],
) -> Discrepancy:  # fmt: skip
    """The sentence, and what it is to be read beside: what contradicts it, unless an alert tells of that already."""
    missing, there = _missing(own), None
    if named not in (None, missing):
        there = _most_alike(own, span, other)
    elif named is None and judged.contradicts > judged.absent:
        there = _contradicting(own, span, other)
        there = None if there and any(touches(side, *there) for side in told) else there
    quoted = Side(text=own.text[slice(*span)].strip(), span=span)
    beside = Side(text=other.text[slice(*there)].strip(), span=there) if there else None
    heard, written = (quoted, beside) if own.name == "heard" else (beside, quoted)
    kind = named or (_kind(heard.text, written.text) if heard and written else None) or missing
    said = f"You said {shortened(heard.text)}" if heard else "You did not say it"
    wrote = f"the report says {shortened(written.text)}" if written else "the report does not say it"
    return Discrepancy(
        id=discrepancy_id(f"unheld {kind}", quoted.text.lower(), beside.text.lower() if beside else "-"),
        kind=kind,
        severity="major",
        heard=heard,
        written=written,
        explanation=f"{said}; {wrote} (sentence judge).",
        probability=likely,
    )


def _most_alike(own: Column, span: Span, other: Column) -> Span | None:
    """The sentence of the other text's body that says most nearly the same, or the opposite."""
    places = [(one.start, one.end) for one in other.sentences if one.section in _BODY]
    judged = part_entailments(own.text, span, other.text, places)
    best = min(zip((one.absent for one in judged), places, strict=True), default=(1.0, None))
    return best[1]


def _contradicting(own: Column, span: Span, other: Column) -> Span | None:
    """The sentence of the other text that contradicts most, where one surely does."""
    places = [(one.start, one.end) for one in other.sentences if one.section in _BODY]
    judged = part_entailments(own.text, span, other.text, places)
    best = max(((one.contradicts, place) for one, place in zip(judged, places, strict=True)), default=(0.0, (0, 0)))
    return best[1] if best[0] > _COUNTERPART else None


def _kind(one: str, two: str) -> Kind | None:
    """In what two sentences that contradict each other differ, where that can be told."""
    kinds = list(differences(statement_of(one), statement_of(two)))
    if kinds:
        return kinds[0]
    figures = [figures_of(text) for text in (one, two)]
    return "measurement" if all(figures) and figures[0] != figures[1] else None
