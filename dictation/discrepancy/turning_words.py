"""The words of a sentence that may turn into their opposite, each with what it is said of.

Sides, directions, "above" and "below" are said of the nouns behind them, "told" and "denied" of a vessel that something
reaches and of any word that some "not" denies; rare words ("ipsilateral", "true lumen"), vessels, codes, roots and
prefixes stand for themselves.
"""

from collections.abc import Container, Iterator, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, NamedTuple, cast

from dictation.discrepancy.directions import find_directions
from dictation.discrepancy.discrepancy import Kind
from dictation.discrepancy.exchanged_sides import clauses
from dictation.discrepancy.stretches import codes_in
from dictation.findings.cues import changes_in, find_cues
from dictation.findings.level import levels_in
from dictation.findings.lexicon import (
    cell,
    finding_phrases,
    place_phrases,
    plain_words,
    region_of,
    structure_phrases,
    word_phrases,
)
from dictation.findings.measurement import read_number
from dictation.findings.phrases import Match, Phrases
from dictation.findings.tokens import Token, is_non_word, normal_form, tokens_of
from dictation.lexicon import rows

DENIED = "denied"  # the group of words that are compared by how often they are denied
VESSEL = "vessel"  # the group of all vessels
CODE = "code "  # the groups of codes begin with it
ANY_DENIED = f"{DENIED} stem"  # the groups of words that some "not" denies
_STEM = 4  # letters of a word without its prefix
_NEAR = 3  # words between a side or direction and its noun, or between a denial and its word
_VERBS = frozenset({"is", "are", "was", "were", "has", "have", "had", "could", "can", "did", "does"})
_KINDS = {"artery": "artery", "arterial": "artery", "vein": "vein", "venous": "vein", "nerve": "nerve"}
_BOUNDS = {"more": "more", "greater": "more", ">": "more", "less": "less", "smaller": "less", "<": "less"}
_SIDES = ("left", "right")
_NAME = "<{}>"
_DOES = frozenset({"do", "does", "did"})
_NOT = frozenset({"not", "never", "cannot"})
_FAILING = frozenset({"fail", "failed", "failing", "unable", "failure"})  # "fails to suppress"
_DENYING = _NOT | _FAILING | {"no", "nothing", "without", "neither", "nor", "none"}
_OBJECT_DENIED = frozenset({"no", "none", "nothing", "only", "neither"})  # behind a verb: it is denied, or bounded
_LACKING = frozenset({"lack", "absence", "absent", "lacking"})
_NO_ADVERBS = frozenset({"supply", "anomaly", "family", "assembly", "apply", "multiply", "imply"})
_REACH = 6  # words of one clause from a denial to its word
_BETWEEN = frozenset({"be", "been", "being", "yet", "have", "to", "further"})  # "has not yet been deployed"
_ENDINGS = ("ing", "ed", "es", "s", "e")
_NERVES = frozenset({"root", "nerve", "ganglion"})
_SAID_IF_TOLD = frozenset({"novelty", "cervical_os", "course_of_part", "tube_move"})  # groups whose words may be denied


class Turning(NamedTuple):
    """A word that stands at characters [start, end) of its sentence.

    `noun` is what it is said of ("" where it stands for itself), `group` those among which it is an opposite, `kind`
    what it is to take one for the other, and `nouns` are all that it is said of there.
    """

    noun: str
    group: str
    kind: Kind
    word: str
    span: tuple[int, int]
    nouns: tuple[str, ...] = ()


def whole_name(id: str) -> str:
    """What a whole name is among nouns: "anterior cruciate ligament" beside "cruciate" and "ligament"."""
    return _NAME.format(id)


