"""One word that became its opposite: "infrarenal" as "suprarenal", "anterior tibial" as "posterior tibial".

Dictation to report is a copying task. A word that was said and stands nowhere in the report, whose opposite stands
there and was not said, was exchanged for it, whatever the finding is called and however the sentence was rephrased.
Words that are too common for that (left, anterior, into) are compared together with the noun behind them; words that
are denied by how often they are said and how often denied ("a clip was not deployed").
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from dictation.discrepancy.alike import likeness, names_of, statement_of
from dictation.discrepancy.clauses import is_marked
from dictation.discrepancy.columns import Column
from dictation.discrepancy.corrections import Correction, of_sentence, of_words
from dictation.discrepancy.discrepancy import SEVERITIES, Discrepancy, Kind, Severity, Side, discrepancy_id, touches
from dictation.discrepancy.places import are_near
from dictation.discrepancy.sentence_edits import written_form
from dictation.discrepancy.stretches import may_be_one_code
from dictation.discrepancy.turning_words import (
    ANY_DENIED,
    CODE,
    DENIED,
    VESSEL,
    denied_stems,
    denied_words,
    prefixed_words,
    turning_words,
    whole_name,
)
from dictation.findings import SentenceSpan
from dictation.findings.measurement import measurements_in
from dictation.findings.tokens import is_non_word, tokens_of

_BODY = (None, "technique", "findings", "impression")
_TELLING = frozenset({
    "laterality", "negation", "level", "site", "device_position", "change", "severity", "contradiction", "measurement",
})  # fmt: skip
_LETTERS = 4  # of a vessel's name that tell it: "aorta" and "aortic root"
_ALIKE = 0.2  # share of words that two sentences have in common to be one of which a "not" was lost
Key = tuple[str, str, Kind]  # the noun that it is said of or "", group, kind


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a word stands: its characters, and its sentence with the text of it. `nouns`: what else it is said of."""

    word: str
    span: tuple[int, int]
    sentence: SentenceSpan
    text: str
    nouns: tuple[str, ...]


Groups = dict[Key, dict[str, list[_Place]]]  # key → word → where


def exchanged_words(heard: Column, written: Column, told: Iterable[Discrepancy]) -> list[Discrepancy]:
    """A card for each word that became its opposite and of which no card tells. `told` are the cards made already."""
    cards = list(told)
    said, wrote = _groups(heard, written), _groups(written, heard)
    found: list[Discrepancy] = []
    shared = (key for key in said.keys() & wrote.keys() if key[1])
    for key in sorted(shared, key=lambda key: (key[1] == VESSEL, key)):
        pair = _of_noun(key, said, wrote) if key[0] else _exchanged(key[1], said[key], wrote[key])
        if (
            pair is not None
            and key[1].startswith((ANY_DENIED, VESSEL, "novelty", "same_side"))
            and _is_of_other_statement(pair, heard, written)
        ):
            continue
        if pair is not None and not _is_told(key[2], *pair, [*cards, *found]):
            found.append(_card(key[2], *pair, heard, written))
    return found


def _is_told(kind: Kind, one: "_Place", two: "_Place", cards: Sequence[Discrepancy]) -> bool:
    """Whether a card of this kind or weight is about both sentences, or weighty ones about either word."""
    spans = (one.sentence.start, one.sentence.end), (two.sentence.start, two.sentence.end)
    weighty = [card for card in cards if card.severity in ("critical", "major")]
    for card in weighty:
        is_heavy = SEVERITIES.index(card.severity) <= SEVERITIES.index(_severity(kind))
        is_about = touches(card.heard, *spans[0]) and touches(card.written, *spans[1])
        if is_about and (card.kind == kind or (card.kind in _TELLING and is_heavy)):
            return True
    if kind == "negation":  # that something is left out and something added does not say that it was denied
        weighty = [card for card in weighty if card.kind not in ("omission", "addition")]
    return any(touches(card.heard, *one.span) for card in weighty) and any(
        touches(card.written, *two.span) for card in weighty
    )


def _severity(kind: Kind) -> Severity:
    return "critical" if kind in ("laterality", "negation", "level") else "major"


def _exchanged(
    group: str, said: dict[str, list[_Place]], wrote: dict[str, list[_Place]]
) -> tuple[_Place, _Place] | None:
    """The word that was said and the one that is written for it, or None."""
    counts = [Counter({word: len(places) for word, places in words.items()}) for words in (said, wrote)]
    lost, added = list((counts[0] - counts[1]).elements()), list((counts[1] - counts[0]).elements())
    if len(said) == len(wrote) == 1 and not said.keys() & wrote.keys():
        lost, added = list(said), list(wrote)
    if len(lost) != 1 or len(added) != 1 or _may_be_one(group, lost[0], added[0]):
        return None
    is_strange = added[0] not in said  # nobody said that word at all
    if group == VESSEL and not (is_strange and lost[0] not in wrote):
        return None  # of both sides told together, each vessel is named once
    for words in (said, wrote):  # else two in one sentence, of which one turned
        is_one = len({place.sentence for places in words.values() for place in places}) == 1
        if not (is_one or is_strange or group.startswith(DENIED)):
            return None
    pairs = product(said[lost[0]], wrote[added[0]])
    return max(pairs, key=lambda pair: _likeness(*pair))


