"""What a draft's decisions and edits make of the alerts: settled ones stay settled, and what is left is shown."""

import pytest

from dictation.case.case import Decision
from dictation.case.composing import composed
from dictation.case.editing import edit_of
from dictation.case.taking_heard import edits_of
from dictation.discrepancy.inference import DEFAULT_KINDS
from dictation.report import parse_report
from dictation.speech.transcript import Alternative
from dictation.wording import write
from tests.case.signed_case import DOCTOR, NOW, case_of, draft, spoken, with_report
from tests.wording.dictating import transcript

PAIRS = [
    (
        "Findings: Small left pleural effusion. Heart size is normal. Impression: Small left pleural effusion.",
        "Findings: Small right pleural effusion. Heart size is normal. Impression: Small left pleural effusion.",
    ),
    (
        "Findings: Displaced fracture of the left fifth rib. Impression: Displaced fracture of the left fifth rib.",
        "Findings: There is no fracture of the left fifth rib. Impression: Displaced fracture of the left fifth rib.",
    ),
    (
        "Findings: 8 mm nodule in the left upper lobe. Impression: 8 mm nodule in the left upper lobe.",
        "Findings: 18 mm nodule in the left upper lobe. Impression: 8 mm nodule in the left upper lobe.",
    ),
]


def decided(one, action):
    return Decision(discrepancy_id=one.id, action=action, reason="Dictation was wrong.", by=DOCTOR, at=NOW)


@pytest.mark.parametrize(("said", "written"), PAIRS)
@pytest.mark.parametrize("action", ["take_written", "dismiss"])
def test_what_then_contradicts_itself_is_a_new_alert(said: str, written: str, action: str) -> None:
    base = with_report(case_of(said), parse_report(written))
    before = composed(base, draft(), DEFAULT_KINDS).case
    assert before.discrepancies
    assert "contradiction" not in {one.kind for one in before.discrepancies}, "while the alert is open it is told once"
    decisions = tuple(decided(one, action) for one in before.discrepancies)
    after = composed(base, draft(decisions=decisions), DEFAULT_KINDS).case
    [new] = [one for one in after.discrepancies if one.kind == "contradiction"]
    assert new.severity in ("critical", "major")
    again = composed(base, draft(decisions=(*decisions, decided(new, "dismiss"))), DEFAULT_KINDS).case
    assert [one.id for one in again.discrepancies] == [one.id for one in after.discrepancies], "settled, and not again"


def test_a_report_that_agrees_with_itself_draws_nothing_more() -> None:
    said = PAIRS[0][0]
    base = with_report(case_of(said), parse_report(said.replace("left", "right")))
    before = composed(base, draft(), DEFAULT_KINDS).case
    decisions = tuple(decided(one, "take_written") for one in before.discrepancies)
    after = composed(base, draft(decisions=decisions), DEFAULT_KINDS).case
    assert [one.id for one in after.discrepancies] == [one.id for one in before.discrepancies]


def given(said, written):
    """A case whose report was given, and its draft."""
    report = parse_report(written)
    base = case_of(said).model_copy(update={"report": report, "dictation": spoken(said)})
    return base, draft(pasted=report)


def with_heard(base, of, kinds=None):
    """The draft after 'take heard' on every card that has a wording, or on those of some kinds."""
    case = composed(base, of, DEFAULT_KINDS).case
    for one in case.discrepancies:
        if (kinds is None or one.kind in kinds) and one.edits:
            edits = edits_of(case, one, DOCTOR, NOW)
            decision = Decision(discrepancy_id=one.id, action="take_heard", by=DOCTOR, at=NOW)
            return of.model_copy(
                update={"edits": (*of.edits, *edits), "decisions": (*of.decisions, decision)}
            ), composed(base, of.model_copy(update={"edits": (*of.edits, *edits)}), DEFAULT_KINDS).case
    raise AssertionError("no card has a wording")


