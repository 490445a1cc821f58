"""What a claim says, in the reader's own words where they are few and stand for themselves, else by its concept.

Own words stand in quotation marks, so that a reader knows the one from the other.
"""

import re
from collections.abc import Sequence
from functools import cache

from dictation.findings import Claim, extract
from dictation.lexicon import rows

_MOST_WORDS = 9  # of a quotation that is read at a glance
_PLACES = ("site", "laterality")
_SURE = 3  # words in which no neighbour can hide
_FEW_WORDS = 4  # of one within brackets
_DOUBTS = {"probable": "likely ", "possible": "possible ", "cannot_exclude": "possible "}
_DANGLING = frozenset({"consistent", "compatible", "associated", "suspicious", "worrisome", "concerning", "due"})
_ENDS = " \t\n.,:;-\u2013"


def quoted(text: str) -> str:
    """The text in quotation marks."""
    return f"\u201c{text}\u201d"


def shortened(text: str) -> str:
    """The first words of a sentence in quotation marks."""
    words = text.split()
    more = " \u2026" if len(words) > _MOST_WORDS else ""
    return quoted(" ".join(words[:_MOST_WORDS]).strip(_ENDS) + more)


@cache
def joining_words() -> frozenset[str]:
    """All words that hold sentences together and name nothing."""
    return frozenset(word.strip() for row in rows("function_words") for word in row["words"].split("|"))


@cache
def _links() -> frozenset[str]:
    """Words with which no phrase begins or ends: "of", "the"."""
    return frozenset(
        word.strip() for row in rows("function_words") if row["role"] == "link" for word in row["words"].split("|")
    )


@cache
def _headings() -> frozenset[str]:
    """Single words that name a section: in a dictation without marks they stand beside a finding."""
    return frozenset(row["spoken"].lower() for row in rows("section_names") if " " not in row["spoken"])


def phrase_of(text: str) -> str:
    """The text without marks and joining words at its ends: "blunting of" → "blunting"."""
    words = text.strip(_ENDS).split()
    while words and words[0].lower() in (_links() - {"a", "an", "the"}) | _headings():
        words = words[1:]
    while words and words[-1].lower().strip(_ENDS) in _links() | _headings() | _DANGLING:
        words = words[:-1]
    return " ".join(words).strip(_ENDS)


def stands_alone(phrase: str, claims: Sequence[Claim]) -> bool:
    """Whether the words by themselves say what the claims say."""
    read = {_gist(claim.stated()) for claim in extract(phrase)}
    return all(_gist(claim) in read for claim in claims)


def _gist(claim: Claim) -> tuple[object, ...]:
    return claim.finding, claim.status, claim.certainty, claim.laterality, claim.temporality


def _are_joined(gap: str) -> bool:
    return any(word.lower() in joining_words() for word in gap.split())


def core_of(text: str, claims: Sequence[Claim]) -> str:
    """The words that say the claims, without those around them: where no mark parts them they may be of others."""
    start, end = min(claim.span[0] for claim in claims), max(claim.span[1] for claim in claims)
    if end - start != len(text):
        return ""
    named = [(name, part, claim.parts.get("finding", part)) for claim in claims for name, part in claim.parts.items()]
    parts = [
        part
        for name, part, finding in named
        if start <= part[0] < part[1] <= end
        and (name not in _PLACES or part[0] < finding[1] or _are_joined(text[finding[1] - start : part[0] - start]))
    ]
    parts += [size.span for claim in claims for size in claim.measurements if size.span and size.span[1] <= end]
    return text[min(part[0] for part in parts) - start : max(part[1] for part in parts) - start] if parts else text


def quotation(text: str, claims: Sequence[Claim], most: int = _MOST_WORDS) -> str | None:
    """The words themselves, where they are few and say by themselves what the claims say."""
    is_unmarked = text.islower() and claims[0].source == "heard" and len(text.split()) > _SURE
    phrase = phrase_of(core_of(text, claims) if is_unmarked else text)
    if not phrase or len(phrase.split()) > most or not stands_alone(phrase, claims):
        return None
    return quoted(phrase)


def name_of(claim: Claim) -> str:
    """The finding as this reader calls it, "tonsillar herniation", else as the lexicon does."""
    name = claim.finding.removeprefix("other:").replace("_", " ")
    if name == "measurement":
        return "the measurement"
    if "finding" in claim.parts:
        low, high = (at - claim.span[0] for at in claim.parts["finding"])
        own = " ".join(claim.text[max(0, low) : high].split())
        read = extract(own)
        if len(read) == 1 and read[0].finding == claim.finding:
            return own if _is_short_form(own) else own[:1].lower() + own[1:]
    return name


def _is_short_form(words: str) -> bool:
    return words[1:2].isupper() or words[1:2].isdigit() or words[1:2] == "-"


def subject_of(claim: Claim) -> str:
    """The finding within brackets, behind what is said of it; its few own words where its concept says something else.

    "left MCA infarct" of a territorial infarct.
    """
    name = name_of(claim)
    is_own = name.lower() in claim.text.lower()
    return name if is_own else quotation(claim.text, [claim], _FEW_WORDS) or name


def statement_of(claim: Claim) -> str:
    """What the claim says, in few words: "no pneumothorax", "left pleural effusion"."""
    return quotation(claim.text, [claim]) or _stated(claim, name_of(claim))


def in_concepts(claim: Claim) -> str:
    """What the claim says, by its concept alone: "right tension pneumothorax"."""
    return _stated(claim, claim.finding.removeprefix("other:").replace("_", " "))


def _stated(claim: Claim, name: str) -> str:
    if claim.finding_class == "other" and claim.measurements:
        return ", ".join(size.raw for size in claim.measurements)
    if claim.status == "absent":
        return f"no {name}"
    if claim.status == "normal":
        return f"normal {name}"
    if claim.status == "removed":
        return f"{name} removed"
    side = claim.laterality if claim.laterality and claim.finding_class != "normal_anatomy" else None
    if side and not re.search(rf"\b{side}\b", name):
        name = f"{side} {name}"
    return _DOUBTS.get(claim.certainty, "") + name
