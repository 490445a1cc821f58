"""The engine under test: a command that reads a pair of texts a line and writes its cards a line.

In:  {"id": "…", "heard": "…", "written": "…", "order": {"sex": "M" | "F"}}   (order only where the case has one)
Out: one JSON object a line with the same "id" and a list of cards; an adapter file says where kind, severity and spans
are in a card, and which of the engine's kinds is which of the benchmark's (see `engines/dictation.json`).

One line is written, then one is read, so each answer has its own time. Engines that answer only at the end of their
input need `at_once`.
"""

import contextlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.discrepancy.case import Case, Span

SEVERITIES = ("critical", "major", "minor", "info")


@dataclass(frozen=True)
class Card:
    """One flag: the benchmark's kind (the engine's own where it maps to none), severity, [start, end) of both sides."""

    kind: str
    own_kind: str
    severity: str
    heard: Span | None
    written: Span | None


@dataclass(frozen=True)
class Answer:
    """What an engine said about a case, in its order, and after how many seconds (None when asked all at once)."""

    case: Case
    cards: tuple[Card, ...]
    took_s: float | None


class Adapter:
    """Reads an engine's answers by the names in an adapter file."""

    def __init__(self, path: Path) -> None:
        self.names: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))

    @property
    def command(self) -> str:
        """The command that starts the engine."""
        return str(self.names["command"])

    def cards(self, answer: dict[str, Any]) -> tuple[Card, ...]:
        """The cards of one line, in the engine's order."""
        return tuple(self._card(card) for card in _at(answer, self.names["cards"]) or ())

    def _card(self, card: dict[str, Any]) -> Card:
        own = str(_at(card, self.names["kind"]))
        severity = str(_at(card, self.names["severity"]) or "info")
        spans = (_at(card, self.names[name]) for name in ("heard_span", "written_span"))
        heard, written = ((int(span[0]), int(span[1])) if span else None for span in spans)
        return Card(self.names["kinds"].get(own, own), own, severity, heard, written)


def _at(value: Any, path: str | list[str]) -> Any:
    for key in [path] if isinstance(path, str) else path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def answers(command: str, adapter: Adapter, cases: Iterable[Case], at_once: bool = False) -> Iterator[Answer]:
    """The engine's answers in the order of the cases. SystemExit where it ends early or answers another case."""
    words = shlex.split(command)
    if shutil.which(words[0]) is None:
        beside = shutil.which(words[0], path=str(Path(sys.executable).parent))
        if beside is None:
            raise SystemExit(f"{words[0]}: no such command; name the engine with --engine.")
        words[0] = beside
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as engine:
        assert engine.stdin is not None and engine.stdout is not None
        if at_once:
            yield from _all_at_once(engine, adapter, list(cases))
            return
        for case in cases:
            question = json.dumps(case.question).encode() + b"\n"
            start = time.perf_counter()
            with contextlib.suppress(BrokenPipeError):  # an engine that has ended gives no line, and is named for it
                engine.stdin.write(question)
                engine.stdin.flush()
            line = engine.stdout.readline()
            took_s = time.perf_counter() - start
            yield Answer(case, adapter.cards(_checked(line, case)), took_s)
        engine.stdin.close()


def _all_at_once(engine: "subprocess.Popen[bytes]", adapter: Adapter, cases: list[Case]) -> Iterator[Answer]:
    told, _ = engine.communicate(b"".join(json.dumps(case.question).encode() + b"\n" for case in cases))
    by_id = {str(line["id"]): line for line in map(json.loads, told.splitlines()) if isinstance(line, dict)}
    for case in cases:
        if case.id not in by_id:
            raise SystemExit(f"The engine gave no answer to {case.id}.")
        yield Answer(case, adapter.cards(by_id[case.id]), None)


def _checked(line: bytes, case: Case) -> dict[str, Any]:
    if not line:
        raise SystemExit(f"The engine ended without an answer to {case.id}; its own message is above.")
    answer: dict[str, Any] = json.loads(line)
    if str(answer.get("id")) != case.id:
        raise SystemExit(f"The engine answered {answer.get('id')} when it was asked {case.id}; try --at-once.")
    return answer
