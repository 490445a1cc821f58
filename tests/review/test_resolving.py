"""Whatever keeps a report from being signed is resolved on the spot by something true, and no wording is lost."""

import json
from typing import get_args

import pytest

from dictation.case.draft import Unheard
from dictation.case.ordered import Resent
from dictation.case.signing import BlockerKind
from dictation.case.version import identity_reason
from dictation.errors import UsageError
from dictation.exam import ExamFacts, Order, Patient
from dictation.exchange.outgoing import outgoing
from dictation.imaging import Study
from dictation.report import parse_report
from dictation.review.comparing import settled
from dictation.review.giving import give_order, give_report
from tests.review.desks import Reader
from tests.waiting import until

SAID = "Findings: Small left pleural effusion. No pneumothorax. Impression: Small left effusion."
ORDER = Order(name="EXAMPLE, Ada", patient_id="7", procedure="Chest X-ray")


def texts(reader):
    return [one.text for one in reader.report.statements]


def statement(reader, words):
    return next(one for one in reader.report.statements if words in one.text)


# the two wordings of one sentence


def changed_twice(reader):
    """A sentence of the report is edited, then the same sentence of the dictation."""
    reader.writes(SAID)
    reader.edit(statement(reader, "Small left pleural"), "Small left pleural effusion, unchanged.")
    reader.retype("Small left pleural effusion.", "Moderate left pleural effusion.")
    reader.compare()


def pasted_twice(reader):
    """What was heard is taken into a report that was given, then another report is given."""
    reader.type("Findings: Small left pleural effusion. Impression: Small left effusion.")
    give_report(reader.case, parse_report("FINDINGS: Small right pleural effusion. IMPRESSION: Small left effusion."))
    reader.compare()
    card = reader.card(kind="laterality")
    reader.do(do="decide", id=card.id, action="take_heard")
    give_report(
        reader.case, parse_report("FINDINGS: Trace left pleural effusion is seen. IMPRESSION: Small left effusion.")
    )
    until(lambda: reader.case.is_reviewed and reader.case.composed.unfit)


def sentence_gone(reader):
    """A sentence of the report is edited, then the sentence is taken out of the dictation."""
    reader.writes(SAID)
    reader.edit(statement(reader, "No pneumothorax"), "No pneumothorax on either side.")
    reader.retype(" No pneumothorax.", "")
    reader.compare()


def taken_out(reader):
    """A sentence is taken out of the report, then it is dictated otherwise."""
    reader.writes(SAID)
    reader.edit(statement(reader, "No pneumothorax"), "")
    reader.retype("No pneumothorax.", "No pneumothorax on the left.")
    reader.compare()


TWO_WORDINGS = [  # what happened, my wording, the report's
    (changed_twice, "Small left pleural effusion, unchanged.", "Moderate left pleural effusion."),
    (pasted_twice, "Small left pleural effusion.", "Trace left pleural effusion is seen."),
    (sentence_gone, "No pneumothorax on either side.", ""),
    (taken_out, "", "No pneumothorax on the left."),
]


@pytest.mark.parametrize(("happen", "mine", "reports"), TWO_WORDINGS)
@pytest.mark.parametrize("choice", ["mine", "report", "both"])
def test_two_wordings_of_one_sentence_are_chosen_between_and_both_are_kept(
    cases, reader, happen, mine, reports, choice
):
    happen(reader)
    asked = reader.blocker("edit")
    assert mine in asked["text"] and reports in asked["text"] and asked["says"] == reports
    assert "No difference found" not in reader.state("pane")["cards"]
    assert "Two wordings" in reader.state("pane")["cards"]
    slip = {asked["discrepancy"]: "Report is right, dictation was a slip"}
    reader.unsigned("two wordings", overrides=slip)  # no reason signs over them
    command = {"do": "wording", "edit": asked["discrepancy"], "says": asked["says"], "chosen": choice}
    if choice not in [way["do"] for way in asked["ways"]]:
        assert choice == "both" and not (mine and reports)
        reader.refused("no such choice", **command)
        return
    reader.do(**command)
    assert reader.blockers("edit") == []
    assert (mine in texts(reader)) is (choice != "report" and bool(mine))
    assert (reports in texts(reader)) is (choice != "mine" and bool(reports))
    version = signed(cases, reader)
    (kept,) = version.set_aside
    assert (kept.edit.after, kept.reports, kept.chosen) == (mine, reports, choice)
    (entry,) = [one for one in reader.records.audit(reader.case.id) if one.what == "wording chosen"]
    assert entry.detail["chosen"] == choice and mine not in str(entry.detail.values()).split()
    shown = reader.state("pane")["columns"]
    assert "Wordings that were chosen between" in shown and cases.desk.records.verify() == ()


