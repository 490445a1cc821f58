"""Dictation + Study + Order → Report."""

from dictation.report.report import NOT_DICTATED, SECTIONS, Report, Statement

__all__ = ["NOT_DICTATED", "SECTIONS", "Report", "Statement"]
