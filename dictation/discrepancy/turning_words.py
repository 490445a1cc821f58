"""The words of a sentence that may turn into their opposite, each with what it is said of.

Sides, directions, "above" and "below" are said of the nouns behind them, "told" and "denied" of a vessel that something
reaches or of a word such as "given"; rare words ("ipsilateral", "true lumen") and prefixes stand for themselves.
"""

from collections.abc import Container, Iterator, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple, cast

from dictation.discrepancy.directions import find_directions
from dictation.discrepancy.discrepancy import Kind
from dictation.discrepancy.exchanged_sides import clauses
from dictation.discrepancy.stretches import codes_in
from dictation.findings.cues import changes_in, find_cues
from dictation.findings.level import levels_in
from dictation.findings.lexicon import (
    cell,
    place_phrases,
    plain_words,
    region_of,
    structure_phrases,
    word_phrases,
)
from dictation.findings.measurement import read_number
from dictation.findings.phrases import Match, Phrases
from dictation.findings.tokens import Token, normal_form, tokens_of
from dictation.lexicon import rows

DENIED = "denied"  # the group of words that are compared by how often they are denied
_STEM = 4  # letters of a word without its prefix
_NEAR = 3  # words between a side or direction and its noun, or between a denial and its word
_VERBS = frozenset({"is", "are", "was", "were", "has", "have", "had", "could", "can", "did", "does"})
_KINDS = {"artery": "artery", "arterial": "artery", "vein": "vein", "venous": "vein", "nerve": "nerve"}
_BOUNDS = {"more": "more", "greater": "more", ">": "more", "less": "less", "smaller": "less", "<": "less"}
_SIDES = ("left", "right")
_NAME = "<{}>"
_NOT = frozenset({"not", "never"})
_BETWEEN = frozenset({"be", "been", "being", "yet", "have", "to", "further"})  # "has not yet been deployed"
_ENDINGS = ("ing", "ed", "es", "s", "e")
_NERVES = ("nerve root", "root", "nerve", "ganglion")


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
        found.append(Turning("", group, kind, word, _characters(tokens, match)))
    found += _beside_nouns(tokens, _NEAR if is_clear else 1)
    found += _denied(tokens)
    found += _vessels_by_kind(tokens)
    found += _bounds(tokens)
    found += _roots(tokens)
    for start, end, group, (_, code) in codes_in(text, tokens):
        found.append(
            Turning("", f"code {group}", "site", code, (tokens[start].start, tokens[min(end, len(tokens)) - 1].end))
        )
    return (*found, *(_of_vessels(tokens) if is_clear else ()))


@cache
def _exclusive() -> Phrases[tuple[str, str, Kind]]:
    return Phrases(
        (term, (row["group"], row["word"], cast("Kind", row["kind"])))
        for row in rows("exchanged_words")
        for term in cell(row["terms"])
        if row["group"] != DENIED
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
        is_denied = _is_denied(tokens, match.start) or any(_is_beside(tokens, cue, match) for cue in cues)
        word = "denied" if is_denied else "told"
        yield Turning("", f"{DENIED} {match.meaning}", "negation", word, _characters(tokens, match))


def denied_stems(text: str) -> frozenset[str]:
    """Stems of the words right behind a "not": "a clip was not deployed". Those of findings are compared as claims."""
    tokens = tokens_of(text)
    found = set()
    for at, token in enumerate(tokens):
        if token.norm in _NOT:
            word = next((one.norm for one in tokens[at + 1 : at + 1 + _NEAR] if not _is_between(one.norm)), "")
            if word.isalpha() and len(word) >= _STEM and word not in _cue_words():
                found.add(_stem(word))
    return frozenset(found)


def _is_between(norm: str) -> bool:
    return norm in _BETWEEN or norm.endswith("ly")


@cache
def _cue_words() -> frozenset[str]:
    """Words of the phrases that deny or doubt a finding: "not seen", "not excluded". What they say is compared."""
    cues = {token.norm for row in rows("assertion") for term in cell(row["terms"]) for token in tokens_of(term)}
    told = {
        normal_form(term)
        for name in ("states", "qualifier", "change", "severity")
        for row in rows(name)
        for term in cell(row["terms"])
    }
    return frozenset(cues | told | plain_words("stop", "normal", "technical"))


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
            said = "denied" if _is_denied(tokens, at) else "told"
            yield Turning("", f"{DENIED} {stem}", "negation", said, (token.start, token.end))


def _roots(tokens: Sequence[Token]) -> Iterator[Turning]:
    """Nerve roots by their level: "the exiting L4 nerve root"."""
    for level in levels_in(tokens):
        behind = [token.norm for token in tokens[level.end : level.end + 2]]
        if len(level.names) == 1 and any(" ".join(behind).startswith(nerve) for nerve in _NERVES):
            span = tokens[level.start].start, tokens[level.end].end
            yield Turning("", "root", "level", level.names[0], span)


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
        if norms & _reaching("spared") or any(start <= at < end for at in denials):
            is_denied = True
        elif norms & _reaching("reaching"):
            is_denied = False
        if is_denied is None:
            continue
        for match in vessels:
            if start <= match.start < end:
                word = "denied" if is_denied else "told"
                yield Turning(match.meaning.id, "reached", "negation", word, _characters(tokens, match))


@cache
def _reaching(role: str) -> frozenset[str]:
    return frozenset(
        normal_form(word) for row in rows("reaching") if row["role"] == role for word in cell(row["words"])
    )


@cache
def _deniable() -> Phrases[str]:
    return Phrases(
        (term, row["word"]) for row in rows("exchanged_words") if row["group"] == DENIED for term in cell(row["terms"])
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


def _is_denied(tokens: Sequence[Token], at: int) -> bool:
    return any(
        token.norm in ("no", "not", "without", "never", "neither", "nor", "none")
        for token in tokens[max(0, at - _NEAR) : at]
    )


def _characters(tokens: Sequence[Token], match: Match[Any]) -> tuple[int, int]:
    return tokens[match.start].start, tokens[match.end - 1].end
