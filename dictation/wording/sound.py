"""How alike two spellings sound: each is turned into a string of phones, and the strings are compared.

The phones are coarse on purpose: a recognizer that does not know a term spells its sound with English letters
("mediascinum", "costa frenic"), so that vowels and kin consonants (t/d, s/z, k/g) mean little and length means much.
"""

import re
from functools import cache, lru_cache
from itertools import accumulate
from string import ascii_lowercase

# Spelling → phones, longest first at each place. S: sh; C: ch; J: j as in judge; T: th. Vowels are a, e, i, o, u.
RULES = {
    "tion": "Sn", "sion": "Sn", "cian": "Sn", "tial": "Sl", "cial": "Sl", "cious": "Sus", "tious": "Sus",
    "ture": "Cr", "ough": "o", "augh": "of", "eigh": "e", "igh": "i", "tch": "C", "dge": "J", "sch": "sk",
    "sci": "si", "sce": "se", "scy": "si", "ph": "f", "rh": "r", "gh": "", "th": "T", "sh": "S", "ch": "k", "ck": "k",
    "qu": "kw", "x": "ks", "ce": "se", "ci": "si", "cy": "si", "ge": "Je", "gi": "Ji", "gy": "Ji", "wh": "w", "c": "k",
    "ae": "e", "oe": "e", "ea": "e", "ee": "i", "ie": "i", "ei": "i", "ey": "i", "ai": "e", "ay": "e", "oa": "o",
    "oo": "u", "ou": "u", "ow": "o", "au": "o", "aw": "o", "eu": "u", "ew": "u", "ue": "u", "ui": "u", "y": "i",
    "q": "k", "j": "J", "z": "z",
}  # fmt: skip
STARTS = {"ps": "s", "pn": "n", "pt": "t", "kn": "n", "wr": "r", "mn": "n", "x": "z", "eu": "iu"}
LONGEST_RULE = max(map(len, RULES))
VOWELS = frozenset("aeiou")
_PHONES = ascii_lowercase + "SCJT"
KIN = ({"t", "d", "T"}, {"p", "b"}, {"k", "g", "C"}, {"s", "z", "S", "C", "J"}, {"f", "v"}, {"m", "n"}, {"l", "r", "w"})
# The price of one difference: a consonant for an unlike one costs 1.
VOWEL_FOR_VOWEL = 0.35
VOWEL_LOST = 0.5
KIN_FOR_KIN = 0.5
WEAK_LOST = 0.3  # h and the glide of "vasc(y)ular" come and go
LOST = 1.0
DOUBLED = re.compile(r"(.)\1+")
NOT_LETTERS = re.compile(r"[^a-z]+")


@lru_cache(maxsize=65536)
def sound(phrase: str) -> str:
    """Return the phones of a word or phrase; spaces and anything but letters are left out."""
    phones = "".join(_word_sound(word) for word in NOT_LETTERS.split(phrase.lower()) if word)
    return DOUBLED.sub(r"\1", phones)


def _word_sound(word: str) -> str:
    phones = ""
    for start, phone in STARTS.items():
        if word.startswith(start) and len(word) > len(start):
            phones, word = phone, word[len(start) :]
            break
    if len(word) > 2 and word[-1] == "e" and word[-2] not in VOWELS:
        word = word[:-1]
    place = 0
    while place < len(word):
        for length in range(min(LONGEST_RULE, len(word) - place), 0, -1):
            piece = word[place : place + length]
            if length == 1 or piece in RULES:
                phones += RULES.get(piece, piece)
                place += length
                break
    return phones


@lru_cache(maxsize=65536)
def weight(phones: str) -> float:
    """What it would cost to lose all of these phones: the length of a sound."""
    return sum(_lost(phone) for phone in phones)


def difference(heard: str, meant: str) -> float:
    """Return the weighted edit distance of two strings of phones (0: they sound alike)."""
    lost = [_lost(phone) for phone in meant]
    row = [0.0, *accumulate(lost)]
    for phone in heard:
        own, swaps = _lost(phone), _swaps(phone)
        previous, left = row[0], row[0] + own
        row[0] = left
        for place, other in enumerate(meant):
            above = row[place + 1]
            best = previous + swaps[other]
            if above + own < best:
                best = above + own
            if left + lost[place] < best:
                best = left + lost[place]
            previous, row[place + 1], left = above, best, best
    return row[-1]


def unlikeness(heard: str, meant: str) -> float:
    """Return the difference as a share of the longer sound: 0 alike, 1 nothing in common."""
    longer = max(weight(heard), weight(meant))
    return difference(heard, meant) / longer if longer else 0.0


def _lost(phone: str) -> float:
    if phone in VOWELS:
        return VOWEL_LOST
    return WEAK_LOST if phone == "h" else LOST


@cache
def _swaps(phone: str) -> dict[str, float]:
    """What it costs to hear this phone for another, by that other."""
    return {other: _swapped(phone, other) for other in _PHONES}


def _swapped(phone: str, other: str) -> float:
    if phone == other:
        return 0.0
    if phone in VOWELS and other in VOWELS:
        return VOWEL_FOR_VOWEL
    if {phone, other} in ({"i", "j"}, {"u", "w"}) or _are_kin(phone, other):
        return KIN_FOR_KIN
    return LOST if (phone in VOWELS) == (other in VOWELS) else LOST + VOWEL_LOST


def _are_kin(phone: str, other: str) -> bool:
    return any(phone in family and other in family for family in KIN)
