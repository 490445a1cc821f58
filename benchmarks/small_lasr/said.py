"""Written dictation to what a person says: "[FINDINGS] 5.2 cm {period}" -> "findings five point two centimeters period"

The text goes to a speech synthesiser, so a number is spelled out and an abbreviation is said letter by letter.
"""

import re

TO_NINETEEN = """
    zero one two three four five six seven eight nine
    ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
"""
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]

WRITTEN_AND_SAID = [
    (re.compile(r"%"), " percent"),
    (re.compile(r"\bx\b"), "by"),
    (re.compile(r"\bmm(?= [a-z])"), "millimeter"),
    (re.compile(r"\bmm\b"), "millimeters"),
    (re.compile(r"\bcm(?= [a-z])"), "centimeter"),
    (re.compile(r"\bcm\b"), "centimeters"),
    (re.compile(r"-year-old"), " year old"),
    (re.compile(r"\b([CLST])(\d+)-"), r"\1\2 "),
    (re.compile(r"\b([CLST])(?=\d)"), r"\1 "),
    (re.compile(r"\b(CT|MRI|PE)\b"), lambda match: " ".join(match[0])),
    (re.compile(r"[{}\[\]]"), ""),
    (re.compile(r"(?<=\d)\.(?=\d)"), " point "),
    (re.compile(r"\d+"), lambda match: number(int(match[0]))),
    (re.compile(r"\b[A-Z]{3,}\b"), lambda match: match[0].lower()),
    (re.compile(r"-"), " "),
]


def said(written: str) -> str:
    """Return the words spoken for a text of `grammar.py`, commands and headings among them, without punctuation."""
    for pattern, spoken in WRITTEN_AND_SAID:
        written = pattern.sub(spoken, written)
    return " ".join(written.split())


def number(value: int) -> str:
    """Return a whole number from 0 to 99 in words."""
    if value < 20:
        return TO_NINETEEN.split()[value]
    return f"{TENS[value // 10 - 2]} {number(value % 10) if value % 10 else ''}".strip()
