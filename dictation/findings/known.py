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
    cues = beyond_names(_outside_names(tokens, cues, mentions), mentions)
    return Known(tokens, changes, cues, mentions, modifiers_in(sentence, tokens, mentions, cues, changes))


def _outside_names(
    tokens: Sequence[Token], cues: Sequence[Match[Cue]], mentions: Sequence[Mention]
) -> list[Match[Cue]]:
    """The cues, a "no" that took the first word of a name with it made free of that: "no contrast extravasation"."""
    starts = {mention.names[0]: mention.names[1] for mention in mentions}
    found = []
    for cue in cues:
        inner = next((at for at in range(cue.start + 1, cue.end) if starts.get(at, 0) >= cue.end), None)
        is_denial = tokens[cue.start].norm == "no" and cue.meaning.kind in ("none", "negation")
        found.append(Match(cue.start, inner, Cue("negation", "before")) if inner and is_denial else cue)
    return found
