"""Errors in sizes, units and levels: other digits, or none."""

import re
from collections.abc import Iterator
from decimal import Decimal

from benchmarks.discrepancy.case import Edit

_SIZE = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)(?=\s*-?\s*(?:x\s*\d+(?:\.\d+)?\s*-?\s*){0,2}(?:mm|cm)\b)")
_UNIT = re.compile(r"(?<=\d)(\s*-?\s*)(mm|cm)\b")
_TEEN = {13: 30, 14: 40, 15: 50, 16: 60, 17: 70, 18: 80, 19: 90}
_TWINS = {str(a): str(b) for a, b in _TEEN.items()} | {str(b): str(a) for a, b in _TEEN.items()}
_SIGNAL = re.compile(r"\b(?:signal|weighted|\w*intens\w*|flair|sequences?|images?|stir)\b", re.IGNORECASE)
_COUNT = {"C": 7, "T": 12, "L": 5}
_DISC = re.compile(r"\b([CTL])(\d{1,2})([-/])([CTL]?)(\d{1,2})\b")
_LEVEL = re.compile(r"\b(?<![-/])([CTL])(\d{1,2})\b(?![-/]|\s+(?:to|through)\b)")
ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth",
)  # fmt: skip
_RIB = re.compile(r"\b(" + "|".join(ORDINALS) + r")(?= (?:\w+ ){0,2}(?:ribs?|metatarsal|metacarpal)\b)", re.IGNORECASE)


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def tenfold(sentence: str) -> Iterator[Edit]:
    """A size times ten: the decimal point lost, or a zero gained."""
    for match in _SIZE.finditer(sentence):
        yield Edit(*match.span(), _plain(Decimal(match[0]) * 10))


def tenth(sentence: str) -> Iterator[Edit]:
    """A size divided by ten."""
    for match in _SIZE.finditer(sentence):
        yield Edit(*match.span(), _plain(Decimal(match[0]) / 10))


def digit(sentence: str) -> Iterator[Edit]:
    """One digit of a size changed to another; the first never becomes a zero."""
    for match in _SIZE.finditer(sentence):
        for place, old in enumerate(match[0]):
            if old == ".":
                continue
            step = 1 + (match.start() + place) % 7
            new = str((int(old) + step) % 10)
            new = "9" if new == "0" and place == 0 and old != "9" else "4" if new == "0" and place == 0 else new
            yield Edit(match.start(), match.end(), match[0][:place] + new + match[0][place + 1 :])


def twin(sentence: str) -> Iterator[Edit]:
    """Fifteen for fifty, and the like."""
    for match in _SIZE.finditer(sentence):
        if match[0] in _TWINS:
            yield Edit(*match.span(), _TWINS[match[0]])


def unit(sentence: str) -> Iterator[Edit]:
    """Millimetres for centimetres, where a sentence holds one unit."""
    found = list(_UNIT.finditer(sentence))
    if len(found) == 1:
        yield Edit(found[0].start(2), found[0].end(2), "cm" if found[0][2] == "mm" else "mm")


def level(sentence: str) -> Iterator[Edit]:
    """A vertebra, disc, rib or ray one further up or down."""
    if not _SIGNAL.search(sentence):
        yield from _spinal(sentence)
    for match in _RIB.finditer(sentence):
        index = ORDINALS.index(match[0].lower())
        last = 4 if re.search(r"meta", sentence, re.IGNORECASE) else 11
        new = ORDINALS[index + 1 if index < last else index - 1]
        yield Edit(*match.span(), new.capitalize() if match[0][0].isupper() else new)


def _spinal(sentence: str) -> Iterator[Edit]:
    for match in _DISC.finditer(sentence):
        upper, lower = int(match[2]), int(match[5])
        if match[4] in ("", match[1]) and lower == upper + 1 <= _COUNT[match[1]]:
            step = -1 if upper > 1 else 1
            if lower + step <= _COUNT[match[1]]:
                yield Edit(*match.span(), f"{match[1]}{upper + step}{match[3]}{match[4]}{lower + step}")
    for match in _LEVEL.finditer(sentence):
        number, count = int(match[2]), _COUNT[match[1]]
        if 1 <= number <= count:
            yield Edit(*match.span(), f"{match[1]}{number + 1 if number < count else number - 1}")


_MEASURED = re.compile(
    r"(?P<verb>,?\s*\b(?:measuring|spanning)(?:\s+(?:up to|approximately|about))?\s+)?"
    r"(?P<number>\d+(?:\.\d+)?(?:\s*-?\s*x\s*\d+(?:\.\d+)?)*)(?P<unit>\s*-?\s*(?:mm|cm)\b)"
)
_AT_LEVEL = re.compile(
    r"(?P<at>\s+(?:at|of|in)\s+)?\b(?P<level>[CTL]\d{1,2}(?:[-/][CTL]?\d{1,2})?)\b(?!-|\s+(?:to|through)\b)"
)


def size_lost(sentence: str) -> Iterator[Edit]:
    """The number of a size gone ("measures mm"), the whole size ("measures"), the size with "measuring"."""
    for match in _MEASURED.finditer(sentence):
        yield _gone(sentence, *match.span("number"))
        yield _gone(sentence, match.start("number"), match.end("unit"))
        if match["verb"]:
            yield _gone(sentence, *match.span())


def level_lost(sentence: str) -> Iterator[Edit]:
    """The digits of a level gone ("at L"), the level ("at"), the level with its "at", the number of a rib."""
    if not _SIGNAL.search(sentence):
        for match in _AT_LEVEL.finditer(sentence):
            yield Edit(*match.span("level"), re.sub(r"\d+", "", match["level"]))
            yield _gone(sentence, *match.span("level"))
            if match["at"]:
                yield _gone(sentence, *match.span())
    for match in _RIB.finditer(sentence):
        yield _gone(sentence, *match.span())


def _gone(sentence: str, start: int, end: int) -> Edit:
    """Words taken out with the space or hyphen behind them, or before them where a mark follows."""
    if sentence[start] in " ,":
        return Edit(start, end, "")
    if sentence[end : end + 1] in (" ", "-"):
        return Edit(start, end + 1, "")
    return Edit(start - (sentence[start - 1 : start] == " "), end, "")


_A_NUMBER = re.compile(r"[CTL]?\d[\d.]*(?: ?[-/x] ?[CTL]?\d[\d.]*)*|\b(?:" + "|".join(ORDINALS) + r")\b", re.IGNORECASE)


def is_said_once(lost: str, text: str) -> bool:
    """Whether the number that was lost stands nowhere else in a text, so that nothing else can stand for it."""
    return [number.lower() for number in _A_NUMBER.findall(text)].count(_A_NUMBER.findall(lost)[0].lower()) == 1
