"""Misheard terms: "plural effusion" -> "pleural effusion", "mediascinum" -> "mediastinum".

First the table of what recognizers are known to write (`misheard.tsv`), then terms that sound like a word that is none.
The heard form stays with the token; a critical word (side, negation, number, unit …) is never changed or produced.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from dictation.lexicon import Vocabulary, rows
from dictation.lexicon.critical import is_critical
from dictation.lexicon.terms import is_known, one_word_terms, prefixes
from dictation.speech.transcript import Alternative, Word
from dictation.wording.context import after, before, ends_with, spoken, starts_with
from dictation.wording.correction_cues import announced
from dictation.wording.editing import find_commands
from dictation.wording.hearing import heard
from dictation.wording.marked import obey_marked
from dictation.wording.soundalikes import Targets, changes, is_unknown
from dictation.wording.tokens import Token


@dataclass(frozen=True)
class Confusion:
    """A phrase that recognizers write for another. Empty contexts: always; else one of them must match."""

    phrase: tuple[str, ...]
    meant: tuple[str, ...]
    before: str
    after: str


@cache
def _confusions() -> dict[str, tuple[Confusion, ...]]:
    """The table by first word, longest phrase first. Raises ValueError where a row would touch a critical word."""
    found: dict[str, list[Confusion]] = {}
    for row in rows("misheard"):
        phrase, meant = tuple(row["heard"].split()), tuple(row["meant"].split())
        allowed = {*row["swallows"].split(), *phrase} & {*row["swallows"].split(), *meant}
        if any(is_critical(word) and word not in allowed for word in (*phrase, *meant)):
            raise ValueError(f"misheard.tsv: {row['heard']!r} would change a critical word.")
        found.setdefault(phrase[0], []).append(Confusion(phrase, meant, row["before"], row["after"]))
    return {word: tuple(sorted(items, key=lambda item: -len(item.phrase))) for word, items in found.items()}


@lru_cache(maxsize=8)
def _known(vocabulary: Vocabulary) -> dict[str, tuple[Confusion, ...]]:
    """The user's own confusions by first word, longest first, before those of the table."""
    known = dict(_confusions())
    for one in sorted(vocabulary.misheard, key=lambda one: len(one.heard.split())):
        pair = Confusion(
            tuple(one.heard.split()), tuple(one.meant.split()), re.escape(one.before), re.escape(one.after)
        )
        known[pair.phrase[0]] = (pair, *known.get(pair.phrase[0], ()))
    return known


@lru_cache(maxsize=8)
def _own_targets(vocabulary: Vocabulary) -> Targets:
    return Targets.of(phrase.written for phrase in vocabulary.phrases)


def put_right(tokens: Sequence[Token], vocabulary: Vocabulary) -> list[Token]:
    """Return the tokens with misheard terms put right: `corrected`, with the form that was `heard`.

    A word that is none and of which no one term is sure is marked `doubtful`.
    """
    known = _rejoined(_from_table(tokens, _known(vocabulary)))
    cues = announced(known)  # of "right upper lobe make that right lower lobe" no "mass that" is made
    shown = [
        token.text if token.kind == "word" and index not in cues and not _is_name(known, index) else None
        for index, token in enumerate(known)
    ]
    written: list[Token] = []
    done = 0
    for change in changes(shown, _own_targets(vocabulary)):
        written += known[done : change.start]
        written += _written(known[change.start : change.stop], change.words)
        done = change.stop
    written += known[done:]
    return [
        replace(token, doubtful=True)
        if token.kind == "word" and not token.corrected and is_unknown(token.text) and not _is_name(written, index)
        else token
        for index, token in enumerate(written)
    ]


@cache
def _titles() -> frozenset[str]:
    return frozenset(row["title"] for row in rows("name_titles"))


def _is_name(tokens: Sequence[Token], index: int) -> bool:
    """True for the word after "Dr." and its like."""
    return index > 0 and tokens[index - 1].text.lower() in _titles()


def _rejoined(tokens: Sequence[Token]) -> list[Token]:
    """Put together a term that was heard in parts ("hepato splenomegaly"), one of which reports do not use alone."""
    joined: list[Token] = []
    index = 0
    while index < len(tokens):
        term = None
        for size in (3, 2):
            parts = tokens[index : index + size]
            term = _term_of(parts) if len(parts) == size and not _is_status_post(tokens, index) else None
            if term:
                joined += _written(parts, (term,))
                index += size
                break
        if not term:
            joined.append(tokens[index])
            index += 1
    return joined


