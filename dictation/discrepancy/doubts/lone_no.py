"""A "no" before a full stop: it may deny what follows, answer what came before, or put that right."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from dictation.discrepancy.doubts.doubt import Doubt, Stretch
from dictation.wording.clauses import has_verb


def lone_no_doubts(sentences: Sequence[Stretch]) -> Iterator[Doubt]:
    """A doubt for each "no" that stands alone, or behind a comma, before words that are no sentence of their own."""
    for index, (one, two) in enumerate(pairwise(sentences)):
        between = one.text[one.end : two.start]
        is_apart = between.strip() == "." and "\n\n" not in between
        is_asked = is_apart and two.words and _is_lone(one, sentences[index - 1] if index else None)
        if is_asked and not has_verb([word[0].lower() for word in two.words], is_denied=True):
            word, next_word = one.words[-1], two.words[0]
            question = (
                f"\u201c{word[0]}\u201d stands alone before \u201c{_words(two)}\u201d: does it deny that, answer what "
                "came before, or put that right? Write which."
            )
            yield Doubt(word.start(), next_word.end(), None, question, "critical")


def _is_lone(one: Stretch, before: Stretch | None) -> bool:
    if not one.words or one.words[-1][0].lower() != "no":
        return False
    if len(one.words) > 1:
        return one.text[one.start : one.words[-1].start()].rstrip().endswith(",")
    asked = one.text[before.end : one.start].strip() if before else ""
    return not asked.startswith(("?", ":"))


def _words(two: Stretch) -> str:
    return " ".join(word[0] for word in two.words[:4])
