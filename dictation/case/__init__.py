"""One case from start to end: engines chosen, written, read, compared."""

from dictation.case.case import Case, Decision

__all__ = ["Case", "Decision"]