def signed(cases, reader):
    """The version, signed over what else is open."""
    overrides = {one["discrepancy"]: "Checked on the images" for one in reader.blockers() if one["may_override"]}
    reader.sign(overrides=overrides)
    return reader.records.versions(reader.case.id)[-1]


def test_a_choice_is_refused_where_the_report_changed_under_it(reader):
    changed_twice(reader)
    asked = reader.blocker("edit")
    for wrong in ({"says": "Other."}, {"edit": "e000000000000"}):
        command = {"do": "wording", "edit": asked["discrepancy"], "says": asked["says"], "chosen": "mine"}
        reader.refused("look at them again", **command | wrong)


def test_a_wording_that_was_put_in_holds_when_the_report_is_written_again(reader):
    changed_twice(reader)
    asked = reader.blocker("edit")
    reader.do(do="wording", edit=asked["discrepancy"], says=asked["says"], chosen="mine")
    reader.retype("No pneumothorax.", "No pneumothorax. Heart size is normal.")
    reader.compare()
    assert "Small left pleural effusion, unchanged." in texts(reader) and reader.blockers("edit") == []


def test_a_sentence_that_was_taken_out_and_is_not_said_any_more_asks_nothing(reader):
    reader.writes(SAID)
    reader.edit(statement(reader, "No pneumothorax"), "")
    reader.retype(" No pneumothorax.", "")
    reader.compare()
    assert reader.blockers() == []


def test_one_of_two_sentences_that_read_the_same_can_be_edited(reader):
    reader.type("Findings: Left rib fracture. Impression: Rib fracture.")
    give_report(reader.case, parse_report("FINDINGS: Bones: Rib fracture. Rib fracture.\nIMPRESSION: Rib fracture."))
    reader.compare()
    twins = [one for one in reader.report.findings if one.text == "Rib fracture."]
    assert len(twins) == 2 and twins[0].organ == twins[1].organ
    reader.do(do="edit", statement=twins[1].id, before=twins[1].text, text="Left rib fracture.")
    assert [one.text for one in reader.report.findings] == ["Rib fracture.", "Left rib fracture."]
    assert reader.blockers("edit") == []


# every kind of blocker: how it comes about, and what is true and resolves it


def typed(reader, words=SAID):
    reader.writes(words)


def is_critical(reader):
    typed(reader, "Findings: Large right pneumothorax. Impression: Large right pneumothorax.")


def is_told(reader, _):
    reader.do(do="communicate", person="Dr. M.", at="2026-03-01T09:30:00+00:00", method="telephone", read_back=True)


def has_no_impression(reader):
    typed(reader, "Findings: Small left pleural effusion.")


def is_concluded(reader, _):
    reader.do(do="conclude", text="Small  left effusion.")
    assert "Small left effusion." in texts(reader)


def has_no_order(reader):
    reader.new(is_ordered=False)
    typed(reader)


def is_ordered(reader, _):
    give_order(reader.case, ORDER)
    until(lambda: reader.case.is_reviewed and not reader.case.is_busy)


def is_of_another(reader):
    give_order(reader.case, ORDER)
    typed(reader)
    facts = ExamFacts(modality="DX", patient=Patient(patient_id="99", name="OTHER^Eve"))
    reader.case.study = Study("1", (), facts)
    reader.do(do="compare")
    until(lambda: reader.blockers("patient"))


