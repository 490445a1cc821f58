"""From transcripts to a dictation: every wording rule in its order, and the proof that no word was lost.

The order matters: what the recognizer marked and editing commands first, because no term may be made of them; then the
user's phrases and misheard terms, so that every later rule sees real words; marks before headings and figures, which
end at them; editing when sentences can be seen and numbers can be compared; spelling last.
"""

from collections.abc import Collection, Sequence
from typing import Literal

from dictation.frozen import Frozen
from dictation.lexicon import EMPTY_VOCABULARY, Vocabulary
from dictation.speech.transcript import Engine, Transcript, Word
from dictation.wording.corrections import correct
from dictation.wording.editing import as_text, edit, find_commands
from dictation.wording.figures import write_figures
from dictation.wording.filled_pauses import without_filled_pauses
from dictation.wording.guesses import without_guesses
from dictation.wording.hearing import heard
from dictation.wording.items import number_items
from dictation.wording.marked import obey_marked
from dictation.wording.misheard import put_right
from dictation.wording.orthography import Spelling, spelled
from dictation.wording.pauses import end_at_pauses
from dictation.wording.phrases import put_phrases
from dictation.wording.punctuation import punctuate
from dictation.wording.sections import find_sections
from dictation.wording.sentences import sentences
from dictation.wording.settling import settle
from dictation.wording.tokens import Token
from dictation.wording.unended import without_unended_stops
from dictation.wording.written import Command, Dictation, Retraction, SectionName


class Rules(Frozen):
    """How a user's words are written: see `write`."""

    vocabulary: Vocabulary = EMPTY_VOCABULARY
    spelling: Spelling = "american"
    guessed_punctuation: Literal["keep", "drop"] = "keep"


def written_alone(
    words: Sequence[Word],
    rules: Rules,
    *,
    section: SectionName | None = None,
    item: int = 0,
    live: Collection[int] = (),
) -> Dictation:
    """Return the written form of words that are part of no whole recording; the rest as in `write`."""
    return write(
        [Transcript(recording="", words=tuple(words), engine=Engine(name=""), duration_s=0)],
        rules.vocabulary,
        spelling=rules.spelling,
        guessed_punctuation=rules.guessed_punctuation,
        section=section,
        item=item,
        live=live,
    )


def write(
    transcripts: Sequence[Transcript],
    vocabulary: Vocabulary = EMPTY_VOCABULARY,
    *,
    spelling: Spelling = "american",
    guessed_punctuation: Literal["keep", "drop"] = "keep",
    section: SectionName | None = None,
    item: int = 0,
    live: Collection[int] = (),
) -> Dictation:
    """Return the written form of `transcripts`, in order; a new recording starts a new line.

    Every word index of the result stands in exactly one of: the alignment of one sentence, `retracted`, `commands`.
    The transcripts are kept as they came: a word's `text` stays what was heard. `guessed_punctuation` "drop" leaves
    out the commas, semicolons and colons that were not dictated, where the recognizer tells them from its guesses
    (MedASR does, Whisper does not) and none of them may limit a negation or another cue. A guessed full stop
    goes where no sentence ends (`unended`), whatever is asked for. Where the words go on in a text, `section` is the
    one that they go on in, `item` the number of its last item. `live` are the indexes of words that were said to
    the app: an editing command among them stays in the text, for there it is a whole utterance.
    """
    tokens: list[Token] = []
    commands: list[Command] = []
    retracted: list[Retraction] = []
    words = [word for transcript in transcripts for word in transcript.words]
    count = 0
    for transcript in transcripts:
        part = obey_marked(heard(transcript.words, count))
        count += len(transcript.words)
        part = put_right(put_phrases(as_text(find_commands(part), live), vocabulary), vocabulary)
        part, said_twice = punctuate(part)
        commands += said_twice
        part = write_figures(end_at_pauses(find_sections(part, words), words), spelling=spelling)
        if tokens and part and tokens[-1].kind != "break":
            tokens.append(Token("line", kind="break"))
        tokens += part
    tokens, obeyed, taken_back = edit(tokens, words)
    commands += obeyed
    retracted += taken_back
    tokens, obeyed, taken_back = correct(tokens)
    commands += obeyed
    retracted += taken_back
    tokens = without_unended_stops(without_filled_pauses(tokens))
    if guessed_punctuation == "drop" and any(word.is_command is not None for word in words):
        tokens = without_guesses(tokens)
    written, layout = sentences(spelled(number_items(tokens, section, item), spelling), section)
    commands += [command for command in layout if command.words]
    return settle(written, transcripts, commands, retracted)
