""" "T12 to L2" → T12, L1, L2; "L4-5" → L4, L5; "fourth lumbar vertebra" → L4. Ribs and rays: `counted`."""

from collections.abc import Sequence

from dictation.findings.counted import JOINTS, THROUGH, Level, counted_parts, counting_words, named_part, ordinal, whole
from dictation.findings.measurement import measurements_in
from dictation.findings.tokens import Token
from dictation.wording.cues import cue_words

_LAST = {"c": 7, "t": 12, "l": 5, "s": 5}
_COLUMN = [f"{letter.upper()}{number}" for letter, last in _LAST.items() for number in range(1, last + 1)]
_NAMES = {"cervical": "c", "thoracic": "t", "lumbar": "l", "sacral": "s"}
_BEGINNINGS = frozenset({*_LAST, *_NAMES})  # words with which a vertebral level may begin
_BONES = frozenset({"vertebra", "vertebral", "body", "segment", "level", "disc", "pedicle", "endplate", "nerve"})
_UNIT = 4  # words behind a number that may make it a size: "l four five by six millimeter cyst"
_STAGED = frozenset({"tumor", "stage", "staged"})
_BEFORE_SEQUENCE = cue_words("before_sequence")
_SEQUENCES = frozenset({"1", "2", "one", "two"})
_MR_CONTRASTS = frozenset({
    "weighted", "hyperintense", "hypointense", "isointense", "hyperintensity", "hypointensity", "signal", "bright",
    "dark", "flair", "shortening", "prolongation", "sequence", "image", "star", "replacement",
})  # fmt: skip


def levels_in(tokens: Sequence[Token]) -> list[Level]:
    """All levels of one sentence, left to right."""
    found: list[Level] = []
    counting, free = counting_words(), 0
    for position, token in enumerate(tokens):
        if position < free or not (token.norm in _BEGINNINGS or token.is_number or token.norm in counting):
            continue
        level = _vertebrae(tokens, position) or counted_parts(tokens, position) or named_part(tokens, position)
        if level:
            found.append(level)
            free = level.end
    return found


def _vertebra(tokens: Sequence[Token], at: int, letter: str | None) -> tuple[str, int, str] | None:
    """One level at `at`, the token after it, and its letter. With `letter`, a bare number continues it."""
    if at >= len(tokens):
        return None
    counted = ordinal(tokens, at)
    if counted and counted[1] < len(tokens) and tokens[counted[1]].norm in _NAMES:
        own = _NAMES[tokens[counted[1]].norm]
        follows = tokens[counted[1] + 1].norm if counted[1] + 1 < len(tokens) else ""
        is_vertebra = counted[0] <= _LAST[own] and follows in _BONES
        return (f"{own.upper()}{counted[0]}", counted[1] + 1, own) if is_vertebra else None
    word = tokens[at].norm
    if word in _LAST or word in _NAMES:
        own = _NAMES.get(word, word)
        number = whole(tokens, at + 1 + (word in _LAST and _is_hyphenated(tokens, at)))
        if (
            number
            and not _is_no_level(tokens, at, number[1], own)
            and 1 <= number[0] <= _LAST[own]
            and (word in _NAMES or tokens[at].end >= tokens[number[1] - 1].start - 1 or _is_hyphenated(tokens, at))
        ):
            return f"{own.upper()}{number[0]}", number[1], own
        return None
    if letter:
        number = whole(tokens, at)
        if number and 1 <= number[0] <= _LAST[letter]:
            return f"{letter.upper()}{number[0]}", number[1], letter
    return None


def _is_hyphenated(tokens: Sequence[Token], at: int) -> bool:
    """ "T-12" is written without blanks around its hyphen."""
    if at + 2 >= len(tokens) or tokens[at + 1].norm not in ("-", "–"):
        return False
    return tokens[at].end == tokens[at + 1].start and tokens[at + 1].end == tokens[at + 2].start


def _is_no_level(tokens: Sequence[Token], start: int, end: int, letter: str) -> bool:
    """Whether T and a figure are a tumor stage ("T3 N2 M0", "tumor T3") or an MR contrast ("T2 hyperintense")."""
    if letter != "t":
        return False
    if start > 0 and tokens[start - 1].norm in _STAGED:
        return True
    if start > 0 and tokens[start - 1].norm in _BEFORE_SEQUENCE and tokens[end - 1].norm in _SEQUENCES:
        return True
    if end >= len(tokens):
        return False
    following = tokens[end].norm
    is_stage = following == "n" and end + 1 < len(tokens) and (tokens[end + 1].is_number or tokens[end + 1].norm == "x")
    return is_stage or following in _MR_CONTRASTS


def _next_down(tokens: Sequence[Token], at: int, level: str) -> tuple[str, int] | None:
    """The next level down where no mark parts it and it begins no quantity: "l four five", "C6 7"."""
    number = whole(tokens, at)
    if number is None or number[0] != int(level[1:]) + 1 or number[0] > _LAST[level[0].lower()]:
        return None
    return None if measurements_in("", tokens[at : number[1] + _UNIT]) else (f"{level[0]}{number[0]}", number[1])


def _vertebrae(tokens: Sequence[Token], start: int) -> Level | None:
    first = _vertebra(tokens, start, None)
    if first is None:
        return None
    names, end, letter = [first[0]], first[1], first[2]
    while True:
        while bare := _next_down(tokens, end, names[-1]):
            names.append(bare[0])
            end = bare[1]
        joint = end < len(tokens) and (tokens[end].norm in JOINTS or _slips_on(tokens, end, names[-1]))
        close = end < len(tokens) and tokens[end].norm in ("-", "–", "/", "through", "to")
        following = _vertebra(tokens, end + (1 if joint else 0), letter if close else None)
        if following is None or (not joint and following[2] == letter and not _is_disc(names, following[0])):
            break
        if joint and tokens[end].norm in THROUGH:
            names += _COLUMN[_COLUMN.index(names[-1]) + 1 : _COLUMN.index(following[0])]
        names.append(following[0])
        end, letter = following[1], following[2]
    return Level(start, end, tuple(names))


def _is_disc(names: Sequence[str], following: str) -> bool:
    """Whether a level right behind a single one is the next, with which it is a disc: "c five c six"."""
    return len(names) == 1 and tuple(_COLUMN[_COLUMN.index(names[0]) :][:2]) == (names[0], following)


def _slips_on(tokens: Sequence[Token], at: int, level: str) -> bool:
    """ "anterolisthesis of L4 on L5" is at one level."""
    following = _vertebra(tokens, at + 1, None) if tokens[at].norm in ("on", "over") else None
    names = tuple(_COLUMN[_COLUMN.index(level) :][:2])
    return following is not None and (level, following[0]) == names


def is_range(levels: Sequence[str]) -> bool:
    """Three neighbours or more, each named once: "T4-T8", but not "L3-L4 and L4-L5"."""
    places = [_COLUMN.index(level) if level in _COLUMN else int(level.split()[-1]) for level in levels]
    return len(places) > 2 and places == list(range(places[0], places[-1] + 1))
