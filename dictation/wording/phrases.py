"""The user's own phrases: what is spoken becomes what is written ("primovist" -> "Gd-EOB-DTPA")."""

from collections.abc import Sequence
from functools import lru_cache

from dictation.lexicon import Vocabulary
from dictation.wording.context import spoken
from dictation.wording.spacing import words_of
from dictation.wording.tokens import Token


@lru_cache(maxsize=8)
def _entries(vocabulary: Vocabulary) -> dict[str, tuple[tuple[tuple[str, ...], str], ...]]:
    """First spoken word → (spoken words, written), longest first; without a spoken form the written one is spoken."""
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for phrase in vocabulary.phrases:
        for said in dict.fromkeys(((phrase.spoken or phrase.written).lower(), phrase.written.lower())):
            words = tuple(said.split())
            found.setdefault(words[0], []).append((words, phrase.written))
    return {word: tuple(sorted(entries, key=lambda entry: -len(entry[0]))) for word, entries in found.items()}


def put_phrases(tokens: Sequence[Token], vocabulary: Vocabulary) -> list[Token]:
    """Return the tokens with the vocabulary's phrases as written. A phrase of plain small words stays open to rules."""
    entries = _entries(vocabulary)
    if not entries:
        return list(tokens)
    written: list[Token] = []
    index = 0
    while index < len(tokens):
        candidates = entries.get(tokens[index].text.lower(), ()) if tokens[index].kind == "word" else ()
        for said, text in candidates:
            if spoken(tokens, index, said):
                stop = index + len(said)
                written.append(_token(text, words_of(tokens[index:stop])))
                index = stop
                break
        else:
            written.append(tokens[index])
            index += 1
    return written


def _token(text: str, words: tuple[int, ...]) -> Token:
    is_plain = text.islower() and all(character.isalpha() or character in " -" for character in text)
    return Token(text, words, kind="word" if is_plain else "number")
