"""A transcript from a line of text, three words a second, for the tests of this room."""

from dictation.speech import Engine, Transcript, Word
from dictation.wording import Dictation, write

ENGINE = Engine(name="test")


def transcript(text: str, recording: str = "r") -> Transcript:
    """Each whitespace-separated piece of `text` is one word of 0.3 s."""
    words = tuple(
        Word(text=piece, start_s=index / 3, end_s=index / 3 + 0.3, confidence=0.9)
        for index, piece in enumerate(text.split())
    )
    return Transcript(recording=recording, words=words, engine=ENGINE, duration_s=len(words) / 3)


def marking(text: str) -> Transcript:
    """Words in braces are marked ("{next line}", "{Findings:}"), those after "~" may be either, all others are not."""
    words: list[Word] = []
    inside = False
    for at, piece in enumerate(text.split()):
        inside = inside or piece.startswith("{")
        is_command = True if inside else None if piece.startswith("~") else False
        inside = inside and "}" not in piece
        said = piece.translate(str.maketrans("", "", "{}~"))
        words.append(Word(text=said, start_s=at / 3, end_s=at / 3 + 0.3, is_command=is_command))
    return Transcript(recording="r", words=tuple(words), engine=ENGINE, duration_s=len(words) / 3)


def written(text: str, **settings: object) -> str:
    return dictated(text, **settings).text


def dictated(text: str, **settings: object) -> Dictation:
    return write([transcript(text)], **settings)  # type: ignore[arg-type]


def places(dictation: Dictation) -> list[int]:
    """Every place of every word index: a word in two places is listed twice."""
    found: list[int] = []
    for sentence in dictation.sentences:
        found += sorted({word for link in sentence.alignment for word in link.words})
    for command in dictation.commands:
        found += command.words
    for retraction in dictation.retracted:
        found += retraction.words
    return sorted(found)
