from dictation.discrepancy import compare
from dictation.report import parse_report


def test_a_statement_that_needs_its_heading_is_read_with_it():
    heard = "The lungs are otherwise clear. The heart is normal in size. No effusion."
    written = parse_report("FINDINGS:\nLungs: Otherwise clear.\nHeart: Normal in size.\nPleura: No effusion.")
    assert compare(heard, written) == []


def test_a_heading_does_not_speak_for_a_statement_that_has_a_finding():
    heard = "There is a 3 cm mass."
    (statement,) = parse_report("FINDINGS:\nLungs: There is a 3 cm mass.").findings
    assert compare(heard, f"FINDINGS: {statement.text}") == []
    assert compare("The heart is enlarged.", parse_report("FINDINGS:\nHeart: Normal in size."))
