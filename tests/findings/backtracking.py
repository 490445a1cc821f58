"""A regular expression and a text → how many steps a backtracking search takes: counted, so that no clock is asked.

The pattern is parsed as `re` parses it, and searched for as `re` searches: each start in turn, each alternative and
each number of repeats until one fits. A step is one item tried at one place. `hostile` tells what to make texts of:
what leads to a repeat in the pattern, and what that repeat takes; many of it and an end that does not fit are the text.
"""

import re
import re._constants as op  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Callable, Iterator
from typing import Any

MANY = 16  # a repeat that may go on as long is asked as one without a bound
NEVER = "\x00"
_LETTERS = "a1 .-,:;x/A_\n\té%+()'"
_CATEGORIES: dict[Any, Callable[[str], bool]] = {
    op.CATEGORY_DIGIT: str.isdecimal,
    op.CATEGORY_NOT_DIGIT: lambda c: not c.isdecimal(),
    op.CATEGORY_SPACE: str.isspace,
    op.CATEGORY_NOT_SPACE: lambda c: not c.isspace(),
    op.CATEGORY_WORD: lambda c: c.isalnum() or c == "_",
    op.CATEGORY_NOT_WORD: lambda c: not (c.isalnum() or c == "_"),
}
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
_SINGLE = (op.LITERAL, op.NOT_LITERAL, op.IN, op.ANY)
Then = Callable[[int], bool]
Items = list[tuple[Any, Any]]


class TooManySteps(Exception):
    """The limit was reached."""


