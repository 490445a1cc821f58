"""A radiology dictation assistant: what was heard, written and seen, compared before sign-off.

    dictation.transcribe("a.wav").text                                       # what was dictated
    dictation.write_report("a.wav", order="order.json").report.text          # the report of it
    dictation.compare("Small left effusion.", "Small right effusion.")       # what differs, the gravest first
    dictation.extract("No pneumothorax.")                                    # what a text claims

The public names load on first use, so that `import dictation` stays light.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "Case": "case",
    "Claim": "findings",
    "Dictation": "wording",
    "Discrepancy": "discrepancy",
    "Order": "exam",
    "Reading": "reading",
    "Recording": "audio",
    "Report": "report",
    "Transcript": "speech",
    "Vocabulary": "lexicon",
    "choose_reader": "case",
    "choose_recognizer": "case",
    "choose_writer": "case",
    "compare": "discrepancy",
    "extract": "findings.given",
    "open_case": "case",
    "transcribe": "case",
    "typed": "wording",
    "write_report": "case",
}
__all__ = [*_HOMES, "__version__"]


def __getattr__(name: str) -> Any:
    if name == "__version__":  # that of the installed package: pyproject.toml alone states it
        return import_module("importlib.metadata").version("radiology-dictation")
    if name not in _HOMES:
        raise AttributeError(f"module 'dictation' has no attribute {name!r}")
    return getattr(import_module(f"dictation.{_HOMES[name]}"), name)
