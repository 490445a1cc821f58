"""Pieces of a JSON answer → the items of its list, each as soon as it is complete.

For showing what a model writes while it writes. Whether the whole answer is valid is known only at its end, so what
cannot be read here is passed over, never repaired and never an error.
"""

import json
from typing import Any

_ITEM_DEPTH = 3  # an object, in it a list, in that the items


class StreamedItems:
    """Finds the items of `{"…": [{…}, {…}]}` in text that comes piece by piece, however it is cut."""

    def __init__(self) -> None:
        self._depth = 0
        self._in_text = self._escaped = False
        self._item: list[str] = []

    def feed(self, piece: str) -> list[dict[str, Any]]:
        """Return the items that this piece completes, in their order."""
        complete = []
        for character in piece:
            if self._depth >= _ITEM_DEPTH:
                self._item.append(character)
            if self._in_text:
                self._in_text = self._escaped or character != '"'
                self._escaped = character == "\\" and not self._escaped
            elif character == '"':
                self._in_text = True
            elif character in "{[":
                self._depth += 1
                if self._depth == _ITEM_DEPTH:
                    self._item = [character]
            elif character in "}]":
                if self._depth == _ITEM_DEPTH and (item := _read("".join(self._item))) is not None:
                    complete.append(item)
                self._depth -= 1
        return complete


def _read(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
