"""Spoken form → written form."""

from dictation.wording.misheard import correct_terms
from dictation.wording.typed import typed
from dictation.wording.writing import Rules, write, written_alone
from dictation.wording.written import Command, Dictation, Link, Retraction, Sentence

__all__ = [
    "Command",
    "Dictation",
    "Link",
    "Retraction",
    "Rules",
    "Sentence",
    "correct_terms",
    "typed",
    "write",
    "written_alone",
]
