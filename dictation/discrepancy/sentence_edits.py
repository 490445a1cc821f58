"""Small repairs that keep a report readable when words of it are exchanged, added or taken out.

Enter: the report's text and its sentences. Leave: `Edit`s, each on characters of exactly that text.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from dictation.discrepancy.columns import Column
from dictation.discrepancy.discrepancy import Edit
from dictation.findings import SentenceSpan
from dictation.wording.casing import as_written
from dictation.wording.figures import write_figures
from dictation.wording.tokens import Token

_ENDS = " \t\n.,:;-\u2013"
_STOPS = ".!?"
_VOWEL = re.compile(r"(?:[aeio]|un(?!i)|8|11\b|18\b|[FHLMNRSX](?=[A-Z]{1,3}\b)|hour)", re.IGNORECASE)
_ARTICLE = re.compile(r"\b(an?) $", re.IGNORECASE)
_DOUBLED = re.compile(r"\b([a-z]+) \1\b", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:^|\n|\s)\(?\d{1,2}[.)]\s*$")


def applied(text: str, edits: Sequence[Edit]) -> str:
    """The report's text with the edits in it."""
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        text = text[: edit.span[0]] + edit.text + text[edit.span[1] :]
    return text


def as_sentence(words: str) -> str:
    """Dictated words as the report writes them: a capital, figures and abbreviations where all was small."""
    words = " ".join(written_form(words.strip(_ENDS)).split())
    return words[:1].upper() + words[1:] if words[1:2].islower() or words[1:2] == " " else words


@lru_cache(maxsize=8)  # every way of correcting a card asks for the same words
def written_form(words: str) -> str:
    """Words of a dictation that has no marks and no figures yet, in written form; all others as they are."""
    if not words.islower() or any(character.isdigit() for character in words):
        return words
    return " ".join(as_written(token) for token in write_figures([Token(word) for word in words.split()]))


def exchanged(text: str, span: tuple[int, int], words: str) -> Edit:
    """Words in place of others, with their capital, and "a" or "an" before them as it must be."""
    start, end = span
    old = text[start:end]
    if not words:
        return Edit(span=(start, end + 1 if text[end : end + 1] == " " else end), text="")
    if old[:1].isupper() and old[1:2].islower() and words[:1].islower() and words[1:2].islower():
        words = words[:1].upper() + words[1:]
    elif old[:1].islower() and words[:1].isupper() and words[1:].islower():
        words = words[:1].lower() + words[1:]
    article = _ARTICLE.search(text, max(0, start - 4), start)
    if article:
        right = article[1][0] + ("n" if _VOWEL.match(words) else "")
        words, start = f"{right} {words}", article.start()
    return Edit(span=(start, end), text=words)


def replaced(text: str, sentence: SentenceSpan, words: str) -> Edit:
    """A sentence in place of another; its full stop stays where it is."""
    return Edit(span=(sentence.start, sentence.end), text=as_sentence(words))


def added(column: Column, words: str, section: str | None) -> Edit | None:
    """A sentence behind the last one of its section, else of the report's findings; None in an empty report."""
    body = [span for span in column.sentences if span.section in (None, "findings", "impression")]
    own = [span for span in body if span.section == section]
    findings = [span for span in body if span.section != "impression"]
    places = own or findings or body
    if not places:
        return None
    at = places[-1].end
    has_stop = column.text[at : at + 1] in tuple(_STOPS)
    new = as_sentence(words) + "."
    return Edit(span=(at + 1, at + 1), text=f" {new}") if has_stop else Edit(span=(at, at), text=f". {new}")


def taken_out(column: Column, sentence: SentenceSpan) -> Edit | None:
    """A sentence without its place: None where a heading, a number or half a sentence would be left over."""
    text, start, end = column.text, sentence.start, sentence.end
    if text[end : end + 1] in tuple(_STOPS):
        end += 1
    before, after = text[:start], text[end:]
    is_first, is_last = not before.rstrip(" ") or before.endswith("\n"), not after.strip(" ") or after.startswith("\n")
    if _NUMBERED.search(before[-8:]) or ";" in (before.rstrip()[-1:], after[:1]):
        return None
    if is_last and (before.rstrip().endswith(":") or not before.strip()):
        return None
    if is_last and before.endswith("\n"):
        return Edit(span=(start - 1, end), text="")
    if is_last:
        return Edit(span=(len(before.rstrip(" ")), end), text="")
    blanks = len(after) - len(after.lstrip(" "))
    if not is_first and not before.endswith(" "):
        return None
    return Edit(span=(start, end + blanks), text="")


def is_readable(sentence: str) -> bool:
    """No word twice in a row, nothing empty in brackets, no mark behind a blank."""
    return not _DOUBLED.search(sentence) and "()" not in sentence and not re.search(r"\s[.,;:]|\s\s", sentence)
