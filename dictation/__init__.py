"""A radiology dictation assistant: what was heard, written and seen, compared before sign-off.

The public names below load on first use, so that `import dictation` stays light.
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
    "choose_recognizer": "case",
    "choose_writer": "case",
    "compare": "discrepancy",
    "extract": "findings",
    "open_case": "case",
}
__all__ = [*_HOMES, "__version__"]


def __getattr__(name: str) -> Any:
    if name == "__version__":  # that of the installed package: pyproject.toml alone states it
        return import_module("importlib.metadata").version("radiology-dictation")
    if name not in _HOMES:
        raise AttributeError(f"module 'dictation' has no attribute {name!r}")
    return getattr(import_module(f"dictation.{_HOMES[name]}"), name)
