"""What is added to a final report later, under its own author, time and reason. The original stays as it was signed."""

from datetime import datetime

from dictation.case.editing import plain_line, says_why
from dictation.errors import UsageError
from dictation.report import SECTIONS, Report

_OWN = ("dictated", "typed", "macro")  # what order and template state is in the original already


def addended_text(original: str, words: str, *, number: int, author: str, at: datetime, reason: str) -> str:
    """Return the text of a final report, verbatim, and behind it its addendum number `number`.

    `original` may have addenda already. Raises UsageError without an author, a reason that says why, or words.
    """
    author, reason = plain_line(author), plain_line(reason)
    if not author:
        raise UsageError("An addendum is signed by somebody; give your name.")
    if not says_why(reason):
        raise UsageError("An addendum needs its reason; say in a few words why it is made.")
    if not words.strip():
        raise UsageError("The addendum is empty; dictate or type what is to be added.")
    head = f"ADDENDUM {number}, {at:%Y-%m-%d %H:%M} ({_zone(at)}), {author}:"
    return f"{original}\n\n{head}\nReason: {reason}\n{words}"


def with_unsigned(original: str, words: str, *, number: int, reason: str) -> str:
    """Return the text of a final report, verbatim, and behind it an addendum that nobody signed yet, marked so."""
    return f"{original}\n\nADDENDUM {number}, NOT SIGNED:\nReason: {plain_line(reason)}\n{words}"


def words_of(report: Report) -> str:
    """Return what a person said or typed in a report: bare where it is findings only, else with its headings.

    Empty where nobody said anything.
    """
    own = own_sections(report)
    if list(own) in ([], ["findings"]):
        return own.get("findings", "")
    return "\n".join(f"{section.capitalize()}: {text}" for section, text in own.items())


def own_sections(report: Report) -> dict[str, str]:
    """Return what a person said or typed in a report under each heading, without headings where nobody did."""
    found: dict[str, str] = {}
    for section in SECTIONS:
        texts = [statement.text for statement in getattr(report, section) if statement.origin in _OWN]
        if texts:
            found[section] = " ".join(texts)
    return found


def _zone(at: datetime) -> str:
    offset = at.strftime("%z")
    return f"UTC{offset[:3]}:{offset[3:5]}" if offset.strip("+-0") else "UTC"
