"""Spoken form → written form."""

from dictation.wording.written import Command, Dictation, Link, Retraction, Sentence

__all__ = ["Command", "Dictation", "Link", "Retraction", "Sentence"]
