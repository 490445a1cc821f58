"""Report text as it would be said: "2.1 x 1.2 cm" -> "two point one by one point two centimeters".

Deterministic and small: what it cannot say for certain (dates, codes, fractions) makes it return None, and such a
report is not drawn. List numbers at the start of a sentence are not spoken.
"""

import re

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = (
    "zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth", "thirteenth",
)  # fmt: skip
_UNITS = {"mm": "millimeters", "cm": "centimeters", "%": "percent"}
_SPELLED = {  # written in reports, said otherwise
    r"\be\.g\.": "for example",
    r"\bi\.e\.": "that is",
    r"\bvs\.?(?=\s)": "versus",
    r"\band/or\b": "and or",
    r"\bw/o\b": "without",
    r"\bDr\.": "Doctor",
}
_NUMBER = r"\d+(?:\.\d+)?"


def sentences(text: str) -> list[str]:
    """The sentences of a report's section, list numbers dropped."""
    text = re.sub(r"(?:(?<=\s)|^|(?<=\.))\d{1,2}\.(?=\s*[A-Z])", " ", " ".join(text.split()))
    parts = re.split(r"(?<=[.!?])\s+|(?<=[a-z][.!?])(?=[A-Z])", text)
    return [part.strip() for part in parts if re.search(r"[A-Za-z]", part)]


def spoken(sentence: str) -> str | None:
    """One sentence as said, commas kept for the voice's sake; None where a numeral has no certain reading."""
    for pattern, words in _SPELLED.items():
        sentence = re.sub(pattern, words, sentence, flags=re.IGNORECASE)
    sentence = re.sub(rf"({_NUMBER})\s*[xX]\s*(?={_NUMBER})", r"\1 by ", sentence)
    sentence = re.sub(rf"({_NUMBER})\s*-\s*(?={_NUMBER}\s*(?:mm|cm)\b)", r"\1 to ", sentence)
    sentence = re.sub(rf"({_NUMBER})[\s-]*(mm|cm|%)(?![a-z])", _quantity, sentence)
    sentence = re.sub(r"\b([CTLS])-?(\d{1,2})\b", lambda m: f"{m[1]} {_cardinal(int(m[2]))}", sentence)
    sentence = re.sub(r"\b(\d{1,2})(?:st|nd|rd|th)\b", _ordinal, sentence)
    sentence = re.sub(rf"(?<![\w/.-]){_NUMBER}(?![\w/-]|\.\d)", lambda m: _number(m[0]), sentence)
    sentence = re.sub(r"[/:;()\"]", " , ", sentence)
    sentence = re.sub(r"\s+,", ",", re.sub(r"(,\s*)+", ", ", sentence))
    sentence = " ".join(sentence.strip(" ,").rstrip(".!?").split())
    return None if re.search(r"\d|[^A-Za-z ,.'’-]", sentence) else sentence


def _quantity(match: re.Match[str]) -> str:
    unit = _UNITS[match[2]]
    return f"{_number(match[1])} {unit[:-1] if match[1] == '1' and unit != 'percent' else unit}"


def _ordinal(match: re.Match[str]) -> str:
    number = int(match[1])
    return _ORDINALS[number] if number < len(_ORDINALS) else match[0]


def _number(digits: str) -> str:
    whole, _, fraction = digits.partition(".")
    return _cardinal(int(whole)) + (" point " + " ".join(_ONES[int(d)] for d in fraction) if fraction else "")


def _cardinal(number: int) -> str:
    """A whole number below a thousand in words; digits where it is larger, which nobody speaks here."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens] + (f" {_ONES[ones]}" if ones else "")
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        return f"{_ONES[hundreds]} hundred" + (f" {_cardinal(rest)}" if rest else "")
    return str(number)
