"""The decoding loop: one pass of the network for what has to be chosen, none for what is certain, few for a copy.

Where the answer is likely to repeat the prompt, the next words of the prompt are given to the network along with the
token that is due, and kept as far as the network itself would have chosen them: fewer passes, the same answer.
"""

from collections.abc import Callable, Iterator, Sequence
from threading import Event
from typing import Any, Protocol

from dictation.errors import WRITING_CANCELLED, Cancelled
from dictation.models.json_constraint import JsonConstraint

Pick = Callable[[Any], int]  # scores of one step, shape (width,), minus infinity where not allowed → the chosen token
Guess = Callable[[Sequence[int]], Sequence[int]]  # the answer so far → the tokens that may well follow
LONGEST_BESIDE = 64  # tokens that are read again at no great cost where a guess was wrong


class Reading(Protocol):
    """A network in the middle of a text."""

    def read(self, tokens: Sequence[int], keep: int) -> Any:
        """Read on, and return the scores after each of the last `keep` tokens: a tensor (keep, width)."""
        ...

    def mark(self) -> None:
        """Remember this place of the text."""
        ...

    def back(self) -> None:
        """Go back to the place that was marked last."""
        ...


def greedy(scores: Any) -> int:
    """Return the most probable token."""
    return int(scores.argmax())


def decoded(
    network: Reading,
    prompt: Sequence[int],
    constraint: JsonConstraint,
    *,
    most_tokens: int,
    guess: Guess | None = None,
    pick: Pick = greedy,
    cancel: Event | None = None,
) -> Iterator[list[int]]:
    """Yield the tokens of an answer as they are settled, until it is complete or has `most_tokens`.

    Raises Cancelled before the next pass once `cancel` is set.
    """
    answer = constraint.forced()
    due = [*prompt, *answer]
    yield answer
    while not constraint.is_complete and len(answer) < most_tokens:
        if cancel is not None and cancel.is_set():
            raise Cancelled(WRITING_CANCELLED)
        guessed = list(guess(answer)) if guess and len(due) <= LONGEST_BESIDE else []
        if guessed:
            network.mark()
        scores = network.read([*due, *guessed], keep=1 + len(guessed))
        new = _settled(scores, guessed, constraint, pick)
        if new[: len(guessed)] == guessed:
            due = new[len(guessed) :]
        else:  # the wrong words are unread, and what was right is read again with the next pass
            network.back()
            due = [*due, *new]
        answer += new
        yield new


def _settled(scores: Any, guessed: list[int], constraint: JsonConstraint, pick: Pick) -> list[int]:
    """Return what one pass settles: the guess as far as it is right, and one choice more with what it forces."""
    new: list[int] = []
    while not constraint.is_complete and len(new) <= len(guessed) and new == guessed[: len(new)]:
        new += constraint.take(pick(_barred(scores[len(new)], constraint)))
    return new


def _barred(scores: Any, constraint: JsonConstraint) -> Any:
    import torch

    barred = torch.from_numpy(~constraint.allowed()).to(scores.device)
    return scores.masked_fill(barred, float("-inf"))
