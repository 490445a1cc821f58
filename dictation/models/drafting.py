"""What an answer may well say next, since it repeats a prompt: the words that follow its last words there.

Looking up is enough for a report, which mostly repeats its dictation. A wrong guess changes no answer, it only costs
a little time; the idea is prompt-lookup decoding (Saxena 2023).
"""

from collections.abc import Callable, Sequence

LONGEST_MATCH = 4  # tokens of the answer's end that are looked for, longest first
LONGEST_GUESS = 8  # tokens given to one pass: more are seldom all right, and each costs a CPU a fifth of a pass
SHORTEST_WORD = 3  # letters of a lone token that is worth looking for


class Repeating:
    """Guesses how an answer goes on. `spell` gives the text of a token, with which spaces and capitals are ignored."""

    def __init__(self, prompt: Sequence[int], spell: Callable[[int], str]) -> None:
        self._prompt = list(prompt)
        self._spell = spell
        self._keys: dict[int, str] = {}
        self._places: dict[str, list[int]] = {}
        for place, token in enumerate(self._prompt):
            self._places.setdefault(self._key(token), []).append(place)

    def __call__(self, answer: Sequence[int]) -> list[int]:
        """Return the tokens that follow the best match of the answer's end, [] where there is none worth a guess."""
        if not answer:
            return []
        end = [self._key(token) for token in answer[-LONGEST_MATCH:]]
        best, length = -1, 0
        for place in self._places.get(end[-1], ()):
            matched = 1
            while (
                matched < len(end)
                and matched <= place
                and self._key(self._prompt[place - matched]) == end[-1 - matched]
            ):
                matched += 1
            if matched >= length:  # of equal ones the last: what was just said
                best, length = place, matched
        if length == 0 or (length == 1 and sum(map(str.isalpha, end[-1])) < SHORTEST_WORD):
            return []
        following = self._prompt[best + 1 : best + 1 + LONGEST_GUESS]
        ends = (place for place, token in enumerate(following) if "\n" in self._spell(token))
        return following[: next(ends, len(following))]  # a sentence of the prompt ends with its line

    def _key(self, token: int) -> str:
        if token not in self._keys:
            self._keys[token] = self._spell(token).strip("▁ \n").lower()
        return self._keys[token]