@lru_cache(maxsize=2_000)
def turning_words(text: str, is_clear: bool) -> tuple[Turning, ...]:
    """All but prefixed words. `is_clear`: its text has marks, else nobody knows where its clauses end."""
    tokens = tokens_of(text)
    found: list[Turning] = []
    for match in _exclusive().find(tokens):
        group, word, kind = match.meaning
        if group not in _SAID_IF_TOLD or not _is_denied(tokens, match.start):  # "nothing new" is no news
            found.append(Turning("", group, kind, word, _characters(tokens, match)))
    found += _beside_nouns(tokens, _NEAR if is_clear else 1)
    found += _denied(tokens)
    found += _seen(tokens)
    found += _vessels_by_kind(tokens)
    found += _bounds(tokens)
    found += _roots(tokens)
    found += _vessels(tokens)
    for start, end, group, (_, code) in codes_in(text, tokens):
        found.append(
            Turning("", f"{CODE}{group}", "site", code, (tokens[start].start, tokens[min(end, len(tokens)) - 1].end))
        )
    return (*found, *(_of_vessels(tokens) if is_clear else ()))


@cache
def _exclusive() -> Phrases[tuple[str, str, Kind]]:
    return Phrases(
        (term, (row["group"], row["word"], cast("Kind", row["kind"])))
        for row in rows("exchanged_words")
        for term in cell(row["terms"])
        if not row["group"].startswith(DENIED)
    )


def _beside_nouns(tokens: Sequence[Token], reach: int) -> Iterator[Turning]:
    """Sides and directions, each with the nouns right behind it."""
    told: dict[int, list[tuple[str, Kind, str, int]]] = {}
    named = [match for names in (place_phrases(), structure_phrases()) for match in names.find(tokens)]
    for side in word_phrases("laterality", "side").find(tokens):
        if side.meaning in _SIDES:
            told.setdefault(side.start, []).append(("side", "laterality", side.meaning, side.end))
    for match in find_directions(tokens):
        if not tokens[match.end - 1].norm.endswith("ly"):  # "widened anteriorly"
            for axis, direction in match.meaning:
                told.setdefault(match.start, []).append((axis, "site", direction, match.end))
    for at, token in enumerate(tokens):
        if token.norm in ("above", "below"):
            told.setdefault(at, []).append(("relation", "site", token.norm, at + 1))
    for start, meanings in told.items():
        for group, kind, word, end in meanings:
            nouns = _nouns(tokens, end, reach, told.keys())
            whole = [name.meaning.id for name in named if name.start <= start and end < name.end]
            for at in nouns:
                names = (*(tokens[other].norm for other in nouns), *map(whole_name, whole))
                yield Turning(tokens[at].norm, group, kind, word, (tokens[start].start, tokens[at].end), names)


def _nouns(tokens: Sequence[Token], start: int, reach: int, told: Container[int]) -> list[int]:
    found = []
    for at in range(start, min(start + reach, len(tokens))):
        norm = tokens[at].norm
        if at in told or not norm.isalnum() or norm in plain_words("stop"):
            break
        if norm.isalpha() and len(norm) >= _STEM and norm not in _vague():
            found.append(at)
    return found


def _vessels_by_kind(tokens: Sequence[Token]) -> Iterator[Turning]:
    """Arteries, veins and nerves, each with the word before it: the femoral vein is not the femoral artery."""
    for at, token in enumerate(tokens):
        if at and token.norm in _KINDS and tokens[at - 1].norm.isalpha() and len(tokens[at - 1].norm) >= _STEM:
            span = tokens[at - 1].start, token.end
            yield Turning(tokens[at - 1].norm, "kind of vessel", "site", _KINDS[token.norm], span)


def _bounds(tokens: Sequence[Token]) -> Iterator[Turning]:
    """Numbers that bound something: "more than 180 degrees" is not "less than 180 degrees"."""
    for at, token in enumerate(tokens[:-1]):
        word = _BOUNDS.get(token.norm)
        first = at + (2 if tokens[at + 1].norm in ("than", "=") else 1)
        if word is None or first >= len(tokens) or (token.norm.isalpha() and first == at + 1):
            continue
        if number := read_number(tokens, first):
            yield Turning(f"{number[0]:f}", "bound", "measurement", word, (token.start, tokens[number[1] - 1].end))


