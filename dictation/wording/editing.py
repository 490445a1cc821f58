"""Editing commands inside a dictation: "scratch that" takes back the open sentence, or else the last closed one.

What one command removes, the smallest of these that holds something:
- the layout command or heading just before it ("new paragraph, scratch that");
- where no sentence is open, the last closed one, if it is no longer than LONG_SENTENCE_WORDS;
- the open sentence: back to the last full stop, question mark, break or heading. Where that holds more than one clause,
  the recognizer found no full stops: the last pause of PAUSE_S or more counts as one, else the last clause is taken.
Where more than CLAUSE_WORDS or two clauses stand there and nothing parts them, nothing is removed and the command
stays in the text: nothing clinical may vanish by a guess. A heading or a break is never jumped over. What was said live
is not edited so at all: there a command is a whole utterance (`said`), and one inside an utterance stays in the text.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cache

from dictation.lexicon import rows
from dictation.speech.transcript import Word
from dictation.wording.clauses import begins_clause, is_one_clause, last_clause
from dictation.wording.context import after, before, ends_with, pause_before, spoken, starts_with
from dictation.wording.hearing import heard
from dictation.wording.spacing import joined, words_of
from dictation.wording.tokens import Token
from dictation.wording.written import Command, Retraction

LONG_SENTENCE_WORDS = 25
CLAUSE_WORDS = 12
PAUSE_S = 1.0
STOPS = (".", "?", "!")
_EDGES = ".,:;?!{}[]()\"'"


@cache
def _commands() -> dict[str, tuple[tuple[tuple[str, ...], str, str], ...]]:
    """First word → (phrase, ordinary_before, ordinary_after), longest first."""
    found: dict[str, list[tuple[tuple[str, ...], str, str]]] = {}
    for row in rows("editing"):
        phrase = tuple(row["spoken"].split())
        found.setdefault(phrase[0], []).append((phrase, row["ordinary_before"], row["ordinary_after"]))
    return {word: tuple(sorted(phrases, key=lambda item: -len(item[0]))) for word, phrases in found.items()}


def find_commands(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens with each spoken editing command, and a "please" after it, as one token of kind "command"."""
    found: list[Token] = []
    index = 0
    while index < len(tokens):
        length = _command_at(tokens, index)
        phrase = tokens[index : index + length]
        said = tokens[index : index + max(1, length + (bool(length) and spoken(tokens, index + length, ("please",))))]
        found.append(Token(joined(phrase).lower(), words_of(said), kind="command") if length else tokens[index])
        index += len(said)
    return found


def commands_in(words: Sequence[Word]) -> tuple[str, ...]:
    """The editing commands that words hold, as they are listed, in order."""
    if not any(word.text.lower().strip(_EDGES) in _commands() for word in words):
        return ()
    return tuple(token.text for token in find_commands(heard(words)) if token.kind == "command")


def is_editing(words: Sequence[Word]) -> bool:
    """Whether words are editing commands and nothing else."""
    tokens = [token for token in find_commands(heard(words)) if token.kind != "mark"]
    return bool(tokens) and all(token.kind == "command" for token in tokens)


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
    for token in tokens:
        if token.kind == "command":
            start = _start_of_last(kept, words)
            if start is None:
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


def _command_at(tokens: Sequence[Token], index: int) -> int:
    """The number of tokens of the command at `index`, 0 where there is none."""
    if tokens[index].kind != "word":
        return 0
    for phrase, ordinary_before, ordinary_after in _commands().get(tokens[index].text.lower(), ()):
        if not spoken(tokens, index, phrase):
            continue
        if ends_with(before(tokens, index), ordinary_before):
            continue
        if not starts_with(after(tokens, index + len(phrase)), ordinary_after):
            return len(phrase)
    return 0


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


def _is_boundary(token: Token) -> bool:
    return token.kind in ("break", "section") or (token.kind == "mark" and token.text in STOPS)
