"""Editing commands inside a dictation: "scratch that" takes back the open sentence, or else the last closed one.

What one command removes, the smallest of these that holds something:
- the layout command or heading just before it ("new paragraph, scratch that");
- where no sentence is open, the last closed one, if it is no longer than LONG_SENTENCE_WORDS;
- the open sentence: back to the last full stop, question mark, break or heading. Where that holds more than one clause,
  the recognizer found no full stops: the last pause of PAUSE_S or more counts as one, else the last clause is taken.
Before the cue of a correction it takes back what that puts right ("scratch that, make it 13 mm", `corrections`).
Where what follows only puts a part right ("in the right kidney, scratch that, left kidney"), and where more than
CLAUSE_WORDS or two clauses stand there and nothing parts them, nothing is removed and the command stays in the text:
nothing clinical may vanish by a guess. A heading or a break is never jumped over. What was said live is not edited so
at all: there a command is a whole utterance (`said`), and one inside an utterance stays in the text.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from dictation.lexicon import rows
from dictation.lexicon.terms import category_of
from dictation.speech.transcript import Word
from dictation.wording.clauses import begins_clause, is_one_clause, is_statement, last_clause
from dictation.wording.context import after, before, ends_with, pause_before, spoken, starts_with
from dictation.wording.correction_cues import cue_at, is_pause
from dictation.wording.denials import is_denied
from dictation.wording.kinds import kind_of
from dictation.wording.spacing import joined, words_of
from dictation.wording.tokens import Token, TokenKind
from dictation.wording.written import Command, Retraction

LONG_SENTENCE_WORDS = 25
CLAUSE_WORDS = 12
PART_WORDS = 6  # of what only puts a part right
PAUSE_S = 1.0
STOPS = (".", "?", "!")


class _Spoken(NamedTuple):
    """A row of `editing.tsv`."""

    phrase: tuple[str, ...]
    ordinary_before: str
    ordinary_after: str
    unsure_after: str
    noun_before: str


@cache
def phrases() -> frozenset[str]:
    """The editing commands as they are said; a token of the text is one of these where it was not obeyed."""
    return frozenset(row["spoken"] for row in rows("editing"))


@cache
def _commands() -> dict[str, tuple[_Spoken, ...]]:
    """First word → its commands, longest first."""
    found: dict[str, list[_Spoken]] = {}
    for row in rows("editing"):
        phrase = tuple(row["spoken"].split())
        found.setdefault(phrase[0], []).append(_Spoken(phrase, *(row[name] for name in _Spoken._fields[1:])))
    return {word: tuple(sorted(commands, key=lambda one: -len(one.phrase))) for word, commands in found.items()}


def find_commands(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens with each spoken editing command, and a "please" beside it, as one token of kind "command".

    One that may be ordinary speech ("scratch that in the right lobe") is one token of kind "word".
    """
    found: list[Token] = []
    index = 0
    while index < len(tokens):
        length, is_sure = _command_at(tokens, index)
        phrase = tokens[index : index + length]
        said = list(tokens[index : index + max(1, length + (is_sure and spoken(tokens, index + length, ("please",))))])
        index += len(said)
        if is_sure and found and spoken(found, len(found) - 1, ("please",)):
            said.insert(0, found.pop())
        kind: TokenKind = "command" if is_sure else "word"
        found.append(Token(joined(phrase).lower(), words_of(said), kind=kind) if length else said[0])
    return found


def as_text(tokens: Sequence[Token], live: Collection[int]) -> list[Token]:
    """Return the tokens with each command among the words `live` as one word of the text."""
    return [
        replace(token, kind="word") if token.kind == "command" and not set(live).isdisjoint(token.words) else token
        for token in tokens
    ]


