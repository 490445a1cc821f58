"""From transcripts to a dictation: every wording rule in its order, and the proof that no word was lost.

The order matters: misheard terms first, so that every later rule sees real words; figures before punctuation, so that
"point" and "by" are numbers' own; headings after the colon is a mark; editing last, when sentences can be seen.
"""

from collections.abc import Sequence
from typing import Literal

from dictation.lexicon import EMPTY_VOCABULARY, Vocabulary
from dictation.speech.transcript import Transcript
from dictation.wording.hearing import heard
from dictation.wording.punctuation import punctuate
from dictation.wording.sections import find_sections
from dictation.wording.sentences import sentences
from dictation.wording.settling import settle
from dictation.wording.tokens import Token
from dictation.wording.written import Command, Dictation, Retraction

Spelling = Literal["american", "british"]


def write(
    transcripts: Sequence[Transcript], vocabulary: Vocabulary = EMPTY_VOCABULARY, *, spelling: Spelling = "american"
) -> Dictation:
    """Return the written form of `transcripts`, in order; a new recording starts a new line.

    Every word index of the result stands in exactly one of: the alignment of one sentence, `retracted`, `commands`.
    The transcripts are kept as they came: a word's `text` stays what was heard.
    """
    tokens: list[Token] = []
    commands: list[Command] = []
    retracted: list[Retraction] = []
    count = 0
    for transcript in transcripts:
        part = heard(transcript.words, count)
        count += len(transcript.words)
        part, said_twice = punctuate(part)
        commands += said_twice
        part = find_sections(part)
        if tokens and part and tokens[-1].kind != "break":
            tokens.append(Token("line", kind="break"))
        tokens += part
    written, layout = sentences(tokens)
    commands += [command for command in layout if command.words]
    return settle(written, transcripts, commands, retracted)
