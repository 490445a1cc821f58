"""Can two names or numbers be those of one person? What one side does not state contradicts nothing."""

import re
import unicodedata

_TITLES = frozenset({"dr", "mr", "mrs", "ms", "miss", "prof", "jr", "sr", "ii", "iii"})


def same_number(one: str, two: str) -> bool:
    """Whether two identifiers agree: case, spaces, hyphens and leading zeros do not count; empty agrees with all."""
    first, second = (re.sub(r"[\s-]", "", value).lower().lstrip("0") for value in (one, two))
    return not one.strip() or not two.strip() or first == second


def same_name(one: str, two: str) -> bool:
    """Whether two names can be one person's; empty agrees with all."""
    first, second = _parts(one), _parts(two)
    if not first or not second:
        return True
    short, long = sorted((first, second), key=len)
    rest = list(long)
    for part in sorted(short, key=len, reverse=True):
        match = next((other for other in rest if _same_part(part, other)), None)
        if match is None:
            return False
        rest.remove(match)
    return True


def _parts(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode() or name
    words = re.findall(r"\w+", plain.replace("'", "").replace("_", " ").lower())
    return [word for word in words if word not in _TITLES]


def _same_part(one: str, two: str) -> bool:
    return one == two or (1 in (len(one), len(two)) and one[0] == two[0])
