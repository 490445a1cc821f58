"""A case as others take it: the self-contained HTML page, JSON."""

from dictation.exchange.case_json import case_from_json, case_to_json, report_json
from dictation.exchange.page import html_page
from dictation.exchange.pane import pane_html, pane_script, pane_style
from dictation.exchange.view import CaseView

__all__ = [
    "CaseView",
    "case_from_json",
    "case_to_json",
    "html_page",
    "pane_html",
    "pane_script",
    "pane_style",
    "report_json",
]
