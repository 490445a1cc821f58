"""One case from start to end: engines chosen, written, read, compared."""

from dictation.case.calls import transcribe, write_report
from dictation.case.case import Case, Decision
from dictation.case.engines import (
    JUDGES,
    READERS,
    RECOGNIZERS,
    WRITERS,
    DraftWriter,
    Models,
    choose_judge,
    choose_reader,
    choose_recognizer,
    choose_writer,
)
from dictation.case.expecting import expected
from dictation.case.opening import hear, open_case, review_dictation

__all__ = [
    "JUDGES",
    "READERS",
    "RECOGNIZERS",
    "WRITERS",
    "Case",
    "Decision",
    "DraftWriter",
    "Models",
    "choose_judge",
    "choose_reader",
    "choose_recognizer",
    "choose_writer",
    "expected",
    "hear",
    "open_case",
    "review_dictation",
    "transcribe",
    "write_report",
]
