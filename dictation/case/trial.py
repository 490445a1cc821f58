"""Would other words of a user have helped? What was dictated before is written again with them, and counted.

The truth is the text as its author left it. Words are compared in small letters and without marks.
"""

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from rapidfuzz.distance import Levenshtein

from dictation.errors import DictationError
from dictation.lexicon import Vocabulary
from dictation.lexicon.learned import Trial
from dictation.speech import Transcript
from dictation.wording import write


@dataclass
class Earlier:
    """A dictation from before: what was `heard` in it, and the `text` that its author left.

    `sound_s` is how many seconds of its sound are kept, and `hear` hears them again; None where there are none.
    """

    heard: tuple[Transcript, ...]
    text: str
    sound_s: float = 0.0
    hear: Callable[[Vocabulary], tuple[Transcript, ...]] | None = None
    _errors: dict[tuple[Vocabulary, bool], int] = field(default_factory=dict)

    def errors(self, vocabulary: Vocabulary, *, is_heard_again: bool = False) -> int:
        """Word errors, written with a vocabulary. Raises DictationError where the sound cannot be heard again."""
        if (vocabulary, is_heard_again) not in self._errors:
            heard = self.hear(vocabulary) if is_heard_again and self.hear else self.heard
            written = write(list(heard), vocabulary).text
            self._errors[vocabulary, is_heard_again] = Levenshtein.distance(_words(self.text), _words(written))
        return self._errors[vocabulary, is_heard_again]


def trial(earlier: Iterable[Earlier], before: Vocabulary, after: Vocabulary, sound_s: float = 0.0) -> Trial:
    """Write each dictation with one vocabulary and with the other, and count the words that this changes.

    Of the first dictations up to `sound_s` seconds of sound are heard again with both, and counted as well.
    """
    written, heard, dictations, heard_s = [0, 0], [0, 0], 0, 0.0
    for one in earlier:
        dictations += 1
        _count(written, one.errors(before) - one.errors(after))
        if written[1] or one.hear is None or heard_s + one.sound_s > sound_s:
            continue
        with suppress(DictationError):  # its sound is gone meanwhile, or the engine failed
            _count(heard, one.errors(before, is_heard_again=True) - one.errors(after, is_heard_again=True))
            heard_s += one.sound_s
    return Trial(
        dictations=dictations, right=written[0], wrong=written[1],
        heard_s=heard_s, heard_right=heard[0], heard_wrong=heard[1],
    )  # fmt: skip


def _count(counts: list[int], saved: int) -> None:
    """Add the words that are right now, or wrong, to the two counts."""
    counts[0 if saved > 0 else 1] += abs(saved)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+(?:['./-]\w+)*", text.lower())