def _denied(tokens: Sequence[Token]) -> Iterator[Turning]:
    """Words whose denial is compared by how often it is said: "heparin was (not) given"."""
    matches = _deniable().find(tokens)
    if not matches:
        return
    cues = [cue for cue in find_cues(tokens, changes_in(tokens)) if cue.meaning.kind == "negation"]
    for match in matches:
        group, name = match.meaning
        is_denied = _is_denied(tokens, match.start) or any(_is_beside(tokens, cue, match) for cue in cues)
        is_denied = is_denied or (group != DENIED and with_denial(tokens, match.start) is not None)
        word = "denied" if is_denied else "told"
        yield Turning("", f"{DENIED} {name}", "negation", word, _characters(tokens, match))


def _seen(tokens: Sequence[Token]) -> Iterator[Turning]:
    """Anatomy that is told to be seen, or not to be: "the appendix is not visualised", "no appendix is seen".

    What is seen in part or badly is neither. A finding is none of it: that it is not seen is read as its denial.
    """
    words = _words("seen")
    if not any(token.norm in words for token in tokens):
        return
    parts = sorted(
        (match.start, match.end, match.meaning.id)
        for phrases in (place_phrases(), structure_phrases())
        for match in phrases.find(tokens)  # type: ignore[attr-defined]
    )
    findings = finding_phrases().find(tokens)
    for low, high in clauses(tokens):
        seen = [at for at in range(low, high) if tokens[at].norm in words]
        named = [part for part in parts if low <= part[0] and part[1] <= high]
        if len(seen) != 1 or not named or any(low <= match.start < high for match in findings):
            continue
        at, (first, end, name) = seen[0], named[0]
        between = [token.norm for token in tokens[end:at]]
        start = first
        while start > low and tokens[start - 1].norm in (*_SIDES, "both", "bilateral"):
            start -= 1
        is_subject = end <= at and (start == low or (start == low + 1 and tokens[low].norm in ("no", "neither")))
        if not is_subject or not all(map(_links, between)) or _words("seen_partly").intersection(between):
            continue
        told = with_denial(tokens, at)
        is_denied = tokens[at].norm.startswith("non") or (told is not None and told[0] < told[1])
        sides = {token.norm for token in tokens[start:first]} & {*_SIDES}
        said, span = "denied" if is_denied else "told", (tokens[start].start, tokens[at].end)
        for side in sides or {""}:
            yield Turning(f"{side} {name}".strip(), "seen", "negation", said, span)


def _links(norm: str) -> bool:
    """Whether a word may stand between anatomy and "seen": a verb, a denial, an adverb."""
    return (
        norm in _VERBS
        or norm in _BETWEEN
        or _is_not(norm)
        or norm in _words("seen_manner")
        or norm.endswith("ly")
        or norm == ":"
    )


@lru_cache(maxsize=200)
def denied_stems(text: str) -> frozenset[str]:
    """Stems of the words that a "not" denies, behind it: "a clip was not yet deployed", "fails to suppress".

    Words that are seen or doubted by such phrases ("not seen", "not excluded") are none: what these say is compared.
    """
    tokens = tokens_of(text)
    found = set()
    for at, token in enumerate(tokens):
        is_failing = token.norm in _FAILING and any(one.norm == "to" for one in tokens[at + 1 : at + 2])
        if _is_not(token.norm) or is_failing:
            word = next((one.norm for one in tokens[at + 1 : at + 1 + _NEAR] if not _is_between(one.norm)), "")
            if word.isalpha() and len(word) >= _STEM and word not in _seen_or_doubted():
                found.add(_stem(word))
    return frozenset(found)


def _is_not(norm: str) -> bool:
    return norm in _NOT or norm.endswith("n't")


def _is_between(norm: str) -> bool:
    return norm in _BETWEEN or (norm.endswith("ly") and norm not in _NO_ADVERBS)


@cache
def _seen_or_doubted() -> frozenset[str]:
    """Words of phrases that deny or doubt a finding by "not", and words that tell nothing."""
    words = (tokens_of(term) for row in rows("assertion") for term in cell(row["terms"]))
    known = {token.norm for tokens in words if any(_is_not(one.norm) for one in tokens) for token in tokens}
    return frozenset(known | plain_words("stop", "normal", "technical"))