def added(case):
    return [one.written.text for one in case.discrepancies if one.kind == "addition"]


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("Enlarged level 2 cervical lymph node.", "Enlarged level 4 cervical lymph node."),
        ("Enlargement of the left atrium.", "Enlargement of the right atrium."),
        ("Small left pleural effusion.", "Small right pleural effusion."),
    ],
)
def test_the_heard_wording_that_was_taken_in_is_not_called_added(said, written):
    _, case = with_heard(*given(said, written))
    assert said in case.report.text and added(case) == []


def test_what_stood_in_the_same_sentence_and_was_not_dictated_is_still_called_added():
    base, of = given(
        "Findings: Small left pleural effusion.", "FINDINGS: Small right pleural effusion and a hiatal hernia."
    )
    before = added(composed(base, of, DEFAULT_KINDS).case)
    assert any("hernia" in text for text in before)
    _, case = with_heard(base, of, {"laterality"})
    assert "left pleural effusion" in case.report.text and any("hernia" in text for text in added(case))


def test_what_is_typed_over_it_later_is_looked_at_again():
    base, of = given("Enlarged level 2 cervical lymph node.", "Enlarged level 4 cervical lymph node.")
    of, case = with_heard(base, of)
    (statement,) = case.report.findings
    typed = edit_of(case.report, statement.id, "Enlarged level 3 cervical lymph node.", DOCTOR, NOW)
    after = composed(base, of.model_copy(update={"edits": (*of.edits, typed)}), DEFAULT_KINDS).case
    assert after.discrepancies


def heard_with(said: str, word: str, other: str):
    """A dictation in which the recognizer gives one word another hearing."""
    heard = transcript(said)
    doubted = {"alternatives": (Alternative(text=other, probability=0.4, source="recognizer"),)}
    words = tuple(one.model_copy(update=doubted) if one.text == word else one for one in heard.words)
    return write([heard.model_copy(update={"words": words})])


def quotes_alike(one):
    return bool(one.heard and one.written) and one.heard.text.lower() == one.written.text.lower()


@pytest.mark.parametrize(
    ("said", "written", "after"),
    [
        ("findings colon there is a small left pleural effusion period",
         "Findings: There is a small right pleural effusion with adjacent fluid.",
         "There is a small left pleural effusion with adjacent fluid."),
        ("findings colon 4 mm nodule in the left upper lobe period",
         "Findings: 4 mm nodule in the right upper lobe.", "4 mm nodule in the left upper lobe."),
        ("findings colon fracture of the left distal radius period",
         "Findings: There is a fracture of the right distal radius.", "There is a fracture of the left distal radius."),
    ],
)  # fmt: skip
def test_a_side_taken_from_the_heard_words_is_settled_and_never_offered_back(said, written, after):
    dictation = heard_with(said, "left", "right")
    base = case_of("No pneumothorax.").model_copy(update={"report": parse_report(written), "dictation": dictation})
    of, taken = with_heard(base, draft(pasted=parse_report(written), orders=()), ("laterality",))
    assert [one.text for one in taken.report.findings] == [after]
    assert of.edits[-1].before.replace("right", "left") == of.edits[-1].after, "the side alone is changed"
    assert not [one for one in taken.discrepancies if one.kind in ("laterality", "critical_word")]
    assert not [one for one in taken.discrepancies if quotes_alike(one)]
    again = composed(base, of.model_copy(update={"edits": ()}), DEFAULT_KINDS).case
    assert [one for one in again.discrepancies if one.kind == "laterality"], "without the edit it is told"


def test_the_doubt_of_a_word_that_nobody_settled_stays():
    dictation = heard_with("findings colon there is a small left pleural effusion period", "left", "right")
    report = parse_report("Findings: There is a small left pleural effusion.")
    base = case_of("No pneumothorax.").model_copy(update={"report": report, "dictation": dictation})
    asked = composed(base, draft(pasted=report, orders=()), DEFAULT_KINDS).case.discrepancies
    assert [(one.kind, one.suggestion) for one in asked if one.kind == "critical_word"] == [("critical_word", "right")]
