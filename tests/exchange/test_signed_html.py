"""A signed version is read as it was signed, with who, when, what was changed and what was left open."""

from dictation.case.signing import blockers
from dictation.case.version import Override
from dictation.exchange.signed_html import signed_html
from tests.case.signed_case import DOCTOR, RESIDENT, SAID, WRITTEN, case_of, draft, sign

WORDS = "<script>alert(1)</script>"


def test_without_a_version_there_is_nothing():
    assert signed_html(()) == ""


def test_the_last_version_is_whole_and_the_earlier_ones_are_folded():
    first = sign(case_of(), role="resident", author=RESIDENT)
    final = sign(case_of(SAID.replace("Small left pleural", "Large left pleural")), first)
    html = signed_html([first, final])
    shown, folded = html.split('<details class="earlier">')
    assert f"Final: {DOCTOR}, attending, 2026-11-25 14:05 UTC" in shown and final.text.split("\n")[-1] in shown
    assert f"Preliminary: {RESIDENT}, resident" in folded and first.text.split("\n")[-1] in folded
    assert "<del>Small left pleural effusion.</del> <ins>Large left pleural effusion.</ins>" in shown


def test_what_was_left_open_is_told_with_its_reason():
    case = case_of(written=WRITTEN)
    found = blockers(case, draft(), "attending")
    given = [Override(discrepancy_id=one.discrepancy_id, reason=f"Checked {WORDS}") for one in found]
    html = signed_html([sign(case, overrides=given)])
    assert html.count("Signed over: Checked") == len(found) > 0
    assert WORDS not in html


def test_script_in_a_report_or_a_name_is_shown_as_text():
    html = signed_html([sign(case_of(f"Findings: Effusion {WORDS}. Impression: Effusion."), author=WORDS)])
    assert WORDS not in html and "&lt;script&gt;" in html
