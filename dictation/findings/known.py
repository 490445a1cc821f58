"""One sentence searched once: its tokens, and every word of it that the lexicon knows, before anything is concluded."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from dictation.findings.attributes import Modifiers, modifiers_in
from dictation.findings.cues import changes_in, find_cues
from dictation.findings.lexicon import Cue
from dictation.findings.mention import Mention
from dictation.findings.mentions import mentions_in
from dictation.findings.phrases import Match
from dictation.findings.reach import beyond_names
from dictation.findings.tokens import Token, tokens_of


@dataclass(frozen=True, slots=True)
class Known:
    """The words of a sentence; `changes` are those of course, `cues` those of assertion outside of names."""

    tokens: Sequence[Token]
    changes: Sequence[Match[str]]
    cues: Sequence[Match[Cue]]
    mentions: Sequence[Mention]
    modifiers: Modifiers


@lru_cache(maxsize=2_000)  # a sentence is searched where statements are told apart, and again where they are read
def known_in(sentence: str) -> Known:
    """Search one sentence."""
    tokens = tokens_of(sentence)
    changes = changes_in(tokens)
    cues = find_cues(tokens, changes)
    mentions = mentions_in(tokens, cues, changes)
    cues = beyond_names(cues, mentions)
    return Known(tokens, changes, cues, mentions, modifiers_in(sentence, tokens, mentions, cues, changes))
