"""One answer of a chat-completions server, put together from the bytes as they come.

A stream is a line `data: {…}` for each piece of text. A server that does not stream sends one JSON object instead,
and is understood as well. Nothing is repaired: what has no end, or makes no sense, is an error.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from dictation.errors import ModelError
from dictation.models.answer import THOUGHT, THOUGHT_ENDS
from dictation.models.endpoint_errors import broke_off, failed_midway, garbled, no_chat

MOST_BYTES = 64 << 20  # of everything: a stream wraps each word in some 300 bytes
SPARE_CHARACTERS = 50_000  # beyond the longest valid answer: a thought before it, and blanks within
MOST_BLANKS = 1000  # in a row: some servers' grammars let a model write blanks for ever
_DONE = b"[DONE]"
_CHARACTER = re.compile(
    r"\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|\\u[\da-fA-F]{4}|\\.|[^\\]"
)  # in JSON
_HALF_WRITTEN = len(r"\ud83d\ude0")


class Answer:
    """What a server has sent of its answer so far.

    `text` is what the model wrote, `ended` the server's reason for the end, `logprobs` the probabilities as the server
    gave them, None where it gave none. `whole` is True once nothing more is needed.
    """

    def __init__(
        self, url: str, named: Callable[[str], None], most_characters: int = 0, longest_text: int | None = None
    ) -> None:
        """`named` is told the name of the model that the server gives; it may raise.

        `most_characters` has the longest valid answer, `longest_text` the longest text within one, None: no matter.
        """
        self._url, self._named = url, named
        self._most = most_characters + SPARE_CHARACTERS
        self._most_in_text = None if longest_text is None else longest_text + _HALF_WRITTEN
        self._unread = b""
        self._received = 0
        self._one_object: bool | None = None  # not known before the first byte that is no blank
        self._chunks = 0
        self._shown: int | None = None  # characters of the text that were told; None before it begins
        self._text_begins: int | None = None  # where within the answer the text began that is being written
        self._is_escaped = False
        self.text = ""
        self.ended: str | None = None
        self.logprobs: Any = None
        self.whole = False

    def feed(self, received: bytes) -> str:
        """Take the next bytes, and return what they add to the answer; a thought before it is left out.

        Raises ModelError where they make no sense, are an error, or are more than any answer has.
        """
        self._received += len(received)
        if self._received > MOST_BYTES:
            raise self._endless()
        self._unread += received
        if self._one_object is None and (begun := self._unread.lstrip()):
            self._one_object = begun.startswith((b"{", b"["))
        if self._one_object is False:
            *lines, self._unread = self._unread.split(b"\n")  # not by splitlines: a text may hold U+2028 as it is
            for line in lines:
                self._line(line.rstrip(b"\r"))
        return self._new()

    def close(self) -> str:
        """Take the end of the connection, and return what is new. Raises ModelError where the answer is not whole."""
        rest = self._unread.strip()
        if self._one_object:
            self._object(rest)
        elif rest.endswith((b"}", _DONE)):
            self._line(rest)
        if self.whole:
            return self._new()
        raise no_chat(self._url) if not self._chunks and rest and not rest.startswith(b"data") else broke_off(self._url)

    def check(self) -> str:
        """Return the text of an answer that came to its own end. Raises ModelError where it was stopped."""
        if self.ended == "length":
            raise ModelError(
                f"{self._url}: the answer was cut short; give the server a longer context or output limit."
            )
        if not self.text or self.ended == "content_filter":
            raise ModelError(f"{self._url}: the model refused to answer; try again or use another model.")
        return self.text

    def _line(self, line: bytes) -> None:
        if self.whole or not line.strip() or line.startswith((b":", b"event:", b"id:", b"retry:")):
            return
        field, _, value = line.partition(b":")
        value = value.strip()
        if field == b"error":  # older llama.cpp
            raise failed_midway(self._url, value)
        if field != b"data":
            raise garbled(self._url) if self._chunks else no_chat(self._url)
        if value == _DONE:
            if not self._chunks:
                raise no_chat(self._url)
            self.whole = True
            return
        chunk = self._read(value)
        self._chunks += 1
        self._name(chunk)
        choices = chunk.get("choices")
        if not choices and isinstance(choices, list):  # the usage, or a sign of life
            return
        try:
            [first, *_] = chunk["choices"]
            self._add((first.get("delta") or {}).get("content"), first)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise garbled(self._url) from error

    def _object(self, body: bytes) -> None:
        answer = self._read(body)
        self._name(answer)
        try:
            [first, *_] = answer["choices"]
            self._add(first["message"]["content"], first)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise no_chat(self._url) from error
        self.whole = True

    def _read(self, written: bytes) -> dict[str, Any]:
        try:
            value = json.loads(written)
        except (ValueError, RecursionError) as error:
            raise garbled(self._url) from error
        if not isinstance(value, dict):
            raise no_chat(self._url)
        if value.get("error"):
            raise failed_midway(self._url, written)
        return value

    def _name(self, chunk: dict[str, Any]) -> None:
        if isinstance(name := chunk.get("model"), str) and name:
            self._named(name)

    def _add(self, content: Any, first: dict[str, Any]) -> None:
        if not isinstance(content, str | None):
            raise TypeError("the content is no text")
        self.text += content or ""
        blank = len(self.text) >= MOST_BLANKS and self.text[-MOST_BLANKS:].isspace()
        if blank or len(self.text) > self._most:
            raise self._endless()
        if first.get("logprobs"):
            self.logprobs = first["logprobs"]
        if ended := first.get("finish_reason"):
            self.ended, self.whole = str(ended), True

    def _new(self) -> str:
        """Return what of the text is new: nothing while it is a thought, or may become one."""
        if self._shown is None:
            begun = self.text.lstrip()
            if not begun or (THOUGHT.startswith(begun) and not self.whole):
                return ""
            before, ends, _ = self.text.partition(THOUGHT_ENDS) if begun.startswith(THOUGHT) else ("", "", "")
            if begun.startswith(THOUGHT) and not ends:
                return ""
            self._shown = len(before) + len(ends)
        if self._most_in_text is not None:
            self._check_text(self._shown, self._most_in_text)
        new, self._shown = self.text[self._shown :], len(self.text)
        return new

    def _check_text(self, start: int, most: int) -> None:
        """Break off where a text is longer than any valid one: a model that repeats itself would go on for minutes."""
        for place in range(start, len(self.text)):
            character = self.text[place]
            if self._text_begins is None:
                self._text_begins = place + 1 if character == '"' else None
            elif self._is_escaped or character == "\\":
                self._is_escaped = not self._is_escaped
            elif character == '"':
                self._text_begins = None
        if self._text_begins is None or len(self.text) - self._text_begins <= most:
            return
        if len(_CHARACTER.findall(self.text, self._text_begins)) > most:
            raise self._endless()

    def _endless(self) -> ModelError:
        return ModelError(
            f"{self._url}: the answer does not end; use a model and a server that keep to a JSON schema, or try again."
        )
