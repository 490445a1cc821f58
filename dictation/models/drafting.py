"""What an answer may well say next: what follows its last words in a text that it is likely to repeat.

A report mostly repeats its dictation, so looking up is enough. A wrong guess changes no answer, it only costs a little
time; the idea is prompt-lookup decoding (Saxena 2023).
"""

from collections.abc import Callable, Sequence

LONGEST_MATCH = 6  # tokens of the answer's end that are looked for, longest first
LONGEST_GUESS = 8  # tokens given to one pass: more are seldom all right, and each costs a CPU a fifth of a pass
SHORTEST_WORD = 3  # letters of a lone token that is worth looking for


class Repeating:
    """Guesses how an answer goes on. `spell` gives the text of a token, of which spaces and capitals are ignored."""

    def __init__(self, text: Sequence[int], spell: Callable[[int], str]) -> None:
        self._text, self._spell = list(text), spell
        self._keys: dict[int, str] = {}
        self._places: dict[str, list[int]] = {}
        for place, token in enumerate(self._text):
            self._places.setdefault(self._key(token), []).append(place)
        self._at = 0  # where the last guess began: an answer goes through the text in its order

    def __call__(self, answer: Sequence[int]) -> list[int]:
        """Return the tokens that follow the best match of the answer's end, [] where there is none worth a guess."""
        end = [self._key(token) for token in answer[-LONGEST_MATCH:]]
        found = [(self._matched(place, end), place) for place in self._places.get(end[-1], ())] if end else []
        if not found:
            return []
        longest = max(length for length, _ in found)
        if longest == 1 and sum(map(str.isalpha, end[-1])) < SHORTEST_WORD:
            return []
        best = [place for length, place in found if length == longest]
        begin = 1 + next((place for place in best if place >= self._at), best[-1])
        self._at = begin
        following = self._text[begin : begin + LONGEST_GUESS]
        ends = (place for place, token in enumerate(following) if "\n" in self._spell(token))
        return following[: next(ends, len(following))]  # a sentence of a prompt ends with its line

    def _matched(self, place: int, end: Sequence[str]) -> int:
        """Return how many tokens before and at `place` are those at the end of the answer."""
        length = 1
        while length < min(len(end), place + 1) and self._key(self._text[place - length]) == end[-1 - length]:
            length += 1
        return length

    def _key(self, token: int) -> str:
        if token not in self._keys:
            self._keys[token] = self._spell(token).strip("▁ \n").lower()
        return self._keys[token]
