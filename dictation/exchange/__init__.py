"""A case as others take it: the self-contained HTML page, JSON; and the regions of the pane, for the app."""

from dictation.exchange.banner import banner_html, patient_name
from dictation.exchange.cards import card_keys, cards_html, kinds_html
from dictation.exchange.case_json import case_from_json, case_to_json, report_json
from dictation.exchange.columns import columns_html
from dictation.exchange.growing import growing_report_html
from dictation.exchange.page import html_page
from dictation.exchange.pane import pane_html, pane_script, pane_style
from dictation.exchange.picture import image_html
from dictation.exchange.view import CaseView

__all__ = [
    "CaseView",
    "banner_html",
    "card_keys",
    "cards_html",
    "case_from_json",
    "case_to_json",
    "columns_html",
    "growing_report_html",
    "html_page",
    "image_html",
    "kinds_html",
    "pane_html",
    "pane_script",
    "pane_style",
    "patient_name",
    "report_json",
]
