"""Pads dictated and typed in the tests of this room."""

from collections.abc import Callable, Sequence

from dictation.speech import Engine, Transcript, Word
from dictation.wording.pad import Pad, Rules
from dictation.wording.said import Context, Said, command
from tests.wording.dictating import places as of_dictation
from tests.wording.dictating import transcript

ENGINE = Engine(name="test")


def empty(*recordings: str) -> Pad:
    """A pad with a take for each recording."""
    pad = Pad()
    for recording in recordings or ("r",):
        pad = pad.new_take(Transcript(recording=recording, words=(), engine=ENGINE, duration_s=0))
    return pad


def words(pad: Pad, text: str, take: int = 0) -> tuple[Word, ...]:
    """The words of `text`, three a second, after those that the take has."""
    count = len(pad.transcripts[take].words)
    return transcript(" ".join(["-"] * count + text.split())).words[count:]


def say(pad: Pad, *finals: str, at: int | None = None, take: int = 0, rules: Rules | None = None) -> Pad:
    """Dictate one Final after the other, the first at a place (the end of the open stretch, or of the text)."""
    for final in finals:
        place = at if at is not None else pad.anchor if pad.anchor is not None else len(pad.text)
        pad = pad.dictated(take, words(pad, final, take), place, rules)
        at = None
    return pad


def over(pad: Pad, old: str, new: str, *, by_letters: bool = False) -> Pad:
    """The pad with `old` typed over where it stands first, at once or letter by letter."""
    start = pad.text.index(old)
    if not by_letters:
        return type_in(pad, start, start + len(old), new)
    for length in range(len(old), 0, -1):
        pad = type_in(pad, start + length - 1, start + length, "")
    for index, letter in enumerate(new):
        pad = type_in(pad, start + index, start + index, letter)
    return pad


def type_in(pad: Pad, start: int, stop: int, text: str) -> Pad:
    return pad.replaced(start, stop, text)[0]


def named(macros: Sequence[str]) -> Callable[[str], str]:
    """Which of some macros words name."""
    return lambda spoken: next((macro for macro in macros if macro.lower() == spoken.lower()), "")


def obey(
    pad: Pad, utterance: str, at: int | None = None, macros: Sequence[str] = (), take: int = 0
) -> tuple[Pad, int, Said | None]:
    """Say one utterance: obeyed where it is a command, else text. The pad, the place after it, the command."""
    place = at if at is not None else pad.anchor if pad.anchor is not None else len(pad.text)
    said = command(words(pad, utterance, take), Context(pad, place, named(macros)))
    if said is None or said.is_text:
        pad = pad.dictated(take, words(pad, utterance, take), place)
        return pad, pad.anchor if pad.anchor is not None else place, said
    return (*pad.obeyed(said, take, words(pad, utterance, take), place), said)


def places(pad: Pad) -> list[int]:
    """Every place of every word: a word in two places is listed twice; two ties of one sentence are one place."""
    tied: dict[tuple[str, int], None] = {}
    offset = 0
    for piece in pad.pieces:
        for tie in piece.ties:
            tied |= {(piece.sentence or f"between {offset}", word): None for word in tie.words}
        offset += len(piece.text)
    found = [word for _, word in tied]
    found += [word for command in pad.commands for word in command.words]
    return sorted(found + [word for retraction in pad.retracted for word in retraction.words])


def checked(pad: Pad) -> Pad:
    """The pad, in which each word has one place, each id is given once, and each link is inside its sentence."""
    assert places(pad) == list(range(pad.count))
    assert of_dictation(pad.dictation) == list(range(pad.count))
    assert Pad.model_validate_json(pad.model_dump_json()) == pad
    ids = [sentence.id for sentence in pad.dictation.sentences]
    assert len(set(ids)) == len(ids)
    for sentence in pad.dictation.sentences:
        assert sentence.text == sentence.text.strip() != ""
        ends = [0]
        for link in sentence.alignment:
            assert ends[-1] <= link.span[0] < link.span[1] <= len(sentence.text)
            ends.append(link.span[1])
    stops = [0]
    for span in pad.spans():
        assert stops[-1] <= span.start < span.end <= len(pad.text)
        stops.append(span.end)
    for piece in pad.pieces:
        assert piece.text
        assert all(0 <= tie.span[0] < tie.span[1] <= len(piece.text) for tie in piece.ties)
    return pad