def _likeness(one: _Place, two: _Place) -> float:
    return likeness(statement_of(one.text), statement_of(two.text))


def _may_be_one(group: str, one: str, two: str) -> bool:
    """Whether two vessels or codes may be the same: "aorta" and "abdominal aorta", "4" and "4a"."""
    if group == VESSEL:
        parts = [{part[:_LETTERS] for part in word.split("_")} for word in (one, two)]
        return are_near(one, two) or parts[0] <= parts[1] or parts[1] <= parts[0]
    return group.startswith(CODE) and may_be_one_code(one, two)


def _is_of_other_statement(pair: tuple[_Place, _Place], heard: Column, written: Column) -> bool:
    """Whether another sentence tells the same as one of the two: "nodules not measured. Nodule 2 cm" measures one."""
    one, two = pair
    alike = _likeness(one, two)
    if alike < _ALIKE:
        return True
    for place, column, other in ((two, heard, one), (one, written, two)):
        for sentence in column.sentences:
            if sentence.section in _BODY and sentence != other.sentence:
                text = column.text[sentence.start : sentence.end]
                if likeness(statement_of(text), statement_of(place.text)) > alike:
                    return True
    return False


def _of_noun(key: Key, said: Groups, wrote: Groups) -> tuple[_Place, _Place] | None:
    """The same of a side or direction and its noun, where no other noun with it stands in the other column."""
    if len(said[key]) > 1 or len(wrote[key]) > 1 or said[key].keys() & wrote[key].keys():
        return None
    [(one, places)], [(two, others)] = said[key].items(), wrote[key].items()
    _, group, kind = key
    if group == "side" and all(_names_both(place.text) for place in (places[0], others[0])):
        return None  # "stone in the left kidney and cyst in the right"
    for word, here, there in ((one, places, wrote), (two, others, said)):
        nouns = {name for place in here for name in place.nouns}
        if any(word in there.get((name, group, kind), ()) or (name, "", "site") in there for name in nouns):
            return None
    return places[0], others[0]


def _groups(column: Column, other: Column) -> Groups:
    found: Groups = {}
    known = _words_of(column.text) | _words_of(other.text)
    stems = denied_stems(column.text) | denied_stems(other.text)
    is_clear = is_marked(column) or column.text.rstrip().endswith(".")
    mentions = Counter(token.norm for token in tokens_of(column.text))
    for sentence in column.sentences:
        if sentence.section not in _BODY:
            continue
        text = column.text[sentence.start : sentence.end]
        for one in (*turning_words(text, is_clear), *prefixed_words(text, known), *denied_words(text, stems)):
            span = sentence.start + one.span[0], sentence.start + one.span[1]
            place = _Place(column.text[slice(*span)], span, sentence, text, one.nouns)
            found.setdefault((one.noun, one.group, one.kind), {}).setdefault(one.word, []).append(place)
    found |= {(whole_name(name), "", "site"): {} for name in names_of(column.text)}
    return {
        key: words
        for key, words in found.items()
        if key[1] != "side" or mentions[key[0]] == sum(map(len, words.values()))  # "reflux on the right" has one, too
    }


@lru_cache(maxsize=100)
def _words_of(text: str) -> frozenset[str]:
    return frozenset(token.norm for token in tokens_of(text))


def _names_both(text: str) -> bool:
    return {"left", "right"} <= {token.norm for token in tokens_of(text)}


def _correction(kind: Kind, one: _Place, two: _Place, written: Column) -> Correction | None:
    """The word in place of the other; a whole sentence only where it says nothing that the dictated one does not."""
    is_non = any(is_non_word(place.word.lower()) for place in (one, two))
    if (kind != "negation" or is_non) and len(one.word.split()) == len(two.word.split()):
        return of_words(written_form(one.word), two.span, written)
    said, wrote = statement_of(one.text), statement_of(two.text)
    is_all = wrote.words <= said.words and len(measurements_in(two.text, tokens_of(two.text))) <= len(
        measurements_in(one.text, tokens_of(one.text))
    )
    return of_sentence(one.text, two.sentence, written) if is_all else None


def _card(kind: Kind, one: _Place, two: _Place, heard: Column, written: Column) -> Discrepancy:
    sides = [
        Side(text=place.text, span=(place.sentence.start, place.sentence.end), differing=place.span)
        for place in (one, two)
    ]
    correction = _correction(kind, one, two, written)
    words = f"You said \u201c{one.word}\u201d; the report says \u201c{two.word}\u201d."
    if kind == "negation" and one.word.lower() == two.word.lower():
        words = f"\u201c{one.word}\u201d is denied in one of them: you said \u201c{sides[0].text}\u201d."
    return Discrepancy(
        id=discrepancy_id(kind, one.word.lower(), two.word.lower(), *(side.text.lower() for side in sides)),
        kind=kind,
        severity=_severity(kind),
        heard=sides[0],
        written=sides[1],
        explanation=words,
        audio_span_s=heard.seconds(*one.span),
        suggestion=correction.suggestion if correction else None,
        edits=correction.edits if correction else (),
    )
