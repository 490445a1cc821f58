"""Dictation + Study + Order → Report."""

from dictation.report.align import Row, align_rows
from dictation.report.existing import load_report, parse_report
from dictation.report.extractive import ExtractiveWriter
from dictation.report.report import NOT_DICTATED, SECTIONS, Report, Statement
from dictation.report.template import Template, available_templates, choose_template, load_template
from dictation.report.writer import Correction, ReportWriter, Style

__all__ = [
    "NOT_DICTATED",
    "SECTIONS",
    "Correction",
    "ExtractiveWriter",
    "Report",
    "ReportWriter",
    "Row",
    "Statement",
    "Style",
    "Template",
    "align_rows",
    "available_templates",
    "choose_template",
    "load_report",
    "load_template",
    "parse_report",
]
