"""What the rules passed over in silence: sentences that the other text does not hold, as the sentence judge reads them.

A sentence of which a grave alert speaks already, and one that stands word for word in the other text, is not asked
about. Where both texts were read sentence by sentence (`suspicion`), those are told that are suspect enough; else the
sentence judge decides, by thresholds of the alert judge's table, set where hardly a faithful report draws one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from dictation.discrepancy.alike import differences, statement_of
from dictation.discrepancy.columns import Column
from dictation.discrepancy.discrepancy import Discrepancy, Kind, Side, discrepancy_id, touches
from dictation.discrepancy.judge.entailment import UNDECIDED, Entailment, Span, entailment, is_ready, part_entailments
from dictation.discrepancy.judge.judging import GRAVE, least
from dictation.discrepancy.quoting import shortened
from dictation.discrepancy.relation import distance
from dictation.discrepancy.suspicion.trees import Suspicions, highest
from dictation.discrepancy.suspicion.weighing import ALONE
from dictation.findings import Claim
from dictation.findings.measurement import figures_of
from dictation.findings.tokens import tokens_of

_BODY = (None, "findings", "impression")
_FEWEST, _MOST = 3, 40  # words of a sentence that is asked about
_COUNTERPART = 0.5  # how surely a sentence of the other text must contradict to be quoted beside it


def passed_over(
    found: Iterable[Discrepancy], heard: Column, written: Column, suspicions: Suspicions | None = None
) -> Iterator[Discrepancy]:
    """Major alerts on such sentences, those of the report first. `found` are the alerts of the rules.

    None where the sentence judge cannot be run.
    """
    limits = {name: least("sentences", f"unheld {name}") for name in ("heard", "written")}
    if suspicions is not None:
        limits = dict.fromkeys(limits, ALONE)
    return (alert for _, alert in unheld(found, heard, written, limits, suspicions))


def unheld(
    found: Iterable[Discrepancy],
    heard: Column,
    written: Column,
    limits: Mapping[str, float],
    suspicions: Suspicions | None = None,
) -> Iterator[tuple[str, Discrepancy]]:
    """Alerts on sentences that are less likely held than a column's limit allows, with the column that they are of."""
    found = list(found)
    grave = [one for one in found if one.severity in GRAVE or one.judged]
    told = {"heard": [one.heard for one in grave], "written": [one.written for one in grave]}
    alone = {"heard": [one.heard for one in found], "written": [one.written for one in found]}
    asked = [
        (own, other, span)
        for own, other in ((written, heard), (heard, written))
        if limits[own.name] < 1 and other.text.strip()
        for span in _open(own, other, told[own.name])
        if suspicions is not None or not _is_settled(span, own, other)
    ]
    if not asked or not is_ready():
        return
    for own, other, span in asked:
        if any(touches(side, *span) for side in told[own.name]):
            continue
        likely = highest(suspicions[own.name], *span) if suspicions is not None else None
        if likely is not None and likely <= limits[own.name]:
            continue
        judged = entailment(own.text, span, other.text)
        likely = 1 - judged.holds if likely is None else likely
        if judged is UNDECIDED or likely <= limits[own.name]:
            continue
        if judged.absent > judged.contradicts and any(touches(side, *span) for side in alone[own.name]):
            continue  # told as missing or added already, and as no more than that
        alert = _alert(own, span, other, judged, likely, told[other.name])
        told["heard"].append(alert.heard)
        told["written"].append(alert.written)
        yield own.name, alert


def _open(own: Column, other: Column, told: Sequence[Side | None]) -> list[Span]:
    """The sentences of a column that are asked about."""
    said = {_words(other.text[one.start : one.end]) for one in other.sentences}
    found = []
    for sentence in own.sentences:
        if sentence.section not in _BODY or not own.was_dictated(sentence.id):
            continue
        words = _words(own.text[sentence.start : sentence.end])
        is_told = any(touches(side, sentence.start, sentence.end) for side in told)
        span = sentence.start, sentence.end
        is_new = _FEWEST <= len(words) <= _MOST and not is_told and words not in said
        if is_new:
            found.append(span)
    return found


def _is_settled(span: Span, own: Column, other: Column) -> bool:
    """Whether the rules know every finding of the sentence, and found it in the other text."""
    claims = [claim for claim in own.claims if span[0] <= claim.span[0] < span[1]]
    return bool(claims) and all(any(_are_one(one, two) for two in other.claims) for one in claims)


def _are_one(one: Claim, two: Claim) -> bool:
    is_known = not one.finding.startswith("other") and not two.finding.startswith("other")
    return is_known and one.status == two.status and distance(one.finding, two.finding) is not None


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
