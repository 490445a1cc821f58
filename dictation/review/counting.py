"""What happens on this server, counted for whoever watches it. Nothing in a label names a patient, a case or a person.

Every counter has at most one label, and that one's values are a closed list: what is not on it counts as "other". A new
counter is a line in COUNTED.
"""

from typing import Literal, NamedTuple, get_args

from prometheus_client import CollectorRegistry, Counter, Histogram

from dictation.case.version import SignedState
from dictation.discrepancy import KINDS

Name = Literal[
    "sign_ins_failed", "cards_shown", "cards_dismissed", "signatures", "requests_refused", "phrases_unheard",
    "engine_failures",
]  # fmt: skip
OTHER = "other"
REFUSALS = (400, 401, 403, 404, 405, 408, 409, 410, 411, 413, 415, 416, 421, 422, 429, 431, 500, 501, 502, 503, 504)
CLOSED = (1008, 1009, 1011, 1013)  # codes with which a page's WebSocket is refused or ended by the server
STATUSES = tuple(map(str, (*REFUSALS, *CLOSED)))
LAG_S = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0, 13.0, 20.0, 30.0, 60.0, 120.0)


class _Counted(NamedTuple):
    says: str
    label: str = ""
    values: tuple[str, ...] = ()


COUNTED: dict[Name, _Counted] = {
    "sign_ins_failed": _Counted("Attempts to sign in that were refused"),
    "cards_shown": _Counted("Differences that a case showed for the first time", "kind", KINDS),
    "cards_dismissed": _Counted("Differences that a reader dismissed", "kind", KINDS),
    "signatures": _Counted("Versions signed", "state", get_args(SignedState)),
    "requests_refused": _Counted("Answers from 400 on, and WebSockets closed by the server", "status", STATUSES),
    "phrases_unheard": _Counted("Stretches of kept sound that gave no words"),
    "engine_failures": _Counted("Questions to the ear that failed"),
}


class Counts:
    """The counters of one server, from its start on. Safe to use from several threads."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        """What /metrics tells; nothing of it is in prometheus_client's own."""
        self._counters: dict[str, Counter] = {}
        for name, counted in COUNTED.items():
            labels = [counted.label] if counted.label else []
            counter = Counter(f"dictation_{name}", counted.says, labels, registry=self.registry)
            for value in counted.values:  # from 0 on, or the first one is no increase
                counter.labels(value)
            self._counters[name] = counter
        self.lag = Histogram(
            "dictation_final_lag_seconds",
            "Seconds from the last sound of a phrase being here to its final words",
            buckets=LAG_S,
            registry=self.registry,
        )

    def add(self, name: Name, of: str = "", by: float = 1.0) -> None:
        """Count; `of` is the value of the counter's label. Raises KeyError for a name that is none."""
        counted, counter = COUNTED[name], self._counters[name]
        if counted.label:
            counter = counter.labels(of if of in counted.values else OTHER)
        counter.inc(by)

    def count(self, name: Name, of: str = "") -> float:
        """Return how often something was counted."""
        label = {COUNTED[name].label: of} if COUNTED[name].label else {}
        return self.registry.get_sample_value(f"dictation_{name}_total", label) or 0.0
