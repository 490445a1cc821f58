"""What a person writes into the report stays, through more dictation; the heard wording of a card is taken in whole."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dictation.case import review_dictation
from dictation.case.draft import ReportEdit
from dictation.case.editing import LONGEST, edit_id, edit_of, laid_over
from dictation.case.taking_heard import IN_A_HEADING, NO_WORDING, edits_of
from dictation.discrepancy.discrepancy import Edit
from dictation.errors import UsageError
from dictation.exam import Order
from dictation.report import ExtractiveWriter, Report, Statement, parse_report
from tests.case.signed_case import DOCTOR, NOW, ORDER, SAID, WRITTEN, card, case_of, with_edits, with_report
from tests.corpus import rows_of
from tests.wording.pads import empty, obey, say, type_in

SAMPLES = Path(__file__).parents[2] / "audio_samples"
CORRECTIONS = rows_of(Path(__file__).parents[1] / "discrepancy" / "corpus" / "corrections.tsv")


def statement(report, words):
    return next(one for one in report.statements if words in one.text)


def edited(report, words, text):
    return edit_of(report, statement(report, words).id, text, DOCTOR, NOW)


def test_an_edited_statement_is_typed_and_keeps_its_evidence():
    report = case_of().report
    after, unfit = laid_over(report, [edited(report, "No pneumothorax", "Tiny  apical\npneumothorax.")])
    new = statement(after, "apical")
    assert (new.text, new.origin) == ("Tiny apical pneumothorax.", "typed")
    assert new.evidence == statement(report, "No pneumothorax").evidence != ()
    assert unfit == () and "No pneumothorax" not in after.text


def test_an_empty_text_takes_the_statement_out_and_edits_follow_each_other():
    report = case_of().report
    first = edited(report, "No pneumothorax", "Pneumothorax.")
    then, _ = laid_over(report, [first])
    second = edited(then, "Pneumothorax", "")
    assert "neumothorax" not in laid_over(report, [first, second])[0].text


def written_of(pad):
    return review_dictation(pad.dictation, writer=ExtractiveWriter(), order=ORDER).report


def test_an_edit_is_found_again_after_more_was_dictated_before_it():
    pad = type_in(empty(), 0, 0, SAID)
    edit = edited(written_of(pad), "No pneumothorax", "No pneumothorax is seen.")
    longer = say(pad, "the lungs are clear period", at=len("Findings:"))
    after, unfit = laid_over(written_of(longer), [edit])
    assert "No pneumothorax is seen." in after.text and "lungs are clear" in after.text and unfit == ()


NODULES = "findings colon left lung nodule period it measures five millimeters period "


@pytest.mark.parametrize("taken_back", ["by key", "by voice"])
def test_an_edit_of_a_sentence_that_is_gone_does_not_move_to_another_that_reads_so(taken_back):
    pad = say(empty(), NODULES, "right kidney cyst period it measures five millimeters period")
    report = written_of(pad)
    five = [one for one in report.findings if one.text == "It measures 5 mm."]
    assert len(five) == 2 and five[0].evidence != five[1].evidence
    if taken_back == "by key":
        edit = edit_of(report, five[0].id, "It measures 8 mm.", DOCTOR, NOW)
        start = pad.text.index("Left lung")
        after = type_in(pad, start, pad.text.index("Right kidney"), "")
    else:
        edit = edit_of(report, five[1].id, "It measures 8 mm.", DOCTOR, NOW)
        after = obey(pad, "scratch that")[0]
        after = say(after, "left adrenal nodule period", "it measures five millimeters period")
    shown, unfit = laid_over(written_of(after), [edit])
    assert unfit == (edit,) and "8 mm" not in shown.text and "5 mm" in shown.text


def test_an_edit_whose_words_stand_under_another_finding_is_handed_back():
    pad = say(empty(), NODULES, "right kidney cyst period it measures eight millimeters period")
    edit = edited(written_of(pad), "It measures 5", "It measures 8 mm.")
    at = pad.text.index("It measures 5")
    gone = type_in(pad, at, at + len("It measures 5 mm. "), "")
    assert laid_over(written_of(gone), [edit])[1] == (edit,)


def test_a_lost_sentence_is_added_though_another_finding_reads_so():
    report = written_of(say(empty(), NODULES, "right kidney cyst period"))
    five = statement(report, "It measures 5")
    edit = ReportEdit(section="findings", organ="Kidneys", evidence=("s99",), after=five.text, by=DOCTOR, at=NOW)
    assert laid_over(report, [edit, edit])[0].text.count(five.text) == 2


@pytest.mark.parametrize("text", ["No pneumothorax is seen.", ""])
def test_an_edit_that_fits_no_more_is_handed_back(text):
    report = case_of().report
    edit = edited(report, "No pneumothorax", text)
    changed = case_of(SAID.replace("No pneumothorax", "Large pneumothorax")).report
    assert laid_over(changed, [edit]) == (changed, (edit,))


def test_an_edit_whose_words_are_said_meanwhile_has_nothing_left_to_do():
    report = case_of().report
    edit = edited(report, "No pneumothorax", "Large pneumothorax.")
    said = case_of(SAID.replace("No pneumothorax", "Large pneumothorax")).report
    assert laid_over(said, [edit]) == (said, ())


def test_of_a_sentence_that_was_edited_twice_only_the_last_words_need_a_place():
    report = case_of().report
    first = edited(report, "No pneumothorax", "Pneumothorax.")
    second = edited(laid_over(report, [first])[0], "Pneumothorax", "Tiny pneumothorax.")
    said = case_of(SAID.replace("No pneumothorax", "Tiny pneumothorax")).report
    assert laid_over(said, [first, second]) == (said, ())
    back = edited(laid_over(report, [first, second])[0], "Tiny", "No pneumothorax.")
    assert laid_over(report, [first, second, back]) == (report, ())
    other = case_of(SAID.replace("No pneumothorax. ", "")).report
    [unfit] = laid_over(other, [first, second])[1]
    assert (unfit.before, unfit.after) == ("No pneumothorax.", "Tiny pneumothorax.")


TEXTS = st.sampled_from(["No effusion.", "Small effusion.", "Heart normal.", "Liver cyst."])


@given(
    st.lists(st.tuples(TEXTS, st.sampled_from(["Pleura", "Heart"])), max_size=5),
    st.lists(st.tuples(st.one_of(st.just(""), TEXTS), st.one_of(st.just(""), TEXTS)), max_size=5),
)
def test_no_wording_of_a_person_is_lost_in_silence(said, wishes):
    findings = tuple(
        Statement(id=f"r{n}", text=text, section="findings", organ=organ, evidence=(f"s{n}",))
        for n, (text, organ) in enumerate(said)
    )
    edits = [
        ReportEdit(section="findings", organ="Pleura", evidence=("s0",), before=before, after=after, by=DOCTOR, at=NOW)
        for before, after in wishes
    ]
    report, unfit = laid_over(Report(findings=findings), edits)
    texts = {one.text for one in report.statements} | {one.after for one in unfit}
    changed_again = {one.before for one in edits}
    for edit in edits:
        assert edit.after in texts | changed_again | {""}
    untouched = [one for one in findings if one.text not in changed_again]
    assert [one for one in report.findings if one in untouched] == untouched


def test_of_two_sentences_that_read_alike_the_one_meant_is_edited():
    said = "Findings: No change in the heart. No effusion. No change in the heart."
    report = case_of(said).report
    two = [one for one in report.findings if one.text.startswith("No change")]
    assert len(two) == 2 and two[0].text == two[1].text
    edit = edit_of(report, two[1].id, "The heart is larger.", DOCTOR, NOW)
    after, unfit = laid_over(report, [edit])
    assert [one.text for one in after.findings if one.id in {two[0].id, two[1].id}] == [two[0].text, edit.after]
    assert unfit == ()
    elsewhere = edit.model_copy(update={"evidence": ("s99",)})
    assert laid_over(report, [elsewhere]) == (report, (elsewhere,))


@pytest.mark.parametrize("organ", ["Pleura", "Liver", None])
def test_an_added_statement_stands_behind_those_of_its_organ_or_section_once(organ):
    report = case_of().report
    edit = ReportEdit(section="findings", organ=organ, after="Old rib fracture.", by=DOCTOR, at=NOW)
    after, unfit = laid_over(report, [edit, edit])
    texts = [one.text for one in after.findings]
    assert texts.count("Old rib fracture.") == 1 and unfit == ()
    before = texts[texts.index("Old rib fracture.") - 1]
    assert before == ("No pneumothorax." if organ == "Pleura" else report.findings[-1].text)
    assert statement(after, "Old rib").origin == "typed"


def test_a_statement_is_added_to_an_empty_section_and_to_an_empty_report():
    report = case_of("Findings: No effusion.").report
    edit = ReportEdit(section="impression", after="Normal.", by=DOCTOR, at=NOW)
    assert [one.text for one in laid_over(report, [edit])[0].impression] == ["Normal."]
    assert laid_over(type(report)(), [edit])[0].text.endswith("IMPRESSION:\nNormal.")


@pytest.mark.parametrize("text", ["No pneumothorax.", "a\x00b", "a\u202eb", "x" * (LONGEST + 1)])
def test_a_text_that_changes_nothing_or_is_no_plain_line_is_refused(text):
    report = case_of().report
    with pytest.raises(UsageError):
        edited(report, "No pneumothorax", text)


def test_only_what_the_report_says_is_edited():
    report = case_of().report
    suggested = Statement(id="x1", text="Rib fracture.", section="impression", origin="suggested")
    report = report.model_copy(update={"impression": (*report.impression, suggested)})
    for name in ("x1", "r99", ""):
        with pytest.raises(UsageError):
            edit_of(report, name, "Anything.", DOCTOR, NOW)


def test_the_same_change_by_the_same_person_has_the_same_id():
    report = case_of().report
    one = edited(report, "No pneumothorax", "Pneumothorax.")
    assert edit_id(one) == edit_id(one.model_copy()) != edit_id(one.model_copy(update={"after": "x"}))


def test_take_heard_puts_the_heard_side_into_both_sentences_and_the_card_is_gone():
    case = case_of(written=WRITTEN)
    side = card(case, "laterality")
    assert side.severity == "critical"
    after = with_edits(case, *edits_of(case, side, DOCTOR, NOW))
    assert "right" not in after.report.text and after.dictation == case.dictation
    assert not [one for one in after.discrepancies if one.severity in ("critical", "major")]
    assert {one.origin for one in after.report.findings} == {"dictated"}  # these words were said


def test_a_lost_sentence_comes_under_its_organ_with_its_evidence():
    said = SAID.replace("Heart", "Nondisplaced fracture of the left clavicle. Heart")
    case = case_of(said, written=SAID)
    lost = card(case, "omission")
    [edit] = edits_of(case, lost, DOCTOR, NOW)
    assert (edit.section, edit.before, edit.taken_from) == ("findings", "", lost.id)
    after = with_edits(case, edit)
    new = statement(after.report, "clavicle")
    [sentence] = [one for one in case.dictation.sentences if "clavicle" in one.text]
    assert new.evidence == (sentence.id,) and new.organ == case_of(said).report.findings[-1].organ
    assert lost.id not in {one.id for one in after.discrepancies}


@pytest.mark.parametrize("sentence", ["Hiatal hernia.", "There is a large hiatal hernia."])
def test_a_sentence_that_nobody_said_is_taken_out_with_the_heading_that_it_alone_stood_under(sentence):
    case = case_of(written=SAID.replace("Heart", f"{sentence} Heart"))
    added = card(case, "addition")
    after = with_edits(case, *edits_of(case, added, DOCTOR, NOW))
    assert "hernia" not in after.report.text
    assert [one.text for one in after.report.statements] == [one.text for one in case_of().report.statements]


def test_a_card_without_a_wording_and_an_edit_of_a_heading_change_nothing():
    case = case_of(written=WRITTEN)
    side = card(case, "laterality")
    with pytest.raises(UsageError, match=NO_WORDING[:30]):
        edits_of(case, side.model_copy(update={"edits": ()}), DOCTOR, NOW)
    start = case.report.text.index("FINDINGS")
    for span in ((start, start + 4), (start, start + 30), (start, len(case.report.text))):
        with pytest.raises(UsageError, match=IN_A_HEADING[:30]):
            edits_of(case, side.model_copy(update={"edits": (Edit(span=span, text="x"),)}), DOCTOR, NOW)


def test_two_edits_of_one_statement_are_both_in_it():
    case = case_of(written=WRITTEN)
    one = statement(case.report, "right pleural")
    start, _ = case.report.spans[one.id]
    changes = (Edit(span=(start, start + 5), text="Large"), Edit(span=(start + 6, start + 11), text="left"))
    both = card(case, "laterality").model_copy(update={"edits": changes})
    [edit] = edits_of(case, both, DOCTOR, NOW)
    assert edit.after == "Large left pleural effusion."


@pytest.mark.parametrize("row", CORRECTIONS, ids=[row.place for row in CORRECTIONS])
def test_what_is_taken_from_a_card_settles_it_and_raises_nothing_grave(row):
    case = case_of(row.arguments["heard"], row.arguments["written"], order=case_of().orders[0])
    known = {one.id for one in case.discrepancies}
    taken = 0
    for one in case.discrepancies:
        try:
            edits = edits_of(case, one, DOCTOR, NOW)
        except UsageError:
            assert not one.edits
            continue
        after = with_edits(case, *edits)
        again = {other.id: other.severity for other in after.discrepancies}
        taken += 1
        assert one.id not in again
        assert {again[name] for name in again.keys() - known}.isdisjoint(("critical", "major"))
    assert taken


def test_a_statement_that_says_nothing_without_its_heading_is_changed_beneath_it():
    case = case_of("Findings: Lungs are hazy. Heart size is normal.")
    lungs = case.report.findings[0]
    organ = lungs.organ
    clear = lungs.model_copy(update={"text": "Clear.", "organ": organ})
    case = with_report(case, case.report.model_copy(update={"findings": (clear, *case.report.findings[1:])}))
    start, end = case.report.spans[clear.id]
    heading = start - len(f"{organ}: ")
    change = Edit(span=(heading, end - 1), text="Lungs are hazy")
    one = card(case_of(written=WRITTEN), "laterality").model_copy(update={"edits": (change,)})
    after = with_edits(case, *edits_of(case, one, DOCTOR, NOW))
    assert f"{organ}: Lungs are hazy." in after.report.text


@pytest.mark.parametrize("name", ["01_left_effusion", "03_no_pneumothorax", "04_nodule_size", "05_missed_pneumothorax"])
def test_in_the_samples_one_key_settles_the_planted_error(name):
    folder = SAMPLES / name
    order = Order.from_file(folder / "order.json")
    case = case_of((folder / "written.txt").read_text(encoding="utf-8"), order=order)
    case = with_report(case, parse_report((folder / "report.txt").read_text(encoding="utf-8")))
    planted, *others = [one for one in case.discrepancies if one.severity in ("critical", "major")]
    assert others == []
    after = with_edits(case, *edits_of(case, planted, DOCTOR, NOW))
    assert [one.kind for one in after.discrepancies if one.severity in ("critical", "major")] == []
    before = {one.text for one in case.report.statements}
    assert len([one for one in after.report.statements if one.text not in before]) == 1