def has_mended_order(reader, _):
    other = ORDER.model_copy(update={"name": "OTHER, Eve", "patient_id": "99"})
    with pytest.raises(UsageError, match="begin a new case"):  # what was dictated stays with its patient
        give_order(reader.case, other)
    reader.case.study = None  # the image that was another's is taken away
    reader.do(do="compare")
    until(lambda: not reader.blockers("patient"))


def is_cancelled(reader):
    give_order(reader.case, ORDER)
    typed(reader)
    reader.case.resent = Resent(status="cancelled")


def is_signed_elsewhere(reader):
    order, first = ORDER.model_copy(update={"accession": "A-90"}), Reader(reader.cases)
    for one in (first, reader):
        give_order(one.case, order)
        if one is reader:
            reader.do(do="second", meant=True)
        typed(one)
        if one is first:
            first.sign()


def was_done(reader, asked):
    reasons = [one["reason"] for one in reader.state("sign")["reasons"] if one["key"] in asked["reasons"]]
    reader.sign(overrides={asked["discrepancy"]: reasons[-1]})


def differs(reader):
    typed(reader)
    give_report(reader.case, parse_report("FINDINGS: Small right pleural effusion. IMPRESSION: Small left effusion."))
    until(lambda: reader.case.is_reviewed and not reader.case.reviewing.is_working)


def takes_heard(reader, asked):
    reader.do(do="decide", id=asked["discrepancy"], action="take_heard")


def has_field(reader):
    typed(reader, f"{SAID} The nodule measures [size: mm].")


def is_filled(reader, _):
    reader.do(do="fill", field="pad/size", value="5")
    until(lambda: reader.case.is_reviewed)


def is_empty(reader):
    give_order(reader.case, ORDER)
    reader.compare()


def is_typed(reader, _):
    typed(reader)


def is_being_heard(reader):
    typed(reader)
    reader.case.files_in_hearing = 1


def is_heard(reader, _):
    reader.case.files_in_hearing = 0
    settled(reader.case)


def is_not_compared(reader):
    typed(reader)
    reader.do(do="text")
    reader.type(" Heart size is normal.")


def is_compared(reader, _):
    reader.compare()


def was_not_heard(reader):
    typed(reader)
    reader.case.draft = reader.case.draft.model_copy(update={"unheard": (Unheard(take="t", start_s=1, end_s=2),)})


def is_chosen(reader, asked):
    reader.do(do="wording", edit=asked["discrepancy"], says=asked["says"], chosen=asked["ways"][0]["do"])


def is_final(reader):
    typed(reader)
    reader.sign()


def has_addendum(reader, _):
    reader.adds("Prior came")
    typed(reader, "The effusion is new.")


def may_not_sign(reader):
    is_final(reader)
    has_addendum(reader, None)
    desk = reader.cases.desk
    desk.settings = desk.settings.model_copy(update={"role": "resident"})


def is_left_to_an_attending(reader, _):
    case = reader.case.id
    reader.do(do="leave")
    desk = reader.cases.desk
    desk.settings = desk.settings.model_copy(update={"role": "attending"})
    other = Reader(reader.cases, case)
    assert other.state("sign")["addendum"] == "Prior came" and other.blockers() == []
    reader.page, reader.number = other.page, other.number


def gave_way(reader):
    reader.do(do="template", name="ct_abdomen_pelvis_normal")
    typed(reader, "There is a cyst of the liver. Impression: Cyst of the liver.")


def is_confirmed(reader, _):
    reader.do(do="confirm", normals=reader.state("sign")["gave_way"])


def is_unsure(reader):
    reader.reviews("Findings: Small right pulmonary effusion. Impression: Hypodensolision.")


def is_accepted(reader, _):
    for one in reader.blockers("word"):
        reader.do(do="accept_word", word=one["discrepancy"])


