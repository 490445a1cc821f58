"""Can two names or numbers be those of one person? What one side does not state contradicts nothing."""

import re
import unicodedata

_PLAIN = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})  # where a system has ASCII only
_TITLES = frozenset({"dr", "mr", "mrs", "ms", "miss", "prof", "jr", "sr", "ii", "iii"})


def same_number(one: str, two: str) -> bool:
    """Whether two identifiers agree: case, spaces, hyphens and leading zeros do not count; empty agrees with all."""
    first, second = (re.sub(r"[\s-]", "", value).lower().lstrip("0") for value in (one, two))
    return not one.strip() or not two.strip() or first == second


def same_name(one: str, two: str) -> bool:
    """Whether two names can be one person's; empty agrees with all. Müller is also Mueller and Muller."""
    first, second = _parts(one), _parts(two)
    if not first or not second:
        return True
    short, long = sorted((first, second), key=len)
    rest = list(long)
    for part in sorted(short, key=lambda forms: len(forms[0]), reverse=True):
        match = next((other for other in rest if _same_part(part, other)), None)
        if match is None:
            return False
        rest.remove(match)
    return True


def _parts(name: str) -> list[tuple[str, str]]:
    """The parts of a name without accents, each also with its umlauts spelled out."""
    lower = unicodedata.normalize("NFC", name).lower()
    forms = zip(_words(lower), _words(lower.translate(_SPELLED_OUT)), strict=True)
    return [(plain, spelled_out) for plain, spelled_out in forms if plain not in _TITLES]


def _words(lower: str) -> list[str]:
    folded = unicodedata.normalize("NFKD", lower.translate(_PLAIN)).encode("ascii", "ignore").decode() or lower
    return re.findall(r"\w+", folded.replace("'", "").replace("_", " "))


def _same_part(one: tuple[str, str], two: tuple[str, str]) -> bool:
    return bool({*one} & {*two}) or (1 in (len(one[0]), len(two[0])) and one[0][0] == two[0][0])
