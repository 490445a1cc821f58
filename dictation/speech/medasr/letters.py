"""MedASR's pieces as letters that know when they were said, and letters as words.

One frame is 40 ms; its centre lies 72.5 ms into the 145 ms of sound that it sees, so frame k is heard at 40k + 72.5 ms.
CTC emits a piece at a point in time rather than over its length: starts are good to about a frame, ends are early.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from dictation.audio import SAMPLE_RATE
from dictation.speech.ctc.greedy import Emitted
from dictation.speech.ctc.pieces import WORD_START, Pieces
from dictation.speech.ctc.rivals import Doubt
from dictation.speech.transcript import Word

MEL_HOP_SAMPLES = 160  # 10 ms
MEL_WINDOW_SAMPLES = 400  # 25 ms
SUBSAMPLING_KERNEL, SUBSAMPLING_STRIDE = 5, 2  # of two convolutions in a row
FRAME_SAMPLES = MEL_HOP_SAMPLES * SUBSAMPLING_STRIDE**2  # 640: 40 ms
_SEEN_MELS = SUBSAMPLING_KERNEL + (SUBSAMPLING_KERNEL - 1) * SUBSAMPLING_STRIDE  # 13 mel frames behind one frame
MIN_SAMPLES = MEL_WINDOW_SAMPLES + (_SEEN_MELS - 1) * MEL_HOP_SAMPLES  # 2320: what one frame sees, 145 ms
FRAME_S = FRAME_SAMPLES / SAMPLE_RATE
FIRST_CENTRE_S = MIN_SAMPLES / 2 / SAMPLE_RATE  # 72.5 ms

SILENT_PIECES = ("<epsilon>", "<pad>", "<s>")
END_PIECE = "</s>"  # taught as the end of an utterance; appears in the middle of a recording, too


@dataclass(frozen=True)
class Letter:
    """One character of the text. Seconds count from the start of the recording; `probability` is its piece's, 0–1.

    `is_command` is that of its word: True where it stands for a token that was recognised and is no longer looked at.
    """

    text: str
    start_s: float
    end_s: float
    probability: float
    is_command: bool = False


def frame_span_s(first_frame: int, last_frame: int, start_s: float) -> tuple[float, float]:
    """Return the [start, end) seconds of a run of frames in a window that begins at `start_s`."""
    centre_s = start_s + FIRST_CENTRE_S
    return centre_s + (first_frame - 0.5) * FRAME_S, centre_s + (last_frame + 0.5) * FRAME_S


def spelled(emitted: Iterable[Emitted], piece_text: Callable[[int], str], start_s: float) -> list[Letter]:
    """Return the letters of the pieces of one window, spaces between words included.

    `piece_text` gives the text of a piece; `start_s` is where the window begins in its recording.
    """
    letters: list[Letter] = []
    for piece in emitted:
        text = piece_text(piece.piece)
        if text in SILENT_PIECES:
            continue
        text = " " if text == END_PIECE else text.replace(WORD_START, " ")
        begin_s, end_s = frame_span_s(piece.first_frame, piece.last_frame, start_s)
        letters.extend(Letter(character, begin_s, end_s, piece.probability) for character in text)
    return letters


def words(letters: Sequence[Letter]) -> list[Word]:
    """Return the letters between spaces as words.

    A word's confidence is the probability of its least sure piece. It falls where the model doubts, but it is not
    calibrated: 0.8 does not mean right in 80 of 100 cases.
    """
    groups: list[list[Letter]] = [[]]
    for letter in letters:
        if letter.text.isspace():
            groups.append([])
        else:
            groups[-1].append(letter)
    return [_word(group) for group in groups if group]


def _word(letters: Sequence[Letter]) -> Word:
    return Word(
        text="".join(letter.text for letter in letters),
        start_s=_rounded(letters[0].start_s),
        end_s=round(letters[-1].end_s, 3),
        confidence=round(min(1.0, min(letter.probability for letter in letters)), 4),
        is_command=letters[0].is_command,
    )


def pieces_of(texts: Iterable[str], blank: int) -> Pieces:
    """Return MedASR's vocabulary for decoding. `texts`: that of each column of the network, none beyond."""
    return Pieces.of(texts, blank, silent=SILENT_PIECES, ends=(END_PIECE,))


def with_rivals(found: Sequence[Word], doubts: Iterable[Doubt], start_s: float) -> list[Word]:
    """Return the words with the rivals of those that are in doubt as alternatives.

    `start_s` is where the window began whose frames the doubts count. A word that a token became keeps none.
    """
    result = list(found)
    places = {(word.text, word.start_s): place for place, word in enumerate(found)}
    for doubt in doubts:
        begin_s, _ = frame_span_s(doubt.first_frame, doubt.last_frame, start_s)
        place = places.get((doubt.text, _rounded(begin_s)))
        if place is not None:
            result[place] = found[place].model_copy(update={"alternatives": doubt.rivals})
    return result


def _rounded(begin_s: float) -> float:
    return round(max(0.0, begin_s), 3)