RESOLVED = {  # kind → how it comes about, and what is true and resolves it
    "identity": (has_no_order, is_ordered),
    "critical": (is_critical, is_told),
    "impression": (has_no_impression, is_concluded),
    "patient": (is_of_another, has_mended_order),
    "order": (is_cancelled, was_done),
    "second": (is_signed_elsewhere, was_done),
    "difference": (differs, takes_heard),
    "field": (has_field, is_filled),
    "empty": (is_empty, is_typed),
    "hearing": (is_being_heard, is_heard),
    "comparing": (is_not_compared, is_compared),
    "unheard": (was_not_heard, was_done),
    "edit": (changed_twice, is_chosen),
    "normals": (gave_way, is_confirmed),
    "word": (is_unsure, is_accepted),
    "final": (is_final, has_addendum),
    "role": (may_not_sign, is_left_to_an_attending),
}


def test_the_table_knows_every_kind():
    assert RESOLVED.keys() == set(get_args(BlockerKind))


@pytest.mark.parametrize("kind", RESOLVED)
def test_what_blocks_a_signature_has_a_way_on_the_spot_and_it_resolves_it(reader, kind):
    happen, resolve = RESOLVED[kind]
    happen(reader)
    asked = reader.blockers(kind)[0]
    keys = [way["key"] for way in asked["ways"]] + asked["reasons"]
    assert asked["ways"] and len(set(keys)) == len(keys), "each by a key of its own"
    resolve(reader, asked)
    is_over = kind in ("order", "second", "unheard")  # those were signed over, truthfully
    assert reader.case.state_now == "final" if is_over else reader.blockers(kind) == []


# what has no second wording is not held right by a key


def is_of_another_region(reader):
    give_order(reader.case, ORDER)
    typed(reader, "Findings: The menisci of the left knee are intact. Impression: Normal left knee.")


def is_of_another_side(reader):
    give_order(reader.case, ORDER.model_copy(update={"procedure": "MR knee", "laterality": "right"}))
    typed(reader, "Findings: Joint effusion of the left knee. Impression: Left joint effusion.")


def is_of_another_sex(reader):
    give_order(reader.case, ORDER.model_copy(update={"sex": "F"}))
    typed(reader, "Findings: The prostate is enlarged. Impression: Enlarged prostate.")


def is_of_another_age(reader):
    give_order(reader.case, ORDER.model_copy(update={"age": 4}))
    typed(reader, "Indication: 71 year old with cough. Findings: Lungs clear. Impression: Normal.")


def has_image_of_another_region(reader):
    give_order(reader.case, ORDER)
    typed(reader)
    reader.case.study = Study("1", (), ExamFacts(modality="DX", body_part="KNEE"))
    reader.do(do="compare")
    until(lambda: reader.blockers("difference"))


def belongs_to_no_organ(reader):
    reader.do(do="template", name="ct_abdomen_pelvis_normal")
    typed(reader, "There is a 5 cm mass.")


def changes_what_is_signed(reader):
    is_final(reader)
    has_addendum(reader, None)
    reader.retype("The effusion is new.", "Small right apical pneumothorax.")
    reader.compare()


ONE_WORDING = {
    is_of_another_region: "exam",
    has_image_of_another_region: "exam",
    is_of_another_side: "laterality",
    is_of_another_sex: "sex",
    is_of_another_age: "age",
    belongs_to_no_organ: "site",
    changes_what_is_signed: "amendment",
    is_critical: "critical_result",
}


@pytest.mark.parametrize("happen", ONE_WORDING, ids=lambda one: one.__name__)
def test_what_has_no_second_wording_is_settled_by_no_key_without_a_reason(reader, happen):
    happen(reader)
    cards = [one for one in reader.cards() if one.kind == ONE_WORDING[happen]]
    card = next(one for one in cards if one.severity == "critical" or one.kind == "critical_result")
    shown = next(one for one in reader.state("pane")["cards"].split("<article ") if card.id in one)
    assert 'data-action="dismiss"' in shown and "take_written" not in shown
    for reason in ("", "x"):
        reader.refused("dismissed with a reason", do="decide", id=card.id, action="take_written", reason=reason)
    assert reader.case.draft.decisions == () and card.id in {one["discrepancy"] for one in reader.blockers()}
    reader.unsigned("Not signed|critical result")
    reader.do(do="decide", id=card.id, action="dismiss", reason="Checked on the images")
    assert card.id not in {one["discrepancy"] for one in reader.blockers()}


