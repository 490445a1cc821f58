"""What an error means to whoever acts on the report: nothing, little, or it could change care.

The word error rate hardly follows what clinicians mind, so each error, a run of adjacent wrong words, has a grade:

- *could change care*: it lies in the words of a critical or major difference that comparing both texts finds, or one of
  its words is of a critical class (a side, a negation, a number, a unit, a level, a drug, a finding) and was not
  heard as it was said;
- *harmless*: all its words are stop words, said and heard, or it is one word in another number, joined or parted;
- *minimal*: all others.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal, get_args

from dictation.discrepancy import Discrepancy
from dictation.evaluation.alignment import Kind, aligned, words_heard, words_said
from dictation.evaluation.classes import CriticalClass, classes_of
from dictation.evaluation.clinical import clinical
from dictation.evaluation.places import Run, character_places, runs
from dictation.lexicon import rows
from dictation.wording.opposites import exclude

Grade = Literal["harmless", "minimal", "could change care"]
GRADES: tuple[Grade, ...] = get_args(Grade)
WRONG: tuple[Kind, ...] = ("substitution", "deletion", "insertion")
LEAST_STEM = 3  # letters before an ending
_CLASSES: dict[str, frozenset[CriticalClass]] = {
    "laterality": frozenset({"side"}),
    "negation": frozenset({"negation"}),
    "measurement": frozenset({"number", "unit"}),
    "unit": frozenset({"number", "unit"}),
    "level": frozenset({"level"}),
}  # the words that a difference of this kind is about


@dataclass(frozen=True, slots=True)
class Error:
    """A run of adjacent wrong steps: the words `said` and `heard` in it, joined by spaces; "" for none.

    `script` and `hypothesis` are its [start, end) in either text, in characters: a point where it has no word there.
    """

    run: Run
    said: str
    heard: str
    grade: Grade
    script: tuple[int, int]
    hypothesis: tuple[int, int]

    @property
    def kind(self) -> Kind:
        """A substitution where something was heard in place of what was said, else a deletion or an insertion."""
        if self.said and self.heard:
            return "substitution"
        return "deletion" if self.said else "insertion"


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a clinical form, its classes, and its [start, end) in the text."""

    text: str
    classes: frozenset[CriticalClass]
    span: tuple[int, int]


@dataclass(frozen=True)
class _Words:
    """The words of one error, said and heard."""

    said: tuple[_Word, ...]
    heard: tuple[_Word, ...]

    @cached_property
    def turned(self) -> frozenset[CriticalClass]:
        """The classes of its critical words that were not heard as they were said."""
        said, heard = (Counter((word.text, word.classes) for word in words) for words in (self.said, self.heard))
        return frozenset(name for _, classes in (said - heard) + (heard - said) for name in classes)

    @cached_property
    def is_harmless(self) -> bool:
        """Whether nothing but stop words, and one word written in two ways, is in it."""
        if any(word.classes - {"finding"} for word in (*self.said, *self.heard)):
            return False
        said, heard = ([word.text for word in words] for words in (self.said, self.heard))
        left, right = ([text for text in texts if text not in _stop_words()] for texts in (said, heard))
        if len(left) == len(right):
            is_alike = all(_singulars(one) & _singulars(other) for one, other in zip(left, right, strict=True))
        else:
            is_alike = "".join(left) == "".join(right) and _turning_prefixes().isdisjoint((*said, *heard))
        return is_alike and not any(exclude(one, other) for one in said for other in heard)


