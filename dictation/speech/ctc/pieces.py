"""The vocabulary of a CTC network: for each column of its posteriors the text that it stands for.

Decoding sees nothing else of a model. Texts may hold any character and occur twice, as tokenizers have them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from dictation.speech.spoken import GUESSED_MARKS

WORD_START = "▁"  # of SentencePiece: it begins a piece that begins a word


@dataclass(frozen=True, eq=False)  # one object a model: a key of caches
class Pieces:
    """The pieces in the order of the columns; `blank` is the column of CTC's blank.

    `silent` pieces are never text (padding, start), `ends` mark the end of an utterance and part words like a space.
    """

    texts: tuple[str, ...]
    blank: int
    silent: frozenset[int] = frozenset()
    ends: frozenset[int] = frozenset()

    @classmethod
    def of(cls, texts: Iterable[str], blank: int, silent: Iterable[str] = (), ends: Iterable[str] = ()) -> "Pieces":
        """Make pieces of a tokenizer's texts; `silent` and `ends` are given as texts. Raises ValueError on a bad blank.

        Only columns that the network has may be given: a tokenizer may know more pieces than its network.
        """
        column_texts = tuple(texts)
        if not 0 <= blank < len(column_texts):
            raise ValueError(f"the blank is piece {blank} of {len(column_texts)}")
        quiet, last = frozenset(silent), frozenset(ends)
        return cls(
            texts=column_texts,
            blank=blank,
            silent=frozenset(n for n, text in enumerate(column_texts) if text in quiet) | {blank},
            ends=frozenset(n for n, text in enumerate(column_texts) if text in last),
        )

    def __len__(self) -> int:
        """The number of columns of the posteriors."""
        return len(self.texts)

    @cached_property
    def written(self) -> tuple[str, ...]:
        """What each piece adds to the text: a space where a word begins or an utterance ends, "" where it is silent."""
        return tuple(
            "" if n in self.silent else " " if n in self.ends else text.replace(WORD_START, " ")
            for n, text in enumerate(self.texts)
        )

    @cached_property
    def spoken(self) -> tuple[str, ...]:
        """`written` in small letters, "" for all that is not heard: silent pieces and ends."""
        return tuple("" if n in self.ends else text.lower() for n, text in enumerate(self.written))

    @cached_property
    def saying(self) -> dict[str, list[int]]:
        """The columns of the pieces that are heard as a text, for each text that is."""
        found: dict[str, list[int]] = {}
        for number, text in enumerate(self.spoken):
            if text:
                found.setdefault(text, []).append(number)
        return found

    @cached_property
    def marks(self) -> list[int]:
        """The columns of marks that a recognizer guesses."""
        return [n for n, text in enumerate(self.texts) if len(text) == 1 and text in GUESSED_MARKS]

    @cached_property
    def quiet(self) -> list[int]:
        """The columns of frames in which no word goes on: blank, silent pieces, ends."""
        return sorted(self.silent | self.ends)

    def text(self, pieces: Iterable[int]) -> str:
        """The text of a sequence of pieces, with single spaces."""
        return " ".join("".join(self.written[piece] for piece in pieces).split())
