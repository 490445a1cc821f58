"""A self-correction of a denial, or by one: does the denial hold for what was said instead?

Of "no fracture, correction, fracture of the radius", which stands in the text, only one part denies. "No left effusion,
correction, right effusion" was written as "no right effusion", and may have meant a right one. Both are asked about,
and so is whatever other correction stands in the text: "4 mm, correction, 4 cm".
"""

import re
from collections.abc import Iterator, Sequence

from dictation.discrepancy.doubts.doubt import Doubt, Stretch
from dictation.discrepancy.relation import distance
from dictation.findings import Claim, extract
from dictation.wording import Dictation, Retraction
from dictation.wording.correction_cues import SENTENCE, STOPS, first_word
from dictation.wording.corrections import is_meant, standing_cues
from dictation.wording.denials import is_asserted_otherwise, name_the_same
from dictation.wording.opposites import is_same_state, is_turned_state
from dictation.wording.tokens import Token

_PIECE = re.compile(r"(?P<word>[^\W_]+(?:['\u2019./-][^\W_]+)*)|(?P<mark>[^\w\s])|(?P<break>\n)")
_FIGURE = re.compile(r"[CTLS]?\d[\w./-]*")  # "13", "L4-L5"
_LISTED_ON = re.compile(r"(?<!\s)\s++n?or\b", re.IGNORECASE)
_SHOWN = 8  # words of a quotation
_NAMED = ("finding", "device")


def standing_doubts(sentences: Sequence[Stretch]) -> Iterator[Doubt]:
    """A doubt for each cue of a correction that stands in the text, unless both sides of it say the same.

    A "no" or "wait" is one where the words behind it fit in the place of those before it, or the like is denied on one
    side of it alone. Alike are the same words, and any two
    findings. `sentences` are those that are asked about, all of one text.
    """
    text = sentences[0].text if sentences else ""
    if not first_word().search(text):
        return
    pieces = list(_PIECE.finditer(text))
    tokens = [_token(piece) for piece in pieces]
    for start, cue, follow, stop in standing_cues(tokens):
        at, end = pieces[cue].start(), pieces[stop - 1].end()
        old, new = text[pieces[start].start() : at], text[pieces[follow].start() : end] if stop > follow else ""
        ours, theirs = _findings(old), _findings(new)
        is_denied_alike = _are_denied_alike(ours, theirs)
        is_turned = _is_turned(tokens[start:cue], tokens[follow:stop], ours, theirs)
        if not is_turned and stop > follow:
            stop = _sentence_end(tokens, stop)
            end = pieces[stop - 1].end()
            is_turned = _is_one_turned(ours, _findings(text[pieces[follow].start() : end]))
        is_asked = is_turned or (not is_denied_alike and _is_open(tokens, start, cue, follow, stop))
        if not is_asked or not any(sentence.start <= at < sentence.end for sentence in sentences):
            continue
        quoted = _last(text, pieces[start].start(), at)
        before, after = " ".join(text[slice(*quoted)].split()), _first(text[at:end])
        asked = "does the denial or doubt hold?" if is_turned else "which of the two is right?"
        asked = asked if stop > follow else "nothing follows."
        question = f"\u201c{before}\u201d, then \u201c{after}\u201d: {asked} Write what was meant."
        if start == cue:
            question = f"The text begins with \u201c{after}\u201d: what does that put right? Write what was meant."
        around, instead = f"{before} | {after}".lower(), "" if is_turned else new
        yield Doubt(at, end, None, question, "critical", around=around, before=quoted, instead=instead)


def _is_turned(old: Sequence[Token], new: Sequence[Token], ours: Sequence[Claim], theirs: Sequence[Claim]) -> bool:
    """Whether only one of the two denies, by its words or by what it claims: "no effusion, correction, free air"."""
    if is_asserted_otherwise(old, new) and name_the_same(old, new):
        return True
    denied, said = ([claim.status == "absent" for claim in claims] for claims in (ours, theirs))
    return bool(ours and theirs) and (all(denied) != all(said)) and (any(denied) != any(said))


def _is_open(tokens: Sequence[Token], start: int, cue: int, follow: int, stop: int) -> bool:
    """Whether the words of the cue put something else in place of what was said, and nobody can tell of what."""
    old, new = tokens[start:cue], tokens[follow:stop]
    if is_turned_state(old, new):
        return True
    return is_meant(tokens, start, cue, follow, stop) and not is_same_state(old, new)


def _is_one_turned(ours: Sequence[Claim], theirs: Sequence[Claim]) -> bool:
    """Whether a finding that is denied on one side is there on the other, whatever else a list denies."""
    denied, there = _by_status(ours)
    still_denied, told = _by_status(theirs)
    return _alike(denied - there, told - still_denied) or _alike(there - denied, still_denied - told)