def graded_errors(script: str, hypothesis: str, differences: Sequence[Discrepancy] = ()) -> tuple[Error, ...]:
    """The errors of a hypothesis in the order of the text, each with its grade. Both texts are in written form.

    Their runs count the steps of `aligned(clinical(script), clinical(hypothesis))`. `differences` are the critical and
    major ones between the same two texts (`changed_claims(script, hypothesis).cards`).

        graded_errors("A small left effusion is seen today.", "The small right effusion is seen now.")
        → "a" heard as "the", harmless; "left" heard as "right", could change care; "today" heard as "now", minimal
    """
    steps = aligned(clinical(script), clinical(hypothesis))
    said, heard = iter(_words(words_said(steps), script)), iter(_words(words_heard(steps), hypothesis))
    pairs = [(next(said) if step.said else None, next(heard) if step.heard else None) for step in steps]
    wrong = runs(steps, *WRONG)
    errors = [
        _Words(
            tuple(word for word, _ in pairs[run.first : run.end] if word),
            tuple(word for _, word in pairs[run.first : run.end] if word),
        )
        for run in wrong
    ]
    grave = {at for difference in differences for at in _meant(difference, errors)}
    grades = [_grade(error, at in grave) for at, error in enumerate(errors)]
    return tuple(
        Error(
            run, _text(error.said), _text(error.heard), grade,
            _stretch(pairs, 0, run, error.said), _stretch(pairs, 1, run, error.heard),
        )
        for run, error, grade in zip(wrong, errors, grades, strict=True)
    )  # fmt: skip


def _stretch(
    pairs: Sequence[tuple[_Word | None, _Word | None]], side: int, run: Run, words: Sequence[_Word]
) -> tuple[int, int]:
    """The characters of an error in one text; without a word there, the end of the word before it."""
    if words:
        return words[0].span[0], words[-1].span[1]
    before = next((word for pair in reversed(pairs[: run.first]) if (word := pair[side])), None)
    at = before.span[1] if before else 0
    return at, at


def _grade(error: _Words, is_grave: bool) -> Grade:
    if is_grave:
        return "could change care"
    if error.is_harmless:
        return "harmless"
    return "could change care" if error.turned else "minimal"


def _text(words: Iterable[_Word]) -> str:
    return " ".join(word.text for word in words)


def _meant(difference: Discrepancy, errors: Sequence[_Words]) -> list[int]:
    """The errors that a difference is laid to, by their places.

    A side, a negation, a figure or a level that turned is laid to the words of that class in it; what else stands in
    the same sentence is not to blame. Stop words are to blame where nothing else went wrong.
    """
    in_script, in_hypothesis = _about(difference)
    inside = [
        at for at, error in enumerate(errors) if _lie_in(error.said, in_script) or _lie_in(error.heard, in_hypothesis)
    ]
    wanted = _CLASSES.get(difference.kind, frozenset())
    of_class = [at for at in inside if errors[at].turned & wanted]
    return of_class or [at for at in inside if not errors[at].is_harmless] or inside


def _about(difference: Discrepancy) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The characters that a difference is about, in the script and in the hypothesis."""
    alone = difference.written is None  # then the other side of a contradiction stands in the script, too
    in_script = (difference.heard, difference.against if alone else None)
    in_hypothesis = (difference.written, None if alone else difference.against)
    one, other = (
        [span for side in sides if side and (span := side.differing or side.span)]
        for sides in (in_script, in_hypothesis)
    )
    return one, other


def _lie_in(words: Sequence[_Word], spans: Sequence[tuple[int, int]]) -> bool:
    """Whether one of the words has a character of one of the spans."""
    return any(word.span[0] < end and start < word.span[1] for start, end in spans for word in words)


def _singulars(word: str) -> set[str]:
    """The word and what it may be the plural of."""
    return {word} | {
        stem + row["singular"]
        for row in rows("plural_endings")
        if word.endswith(row["plural"]) and len(stem := word.removesuffix(row["plural"])) >= LEAST_STEM
    }


@cache
def _stop_words() -> frozenset[str]:
    """Words that say nothing of a finding: not one that bears on certainty, time, direction or sex."""
    plain = {row["word"] for table in ("free_words", "grammar_words", "hesitations") for row in rows(table)}
    joining = {word for row in rows("function_words") for word in row["words"].split(" | ")}
    tables = ("assertion", "change", "exchanged_words", "number_cues", "opposites", "sex")
    telling = {word for table in tables for row in rows(table) for word in row.get("terms", "").split() if word != "|"}
    return frozenset(plain | (joining - telling))


@cache
def _turning_prefixes() -> frozenset[str]:
    return frozenset(row["prefix"] for row in rows("negating_prefixes"))


def _words(form: Sequence[str], text: str) -> list[_Word]:
    return [_Word(*one) for one in zip(form, classes_of(form), character_places(form, text), strict=True)]
