"""Results that the treating clinician hears of at once, and whether the report says that somebody was told of each.

One that is only known, unchanged or better is no news. What the text itself states is enough: a pneumothorax is told
whether or not an order says which exam this is.

A sentence that says that somebody was told answers for the results that it names. One that names none, as "Discussed
with Dr. Example at 14:05.", answers for those stated before it: in the dictation, where it was dictated, for a writer
moves sentences; else in the text. What was added afterwards is asked for again, and so is a side that changed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from dictation.discrepancy.columns import Column
from dictation.discrepancy.discrepancy import Discrepancy, Severity
from dictation.discrepancy.inference.evidence import BODY, Hit, Span, Words, card
from dictation.discrepancy.inference.inquiry import Inquiry
from dictation.discrepancy.relation import distance
from dictation.findings import Claim, SentenceSpan
from dictation.findings.body_regions import named_by, regions_of
from dictation.findings.lexicon import ancestors, cell, cue_phrases, word_phrases
from dictation.findings.phrases import Phrases
from dictation.findings.tokens import tokenise
from dictation.frozen import Frozen
from dictation.lexicon import rows

_NO_NEWS = frozenset({"stable", "decreased", "resolved"})
_OLD = frozenset({"chronic", "old", "calcified"})
_URGENT = frozenset({"acute", "new"})
_UNSURE = frozenset({"unlikely", "possible", "cannot_exclude", "history", "recommendation", "removed", "context"})
_CLAUSE = frozenset({",", ";", ":", "but", "however"})  # a denial does not reach across these
_FORMER = re.compile(r"\b(?:previous|former|prior)\s+\Z", re.IGNORECASE)  # "previous splenic rupture"
_BEFORE_THE_READING = (
    "exam",
    "indication",
    "technique",
    "comparison",
)  # who was told there, was told of something else
_BOTH = frozenset({"left", "right"})


class StatedResult(Frozen):
    """A critical result as a text states it: its name and finding; its sides and levels, none where unsaid."""

    name: str
    finding: str
    sides: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()

    @property
    def phrase(self) -> str:
        """The result in words that are read again as this result: "left subdural hematoma"."""
        side = "bilateral" if set(self.sides) == _BOTH else " ".join(self.sides)
        finding = self.finding.replace("_", " ")
        return " ".join(filter(None, (side, finding, f"at {', '.join(self.levels)}" if self.levels else "")))

    @property
    def label(self) -> str:
        """The result for an alert: its name, and how the text states it where that says more."""
        return self.phrase if self.name in self.phrase else f"{self.name}: {self.phrase}"


# What the results are that a sentence of the report answers for, by its words: those that stood when it came.
ToldOf = Mapping[str, Sequence[StatedResult]]
# Each claim of an addendum that changes a signed one, and that one.
Changed = Sequence[tuple[Claim, Claim]]


@dataclass(frozen=True, slots=True)
class CriticalResult:
    """A result as it is stated once, with its characters."""

    stated: StatedResult
    span: Span


def critical_results(inquiry: Inquiry) -> list[Discrepancy]:
    """One card of kind critical_result for each result that nobody is said to have been told of, for information."""
    return [_card(inquiry, one, "info") for one in _untold(inquiry, {})]


def communication_missing(inquiry: Inquiry) -> list[Discrepancy]:
    """One card for each critical result of which no text says that somebody was told: it offers to tell it.

    It is minor, since no column is wrong, and yet always shown (`ranking.shortlist`).
    """
    return [_card(inquiry, one, "minor") for one in _untold(inquiry, {})]


def results_to_be_told(inquiry: Inquiry, told_of: ToldOf, changed: Changed = ()) -> dict[StatedResult, Discrepancy]:
    """Return the cards of communication of all results that the report states, also those that the dictation denies.

    These are for information: first the two columns must be settled. `told_of` has, by its words, the results for which
    a sentence can answer at most; `changed` what an addendum changes of signed reports.
    """
    return {
        one.stated: _card(inquiry, one, "info" if _is_refuted(one, inquiry.heard) else "minor")
        for one in _untold(inquiry, told_of, changed, of_all=True)
    }


def stated_results(inquiry: Inquiry, changed: Changed = ()) -> tuple[StatedResult, ...]:
    """Return each critical result of the text that is to be signed once."""
    return tuple(dict.fromkeys(one.stated for one in _stating(inquiry, changed)))


def told_in(inquiry: Inquiry) -> tuple[StatedResult, ...]:
    """Return the critical results of a text for which a sentence of it answers: somebody was told."""
    left = _untold(inquiry, {}, of_all=True)
    return tuple(one for one in stated_results(inquiry) if not _covers([two.stated for two in left], one))


def is_among(told: Sequence[StatedResult], one: StatedResult) -> bool:
    """Whether all that a result states is among those that somebody was told of: its finding, sides and levels."""
    return _covers(told, one)


def sentences_that_tell(inquiry: Inquiry) -> tuple[str, ...]:
    """Return the sentences of the text to be signed that say that somebody was told, each once, by their words."""
    judged = inquiry.judged
    return tuple(dict.fromkeys(_words_of(judged, one) for one in _telling(judged)))


def _card(inquiry: Inquiry, one: CriticalResult, severity: Severity) -> Discrepancy:
    label = one.stated.label
    text = f"Critical result ({label}): no communication to the clinician is documented."
    return card("critical_result", severity, f"untold: {label}", text, *_sides(inquiry, one))


def _untold(inquiry: Inquiry, told_of: ToldOf, changed: Changed = (), *, of_all: bool = False) -> list[CriticalResult]:
    """The results of the text that is to be signed for which no sentence of it answers, each once, its first mention.

    One that only repeats another one with fewer words is that one.
    """
    found = _stating(inquiry, changed)
    if not found:
        return []
    answered = [one for telling in _telling(inquiry.judged) for one in _answered(inquiry, telling, found, told_of)]
    left = [one for one in found if not _covers(answered, one.stated)]
    if not of_all:
        left = [one for one in left if not _is_refuted(one, inquiry.heard)]
    firsts: dict[StatedResult, CriticalResult] = {}
    for one in left:
        firsts.setdefault(one.stated, one)
    return [
        one
        for one in firsts.values()
        if not any(two is not one and _is_more(two.stated, one.stated) for two in firsts.values())
    ]


def _stating(inquiry: Inquiry, changed: Changed) -> list[CriticalResult]:
    """The results that the text states, and those of signed reports that an addendum puts elsewhere.

    "The hematoma is left-sided." names none, and is one where the signed report has a subdural one on the right.
    """
    regions = inquiry.exam.region
    found = list(_results(inquiry.judged, regions))
    for new, old in changed:
        rule = _rule_of(old, regions)
        if rule and (new.status, new.temporality) == ("present", "current"):
            moved = CriticalResult(_stated(rule["name"], old.finding, new), new.span)
            if not _covers([one.stated for one in found], moved.stated):
                found.append(moved)
    return found


def _answered(
    inquiry: Inquiry, telling: SentenceSpan, found: Sequence[CriticalResult], told_of: ToldOf
) -> list[StatedResult]:
    """The results for which a sentence that says that somebody was told answers."""
    judged, spoken = inquiry.judged, inquiry.words[0]
    words = _words_of(judged, telling)
    answered = [one.stated for one in found if telling.start <= one.span[0] < telling.end]  # that it names
    if not answered:
        if telling.section in _BEFORE_THE_READING or _names_another(judged.column, telling, found):
            return []
        said = next((one for one in _telling(spoken) if _words_of(spoken, one) == words), None)
        stated, end = (found, telling.start) if said is None else (_results(spoken, inquiry.exam.region), said.start)
        answered = [one.stated for one in stated if one.span[0] < end]
    answered = _resolved(answered, found)
    if words not in told_of:
        return answered
    stood = _resolved(told_of[words], found)
    return [one.stated for one in found if _covers(answered, one.stated) and _covers(stood, one.stated)]


def _resolved(answered: Iterable[StatedResult], found: Sequence[CriticalResult]) -> list[StatedResult]:
    """The results with the side and level that they leave out, where the text states one for their finding, not two."""

    def whole(one: StatedResult) -> StatedResult:
        same = [two.stated for two in found if _is_of(two.stated, one) or _is_of(one, two.stated)]
        sides, levels = {two.sides for two in same if two.sides}, {two.levels for two in same if two.levels}
        return one.model_copy(
            update={
                "sides": next(iter(sides)) if not one.sides and len(sides) == 1 else one.sides,
                "levels": next(iter(levels)) if not one.levels and len(levels) == 1 else one.levels,
            }
        )

    return [whole(one) for one in answered]


def _covers(answered: Sequence[StatedResult], one: StatedResult) -> bool:
    """Whether results that were told of are together all that one states: both sides of a bilateral one, for instance.

    What it does not state is no other side or level; what it states has to be among theirs.
    """
    same = [two for two in answered if _is_of(two, one)]
    sides, levels = {side for two in same for side in two.sides}, {level for two in same for level in two.levels}
    return bool(same) and set(one.sides) <= sides and set(one.levels) <= levels


def _is_of(told: StatedResult, one: StatedResult) -> bool:
    """Whether `told` is of the finding of `one` or a kind of it: of a tension pneumothorax, and so of one."""
    return one.finding in ancestors(told.finding)


def _is_more(two: StatedResult, one: StatedResult) -> bool:
    """Whether `two` states all that `one` does, and more."""
    return two != one and _covers([two], one) and not (_covers([one], two) and two.phrase > one.phrase)


def _telling(words: Words) -> list[SentenceSpan]:
    """The sentences that say that somebody was told."""
    hits = words.hits(word_phrases("communication", "role"))
    return list(dict.fromkeys(hit.sentence for hit in hits if hit.meaning == "told" and not hit.is_denied))


def _words_of(words: Words, sentence: SentenceSpan) -> str:
    return " ".join(words.column.text[sentence.start : sentence.end].lower().split())


def _names_another(column: Column, telling: SentenceSpan, found: Sequence[CriticalResult]) -> bool:
    """Whether a sentence names a finding that is none of the critical ones: it tells of that.

    One may be named without what makes it critical: "the infarct was discussed" of an acute one.
    """
    return any(
        claim.finding_class == "finding"
        and (claim.status, claim.temporality) == ("present", "current")
        and telling.start <= claim.span[0] < telling.end
        and not any(distance(claim.finding, one.stated.finding) is not None for one in found)
        for claim in column.claims
    )


def _is_refuted(result: CriticalResult, heard: Column) -> bool:
    """Whether the dictation denies the result and nowhere states it: first the two columns must be settled."""
    said = {claim.status for claim in heard.claims if distance(claim.finding, result.stated.finding) is not None}
    return "absent" in said and "present" not in said


def _sides(inquiry: Inquiry, result: CriticalResult) -> tuple[tuple[Column, Span | None], tuple[Column, Span | None]]:
    is_heard = inquiry.judged.column.name == "heard"
    return (inquiry.heard, result.span if is_heard else None), (inquiry.written, None if is_heard else result.span)


_Rules = dict[str, list[dict[str, str]]]


@cache
def _rules() -> tuple[_Rules, Phrases[dict[str, str]]]:
    """The rules by finding id, and by the words of results that no claim names."""
    by_finding: _Rules = {}
    for row in rows("critical_results"):
        for finding in cell(row["finding"]):
            by_finding.setdefault(finding, []).append(row)
    return by_finding, Phrases((term, row) for row in rows("critical_results") for term in cell(row["terms"]))


def _results(words: Words, regions: frozenset[str]) -> Iterator[CriticalResult]:
    """The results as often as they are stated: those that claims name, then those that only words name."""
    _, phrases = _rules()
    column = words.column
    claimed: list[Span] = []
    for claim in column.claims:
        rule = _rule_of(claim, regions)
        if rule and column.is_body(claim):
            sentence = column.sentence_of(claim)
            if not _is_known(column.text, sentence) and not _FORMER.search(
                column.text, sentence.start, claim.parts.get("finding", claim.span)[0]
            ):
                claimed.append(claim.span)
                yield CriticalResult(_stated(rule["name"], claim.finding, claim), claim.span)
    for hit in words.hits(phrases, BODY):
        is_new = not any(start < hit.end and hit.start < end for start, end in claimed)
        is_new = is_new and not _FORMER.search(column.text, hit.sentence.start, hit.start)
        within = next((one for one in column.claims if one.span[0] < hit.end and hit.start < one.span[1]), None)
        if is_new and not hit.is_denied and not _is_denied_old_or_unsure(column.text, hit, within):
            term = " ".join(column.text[hit.start : hit.end].lower().split())
            if within and _is_own_denial(within, hit):
                within = None
            if within is None or _is_stated_in(within, hit.meaning, regions):
                name = hit.meaning["name"]
                yield CriticalResult(_stated(name, within.finding if within else term, within), hit.span)


def _rule_of(claim: Claim, regions: frozenset[str]) -> dict[str, str] | None:
    """The row by which a claim is a critical result, by its own finding first."""
    by_finding, _ = _rules()
    names = (claim.finding, *sorted(ancestors(claim.finding) - {claim.finding}))
    of_finding = (rule for name in names for rule in by_finding.get(name, ()))
    return next((rule for rule in of_finding if _is_news(claim, rule, regions)), None)


def _stated(name: str, finding: str, claim: Claim | None) -> StatedResult:
    if claim is None or claim.finding_class == "device":  # a side is that of the place where it ends
        return StatedResult(name=name, finding=finding)
    stated = (claim.laterality,) if claim.laterality in _BOTH else ()
    sides = tuple(sorted(_BOTH)) if claim.laterality == "bilateral" else stated
    return StatedResult(name=name, finding=finding, sides=sides, levels=tuple(sorted(claim.level)))


def _is_news(claim: Claim, rule: dict[str, str], regions: frozenset[str]) -> bool:
    if claim.status != "present" or claim.temporality != "current" or claim.certainty not in ("definite", "probable"):
        return False
    is_urgent = bool(_URGENT & set(claim.qualifier)) or claim.change == "new"  # also "acute on chronic"
    if claim.change in _NO_NEWS or (_OLD & set(claim.qualifier) and not is_urgent):
        return False
    if rule["acute"] == "yes" and not is_urgent:
        return False
    if rule["ends"] and not _is_misplaced(claim, set(cell(rule["ends"]))):
        return False
    return _lies_within(claim, rule, regions)


def _lies_within(claim: Claim, rule: dict[str, str], regions: frozenset[str]) -> bool:
    within = set(cell(rule["within"]))
    lies, shown = regions_of(claim.finding, claim.site, claim.level), named_by(" ".join(sorted(regions)))
    return not within or bool((lies & shown or lies or shown or within) & within)


def _is_stated_in(claim: Claim, rule: dict[str, str], regions: frozenset[str]) -> bool:
    """Whether the claim that the words of a result stand in states it, and where the result has to lie."""
    return claim.status == "present" and claim.temporality == "current" and _lies_within(claim, rule, regions)


def _is_own_denial(claim: Claim, hit: Hit[dict[str, str]]) -> bool:
    """Whether what denies a claim is one of the words of the result: "no cardiac activity"."""
    start, end = claim.parts.get("status", (0, 0))
    return claim.status == "absent" and hit.start < end and start < hit.end


def _is_misplaced(claim: Claim, ends: set[str]) -> bool:
    """Whether a finding lies, or a device ends, at one of these places, or is said to be there where no end is told.

    One that was drawn back to where it lies well ends there, whatever else its sentence names.
    """
    told = claim.device_position if claim.device_position not in (None, "malpositioned") else None
    places = set(told.split("+")) if told else set(claim.site)
    return bool(places & ends) and not places & _good_positions().get(claim.finding, frozenset())


@cache
def _good_positions() -> dict[str, frozenset[str]]:
    return {
        device: frozenset({"satisfactory", *cell(row["places"])} - {"pleura", "base", "apex"})
        for row in rows("good_positions")
        for device in cell(row["device"])
    }


def _is_known(text: str, sentence: SentenceSpan) -> bool:
    tokens = tokenise(text, sentence.start, sentence.end)
    return any(match.meaning == "no_news" for match in word_phrases("communication", "role").find(tokens))


def _is_denied_old_or_unsure(text: str, hit: Hit[dict[str, str]], within: Claim | None) -> bool:
    """Whether the sentence says so of a result; the words of the result itself do not ("suspicious for").

    Where a claim is made of it, that says whether it is old: "cord compression with a healed fracture of T6".
    """
    tokens = tokenise(text, hit.sentence.start, hit.sentence.end)
    inside = [at for at, token in enumerate(tokens) if token.start < hit.end and hit.start < token.end]
    first, last = inside[0], inside[-1]
    cues = [match for match in cue_phrases().find(tokens) if match.end <= first or last < match.start]
    kinds = {match.meaning.kind for match in cues}
    changes = {match.meaning for match in word_phrases("change", "change").find(tokens)}
    qualifiers = {match.meaning for match in word_phrases("qualifier", "qualifier").find(tokens)}
    qualifiers = set(within.qualifier) if within else qualifiers
    is_old = bool(qualifiers & _OLD) and not qualifiers & _URGENT
    stops = {match.start for match in cues if match.meaning.scope == "stop"}
    stops |= {at for at, token in enumerate(tokens) if token.norm in _CLAUSE}
    is_denied = any(
        match.meaning.kind == "negation"
        and (match.meaning.scope == "after") == (last < match.start)
        and stops.isdisjoint(range(min(match.end, last + 1), max(match.start, first)))
        for match in cues
    )
    return is_denied or is_old or bool(kinds & _UNSURE or changes & _NO_NEWS) or _is_known(text, hit.sentence)