def _are_denied_alike(ours: Sequence[Claim], theirs: Sequence[Claim]) -> bool:
    """Whether both deny the same findings, and no other side: "no edema, correction, no left edema"."""
    one, two = ({claim.finding for claim in claims if claim.status == "absent"} for claims in (ours, theirs))
    sides = {claim.laterality for claim in (*ours, *theirs)} - {None}
    is_all = all(claim.status == "absent" for claim in (*ours, *theirs))
    return is_all and bool(one) and one == two and len(sides) < 2


def _by_status(claims: Sequence[Claim]) -> tuple[set[str], set[str]]:
    """The findings that are denied, and those that are there."""
    one, two = ({claim.finding for claim in claims if claim.status == status} for status in ("absent", "present"))
    return one, two


def _alike(ours: set[str], theirs: set[str]) -> bool:
    return any(distance(one, two) is not None for one in ours for two in theirs)


def obeyed_doubts(dictation: Dictation) -> Iterator[Doubt]:
    """A doubt for each finding put in the place of another behind a denial that was not said again."""
    found: dict[tuple[int, int], Doubt] = {}
    for retraction in dictation.retracted:
        place = _put_in(dictation, retraction)
        if place is None or not _are_there(retraction.text):
            continue
        doubt = _obeyed(dictation.text, *place, retraction)
        if doubt:
            found[doubt.start, doubt.end] = doubt  # of several corrections in one place, the last
    yield from found.values()


def _obeyed(text: str, place: tuple[int, int], at: int, retraction: Retraction) -> Doubt | None:
    """The doubt about the claim of a sentence [start, end) whose words at `at` took the place of others."""
    for claim in extract(text[slice(*place)]):
        start, end = claim.span[0] + place[0], claim.span[1] + place[0]
        if claim.status != "absent" or not start <= at < end or not _are_there(text[at:end]):
            continue
        if text[at:end].lower() == retraction.text.lower() and _LISTED_ON.match(text, end):
            continue  # "no fracture, correction, fracture or dislocation": nothing else was put in its place
        denial = " ".join(
            text[start if start < at else place[0] : at].split()[-_SHOWN:]
        )  # "no cyst or | small effusion"
        said = f"{denial} {retraction.text}, {retraction.command}, {text[at:end]}"
        question = (
            f"\u201c{said}\u201d was written as \u201c{denial} {text[at:end]}\u201d: is that denied, or is it there? "
            "Write what was meant."
        )
        return Doubt(start, end, None, question, "critical", around=said.lower())
    return None


def _are_there(words: str) -> bool:
    """Whether words by themselves state a finding, and deny none."""
    claims = _findings(words)
    return bool(claims) and all(claim.status == "present" for claim in claims)


def _findings(words: str) -> list[Claim]:
    return [claim for claim in extract(words) if claim.finding_class in _NAMED]


def _put_in(dictation: Dictation, retraction: Retraction) -> tuple[tuple[int, int], int] | None:
    """The sentence, and the place in it, of the first word said after the cue that took the retracted words back."""
    cues = [
        command.words
        for command in dictation.commands
        if command.name == "correct"
        and command.argument == retraction.command
        and retraction.words
        and command.words[0] > retraction.words[-1]
    ]
    if not cues:
        return None
    after = min(cues)[-1]
    places = (
        (min(word for word in link.words if word > after), dictation.spans[sentence.id], link.span[0])
        for sentence in dictation.sentences
        for link in sentence.alignment
        if any(word > after for word in link.words) and any(map(str.isalnum, sentence.text[slice(*link.span)]))
    )
    first = min(places, default=None)
    return (first[1], first[1][0] + first[2]) if first else None


def _token(piece: re.Match[str]) -> Token:
    if piece["word"]:
        return Token(piece.group(), kind="number" if _FIGURE.fullmatch(piece.group()) else "word")
    return Token(piece.group(), kind="mark") if piece["mark"] else Token("line", kind="break")


def _sentence_end(tokens: Sequence[Token], stop: int) -> int:
    """Where the sentence ends whose words before `stop` were read, or the next cue begins; past no mark at its end."""
    reach = min(len(tokens), stop + SENTENCE)
    end = next((at for at in range(stop, reach) if tokens[at].kind == "break" or tokens[at].text in STOPS), reach)
    end = next((stop + cue for _, cue, _, _ in standing_cues(tokens[stop:end])), end)
    while end > stop and tokens[end - 1].kind == "mark":
        end -= 1
    return end


def _last(text: str, start: int, end: int) -> tuple[int, int]:
    """The last words of [start, end), without the marks behind them."""
    said = text[start:end].rstrip(" .,:;?!\n")
    words = list(re.finditer(r"\S+", said))[-_SHOWN:]
    return start + (words[0].start() if words else 0), start + len(said)


def _first(said: str) -> str:
    return " ".join(said.split()[:_SHOWN])
