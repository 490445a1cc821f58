"""Spoken form → written form."""

from dictation.wording.typed import typed
from dictation.wording.writing import write
from dictation.wording.written import Command, Dictation, Link, Retraction, Sentence

__all__ = ["Command", "Dictation", "Link", "Retraction", "Sentence", "typed", "write"]
