"""What is copied holds printable ASCII and CRLF only, says the same, and says when nobody signed it."""

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dictation.discrepancy import claims_of_report
from dictation.errors import UsageError
from dictation.exchange.clean_text import ascii_of, clean_text
from dictation.report import SECTIONS, parse_report
from tests.case.signed_case import ADDED_SAID, case_of, sign
from tests.exchange.chest import chest_case

REPORT = chest_case().report
FILES = sorted((Path(__file__).parents[2] / "audio_samples").glob("*/report.txt"))
SAMPLES = [parse_report(file.read_text(encoding="utf-8")) for file in FILES]


@pytest.mark.parametrize("sign", ["∅", "Ø", "ø", "⌀"])
def test_a_sign_that_may_say_none_is_never_a_diameter(sign):
    clean = clean_text(f"{sign} pneumothorax", "final")
    assert clean.text == "? pneumothorax\r\n" and unicodedata.name(sign).lower() in clean.warning


def test_what_has_no_plain_form_is_a_question_mark_counted_and_named():
    clean = clean_text("FINDINGS:\n肺 ☃☃ \x07", "final")
    assert clean.text == "FINDINGS:\r\n? ?? ?\r\n"
    assert clean.unknown == ("cjk unified ideograph-80ba", "2 × snowman", "character 0007")
    assert "snowman" in clean.warning and clean_text("x", "final").warning == ""


@given(st.text(max_size=200), st.sampled_from(["draft", "preliminary", "final", "addended"]))
def test_any_text_gives_printable_ascii_with_crlf_and_no_trailing_blanks(text, state):
    clean = clean_text(text, state).text
    assert clean.endswith("\r\n") and all(" " <= c <= "~" for c in clean.replace("\r\n", ""))
    assert not any(line.endswith(" ") for line in clean.split("\r\n"))


@given(st.text(st.characters(max_codepoint=0x2FFF), max_size=60))
def test_no_character_with_ink_vanishes(text):
    for character in text:
        without_ink = character.isspace() or unicodedata.category(character) == "Cf"
        assert ascii_of(f"a{character}b")[0] != "ab" or without_ink or unicodedata.combining(character)


def test_no_sign_between_two_figures_makes_one_number_of_them():
    signs = [chr(code) for code in range(0x80, 0x3000) if chr(code).isprintable() and not chr(code).isdecimal()]
    assert len(signs) > 5000
    assert [sign for sign in signs if re.fullmatch(r"7\d*7", ascii_of(f"7{sign}7")[0])] == []


@pytest.mark.parametrize("report", [REPORT, case_of().report, case_of(ADDED_SAID).report, *SAMPLES])
@pytest.mark.parametrize("state", ["draft", "preliminary", "final"])
def test_a_copied_report_says_the_same_when_it_is_read_again(report, state):
    again = parse_report(clean_text(report.text, state).text)

    def said(read):
        return [
            (c.section, c.finding, c.status, c.laterality, c.measurements and c.text) for c in claims_of_report(read)
        ]

    assert said(again) == said(report) != []


def test_a_draft_and_a_preliminary_report_say_so_first():
    assert clean_text(REPORT.text, "draft").text.startswith("UNSIGNED DRAFT\r\n\r\nEXAM: ")
    assert clean_text(REPORT.text, "preliminary").text.startswith("PRELIMINARY REPORT\r\n\r\nEXAM: ")
    for state in ("final", "addended"):
        assert clean_text(REPORT.text, state).text.startswith("EXAM: ")
    assert clean_text(REPORT.text, "draft", section="impression").text.startswith("UNSIGNED DRAFT\r\n\r\nSmall left")


def test_each_section_is_copied_without_its_heading_and_all_of_them_are_the_report():
    for name in SECTIONS:
        statements = getattr(REPORT, name)
        if not statements:
            with pytest.raises(UsageError, match=name.capitalize()):
                clean_text(REPORT.text, "final", section=name)
            continue
        text = clean_text(REPORT.text, "final", section=name).text
        assert all(one.text in text for one in statements) and f"{name.upper()}:" not in text
        own = " ".join(one.text for one in statements)
        others = [one.text for one in REPORT.statements if one.section != name and one.text not in own]
        assert others and not any(other in text for other in others)


def test_a_section_of_an_addended_report_is_that_of_the_original_and_all_addenda():
    final = sign(case_of())
    added = sign(case_of("No rib fracture."), final, addendum="Asked by the ward")
    again = sign(case_of("Small right rib fracture."), final, added, addendum="Overlooked")
    whole, part = (clean_text(again.text, "addended", section=name).text for name in (None, "impression"))
    addenda = whole[whole.index("\r\n\r\nADDENDUM 1, ") :]
    assert addenda.count("ADDENDUM") == 2 and addenda.endswith("Small right rib fracture.\r\n")
    assert part == "Small left effusion." + addenda
    assert "ADDENDUM 1" in clean_text(added.text, "addended").text
