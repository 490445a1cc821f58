"""A report as text that every system takes: printable ASCII with CRLF, whole or one section, signed or not.

A sign that ASCII lacks is written out ("≥ 5 µm" → ">= 5 um"); what has no such form becomes "?", counted and named,
because a character that vanishes may have been a "not" or a unit. A draft says in its first line that nobody signed it.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from dictation.errors import UsageError
from dictation.report import SECTIONS
from dictation.report.report import NOT_DICTATED, Section

STATE_LINES = {
    "draft": "UNSIGNED DRAFT",
    "preliminary": "PRELIMINARY REPORT",
    "addending": "UNSIGNED DRAFT OF AN ADDENDUM, BEHIND THE SIGNED REPORT",
}
State = Literal["draft", "preliminary", "final", "addending", "addended"]
ADDENDUM = "\n\nADDENDUM "  # what an addendum begins with (`addended_text`)
_HEADINGS = re.compile(rf"(?:^|\n\n)(?P<name>{'|'.join(name.upper() for name in SECTIONS)}):[ \n]|{ADDENDUM}")
_RAISED = {character: str(number) for number, character in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")} | {"⁻": "-", "⁺": "+"}
_DIAMETERS = "∅⌀Øø"  # before a figure; alone it may be "none", in a word it is a letter
_POINTS = "·∙⋅"  # a decimal point, where it stands between figures


@dataclass(frozen=True)
class CleanText:
    """`text` holds printable ASCII and CRLF only. `unknown` names each character that became "?", and how often."""

    text: str
    unknown: tuple[str, ...] = ()

    @property
    def warning(self) -> str:
        """One sentence on what could not be written, "" where all could."""
        return f"Copied with ? in place of {', '.join(self.unknown)}; check them." if self.unknown else ""


def clean_text(text: str, state: State, *, section: Section | None = None, unidentified: str = "") -> CleanText:
    """Return the canonical text of a report (`Report.text`, `Version.text`) as plain ASCII.

    `section` copies that one, without its heading, and behind it all addenda, which may say otherwise. `unidentified`
    says in the head that no patient or exam is named, and why. Raises UsageError for a section that says nothing.
    """
    body = text if section is None else section_of(text, section) + _addenda_of(text, state)
    head = [line for line in (STATE_LINES.get(state), unidentified.upper()) if line]
    plain, unknown = ascii_of("\n".join([*head, *([""] if head else []), body.strip("\n")]))
    lines = [re.sub(r" {2,}", " ", line).rstrip() for line in plain.split("\n")]
    named = tuple(f"{count} × {name}" if count > 1 else name for name, count in unknown.items())
    return CleanText("\r\n".join(lines) + "\r\n", named)


def ascii_of(text: str) -> tuple[str, Counter[str]]:
    """Return a text in printable ASCII and newlines, and the names of the characters that became "?"."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    written, unknown = "", Counter[str]()
    for place, character in enumerate(text):
        if character == "\n" or " " <= character <= "~":
            written += character
            continue
        is_raised_on = text[max(0, place - 1) : place] in _RAISED  # one sign for all of "10¹²"
        before = "" if is_raised_on and character in _RAISED else written[-1:]
        plain = _plain(character, before, text[place + 1 : place + 3])
        if plain is None:
            unknown[_name(character)] += 1
            plain = "?"
        written += plain
    return written, unknown


def _plain(character: str, before: str, following: str) -> str | None:
    """What stands for one character between its neighbours, of which two follow it; None where nothing does."""
    after = following[:1]
    is_letter = character.isalpha() and (before.isalpha() or after.isalpha())
    if character in _DIAMETERS and not is_letter:
        gap = " " if before.isalnum() else ""
        return f"{gap}diameter " if re.match(r"[ \u00a0]?\d", following) else None
    if character in _RAISED:
        own = _RAISED[character]
        is_power = before.isdigit()  # "10³" is no 103; "cm³" needs no sign
        return f"^{own}" if is_power else own
    if character in _POINTS and before.isdigit() and after.isdigit():
        return "."
    if character == "°" and before in ("", " ", "\n"):
        return "deg" + (" " if after.isalpha() else "")
    if character == "°":
        return " deg" + (" " if after.isalnum() else "")
    if character in _table():
        return _table()[character]
    apart = unicodedata.normalize("NFKD", character)
    if "\u2044" in apart:  # a fraction: "2½" is no 21/2
        return (" " if before.isdigit() else "") + apart.replace("\u2044", "/")
    if (figure := unicodedata.decimal(character, None)) is not None and unicodedata.category(character) == "Nd":
        return str(figure)
    if unicodedata.category(character)[0] == "L":
        apart = "".join(part for part in apart if unicodedata.category(part) != "Mn")
    if apart != character and apart.isascii() and apart.isprintable():
        is_lone = apart.isdigit() and (before.isdigit() or after.isdigit())  # "①" beside a figure
        return f" {apart} " if is_lone else apart
    return None


@cache
def _table() -> dict[str, str]:
    text = files("dictation.exchange").joinpath("data", "plain_characters.tsv").read_text(encoding="utf-8")
    lines = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return {
        chr(int(code.removeprefix("U+"), 16)): "" if plain == "(none)" else plain.replace("_", " ")
        for code, plain, _character, _source in lines[1:]
    }


def _name(character: str) -> str:
    return unicodedata.name(character, f"character {ord(character):04X}").lower()


def _addenda_of(text: str, state: State) -> str:
    """The addenda of a report with their heads, "" where it has none."""
    first = text.find(ADDENDUM) if state in ("addending", "addended") else -1
    return text[first:] if first >= 0 else ""


def section_of(text: str, section: Section) -> str:
    """Return the words under one heading of a report's canonical text, as it was before any addendum.

    Raises UsageError where it says nothing.
    """
    found = list(_HEADINGS.finditer(text))
    for number, heading in enumerate(found):
        if heading["name"] == section.upper():
            stop = found[number + 1].start() if number + 1 < len(found) else len(text)
            body = text[heading.end() : stop].strip()
            if body and body != NOT_DICTATED:
                return body
            break
    raise UsageError(f"Nothing is said under {section.capitalize()}, so nothing was copied.")