def test_a_choice_between_two_wordings_needs_no_reason_and_a_dismissal_does(reader):
    differs(reader)
    asked = reader.blocker("difference")
    for reason in ("", "x", " . "):
        why = "dismissed with a reason"
        reader.refused(why, do="decide", id=asked["discrepancy"], action="dismiss", reason=reason)
    assert reader.case.draft.decisions == ()
    reader.do(do="decide", id=asked["discrepancy"], action="take_written")
    own = reader.blocker("difference")  # the impression still has the side that was dictated
    assert own["discrepancy"] != asked["discrepancy"] and "the impression says" in own["text"]


# whose report it is


NO_ORDER = "No patient selected, no exam."


def without_order(cases, order=None):
    """Somebody who dictated a clean report without any order, or with one that says too little."""
    reader = Reader(cases, is_ordered=False)
    if order is not None:
        give_order(reader.case, order)
    typed(reader)
    return reader


@pytest.mark.parametrize(
    ("order", "missing"),
    [
        (None, NO_ORDER),
        (Order(indication="Cough"), NO_ORDER),
        (Order(sex="F", modality="DX"), NO_ORDER),
        (Order(patient_id="7", modality="DX"), "No exam selected."),
        (Order(name="EXAMPLE, Ada"), "No exam selected."),
        (Order(procedure="Chest X-ray"), "No patient selected."),
        (Order(accession="A-91"), "No patient selected."),
    ],
)
def test_a_report_without_a_patient_or_an_exam_is_not_signed(cases, order, missing):
    reader = without_order(cases, order)
    asked = reader.blocker()
    assert (asked["kind"], asked["text"]) == ("identity", missing)
    reader.unsigned(f"Not signed: {missing}")
    reader.unsigned("Not signed", overrides={"identity": "Checked on the images"})  # a reason for something else
    reader.unsigned("Not signed", overrides={"identity": "I know who it is"})
    assert reader.records.versions(reader.case.id) == () and reader.case.state_now == "draft"


def test_an_image_names_patient_and_exam(cases):
    reader = without_order(cases)
    reader.case.study = Study("1", (), ExamFacts(accession="A-92", patient=Patient(patient_id="7")))
    reader.do(do="compare")
    until(lambda: not reader.blockers())
    reader.sign()
    assert identity_reason(reader.records.versions(reader.case.id)[-1]) == ""


@pytest.mark.parametrize("role", ["resident", "attending"])
def test_a_report_signed_without_patient_and_exam_says_so_wherever_it_is_read(cases, role):
    desk = cases.desk
    desk.settings = desk.settings.model_copy(update={"role": role})
    reader = without_order(cases)
    asked = reader.blocker("identity")
    reasons = [one["reason"] for one in reader.state("sign")["reasons"] if one["key"] in asked["reasons"]]
    assert reasons == ["Phantom or test", "Order to follow", "Emergency, patient not identified yet"]
    answer = reader.sign(overrides={"identity": reasons[2]})
    says = f"No patient selected, no exam: {reasons[2]}"
    (version,) = reader.records.versions(reader.case.id)
    assert identity_reason(version) == says and says not in version.text
    assert says.upper() in answer["clean"].split("FINDINGS")[0]
    assert says in reader.state("pane")["columns"]
    text, json_ = outgoing(version, (), "0" * 64)
    assert says.upper() in text.decode().split("FINDINGS")[0] and json.loads(json_)["unidentified"] == says
    (entry,) = [one for one in reader.records.audit(reader.case.id) if one.what == "signed without patient or exam"]
    assert entry.detail == {"number": 1, "what": NO_ORDER, "reason": reasons[2]}
    assert reader.records.verify() == ()


def test_an_addendum_to_a_report_without_an_order_is_asked_again(cases):
    reader = without_order(cases)
    reader.sign(overrides={"identity": "Order to follow"})
    has_addendum(reader, None)
    assert [one["kind"] for one in reader.blockers()] == ["identity"]
    give_order(reader.case, ORDER)
    until(lambda: reader.case.is_reviewed and not reader.blockers())
    reader.sign()
    assert [identity_reason(one) != "" for one in reader.records.versions(reader.case.id)] == [True, False]
