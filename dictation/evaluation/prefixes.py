"""Words made with a prefix, joined or apart: "non displaced" and "nondisplaced" are one word.

    ["bi", "lateral"]    →  ["bilateral"]         a word of the lexicon or of English: it stands as one
    ["midlung"]          →  ["mid", "lung"]       not known as one word, while "lung" is: it stands as two

Only blanks come and go, never a letter, so that no two texts of different letters become alike. Prefixes that are words
of their own and turn what follows ("a typical", "in complete") are not among them: see `negating_prefixes.tsv`.
"""

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from dictation.lexicon.english import is_ordinary
from dictation.lexicon.terms import MIN_STEM, known_words, prefixes


def with_prefixes(words: Sequence[str]) -> Iterator[str]:
    """Return the words in small letters, each prefix joined to the next word or parted from it in one way."""
    at = 0
    while at < len(words):
        word, following = words[at], words[at + 1] if at + 1 < len(words) else ""
        if word in _prefixes() and _is_stem(following) and _is_word(word + following):
            yield word + following
            at += 2
            continue
        yield from _parted(word)
        at += 1


@lru_cache(maxsize=4096)
def _parted(word: str) -> tuple[str, ...]:
    if word.isalpha() and not _is_word(word):
        for prefix in _prefixes():
            if word.startswith(prefix) and _is_stem(stem := word.removeprefix(prefix)):
                return prefix, stem
    return (word,)


def _is_stem(word: str) -> bool:
    return len(word) >= MIN_STEM and word.isalpha() and _is_word(word)


@lru_cache(maxsize=4096)
def _is_word(word: str) -> bool:
    """Whether the lexicon or the list of English has it, in either number."""
    endings = (word, word.removesuffix("s"), word.removesuffix("es"))
    return any(form in known_words() for form in endings) or is_ordinary(word)


@cache
def _prefixes() -> dict[str, None]:
    """The longest first, in a fixed order."""
    return dict.fromkeys(sorted(prefixes(), key=lambda prefix: (-len(prefix), prefix)))
