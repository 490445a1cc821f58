"""A local chat server that writes down what it is asked to, and holds each statement back until a test lets it go.

It answers a request for a report with the numbered sentences of its prompt, as they stand there, and what a test adds.
"""

import json
import re
from threading import Semaphore
from typing import Any

from dictation.report import load_template
from tests.models.local_chat import LocalChat, Said, _Answers

SENTENCE = re.compile(r"^(s\d+)(?: \((\w+)\))?: (.+)$", re.MULTILINE)


class HeldChat(LocalChat):
    """As LocalChat, but its answers are made of what it is asked. `adds` are more items, `changes` other words."""

    def __init__(self) -> None:
        super().__init__(Said("{}"))
        self.RequestHandlerClass = _Held
        self.adds: list[dict[str, Any]] = []
        self.changes: dict[str, str] = {}
        self.fails = False
        self._gate = Semaphore(0)

    def let_go(self, statements: int = 1) -> None:
        """Let some more statements out, of this answer or the next."""
        self._gate.release(statements)

    def hold(self) -> None:
        """Let nothing out any more."""
        while self._gate.acquire(blocking=False):
            pass

    def waits(self) -> bool:
        return not self._gate.acquire(timeout=0.02)

    def items(self) -> list[dict[str, Any]]:
        """What the last request is answered with."""
        request = self.requests[-1]
        content = request["messages"][0]["content"]
        prompt = content if isinstance(content, str) else content[-1]["text"]
        statements = request["response_format"]["json_schema"]["schema"]["properties"]["statements"]
        places = statements["items"]["properties"]["place"]["enum"]
        chest, items = load_template("chest_xray"), []
        for name, section, text in SENTENCE.findall(prompt):
            for old, new in self.changes.items():
                text = text.replace(old, new)
            organ = f"findings: {chest.organ_of(text)}"
            place = section if section in places else organ if organ in places else "impression"
            items.append({"place": place, "evidence": [name], "text": text})
        return [*items, *self.adds]


class _Held(_Answers):
    server: HeldChat

    def _say(self, said: Said, streamed: bool) -> None:
        if self.server.fails:
            self._send(400, b"{}", {})
            return
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        self._event('{"statements": [')
        for number, item in enumerate(self.server.items()):
            while self.server.waits():
                if self.server.closing.is_set() or self._has_left():
                    return
            self._event(("" if number == 0 else ", ") + json.dumps(item))
        self._event("]}")
        self._event("", "stop")
        self.wfile.write(b"data: [DONE]\n\n")

    def _has_left(self) -> bool:
        self.connection.settimeout(0.02)
        try:
            if self.connection.recv(1):
                return False
        except TimeoutError:
            return False
        except OSError:
            pass
        self.server.left.set()
        return True

    def _event(self, text: str, ended: str | None = None) -> None:
        choice = {"index": 0, "finish_reason": ended, "delta": {"content": text}}
        self.wfile.write(f"data: {json.dumps({'choices': [choice]})}\n\n".encode())
        self.wfile.flush()
