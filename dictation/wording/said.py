"""Spoken commands: an utterance that is one and nothing else ("scratch that", "replace left with right").

What is only part of an utterance stays text: "there is a new line in the right chest". Nothing is done here: a Said
says what was asked for; `Pad.obeyed` does what concerns the text.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Literal, cast

from dictation.frozen import Frozen
from dictation.lexicon import rows
from dictation.speech.transcript import Word
from dictation.wording.hearing import heard
from dictation.wording.pad_replacing import exchange
from dictation.wording.pad_scratching import last_said
from dictation.wording.pad_seams import is_guessed_at, seam_at
from dictation.wording.sections import headings
from dictation.wording.tokens import Token
from dictation.wording.writing import Rules, written_alone

if TYPE_CHECKING:
    from dictation.wording.pad import Pad

Name = Literal[
    "scratch", "undo", "redo", "new line", "new paragraph", "go to", "next field", "previous field", "insert",
    "replace", "spell", "literal", "stop", "sign", "next difference", "previous difference", "play", "fill",
]  # fmt: skip
"""What can be asked for; "fill" is never said: words that went into a field of the report are kept as it.

"next difference", "previous difference" and "play" are said no more; older drafts hold them.
"""
SLOT = re.compile(r"<(\w+)>")
LETTERS_TOGETHER = re.compile(r"[a-z0-9](?:[-.][a-z0-9])+\.?")
BETWEEN_WORDS = re.compile(r"[^a-z0-9]+")
LAST_WORD = re.compile(r"(?<![\w'-])([\w'-]++)[ \t.,;:?!]*+$")
ARTICLES = ("a", "an", "the")
POLITE = "please"  # before or after a command
STOPS = (("period",), ("full", "stop"))
AMOUNT = "was not replaced: a figure would lose its unit or get another. Name the whole size, with its units"
UNREAD, NOT_ONCE = "was not understood as a command", "does not stand once in the last sentence"


@dataclass(frozen=True)
class Context:
    """What a command may speak of: the pad, the place where dictation goes in, the rules.

    `macro` gives the name of the macro that words name, "" for none.
    """

    pad: "Pad"
    at: int
    macro: Callable[[str], str] = lambda spoken: ""
    rules: Rules = field(default_factory=Rules)


class Said(Frozen):
    """A command that was said. `argument` is the section, macro, letters or words that it speaks of.

    `argument_words` and `new_words` index the utterance's words: those of the argument, and for "replace" those that
    come for it. `refusal` is why it cannot be obeyed, in one sentence, "" where it can. `is_text`: it is refused
    because it may be a sentence of the report ("replace the tube with a new one"), so that its words are dictation.
    """

    name: Name
    argument: str = ""
    argument_words: tuple[int, ...] = ()
    new_words: tuple[int, ...] = ()
    refusal: str = ""
    is_text: bool = False


class SpokenCommand(Frozen):
    """A command for the overlay of keys: what it does, an example, and all ways to say it."""

    name: Name
    help: str
    example: str
    spoken: tuple[str, ...]


@dataclass(frozen=True)
class _Way:
    """One way to say a command: its pattern over small words, and how many of them are its own.

    `where`: places in which it is one, see `_is_there`.
    """

    name: Name
    pattern: re.Pattern[str]
    own: int
    where: str


def commands() -> tuple[SpokenCommand, ...]:
    """All spoken commands, in the order of the file."""
    found: dict[str, list[dict[str, str]]] = {}
    for row in rows("spoken_commands"):
        found.setdefault(row["does"], []).append(row)
    return tuple(
        SpokenCommand(
            name=cast(Name, name),
            help=ways[0]["help"],
            example=ways[0]["example"],
            spoken=tuple(row["spoken"] for row in ways if "near sound" not in row["source"]),
        )
        for name, ways in found.items()
    )


def command(words: Sequence[Word], context: Context) -> Said | None:
    """The command that an utterance is, None where it is text.

    Guessed marks and sounds like "uh" are not looked at, nor a "please" around the command.
    """
    tokens = [token for token in heard(words) if token.kind == "word" and token.text.lower() not in _hesitations()]
    if tokens and tokens[0].text.lower() == POLITE:
        tokens = tokens[1:]
    if tokens and tokens[-1].text.lower() == POLITE:
        tokens = tokens[:-1]
    return _among(tokens, context) or _stopped(tokens, context)


def _stopped(tokens: Sequence[Token], context: Context) -> Said | None:
    """The command that words are with a dictated stop behind it: "scratch that period"."""
    for stop in STOPS:
        if tuple(token.text.lower() for token in tokens[-len(stop) :]) == stop:
            found = _among(tokens[: -len(stop)], context)
            return found if found is not None and not found.is_text else None
    return None


def _among(tokens: Sequence[Token], context: Context) -> Said | None:
    said = " ".join(token.text.lower() for token in tokens)
    starts = [0]
    for token in tokens:
        starts.append(starts[-1] + len(token.text) + 1)
    refused: Said | None = None
    for way in _ways():
        if way.where and way.pattern.fullmatch(said) and not _is_there(way.where, context):
            continue
        for match in _matches(way, said):
            slots = {
                name: tuple(n for n, start in enumerate(starts[:-1]) if match.start(name) <= start < match.end(name))
                for name in match.groupdict()
            }
            found = _meant(way.name, {name: [tokens[n].text for n in at] for name, at in slots.items()}, context)
            if found is None:
                continue
            indexes = {
                name: tuple(dict.fromkeys(word for n in at for word in tokens[n].words)) for name, at in slots.items()
            }
            new = indexes.pop("new", ())
            found = found.model_copy(update={"argument_words": next(iter(indexes.values()), ()), "new_words": new})
            if not found.refusal:
                return found
            refused = refused or found
    return refused


def _matches(way: _Way, said: str) -> list[re.Match[str]]:
    """The ways to read an utterance as this command: "replace a with b with c" is two, the longest old words first."""
    if way.name != "replace":
        return [match] if (match := way.pattern.fullmatch(said)) else []
    found = []
    for joint in re.finditer(r"(?= with \S)", said):
        old = rf"replace (?P<old>.{{{max(0, joint.start() - len('replace '))}}})"
        found += [match] if (match := re.fullmatch(rf"{old} with (?P<new>.+)", said)) else []
    return found[::-1]


def _is_there(where: str, context: Context) -> bool:
    """Whether a command is one at the place: its words may go on with a sentence that is open ("silhouette … sign").

    "phrase": not after a word with which no sentence ends ("there is a … new line"); "between": only between two
    sentences, of which the first was not closed by the recognizer's guess alone; "undone": there, or after an undo.
    """
    pad = context.pad
    seam, start, _ = seam_at(pad.pieces, context.at)
    is_closed = not seam.is_inside and not is_guessed_at(pad.pieces, start)
    if where == "phrase" and not is_closed:
        before = LAST_WORD.search(pad.text[max(0, start - 40) : start])
        return before is None or before.group(1).lower() not in _unended()
    if where == "undone" and pad.commands and pad.commands[-1].name in ("undo", "redo"):
        return True
    return is_closed


@cache
def _unended() -> frozenset[str]:
    return frozenset(word for row in rows("unended_words") for word in row["words"].split(" | "))


@cache
def _hesitations() -> frozenset[str]:
    return frozenset(row["word"] for row in rows("hesitations"))


@cache
def _ways() -> tuple[_Way, ...]:
    """The ways to say commands, those with more words of their own first."""
    found = []
    for row in rows("spoken_commands"):
        spoken = row["spoken"]
        own = len(SLOT.sub("", spoken).split())
        parts = SLOT.split(spoken)
        text = "".join(f"(?P<{part}>.+)" if odd % 2 else re.escape(part) for odd, part in enumerate(parts))
        found.append(_Way(cast(Name, row["does"]), re.compile(text), own, row["where"]))
    return tuple(sorted(found, key=lambda way: -way.own))


def _meant(name: Name, slots: dict[str, list[str]], context: Context) -> Said | None:
    """The command with what its slots stand for; None where they stand for nothing that it can mean."""
    if name == "go to":
        place = _places().get(" ".join(slots["section"]).lower())
        return Said(name=name, argument=place) if place else None
    if name == "insert":
        return _macro(" ".join(slots["macro"]), context)
    if name == "spell":
        letters = spelled_out(slots["letters"])
        return Said(name=name, argument=letters) if letters else None
    if name == "literal":
        words = slots["words"]
        return Said(name=name, argument=" ".join(words)) if _is_written_otherwise(words, context.rules) else None
    if name == "replace":
        return _replacement(slots["old"], slots["new"], context)
    if name == "scratch":
        return Said(name=name, refusal=last_said(context.pad, context.at).refusal)
    return Said(name=name)


def _replacement(old: Sequence[str], new: Sequence[str], context: Context) -> Said:
    """Words in place of others of the last sentence; else text: "replace the tube with a new one"."""
    argument = " ".join(old)
    is_prose = old[0].lower() in ARTICLES or new[0].lower() in ARTICLES
    words = [Word(text=word) for word in new]
    found = None if is_prose else exchange(context.pad, context.at, old, words, context.rules)
    if found is not None and not found.is_refused:
        return Said(name="replace", argument=argument)
    why = AMOUNT if found else UNREAD if is_prose else NOT_ONCE
    return Said(
        name="replace",
        argument=argument,
        refusal=f"“{argument}” {why}; what you said was written as text. Say “scratch that” to take it out.",
        is_text=True,
    )


def _is_written_otherwise(words: Sequence[str], rules: Rules) -> bool:
    """True where the first words would not be written as they are said: "new line", "five millimeters", "period".

    Else "literal" is most likely a misheard "lateral", and a word of the report.
    """
    return any(not _written(words[:count], rules).startswith(words[0].lower()) for count in range(1, 5))


def _written(words: Sequence[str], rules: Rules) -> str:
    return written_alone([Word(text=word) for word in words], rules).text.lower()


@cache
def _places() -> dict[str, str]:
    """Small spoken name → section, "start" or "end"."""
    found = {row["spoken"]: row["place"] for row in rows("place_names")}
    return found | {" ".join(name.phrase): name.section for names in headings().values() for name in names}


def _macro(said: str, context: Context) -> Said:
    if name := context.macro(said):
        return Said(name="insert", argument=name)
    refusal = f"There is no macro “{said}”; what you said was written as text. Say “scratch that” to take it out."
    return Said(name="insert", argument=said, refusal=refusal, is_text=True)


@cache
def _letters() -> dict[str, str]:
    return {row["spoken"]: row["written"] for row in rows("spoken_letters")}


def spelled_out(words: Sequence[str]) -> str:
    """The letters that words spell, "" where one of them is no letter: "capital hotel u" -> "Hu"."""
    letters = ""
    is_capital = False
    for word in (word.lower() for word in words):
        if word in ("capital", "cap") and not is_capital:
            is_capital = True
            continue
        letter = _letters().get(word, word if len(word) == 1 and word.isalnum() else "")
        if not letter and LETTERS_TOGETHER.fullmatch(word):
            letter = BETWEEN_WORDS.sub("", word)
        if not letter:
            return ""
        letters += letter.upper() if is_capital else letter
        is_capital = False
    return "" if is_capital else letters