def _stem(word: str) -> str:
    ending = next((one for one in _ENDINGS if word.endswith(one) and len(word) - len(one) >= _STEM), "")
    return word.removesuffix(ending)


def denied_words(text: str, stems: frozenset[str]) -> Iterator[Turning]:
    """The words with these stems, each told or denied."""
    if not stems:
        return
    tokens = tokens_of(text)
    for at, token in enumerate(tokens):
        stem = _stem(token.norm)
        if stem in stems:
            start, end = with_denial(tokens, at) or (at, at)
            said = "denied" if start < end else "told"
            yield Turning("", f"{ANY_DENIED} {stem}", "negation", said, (tokens[start].start, tokens[end].end))


def with_denial(tokens: Sequence[Token], at: int) -> tuple[int, int] | None:
    """The first and last token of a word and what denies it in its clause, None where nothing does.

    Also from afar ("no follow up is required") and by its object ("contains no stones", "extends only below").
    """
    start, end = next(((low, high) for low, high in clauses(tokens) if low <= at < high), (at, at + 1))
    for before in range(at - 1, max(start, at - _REACH) - 1, -1):
        word = tokens[before].norm
        if before > start and [tokens[before - 1].norm, word] in (["rather", "than"], ["instead", "of"]):
            return before - 1, at
        if word in _DENYING or word in _LACKING or _is_not(word) or (word == "only" and at - before < _NEAR):
            return before, at
    for behind in range(at + 1, min(end, at + 1 + _NEAR)):
        word = tokens[behind].norm
        if word in _OBJECT_DENIED or (_is_not(word) and tokens[at + 1].norm in _VERBS):
            return at, behind
    return None


def _vessels(tokens: Sequence[Token]) -> Iterator[Turning]:
    for match in place_phrases().find(tokens):
        if region_of(match.meaning.id) == "vessels":
            yield Turning("", VESSEL, "site", match.meaning.id, _characters(tokens, match))


def _roots(tokens: Sequence[Token]) -> Iterator[Turning]:
    """Nerve roots by their level: "the exiting L4 nerve root", "C8 and T1 roots", "the root of L5"."""
    levels = [(level.start, level.end, level.names) for level in levels_in(tokens)]
    for at in range(len(tokens) - 1):  # the column has no eighth cervical vertebra
        if tokens[at].norm == "c" and tokens[at + 1].norm in ("8", "eight"):
            levels.append((at, at + 2, ("C8",)))
    for start, end, names in levels:
        behind = {token.norm for token in tokens[end : end + 2]}
        before = [token.norm for token in tokens[max(0, start - 2) : start]]
        if _NERVES & behind or (before[-1:] == ["of"] and before[0] in _NERVES) or before[-1:] == ["root"]:
            for name in names:
                yield Turning("", "root", "level", name, (tokens[start].start, tokens[end - 1].end))


def _is_beside(tokens: Sequence[Token], cue: Match[Any], word: Match[Any]) -> bool:
    """Whether a denial stands right before a word, or behind it and a verb: "no contrast", "contrast was not given"."""
    start, end = min(cue.end, word.end), max(cue.start, word.start)
    is_behind = cue.start >= word.end and tokens[word.end].norm not in _VERBS
    return not is_behind and end - start <= _NEAR and all(token.norm.isalpha() for token in tokens[start:end])


def _of_vessels(tokens: Sequence[Token]) -> Iterator[Turning]:
    """Vessels into which something reaches, and those of which that is denied: "the vein, but not into the IVC"."""
    vessels = [match for match in place_phrases().find(tokens) if region_of(match.meaning.id) == "vessels"]
    if not vessels:
        return
    denials = {cue.start for cue in find_cues(tokens, changes_in(tokens)) if cue.meaning.kind == "negation"}
    is_denied: bool | None = None  # it is not said of these
    for start, end in clauses(tokens):
        norms = {token.norm for token in tokens[start:end]}
        if norms & _words("spared") or any(start <= at < end for at in denials):
            is_denied = True
        elif norms & _words("reaching"):
            is_denied = False
        if is_denied is None:
            continue
        for match in vessels:
            if start <= match.start < end and not _is_subject(tokens, match.end, end):
                word = "denied" if is_denied else "told"
                yield Turning(match.meaning.id, "reached", "negation", word, _characters(tokens, match))