def edit(tokens: Sequence[Token], words: Sequence[Word]) -> tuple[list[Token], list[Command], list[Retraction]]:
    """Obey the commands. `words` are what the tokens' indexes point to: their times show the pauses."""
    kept: list[Token] = []
    commands: list[Command] = []
    retracted: list[Retraction] = []
    ends_command = False  # a mark right after a command belongs to it
    for index, token in enumerate(tokens):
        if token.kind == "command":
            start = None if _announces(tokens, index) else _start_of_last(kept, words)
            if start is None or _is_put_right(kept[start:], tokens[index + 1 :]):
                kept.append(replace(token, kind="word"))
                continue
            removed, kept = kept[start:], kept[:start]
            commands.append(Command(name="retract", words=token.words, argument=token.text))
            if removed:
                retracted.append(Retraction(text=joined(removed), words=words_of(removed), command=token.text))
            ends_command = True
        elif ends_command and token.kind == "mark" and token.text not in "()":
            if not token.guessed:
                commands.append(Command(name="punctuation", words=token.words, argument=token.text))
        else:
            kept.append(token)
            ends_command = False
    return kept, commands, retracted


def _command_at(tokens: Sequence[Token], index: int) -> tuple[int, bool]:
    """The number of tokens of the command at `index`, 0 where there is none, and whether it is one for sure."""
    if tokens[index].kind != "word":
        return 0, False
    for one in _commands().get(tokens[index].text.lower(), ()):
        if not spoken(tokens, index, one.phrase):
            continue
        said, following = before(tokens, index), after(tokens, index + len(one.phrase))
        is_unsure = starts_with(following, one.unsure_after)
        if ends_with(said, one.ordinary_before) or starts_with(following, one.ordinary_after):
            continue
        if not (is_unsure and ends_with(said, one.noun_before)):
            return len(one.phrase), not is_unsure
    return 0, False


def _start_of_last(kept: Sequence[Token], words: Sequence[Word]) -> int | None:
    """The index from which on `kept` is taken back; None where nothing says how far back that is."""
    end = len(kept)
    if end and kept[-1].kind in ("break", "section"):
        return end - 1
    while end and kept[end - 1].kind == "mark":  # the marks that close the last sentence, or a guessed comma
        end -= 1
    start = end
    while start and not _is_boundary(kept[start - 1]):
        start -= 1
    is_long = end - start > LONG_SENTENCE_WORDS
    if not is_long and any(_is_boundary(token) for token in kept[end:]):
        return start
    pauses = [i for i in range(start + 1, end) if pause_before(kept, i, words) >= PAUSE_S]
    if pauses and (is_long or begins_clause(kept[:end], pauses[-1])):
        return pauses[-1]
    clause = last_clause(kept[start:end])
    if clause is not None:
        return start + clause
    return start if end - start <= CLAUSE_WORDS and is_one_clause(kept[start:end]) else None


def _announces(tokens: Sequence[Token], index: int) -> bool:
    """Whether a correction follows that takes back less than the command: "scratch that, make it 13 mm"."""
    index += 1
    while is_pause(tokens, index):
        index += 1
    cue = cue_at(tokens, index)
    return cue is not None and cue.is_sure


def _is_put_right(removed: Sequence[Token], rest: Sequence[Token]) -> bool:
    """Whether what follows only puts a part right: "in the right kidney, delete that, left kidney" is no new statement.

    Neither has a verb, and what follows is short and names no finding; or it names one, and what would be taken back
    has something of its own beside the word that is put right: "small right, scratch that, left effusion".
    """
    end = next((at for at, token in enumerate(rest) if _is_boundary(token) or token.kind == "command"), len(rest))
    following = [token for token in rest[:end] if token.kind != "mark"]
    if not following or is_statement(following) or is_denied(following[:1]):
        return False
    if not _names_finding(following):
        return len(following) <= min(PART_WORDS, len(removed))
    words = {token.text.lower() for token in following}
    kinds, others = ({kind_of(token) for token in part} - {None} for part in (removed, following))
    own = [token for token in removed if token.kind != "mark" and token.text.lower() not in words]
    return bool(kinds & others) and len(own) > 1 and not is_statement(removed) and not _names_finding(removed)


def _names_finding(tokens: Sequence[Token]) -> bool:
    return any(category_of(word) == "finding" for token in tokens for word in token.text.split())


def _is_boundary(token: Token) -> bool:
    return token.kind in ("break", "section") or (token.kind == "mark" and token.text in STOPS)
