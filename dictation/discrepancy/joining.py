"""One slip, one card: cards that rest on the same words, or on two sentences of which one was taken for the other.

A joined card keeps the graver kind and severity, the words of both sides and the correction.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from dictation.discrepancy.clauses import claims_in, is_one_sentence
from dictation.discrepancy.columns import Column
from dictation.discrepancy.corrections import Correction, of_sentence
from dictation.discrepancy.discrepancy import SEVERITIES, Discrepancy, Kind, Side, discrepancy_id
from dictation.discrepancy.merging import merged
from dictation.discrepancy.quoting import joining_words, shortened, stands_alone
from dictation.discrepancy.sentence_edits import as_sentence, written_form
from dictation.findings import SentenceSpan
from dictation.findings.tokens import tokenise

_TURNED = 0.4  # how alike a normal structure and its finding are
_ALIKE = 0.5  # of the words that carry meaning
_LONGEST = 40  # words of a sentence
_OTHER_WORDS = 3  # in which two sentences that are else the same may differ
_OF_A_PERSON = ("site", "omission", "addition")  # what another sex's organ looks like between the columns


def replacements(found: Sequence[Discrepancy], heard: Column, written: Column) -> list[Discrepancy]:
    """A dictated sentence that is missing and a written one that took its place are one card: it is nearly like it, or
    one calls a structure normal of which the other tells a finding.
    """
    lost = [one for one in found if _is_lone(one, "omission")]
    added = [one for one in found if _is_lone(one, "addition")]
    wrote = {two.id: _sentence(two.written, written) for two in added}
    joined: dict[str, Discrepancy] = {}
    gone: set[str] = set()
    for one in lost:
        said = _sentence(one.heard, heard)
        alike = [
            (share, two)
            for two in added
            if two.id not in gone and (share := _likeness(said, wrote[two.id]) or _turned(one, two))
        ]
        if alike:
            two = max(alike, key=lambda found: found[0])[1]
            joined[one.id] = _replaced(one, two, heard, written)
            gone.add(two.id)
    return [joined.get(one.id, one) for one in found if one.id not in gone]


def _is_lone(one: Discrepancy, kind: str) -> bool:
    return one.kind == kind and (one.heard is None) != (one.written is None)


def _likeness(lost: str, added: str) -> float:
    """Share of the words of two sentences that carry meaning, 0 where it is too small."""
    one, two = _words(lost), _words(added)
    if not one or not two:
        return 0.0
    if _differing(lost, added) == 1 and len(one) > 1:
        return 1.0
    share = len(one & two) / max(len(one), len(two))
    return share if share >= _ALIKE else 0.0


def _turned(lost: Discrepancy, added: Discrepancy) -> float:
    """`_TURNED` where "normal appendix" and "dilated appendix" took each other's place, else 0."""
    claims = [side.claim for side in (lost.heard, added.written) if side and side.claim]
    normal = [claim for claim in claims if claim.status == "normal" and claim.finding_class == "normal_anatomy"]
    present = [claim for claim in claims if claim.status == "present"]
    if len(normal) != 1 or len(present) != 1:
        return 0.0
    is_of_it = normal[0].finding in (*present[0].finding.split("_"), *present[0].site)
    return _TURNED if is_of_it and None in (normal[0].laterality, present[0].laterality) else 0.0


def _sentence(side: Side | None, column: Column) -> str:
    """The sentence of a side; its own words where a dictation without marks runs on."""
    span = _span(side, column)
    words = column.text[span.start : span.end]
    return words if side is None or len(words.split()) <= _LONGEST else side.text


def _span(side: Side | None, column: Column) -> SentenceSpan:
    return column.sentence_at(side.span) if side and side.span else SentenceSpan(0, 0)


@lru_cache(maxsize=5_000)  # each is held against every one of the other column
def _words(sentence: str) -> frozenset[str]:
    words = frozenset(token.norm for token in tokenise(written_form(sentence)) if token.norm.isalnum())
    return words - joining_words() - {"no", "not"}


def _differing(one: str, two: str) -> int:
    """How many words stand between the beginning and the end that two sentences share."""
    first, second = one.lower().split(), two.lower().split()
    while first and second and first[0] == second[0]:
        first, second = first[1:], second[1:]
    while first and second and first[-1] == second[-1]:
        first, second = first[:-1], second[:-1]
    return max(len(first), len(second))