def _is_subject(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether a verb behind a vessel is denied: of one that "does not compress" nothing is said to be spared."""
    return any(
        tokens[at].norm in _DOES and _is_not(tokens[at + 1].norm) for at in range(start, min(end, len(tokens) - 1))
    )


@cache
def _words(role: str) -> frozenset[str]:
    return frozenset(
        normal_form(word) for row in rows("reaching") if row["role"] == role for word in cell(row["words"])
    )


@cache
def _deniable() -> Phrases[tuple[str, str]]:
    return Phrases(
        (term, (row["group"], row["word"]))
        for row in rows("exchanged_words")
        if row["group"].startswith(DENIED)
        for term in cell(row["terms"])
    )


@cache
def _vague() -> frozenset[str]:
    return frozenset(normal_form(word) for row in rows("vague_nouns") for word in cell(row["nouns"]))


@cache
def _prefixes() -> dict[str, list[tuple[str, str, Kind, frozenset[str]]]]:
    """Prefix → its opposites: the name of the pair, the other prefix, the kind, the stems ("": all)."""
    found: dict[str, list[tuple[str, str, Kind, frozenset[str]]]] = {}
    for row in rows("opposite_prefixes"):
        kind, stems = cast("Kind", row["kind"]), frozenset(cell(row["stems"]))
        for mine, theirs in ((row["one"], row["other"]), (row["other"], row["one"])):
            found.setdefault(mine, []).append((f"{row['one']}-{row['other']}", theirs, kind, stems))
    return found


@cache
def _beginnings() -> tuple[str, ...]:
    return tuple(prefix for prefix in _prefixes() if prefix)


@cache
def _bare() -> frozenset[str]:
    return frozenset(stem for _, _, _, stems in _prefixes()[""] for stem in stems)


def prefixed_words(text: str, known: frozenset[str]) -> Iterator[Turning]:
    """Words that also stand somewhere with the opposite prefix. `known` are the words of both columns."""
    tokens = tokens_of(text)
    for at, token in enumerate(tokens):
        norm = token.norm
        yield from _with_non(tokens, at, known)
        prefixes = (
            [prefix for prefix in _beginnings() if norm.startswith(prefix)] if norm.startswith(_beginnings()) else []
        )
        if norm in _bare() and not _is_denied(tokens, at):
            prefixes.append("")
        for mine in prefixes:
            stem = norm.removeprefix(mine)
            for pair, theirs, kind, stems in _prefixes()[mine]:
                if len(stem) >= _STEM and theirs + stem in known and (not stems or stem in stems):
                    yield Turning("", f"{pair} {stem}", kind, mine, (token.start, token.end))


def _with_non(tokens: Sequence[Token], at: int, known: frozenset[str]) -> Iterator[Turning]:
    """A word with "non" that stands somewhere without it, and the other way round; a denied one is as one with it."""
    norm, span = tokens[at].norm, (tokens[at].start, tokens[at].end)
    if is_non_word(norm) and norm.removeprefix("non") in known:
        yield Turning("", f"non- {norm.removeprefix('non')}", "negation", "non", span)
    elif len(norm) >= _STEM and f"non{norm}" in known:
        said = "non" if with_denial(tokens, at) else ""
        yield Turning("", f"non- {norm}", "negation", said, span)


def _is_denied(tokens: Sequence[Token], at: int) -> bool:
    before = [token.norm for token in tokens[max(0, at - _NEAR) : at]]
    is_contrast = any(pair in (("rather", "than"), ("instead", "of")) for pair in pairwise(before))
    return is_contrast or not _DENYING.isdisjoint(before)


def _characters(tokens: Sequence[Token], match: Match[Any]) -> tuple[int, int]:
    return tokens[match.start].start, tokens[match.end - 1].end
