"""What a report is made of: terms, words that stand together, and the ordinary words between them."""

from functools import cache

from dictation.lexicon.critical import critical_words
from dictation.lexicon.tables import rows

MIN_STEM = 4  # letters that must be left after a prefix


@cache
def terms() -> dict[str, str]:
    """Term as written → its category, in file order."""
    return {row["term"]: row["category"] for row in rows("terms")}


@cache
def collocations() -> tuple[str, ...]:
    """Phrases of lower-case words that often stand together in reports."""
    return tuple(row["phrase"] for row in rows("collocations"))


@cache
def category_of(word: str) -> str | None:
    """The category of a one-word term, any case; None where it is none."""
    return _categories().get(word.lower())


@cache
def _categories() -> dict[str, str]:
    return {term.lower(): category for term, category in terms().items() if " " not in term}


@cache
def one_word_terms() -> dict[str, str]:
    """Letters of a one-word term, small and without hyphens → the term as written."""
    return {term.lower().replace("-", ""): term for term in terms() if " " not in term}


@cache
def known_words() -> frozenset[str]:
    """Every lower-case word of the tables: what a report may well say."""
    words = {
        word
        for table in ("report_words", "radiology_words")
        for row in rows(table)
        for word in row["words"].split(" | ")
    }
    for phrase in (*terms(), *collocations()):
        lower = phrase.lower()
        words.update(lower.split())
        words.update(part for word in lower.split() for part in word.split("-") if len(part) > 2)
    words.update(critical_words())
    words.update(word for row in rows("spelling") for word in (row["american"], row["british"]))
    forms = (form for row in rows("units") for form in f"{row['singular']} | {row['plural']}".split(" | "))
    words.update(word for form in forms for word in form.split() if word.isalpha() and len(word) > 2)
    return frozenset(words)


@cache
def prefixes() -> tuple[str, ...]:
    """Prefixes that make a new word of a known one in medical language ("peri" + "hilar")."""
    return tuple(row["prefix"] for row in rows("prefixes"))


@cache
def is_known(word: str) -> bool:
    """True for a word of the tables, its regular plural, or one made of a prefix and such a word."""
    lower = word.lower()
    known = known_words()
    if lower in known or (lower.endswith("s") and lower[:-1] in known):
        return True
    if lower.endswith("es") and lower[:-2] in known:
        return True
    if lower.replace("-", "") in known or lower.replace("ae", "e").replace("oe", "e") in known:
        return True
    return any(
        lower.startswith(prefix) and len(lower) - len(prefix) >= MIN_STEM and lower[len(prefix) :].lstrip("-") in known
        for prefix in prefixes()
    )