class Search:
    """One pattern, and the steps of its searches."""

    def __init__(self, pattern: "re.Pattern[str]") -> None:
        self.flags = pattern.flags
        self.items: Items = list(parser.parse(pattern.pattern, pattern.flags))
        self._fits: dict[tuple[object, str, int], bool] = {}
        self._entered: dict[tuple[int, str, int], list[Items]] = {}
        self.text, self.steps, self.limit = "", 0, 0
        self.groups: dict[int, tuple[int, int]] = {}

    def count(self, text: str, limit: int) -> int:
        """The steps of finding all matches in `text`. TooManySteps from `limit` on."""
        self.text, self.steps, self.limit = text, 0, limit
        start = 0
        while start <= len(text):
            ends: list[int] = []
            self.groups = {}
            found = self._sequence(self.items, 0, start, self.flags, lambda end, ends=ends: not ends.append(end))  # type: ignore[misc]
            start = max(ends[0], start + 1) if found else start + 1
        return self.steps

    def _step(self) -> None:
        self.steps += 1
        if self.steps > self.limit:
            raise TooManySteps

    def fits(self, kind: Any, value: Any, letter: str, flags: int) -> bool:
        """Whether one character is what an item asks for."""
        key = (id(value) if kind is op.IN else (str(kind), str(value)), letter, flags)
        if key not in self._fits:
            letters = {letter, letter.lower(), letter.upper()} if flags & re.IGNORECASE else {letter}
            self._fits[key] = any(len(one) == 1 and self._is(kind, value, one, flags) for one in letters)
        return self._fits[key]

    def _is(self, kind: Any, value: Any, letter: str, flags: int) -> bool:
        if kind is op.LITERAL:
            return ord(letter) == value
        if kind is op.NOT_LITERAL:
            return ord(letter) != value
        if kind is op.ANY:
            return bool(flags & re.DOTALL) or letter != "\n"
        if kind is op.RANGE:
            return bool(value[0] <= ord(letter) <= value[1])
        if kind is op.CATEGORY:
            return _CATEGORIES[value](letter)
        if value and value[0][0] is op.NEGATE:
            return not any(self._is(one, other, letter, flags) for one, other in value[1:])
        return any(self._is(one, other, letter, flags) for one, other in value)

    def _sequence(self, items: Items, index: int, at: int, flags: int, then: Then) -> bool:
        while index < len(items) and items[index][0] in _SINGLE:
            self._step()
            if at >= len(self.text) or not self.fits(*items[index], self.text[at], flags):
                return False
            index, at = index + 1, at + 1
        if index == len(items):
            return then(at)
        kind, value = items[index]

        def rest(end: int) -> bool:
            return self._sequence(items, index + 1, end, flags, then)

        self._step()
        if kind is op.BRANCH:
            letter = self.text[at] if at < len(self.text) else ""
            return any(self._sequence(one, 0, at, flags, rest) for one in self._alternatives(value[1], letter, flags))
        if kind is op.SUBPATTERN:
            group, added, dropped, inner = value

            def closed(end: int) -> bool:
                before = self.groups.get(group)
                if group is not None:
                    self.groups[group] = (at, end)
                if rest(end):
                    return True
                if group is not None and before is not None:
                    self.groups[group] = before
                return False

            return self._sequence(list(inner), 0, at, (flags | added) & ~dropped, closed)
        if kind in _REPEATS:
            return self._repeat(kind, *value, at, flags, rest)
        if kind is op.ATOMIC_GROUP:
            return self._first_end(list(value), at, flags, rest)
        if kind in (op.ASSERT, op.ASSERT_NOT):
            direction, inner = value
            start = at if direction > 0 else at - inner.getwidth()[0]
            holds = start >= 0 and self._sequence(list(inner), 0, start, flags, lambda end: direction > 0 or end == at)
            return holds is (kind is op.ASSERT) and rest(at)
        if kind is op.AT:
            return self._is_at(value, at, flags) and rest(at)
        if kind is op.GROUPREF:
            first, last = self.groups.get(value, (0, 0))
            said = self.text[first:last]
            return value in self.groups and self.text.startswith(said, at) and rest(at + len(said))
        raise NotImplementedError(f"{kind} has no steps here; teach it to {__name__}.")

    def _alternatives(self, branches: list[Any], letter: str, flags: int) -> list[Items]:
        """Those that may begin with a character: `re` looks at it before it enters one."""
        key = (id(branches), letter, flags)
        if key not in self._entered:
            self._entered[key] = [
                list(one)
                for one in branches
                if not len(one) or one[0][0] not in _SINGLE or (letter and self.fits(*one[0], letter, flags))
            ]
        return self._entered[key]

    def _first_end(self, items: Items, at: int, flags: int, rest: Then) -> bool:
        ends: list[int] = []
        found = self._sequence(items, 0, at, flags, lambda end: not ends.append(end))  # type: ignore[func-returns-value]
        return found and rest(ends[0])

    def _repeat(self, kind: Any, least: int, most: int, inner: Any, at: int, flags: int, rest: Then) -> bool:
        items = list(inner)
        if len(items) == 1 and items[0][0] in _SINGLE:
            end = at
            while end < len(self.text) and end - at < most and self.fits(*items[0], self.text[end], flags):
                end += 1
                self._step()
            ends = range(end, at + least - 1, -1)
            if kind is op.POSSESSIVE_REPEAT:
                return bool(ends) and rest(end)
            return any(self._try(rest, one) for one in (reversed(ends) if kind is op.MIN_REPEAT else ends))
        if kind is op.POSSESSIVE_REPEAT:
            return self._first_end([(op.MAX_REPEAT, (least, most, inner))], at, flags, rest)

        def again(done: int, start: int) -> bool:
            def once_more() -> bool:
                return done < most and self._sequence(
                    items, 0, start, flags, lambda end: (end > start or done < least) and again(done + 1, end)
                )

            self._step()
            enough = done >= least
            if kind is op.MIN_REPEAT:
                return (enough and rest(start)) or once_more()
            return once_more() or (enough and rest(start))

        return again(0, at)

    def _try(self, rest: Then, end: int) -> bool:
        self._step()
        return rest(end)

    def _is_at(self, place: Any, at: int, flags: int) -> bool:
        text = self.text
        if place in (op.AT_BOUNDARY, op.AT_NON_BOUNDARY):
            before, behind = (0 <= n < len(text) and (text[n].isalnum() or text[n] == "_") for n in (at - 1, at))
            return (before != behind) is (place is op.AT_BOUNDARY)
        if place in (op.AT_BEGINNING, op.AT_BEGINNING_STRING):
            lines = flags & re.MULTILINE and place is op.AT_BEGINNING
            return at == 0 or bool(lines and text[at - 1] == "\n")
        if place is op.AT_END_STRING:
            return at == len(text)
        return at == len(text) or (text[at] == "\n" and (at == len(text) - 1 or bool(flags & re.MULTILINE)))

    def sample(self, items: Any) -> str:
        """A short text that the items would take, as far as their looking around lets them."""
        return "".join(self._sample_of(kind, value) for kind, value in items)

    def _sample_of(self, kind: Any, value: Any) -> str:
        if kind is op.LITERAL:
            return chr(value)
        if kind in _SINGLE:
            return next((letter for letter in self._letters(kind, value)), "")
        if kind is op.BRANCH:
            return self.sample(value[1][0])
        if kind is op.SUBPATTERN:
            return self.sample(value[3])
        if kind in _REPEATS:
            return self.sample(value[2]) * max(1, min(value[0], 4))
        return self.sample(value) if kind is op.ATOMIC_GROUP else ""

    def _letters(self, kind: Any, value: Any) -> Iterator[str]:
        letters = list(_LETTERS)
        for one, of in value if kind is op.IN else ():
            letters += [chr(of)] if one is op.LITERAL else [chr(of[0])] if one is op.RANGE else []
        yield from (letter for letter in letters if self.fits(kind, value, letter, self.flags))

    def repeats(self, items: Any = None, lead: str = "") -> Iterator[tuple[str, str]]:
        """Of each repeat without a bound: what leads to it, and texts that it takes."""
        for kind, value in self.items if items is None else items:
            if kind in _REPEATS:
                body = list(value[2])
                if value[1] >= MANY:
                    yield from ((lead, one) for one in self._bodies(body))
                yield from self.repeats(body, lead)
            elif kind is op.BRANCH:
                for one in value[1]:
                    yield from self.repeats(one, lead)
            elif kind is op.SUBPATTERN:
                yield from self.repeats(value[3], lead)
            elif kind is op.ATOMIC_GROUP:
                yield from self.repeats(value, lead)
            elif kind in (op.ASSERT, op.ASSERT_NOT):
                yield from self.repeats(value[1], lead)
            lead += self._sample_of(kind, value)

    def _bodies(self, body: Items) -> list[str]:
        if len(body) == 1 and body[0][0] in _SINGLE:
            return list(self._letters(*body[0]))[:4]
        if len(body) == 1 and body[0][0] is op.SUBPATTERN:
            return self._bodies(list(body[0][1][3]))
        if len(body) == 1 and body[0][0] is op.BRANCH:
            return [self.sample(one) for one in body[0][1][1][:6]]
        return [self.sample(body)]


def hostile(search: Search) -> Iterator[tuple[str, str]]:
    """What leads to a repeat, and what to repeat."""
    whole = search.sample(search.items)
    seen = {("", body) for body in (whole, whole[:-1], "a", " ", "1", "\n", "a ", "1.", "- ") if body}
    for lead, body in search.repeats():
        if body:
            seen |= {(lead, body), ("", body)}
    yield from sorted(seen)
