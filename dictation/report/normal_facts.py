"""What of a normal sentence stays beside dictated sentences that agree with it, fact by fact.

"No pleural effusion or pneumothorax." beside a dictated "No pleural effusion." stays as "No pneumothorax.". A fact
that the dictation says, in whole or in part, goes; every other stays as a sentence of its own. A sentence that cannot
be parted so that it reads as before stays whole.
"""

import re
from collections.abc import Collection, Sequence
from functools import cache

from dictation.findings import Claim, extract
from dictation.findings.lexicon import ancestors, concepts
from dictation.findings.sentences import sentences_of
from dictation.report.fields import fields_in, masked
from dictation.report.organs import key_words

_ARE = " are "
_JOINT = re.compile(r",\s++(?:or\s++)?|(?<!\s)\s++or\s++")
_AND = re.compile(r"(?<!\s)\s++and\s++")
_PLURAL = re.compile(r"[^aius]s$")  # "airways", "cells"; not "pancreas", "pelvis", "thymus"


def agrees(text: str) -> bool:
    """Whether a dictated sentence only denies and calls normal, so that it can speak against no normal.

    >>> agrees("No pleural effusion."), agrees("Small pleural effusion."), agrees("The spleen measures 11 cm.")
    (True, False, False)
    """
    claims = extract(text)
    return bool(claims) and all(
        claim.status in ("absent", "normal")
        and claim.temporality == "current"
        and claim.certainty == "definite"
        and not claim.measurements
        for claim in claims
    )


def parted(normal: str, said: Sequence[str], without: Collection[str]) -> tuple[str, str]:
    """Return what of a normal stays, and what goes, beside sentences that agree with it ("" for nothing).

    `without` are words that name nothing: a sentence with a field, which claims nothing, goes where another word of it
    was dictated.

    >>> parted("No pleural effusion or pneumothorax.", ["No pleural effusion."], ())
    ('No pneumothorax.', 'No pleural effusion.')
    """
    stays: list[str] = []
    goes: list[str] = []
    for sentence in _sentences(normal):
        kept, gone = _sentence_parted(sentence, said, without)
        stays += [kept] if kept else []
        goes += [gone] if gone else []
    return " ".join(stays), " ".join(goes)


def _sentences(normal: str) -> list[str]:
    hidden = normal
    for field in fields_in(normal):  # nothing inside it ends a sentence
        hidden = hidden[: field.start] + "x" * (field.stop - field.start) + hidden[field.stop :]
    starts = [one.start for one in sentences_of(hidden)]
    ends = [*starts[1:], len(normal)]
    return (
        [normal[start:end].strip() for start, end in zip([0, *starts[1:]], ends, strict=True)] if starts else [normal]
    )


def _sentence_parted(sentence: str, said: Sequence[str], without: Collection[str]) -> tuple[str, str]:
    facts = extract(masked(sentence))
    told = [claim for text in said for claim in extract(text)]
    if not facts:
        words = {*key_words(masked_words(sentence))} - {*without}
        is_told = any(words & {*key_words(text)} for text in said)
        return ("", sentence) if is_told else (sentence, "")
    gone = [any(_says(one, fact) for one in told) for fact in facts]
    if not any(gone):
        return sentence, ""
    if all(gone):
        return "", sentence
    stays = _with(sentence, facts, [not one for one in gone])
    return (stays, _with(sentence, facts, gone) or sentence) if stays else (sentence, "")


def masked_words(sentence: str) -> str:
    """The words of a sentence around its fields."""
    for field in reversed(fields_in(sentence)):
        sentence = sentence[: field.start] + " " + sentence[field.stop :]
    return sentence


def _says(one: Claim, fact: Claim) -> bool:
    """Whether a claim says a fact, all of it or a part: "no left effusion" of "no effusion".

    Of an organ that is called normal each denied finding of it is a part: "no rib fracture" of "no bony abnormality".
    """
    if one.finding in ancestors(fact.finding) or fact.finding in ancestors(one.finding):
        return True
    is_whole = "normal_anatomy" in (one.finding_class, fact.finding_class)
    return is_whole and _organ(one) == _organ(fact)


def _organ(claim: Claim) -> str:
    return concepts()[claim.finding].organ if claim.finding in concepts() else claim.finding


@cache
def _reading(text: str) -> tuple[tuple[object, ...], ...]:
    """What a text claims, in order."""
    return tuple(_content(claim) for claim in extract(text))


def _content(claim: Claim) -> tuple[object, ...]:
    return claim.finding, claim.status, claim.laterality, claim.site, claim.severity, claim.certainty, claim.qualifier


def _with(sentence: str, facts: Sequence[Claim], wanted: Sequence[bool]) -> str:
    """The sentence with the wanted facts only, "" where it cannot be parted so that they read as before."""
    if denied := _inside(sentence, "No ", ".[]"):
        items, state = _JOINT.split(denied), ""
    elif shared := _inside(sentence, "The ", ".,[]"):
        are = shared.rfind(_ARE, 1, -1)  # something stands on both sides of it
        items, state = (_AND.split(shared[:are]), shared[are + len(_ARE) :]) if are > 0 else ([], "")
    else:
        return ""
    items = [item for item in items if item]
    if len(items) != len(facts):
        return ""
    kept = [item for item, is_wanted in zip(items, wanted, strict=True) if is_wanted]
    new = _stating(kept, state) if state else _denying(kept)
    read = tuple(_content(fact) for fact, is_wanted in zip(facts, wanted, strict=True) if is_wanted)
    return new if new and _reading(new) == read else ""


def _inside(sentence: str, first: str, marks: str) -> str:
    """What stands between the first word of a sentence and its full stop; "" where one of the marks is in it."""
    inner = sentence[len(first) : -1] if sentence.startswith(first) and sentence.endswith(".") else ""
    return "" if any(mark in inner for mark in marks) else inner


def _denying(items: Sequence[str]) -> str:
    *first, last = items
    return f"No {', '.join(first)} or {last}." if first else f"No {last}."


def _stating(items: Sequence[str], state: str) -> str:
    if not _PLURAL.search(items[-1]):
        return ""  # "The liver and spleen are normal": one alone "is", and only its number tells
    *first, last = items
    return f"The {', '.join(first)} and {last} are {state}." if first else f"The {last} are {state}."