def _is_status_post(tokens: Sequence[Token], index: int) -> bool:
    """True for the "post" of "status post surgical correction", which is a preposition there."""
    return index > 0 and (tokens[index - 1].text.lower(), tokens[index].text.lower()) == ("status", "post")


def _term_of(parts: Sequence[Token]) -> str | None:
    """The one-word term that the parts spell, None where they do not or each may stand alone."""
    words = [part.text.lower() for part in parts]
    if any(part.kind != "word" or is_critical(part.text) for part in parts):
        return None
    if all(is_known(word) and word not in prefixes() for word in words):
        return None
    return one_word_terms().get("".join(words))


def _from_table(tokens: Sequence[Token], known: Mapping[str, Sequence[Confusion]]) -> list[Token]:
    written: list[Token] = []
    index = 0
    while index < len(tokens):
        confusion = _confusion_at(tokens, index, written, known)
        if confusion is None:
            written.append(tokens[index])
            index += 1
            continue
        stop = index + len(confusion.phrase)
        written += _written(tokens[index:stop], confusion.meant)
        index = stop
    return written


def _confusion_at(
    tokens: Sequence[Token], index: int, written: Sequence[Token], known: Mapping[str, Sequence[Confusion]]
) -> Confusion | None:
    token = tokens[index]
    if token.kind != "word" or _is_name(tokens, index):
        return None
    for confusion in known.get(token.text.lower(), ()):
        if not spoken(tokens, index, confusion.phrase):
            continue
        if not confusion.before and not confusion.after:
            return confusion
        if ends_with(before(written, len(written)), confusion.before):
            return confusion
        if starts_with(after(tokens, index + len(confusion.phrase)), confusion.after):
            return confusion
    return None


def _written(said: Sequence[Token], meant: Sequence[str]) -> list[Token]:
    """The tokens of `meant`; words at both ends that were heard right stay as they are."""
    start = 0
    while start < min(len(said), len(meant)) and said[start].text.lower() == meant[start].lower():
        start += 1
    end = 0
    while end < min(len(said), len(meant)) - start and said[-1 - end].text.lower() == meant[-1 - end].lower():
        end += 1
    changed = said[start : len(said) - end]
    words = tuple(dict.fromkeys(word for token in changed for word in token.words))
    form = " ".join(token.heard or token.text for token in changed)
    marked = changed[0].is_command if changed else None
    put = [
        Token(text, words, corrected=True, heard=form, is_command=marked) for text in meant[start : len(meant) - end]
    ]
    return [*said[:start], *put, *said[len(said) - end :]]


def correct_terms(words: Sequence[Word], vocabulary: Vocabulary) -> list[Word]:
    """Return the words with misheard terms put right, all else as spoken; for scoring and for showing words.

    A corrected word's `text` is the term and the heard form is its alternative of source "lexicon"; words that make
    one term together become one word, from the first second to the last, with the lowest confidence.
    """
    tokens = put_right(find_commands(obey_marked(heard(words))), vocabulary)
    corrected: list[Word] = []
    done = 0
    place = 0
    while place < len(tokens):
        if not tokens[place].corrected:
            place += 1
            continue
        stop = place
        while stop < len(tokens) and tokens[stop].corrected and tokens[stop].words == tokens[place].words:
            stop += 1
        indexes = tokens[place].words
        corrected += words[done : indexes[0]]
        corrected.append(_merged([words[i] for i in indexes], " ".join(token.text for token in tokens[place:stop])))
        done = indexes[-1] + 1
        place = stop
    return [*corrected, *words[done:]]


def _merged(said: Sequence[Word], term: str) -> Word:
    first, last = said[0].text, said[-1].text
    opening = first[: len(first) - len(first.lstrip("([{\"'"))]
    closing = last[len(last.rstrip(".,:;?!)]}\"'")) :]
    if first.lstrip("([{\"'")[:1].isupper() and term[:1].islower():
        term = term[0].upper() + term[1:]
    confidences = [word.confidence for word in said if word.confidence is not None]
    form = " ".join(word.text for word in said).removeprefix(opening).removesuffix(closing)
    return Word(
        text=f"{opening}{term}{closing}",
        start_s=said[0].start_s,
        end_s=said[-1].end_s,
        confidence=min(confidences, default=None),
        alternatives=(
            Alternative(text=form, source="lexicon"),
            *(alternative for word in said if len(said) == 1 for alternative in word.alternatives),
        ),
    )
