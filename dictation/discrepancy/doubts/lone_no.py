"""A "no" before a full stop: it may deny what follows, answer what came before, or put that right."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise

from dictation.discrepancy.doubts.doubt import Doubt, Stretch, stretch
from dictation.speech.transcript import Word
from dictation.wording import Rules, written_alone
from dictation.wording.clauses import has_verb

_BEFORE_FIGURE = re.compile(r"no(?=\.\s+\d)", re.IGNORECASE)  # "No. 6 mm nodule", which else reads as "number 6"


def lone_no_doubts(sentences: Sequence[Stretch]) -> Iterator[Doubt]:
    """A doubt for each "no" that stands alone, or behind a comma, before words that are no sentence of their own.

    Also before a sentence that would put right what came before it: "There is a left effusion. No. There is a right".
    """
    sentences = list(chain.from_iterable(map(_cut, sentences)))
    for index, (one, two) in enumerate(pairwise(sentences)):
        before = sentences[index - 1] if index else None
        if not (two.words and _is_lone(one, before)):
            continue
        between = one.text[one.words[-1].end() : two.start]
        if between.strip() != "." or "\n\n" in between:
            continue
        if not has_verb([word[0].lower() for word in two.words], is_denied=True) or _puts_right(before, one, two):
            word, next_word = one.words[-1], two.words[0]
            question = (
                f"\u201c{word[0]}\u201d stands alone before \u201c{_words(two)}\u201d: does it deny that, answer what "
                "came before, or put that right? Write which."
            )
            yield Doubt(word.start(), next_word.end(), None, question, "critical")


def _cut(sentence: Stretch) -> list[Stretch]:
    """A sentence that begins with "No. 6" behind a mark as the "no" and the rest; "image No. 6" stays whole."""
    denial = _BEFORE_FIGURE.match(sentence.text, sentence.start, sentence.end)
    is_named = sentence.text[: sentence.start].rstrip()[-1:].isalnum()
    if not denial or is_named or len(sentence.words) < 2:
        return [sentence]
    rest = sentence.words[1].start()
    return [
        stretch(sentence.text, sentence.start, denial.end()),
        stretch(sentence.text, rest, sentence.end),
    ]


def _is_lone(one: Stretch, before: Stretch | None) -> bool:
    if not one.words or one.words[-1][0].lower() != "no":
        return False
    if len(one.words) > 1:
        return one.text[one.start : one.words[-1].start()].rstrip().endswith(",")
    asked = one.text[before.end : one.start].strip() if before else ""
    return not asked.startswith(("?", ":"))


def _puts_right(before: Stretch | None, one: Stretch, two: Stretch) -> bool:
    """Whether the words around the "no" read as a correction where commas stand at it."""
    start = before.start if before and len(one.words) == 1 else one.start
    said = one.text[start : one.words[-1].start()].rstrip(" .,\n")
    words = f"{said}, no, {two.text[two.start : two.end]}".split()
    return any(taken.command == "no" for taken in written_alone([Word(text=word) for word in words], Rules()).retracted)


def _words(two: Stretch) -> str:
    return " ".join(word[0] for word in two.words[:4])