def _replaced(lost: Discrepancy, added: Discrepancy, heard: Column, written: Column) -> Discrepancy:
    graver = min(lost, added, key=lambda one: SEVERITIES.index(one.severity))
    assert lost.heard and added.written
    correction = _correction(lost.heard, added.written, heard, written)
    said, wrote = shortened(lost.heard.text), shortened(added.written.text)
    kind: Kind = "negation" if _turned(lost, added) else graver.kind
    return graver.model_copy(
        update={
            "id": discrepancy_id(kind, lost.id, added.id),
            "kind": kind,
            "heard": lost.heard,
            "written": added.written,
            "explanation": f"You said {said}; the report says {wrote} instead.",
            "audio_span_s": lost.audio_span_s,
            "suggestion": correction.suggestion if correction else None,
            "edits": correction.edits if correction else (),
        }
    )


def _correction(said: Side, wrote: Side, heard: Column, written: Column) -> Correction | None:
    one, two = _span(said, heard), _span(wrote, written)
    words, own = heard.text[one.start : one.end], claims_in(heard, one)
    if not is_one_sentence(heard, words, own):
        mixed = merged(heard.text, said.span or (0, 0), written.text[two.start : two.end])
        is_true = mixed and said.claim and stands_alone(as_sentence(mixed), [said.claim])
        return of_sentence(mixed, two, written) if mixed and is_true else None
    is_whole = _holds(said, heard, one) and _holds(wrote, written, two)
    if not is_whole and _differing(words, written.text[two.start : two.end]) > _OTHER_WORDS:
        return None
    return of_sentence(words, two, written)


def _holds(side: Side, column: Column, sentence: SentenceSpan) -> bool:
    """Whether the words shown hold all that the sentence says."""
    low, high = side.span or (0, 0)
    return all(low <= claim.span[0] and claim.span[1] <= high for claim in claims_in(column, sentence))


def with_inferred(
    found: Sequence[Discrepancy], inferred: Iterable[Discrepancy], heard: Column, written: Column
) -> list[Discrepancy]:
    """The cards between the columns and those about order and patient, joined where they rest on the same words."""
    cards = list(found)
    for one in inferred:
        kinds = ("laterality",) if one.kind == "laterality" else _OF_A_PERSON if one.kind == "sex" else ()
        same = [card for card in cards if card.kind in kinds and _rest_on_the_same(one, card)]
        if not same:
            cards.append(_with_what_was_said(one, heard, written) if one.kind == "sex" else one)
        elif one.kind == "laterality":
            place = cards.index(same[0])
            cards[place] = _told_of_the_order(same[0], one)
        else:
            cards = [card for card in cards if card not in same]
            cards.append(_of_the_person(one, same))
    return cards


def _with_what_was_said(sex: Discrepancy, heard: Column, written: Column) -> Discrepancy:
    """The card with the dictated sentence, where that differs from the written one in a single word."""
    if sex.heard or not sex.written:
        return sex
    sentence = _span(sex.written, written)
    wrote = written.text[sentence.start : sentence.end]
    for said in heard.sentences:
        words = heard.text[said.start : said.end]
        if _differing(words, wrote) == 1 and len(words.split()) > 1:
            side = Side(text=words, span=(said.start, said.end))
            correction = of_sentence(words, sentence, written)
            found = sex.model_copy(
                update={
                    "heard": side,
                    "audio_span_s": heard.seconds(said.start, said.end),
                    "suggestion": correction.suggestion,
                    "edits": correction.edits,
                }
            )
            return found.model_copy(update={"explanation": _person_told(sex, side)})
    return sex


def _person_told(sex: Discrepancy, said: Side) -> str:
    return f"{sex.explanation.rstrip('.')}; you said {shortened(said.text)}."


def _rest_on_the_same(inferred: Discrepancy, card: Discrepancy) -> bool:
    pairs = ((inferred.heard, card.heard), (inferred.written, card.written))
    return any(
        a and b and a.span and b.span and a.span[0] < b.span[1] and b.span[0] < a.span[1] for a, b in pairs
    ) and (SEVERITIES.index(card.severity) >= SEVERITIES.index(inferred.severity))


def _told_of_the_order(card: Discrepancy, inferred: Discrepancy) -> Discrepancy:
    order = inferred.explanation.partition(";")[0]
    text = f"{card.explanation.rstrip('.')}; {order[:1].lower()}{order[1:].rstrip('.')}."
    return card.model_copy(update={"explanation": text, "severity": inferred.severity})


def _of_the_person(sex: Discrepancy, cards: Sequence[Discrepancy]) -> Discrepancy:
    """The card about the sex, with what was said, and the correction."""
    best = next((card for card in cards if card.edits), cards[0])
    said = next((card for card in cards if card.heard), best)
    return sex.model_copy(
        update={
            "heard": sex.heard or said.heard,
            "written": sex.written or best.written,
            "explanation": _person_told(sex, said.heard) if said.heard and not sex.heard else sex.explanation,
            "audio_span_s": sex.audio_span_s or said.audio_span_s,
            "suggestion": best.suggestion,
            "edits": best.edits,
        }
    )
