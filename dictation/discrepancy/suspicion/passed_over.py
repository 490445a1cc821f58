"""What the rules passed over in silence: sentences that are suspect, and of which no grave alert speaks.

One that stands word for word in the other text is not asked about.
"""

from collections.abc import Iterable, Iterator, Sequence

from dictation.discrepancy.alike import differences, statement_of
from dictation.discrepancy.columns import Column
from dictation.discrepancy.discrepancy import Discrepancy, Kind, Side, discrepancy_id, touches
from dictation.discrepancy.judge.entailment import Entailment, Span, entailment, part_entailments
from dictation.discrepancy.quoting import shortened
from dictation.discrepancy.suspicion.alert_evidence import GRAVE
from dictation.discrepancy.suspicion.trees import Suspicions
from dictation.findings.measurement import figures_of
from dictation.findings.tokens import tokens_of

ALONE = 0.7  # a suspicion above which a sentence is told
_BODY = (None, "findings", "impression")
_FEWEST, _MOST = 3, 40  # words of a sentence that is asked about
_COUNTERPART = 0.5  # how surely a sentence of the other text must contradict to be quoted beside it


def passed_over(
    found: Iterable[Discrepancy], heard: Column, written: Column, suspected: Suspicions
) -> Iterator[Discrepancy]:
    """Major alerts on such sentences, those of the report first. `found` are the alerts of the rules, weighed."""
    found = list(found)
    grave = [one for one in found if one.severity in GRAVE or one.judged]
    told = {"heard": [one.heard for one in grave], "written": [one.written for one in grave]}
    alone = {"heard": [one.heard for one in found], "written": [one.written for one in found]}
    for own, other in ((written, heard), (heard, written)):
        likely = suspected.of(own)
        for at, span in _open(own, other) if other.text.strip() else ():
            if likely[at] <= ALONE or any(touches(side, *span) for side in told[own.name]):
                continue
            judged = entailment(own.text, span, other.text)
            if judged.absent > judged.contradicts and any(touches(side, *span) for side in alone[own.name]):
                continue  # told as missing or added already, and as no more than that
            alert = _alert(own, span, other, judged, float(likely[at]), told[other.name])
            told["heard"].append(alert.heard)
            told["written"].append(alert.written)
            yield alert


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
    own: Column, span: Span, other: Column, judged: Entailment, likely: float, told: Sequence[Side | None]
) -> Discrepancy:
    """The sentence, and what contradicts it where that is found and nobody has told of it yet."""
    there = _counterpart(own, span, other) if judged.contradicts > judged.absent else None
    there = None if there and any(touches(side, *there) for side in told) else there
    quoted = Side(text=own.text[slice(*span)].strip(), span=span)
    beside = Side(text=other.text[slice(*there)].strip(), span=there) if there else None
    heard, written = (quoted, beside) if own.name == "heard" else (beside, quoted)
    kind: Kind = "omission" if own.name == "heard" else "addition"
    if heard and written:
        kind = _kind(heard.text, written.text) or kind
    said = f"You said {shortened(heard.text)}" if heard else "You did not say it"
    wrote = f"the report says {shortened(written.text)}" if written else "the report does not say it"
    return Discrepancy(
        id=discrepancy_id(f"unheld {kind}", quoted.text.lower(), beside.text.lower() if beside else "-"),
        kind=kind,
        severity="major",
        heard=heard,
        written=written,
        explanation=f"{said}; {wrote} (sentence judge).",
        probability=round(likely, 3),
    )


def _counterpart(own: Column, span: Span, other: Column) -> Span | None:
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
