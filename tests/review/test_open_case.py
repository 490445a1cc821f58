"""An open case as its pages know it: text, report, cards, signature, all of it on disk before anybody is answered."""

import json
import re
from datetime import UTC, datetime
from threading import Event
from uuid import uuid4

import numpy as np
import pytest

from dictation.case.ordered import Resent
from dictation.case.signing import OF_ANOTHER_PATIENT, signed
from dictation.errors import DictationError, InputError, UsageError
from dictation.exam import Order
from dictation.lexicon import Phrase
from dictation.records.inbox import look
from dictation.records.rights import EVERYBODY
from dictation.report import ExtractiveWriter, parse_report
from dictation.review.beside import changed_beside
from dictation.review.commands import command_of
from dictation.review.engines import Engines
from dictation.review.giving import give_files, give_order, give_report
from dictation.review.hearing import happened
from dictation.review.inputs import Files, read_files
from dictation.review.pixels import image_bytes
from dictation.speech import Word
from dictation.speech.live import Final
from tests.imaging.dicom_maker import make
from tests.review.desks import AUTHOR, Reader, all_placed, desk_of
from tests.waiting import until

SAID_TYPED = "Findings: Small left pleural effusion. No pneumothorax. Impression: No pneumothorax."
SAID = (
    "findings colon small left pleural effusion period no pneumothorax period impression colon no pneumothorax period"
)
WRONG_SIDE = "FINDINGS: Small right pleural effusion. No pneumothorax. IMPRESSION: No pneumothorax."


def test_what_is_said_and_typed_is_on_disk_when_it_is_answered(cases, reader):
    reader.say(SAID)
    reader.type(" Heart normal.")
    draft = reader.stored
    assert draft.pad.text == reader.text
    assert "Impression: No pneumothorax. Heart normal." in draft.pad.text
    assert draft.takes[0].heard_s > 0


def test_a_case_that_nobody_touched_leaves_no_trace(cases):
    Reader(cases, is_ordered=False)
    assert cases.desk.records.worklist().rows == ()


def test_a_comparison_that_a_restart_interrupted_is_made_by_itself(cases, reader, embedded, own):
    reader.type("Clear lungs.")
    reader.case.is_loading = True  # its images are still being read as the server ends
    reader.do(do="compare")
    assert reader.stored.awaits_comparison and reader.stored.compared is None
    case, page = reader.case.id, reader.page
    cases.close()
    with desk_of(Engines(embedded), own) as again:
        again.obey(page, _hello(page, case))
        returned = again.of_page(page.id)
        until(lambda: returned.is_reviewed)
        assert not again.desk.records.load(returned.id).draft.awaits_comparison


@pytest.mark.parametrize("instead", ["text", "stop"])
def test_a_comparison_that_was_given_up_is_not_asked_for_any_more(reader, instead):
    reader.type("Clear lungs.")
    reader.case.is_loading = True
    reader.do(do="compare")
    assert reader.stored.awaits_comparison
    reader.do(do=instead)
    assert not reader.stored.awaits_comparison


def test_a_role_that_nobody_stated_stands_beside_no_name(reader):
    reader.writes("Findings: Clear lungs. Impression: Normal.")
    reader.sign()
    heading = re.search(r"<h3>(Final: .*?)</h3>", reader.state("pane")["columns"])[1]
    assert heading.startswith(f"Final: {AUTHOR}, 20") and "attending" not in heading


def test_a_dictation_that_ended_while_the_server_was_away_is_compared(cases, reader, embedded, own):
    reader.new()
    take = reader.begun()
    reader.do(do="listen", take=take, on=True, block=0)
    reader.say("Small left pleural effusion.")
    case, page = reader.case.id, reader.page
    reader.case.sounds.stop()  # and not by the key: as a kill leaves it, with no comparison asked for
    cases.close()
    with desk_of(Engines(embedded), own) as again:
        again.obey(page, _hello(page, case))
        returned = again.of_page(page.id)
        assert not (returned.draft.awaits_comparison or returned.is_reviewed)
        listen = {"do": "listen", "number": reader.number + 1, "take": take, "on": False, "block": 0}
        again.obey(page, command_of(json.dumps(listen)))
        until(lambda: returned.is_reviewed)
        assert "Small left pleural effusion." in returned.composed.case.report.text


def test_a_command_is_obeyed_once_also_by_a_server_that_was_started_again(cases, reader, embedded, own):
    reader.type("Clear lungs.")
    number = reader.number
    reader.do(do="type", version=0, start=0, stop=0, text="Clear lungs.", number=number)
    assert reader.text == "Clear lungs."
    case, page = reader.case.id, reader.page
    cases.close()
    with desk_of(Engines(embedded), own) as again:
        again.obey(page, _hello(page, case))
        returned = again.of_page(page.id)
        assert returned.text.pad.text == "Clear lungs."
        command = {"do": "type", "number": number, "version": 0, "start": 0, "stop": 0, "text": "Clear lungs."}
        again.obey(page, command_of(json.dumps(command)))
        assert returned.text.pad.text == "Clear lungs."


def _hello(page, case):
    return command_of(json.dumps({"do": "hello", "number": 1, "page": page.id, "case": case}))


def test_a_sentence_names_the_case_that_it_is_about(cases, reader):
    first = reader.case
    reader.told("notice")
    first.audience.notice("The last words were not heard.")
    reader.new()
    cases.tell(reader.page.id, "These files were meant for the case before.", first.id)
    assert [one["case"] for one in reader.told("notice")] == [first.id, first.id]
    late = Reader(cases, uuid4().hex)
    late.case.resent = Resent(status="cancelled")
    late.case.arrived(late.page)
    assert [(one["case"], one["text"]) for one in late.told("notice")] == [
        (late.case.id, "The order of this exam was cancelled.")
    ]


def test_the_report_grows_while_somebody_dictates(reader):
    reader.say(SAID)
    until(lambda: "pleural effusion" in reader.state("report")["html"])
    assert reader.state("case")["stage"] == "dictating"


def test_words_that_were_said_before_the_cursor_moved_go_where_it_was(reader):
    take = reader.begun()
    reader.say("heart normal period", take=take)
    end = len(reader.text)
    reader.cursor(at=0, take=take, block=600)  # from 60 s on
    reader.say("no effusion period", take=take)
    assert reader.text[end:].strip() == "No effusion."


def test_a_spoken_signature_only_asks(reader):
    reader.page.take()
    reader.say("sign report")
    assert reader.told("ask") == [{"kind": "ask", "what": "sign"}]
    assert reader.case.state_now == "draft"


def test_words_that_come_late_go_where_the_cursor_was_when_they_were_said(reader):
    reader.say("heart normal period")
    first = reader.begun()
    reader.do(do="listen", take=first, on=True, block=0)
    reader.do(do="listen", take=first, on=False, block=60)
    reader.cursor(at=0)  # somebody clicks before the ear is done
    reader.say("no effusion period", take=first)
    assert reader.text == "Heart normal. No effusion."
    reader.do(do="take", take=uuid4().hex)
    reader.say("lungs clear period")
    assert reader.text == "Lungs clear. Heart normal. No effusion."


def test_late_words_of_an_earlier_recording_do_not_go_where_the_next_one_is(reader):
    reader.say("heart normal period")
    first, second = reader.begun(), uuid4().hex
    reader.do(do="listen", take=first, on=True, block=0)
    reader.do(do="listen", take=first, on=False, block=60)
    reader.do(do="take", take=second)
    reader.do(do="listen", take=second, on=True, block=0)
    reader.cursor(at=0, take=second, block=0)
    reader.say("no effusion period", take=first)
    reader.say("lungs clear period", take=second)
    assert reader.text == "Lungs clear. Heart normal. No effusion."


def test_an_earlier_recording_that_goes_on_goes_in_at_the_cursor_of_a_later_one(reader):
    reader.say("heart normal period")
    first, second = reader.begun(), uuid4().hex
    reader.do(do="take", take=second)
    reader.cursor(at=0, take=second, block=0)
    for _ in range(2):  # a page that was away says it once more
        reader.do(do="listen", take=first, on=True, block=10)
    reader.say("no effusion period", take=first)
    assert reader.text == "No effusion. Heart normal."


ALONE = "stays in the text: it is obeyed where it is said alone, between pauses."


@pytest.mark.parametrize(
    ("finals", "text"),
    [
        (("Left lobe nodule. Scratch that. Right lobe clear.",),
         "Left lobe nodule. Scratch that. Right lobe clear."),
        (("heart normal period", "left effusion period", "scratch that right effusion period"),
         "Heart normal. Left effusion. Scratch that right effusion."),
        (("heart normal period next line scratch that",), "Heart normal.\nScratch that"),
    ],
)  # fmt: skip
def test_a_command_inside_an_utterance_is_text_which_is_told_and_asked_about(reader, finals, text):
    reader.page.take()
    reader.say(*finals)
    assert reader.text == text and not reader.pad.retracted
    (told,) = reader.told("notice")
    assert (told["text"], told["error"]) == (f"“Scratch that” {ALONE}", False)  # it goes by itself: the card stays
    reader.say("no mass period")  # what comes behind it does not make it obeyed
    assert reader.text.startswith(text) and reader.told("notice") == []
    reader.compare()
    asked = [one for one in reader.cards() if "was not obeyed" in one.explanation]
    assert [one.severity for one in asked] == ["critical"]


@pytest.mark.parametrize("action", ["take_written", "dismiss", "take_heard"])
def test_a_later_key_on_the_same_card_keeps_what_was_typed(reader, action):
    give_report(reader.case, parse_report("FINDINGS: Small right pleural effusion with atelectasis."))
    reader.reviews("findings colon small left pleural effusion with atelectasis period")
    card = reader.card(kind="laterality")
    (written,) = reader.report.findings
    typed = "Small right pleural effusion with adjacent atelectasis."
    reader.edit(written, typed, discrepancy=card.id)
    assert card.id in {one.id for one in reader.cards()}
    why = "Checked on the images" if action == "dismiss" else ""
    reader.do(do="decide", id=card.id, action=action, reason=why)
    said = typed.replace("right", "left") if action == "take_heard" else typed
    assert [one.text for one in reader.report.findings] == [said]
    assert not reader.case.composed.unfit


def test_what_was_typed_over_a_heard_wording_stays_when_the_card_is_opened_again(reader):
    give_report(reader.case, parse_report("FINDINGS: Small right pleural effusion with atelectasis."))
    reader.reviews("findings colon small left pleural effusion with atelectasis period")
    card = reader.card(kind="laterality")
    reader.do(do="decide", id=card.id, action="take_heard")
    (taken,) = reader.report.findings
    typed = "Small right pleural effusion with adjacent atelectasis."
    reader.edit(taken, typed)
    assert card.id in {one.id for one in reader.cards()}
    reader.do(do="decide", id=card.id, action="reopen")
    assert [one.text for one in reader.report.findings] == [typed]
    assert not reader.case.composed.unfit


def test_an_addendum_leaves_what_nobody_was_told_of_in_the_list(cases, reader):
    def listed() -> list[str]:
        return [row.id for row in cases.desk.records.worklist(state="critical").rows]

    reader.reviews("findings colon large tension pneumothorax on the left period impression colon pneumothorax period")
    reader.unsigned("critical result")
    asked = reader.blocker()
    plan = {asked["discrepancy"]: {"person": "Dr. R. Example", "method": "telephone"}}
    reader.sign(planned=plan)
    assert reader.case.versions[0].planned[0].person == "Dr. R. Example"
    (answered,) = [one for one in reader.records.audit(reader.case.id) if one.what == "critical result answered"]
    assert answered.detail["answer"] == "to be told" and answered.detail["method"] == "telephone"
    assert listed() == [reader.case.id]
    reader.adds("a rib")
    assert listed() == [reader.case.id]
    reader.adds("")
    assert listed() == [reader.case.id]
    reader.adds("a rib")
    reader.writes("There is a fracture of the left sixth rib.")
    reader.sign()
    assert listed() == [reader.case.id]
    reader.adds("told")
    reader.writes("The referrer was told.")
    reader.do(do="communicate", person="Dr. M.", at="2026-03-01T09:30:00+00:00", method="telephone", read_back=True)
    assert listed() == []


def critical(reader):
    return [one["text"] for one in reader.blockers("critical")]


FIRST = "Findings: Large left pneumothorax. Impression: Large left pneumothorax."
TOLD = {"do": "communicate", "person": "Dr. M.", "at": "2026-03-01T09:30:00+00:00", "method": "telephone"}


@pytest.mark.parametrize("how", ["by form", "dictated"])
def test_a_second_critical_result_is_asked_for_after_the_first_was_told(cases, reader, how):
    reader.writes(FIRST if how == "by form" else f"{FIRST} Discussed with Dr. M. by telephone at 09:30.")
    if how == "by form":
        reader.do(**TOLD, read_back=True)
    assert critical(reader) == [] and reader.state("sign")["results"] == []
    # typed where the cursor stood: in the findings, before the sentence that tells
    at = len("Findings: ")
    reader.do(do="type", version=reader.case.text.version, start=at, stop=at, text="Acute pulmonary embolism. ")
    reader.compare()
    (asked,) = critical(reader)
    assert "pulmonary embolism" in asked and "pneumothorax" not in asked
    assert reader.blockers()[0]["text"] == asked
    reader.unsigned("critical result")
    assert [row.id for row in cases.desk.records.worklist(state="critical").rows if not row.is_communicated]
    reader.do(**TOLD, read_back=True)
    assert critical(reader) == []
    assert "ulmonary embolism: discussed with Dr. M." in reader.report.text
    reader.sign()


def test_a_communication_of_one_of_two_results_leaves_the_other(reader):
    reader.writes(
        "Findings: Large left pneumothorax. Free air below the diaphragm. Impression: Pneumothorax, free air."
    )
    one, two = (blocker["discrepancy"] for blocker in reader.blockers())
    reader.refused("has changed", **TOLD, read_back=False, results=["d0"])
    reader.do(**TOLD, read_back=False, results=[two])
    assert [blocker["discrepancy"] for blocker in reader.blockers()] == [one]


@pytest.mark.parametrize("answer", ["overrides", "planned"])
def test_a_result_that_is_still_to_be_told_stays_in_the_list_and_one_that_was_overridden_leaves_it(
    cases, reader, answer
):
    reader.writes("Findings: Large left pneumothorax. Impression: Large left pneumothorax.")
    asked = reader.blocker()
    given = {
        "overrides": "Not critical in this patient", "planned": {"person": "Dr. R. Example", "method": "telephone"},
    }  # fmt: skip
    reader.sign(**{answer: {asked["discrepancy"]: given[answer]}})
    listed = [row.id for row in cases.desk.records.worklist(state="critical").rows]
    assert listed == ([reader.case.id] if answer == "planned" else [])


def test_a_heard_sentence_comes_back_under_the_heading_of_the_users_own_template(reader, own):
    (own.home / "templates").mkdir(parents=True)
    mine = 'title = "Mine"\nsource = "me"\n[[organs]]\nheading = "Skeleton"\ncovers = ["bones"]\n'
    (own.home / "templates" / "mine.toml").write_text(mine)
    reader.do(do="template", name="mine")
    reader.reviews("findings colon fracture of the left clavicle period no pneumothorax period")
    fracture = next(one for one in reader.report.findings if "clavicle" in one.text)
    assert fracture.organ == "Skeleton"
    reader.edit(fracture, "")
    card = reader.card(kind="omission")
    reader.do(do="decide", id=card.id, action="take_heard")
    (back,) = [one for one in reader.report.findings if "clavicle" in one.text]
    assert back.organ == "Skeleton"


def test_a_clean_case_is_signed_and_the_next_one_named(cases, reader):
    waiting = []
    for _ in range(2):
        other = Reader(cases)
        other.type("Clear.")
        waiting.append(other.case.id)
        other.do(do="leave")
    reader.reviews(SAID)
    answer = reader.sign()
    assert (answer["state"], answer["next"]) == ("final", waiting[0])
    assert "\r\n" in answer["clean"] and answer["clean"].isascii()
    version = reader.records.versions(reader.case.id)[0]
    assert version.text == reader.report.signed_text
    assert version.recordings.keys() == {reader.case.draft.takes[0].recording}
    assert cases.desk.records.verify() == ()
    with pytest.raises(UsageError, match="final"):
        reader.type("More.")


def test_a_block_that_cannot_be_kept_is_told_with_the_case_and_the_patient_of_its_sound(cases, reader):
    give_order(reader.case, Order(name="EXAMPLE, Ada", patient_id="7", procedure="Chest X-ray"))
    take, case = uuid4().hex, reader.case.id
    reader.do(do="take", take=take)
    reader.new()
    assert reader.case.id != case
    told = cases.sound(reader.page, bytes.fromhex(take) + (10**9).to_bytes(4, "little") + bytes(3200))
    assert (told["kind"], told["about"], told["error"]) == ("notice", "sound", True)
    assert (told["case"], told["whose"]) == (case, "EXAMPLE, Ada")
    reader.do(do="take", take=(other := uuid4().hex))
    told = cases.sound(reader.page, bytes.fromhex(other) + (10**9).to_bytes(4, "little") + bytes(3200))
    assert (told["case"], told["whose"]) == (reader.case.id, "No patient selected")


def test_sound_of_a_signed_take_is_answered_as_closed_and_not_complained_of_block_by_block(cases, reader):
    reader.say(SAID)
    take = bytes.fromhex(reader.begun())
    reader.compare()
    reader.sign()
    closed = {"kind": "ack", "take": take.hex(), "taken": 0, "saved": 0, "hashes": {}, "closed": True}
    block = take + (7).to_bytes(4, "little") + bytes(3200)
    assert cases.sound(reader.page, block) == closed
    reader.page.take()
    reader.page.tell(closed)
    reader.page.tell({"kind": "ack", "take": take.hex(), "taken": 3, "saved": 3, "hashes": {2: "c"}})  # its last blocks
    assert reader.page.take()[0] == [{**closed, "taken": 3, "saved": 3, "hashes": {2: "c"}}]
    assert reader.do(do="take", take=take.hex())["closed"]


def test_a_second_page_looks_on_and_may_take_over(cases, reader):
    reader.type("Clear.")
    second = Reader(cases, reader.case.id)
    assert second.state("case")["lock"] == {"mine": False, "by": "reader at this workstation"}
    with pytest.raises(UsageError, match="Another page"):
        second.type("Not ")
    assert second.state("pad")["text"] == "Clear."
    second.do(do="takeover")
    second.type(" Lungs.")
    assert reader.state("case")["lock"]["mine"] is False
    with pytest.raises(UsageError, match="Another page"):
        reader.type("More.")
    assert reader.records.load(reader.case.id).lock.page == second.page.id


def test_words_that_come_after_a_page_was_closed_are_kept_and_nobody_has_the_case(cases, reader):
    reader.type("Clear.")
    case, take = reader.case, reader.begun()
    records = cases.desk.records
    assert records.load(case.id).lock.page == reader.page.id
    cases.left(reader.page, is_closed=True)
    assert records.load(case.id).lock is None
    happened(case, take, [heard("no pneumothorax period")])
    stored = records.load(case.id)
    assert "No pneumothorax." in stored.draft.pad.text and stored.lock is None


def test_words_that_the_program_failed_at_are_missed_before_anybody_signs(cases, reader, monkeypatch):
    reader.say("heart normal period")
    with monkeypatch.context() as failing:
        failing.setattr(type(reader.case.text), "dictated", lambda *_: 1 / 0)
        reader.say("no pneumothorax period")
    assert "pneumothorax" not in reader.text
    assert reader.blockers("unheard")
    reader.say("bones normal period")
    [missed] = reader.stored.unheard
    assert reader.stored.takes[0].heard_s >= missed.end_s, "it would be heard twice"


def heard(text: str) -> Final:
    """An utterance, as the ear tells it."""
    words = [Word(text=word, start_s=n / 4, end_s=(n + 1) / 4, confidence=0.9) for n, word in enumerate(text.split())]
    return Final(phrase=0, words=tuple(words), start_s=0.0, end_s=words[-1].end_s)


def test_contrast_that_the_order_states_blocks_no_signature_and_can_be_filled_otherwise(reader):
    give_order(reader.case, Order(procedure="CT abdomen and pelvis with contrast", accession="A1"))
    reader.do(do="template", name="ct_abdomen_pelvis_normal")
    reader.reviews(
        "findings colon the liver is normal period appendix is normal period impression colon normal study period"
    )
    (contrast,) = [one for one in reader.case.fields() if one.label == "intravenous contrast"]
    (technique,) = reader.report.technique
    assert contrast.value == "with" and technique.origin == "order"
    assert not reader.blockers("field")
    reader.do(do="fill", field=contrast.id, value="without")
    (technique,) = reader.report.technique
    assert "without intravenous contrast" in technique.text and technique.origin == "template"


def test_foreign_letters_and_signs_stand_where_they_were_typed(reader):
    reader.type("a\U0001f600b")
    reader.do(do="type", version=reader.case.text.version, start=3, stop=3, text="-")
    assert reader.text == "a\U0001f600-b"
    spans = reader.state("pad")["spans"]
    assert spans[-1]["end"] == 5


def test_a_phrase_of_ones_own_is_kept_and_one_of_a_critical_word_alone_refused(cases, reader, own):
    reader.do(do="vocabulary", phrase="Zorvax", spoken="zorbax")
    assert cases.desk.own(EVERYBODY).vocabulary.phrases == (Phrase(written="Zorvax", spoken="zorbax"),)
    assert "zorbax" in (own.home / "vocabulary.txt").read_text()
    with pytest.raises(InputError):
        reader.do(do="vocabulary", phrase="left")
    assert len(cases.desk.own(EVERYBODY).vocabulary.phrases) == 1


def test_an_order_that_changes_beneath_an_open_case_is_shown(cases, own):
    reader = Reader(cases, is_ordered=False)
    folder = own.home / "orders"
    folder.mkdir(parents=True)
    order = {"accession": "A7", "patient_id": "7", "name": "EXAMPLE, Ada", "procedure": "Chest X-ray"}
    (folder / "a7.json").write_text(json.dumps(order))
    assert [notice.kind for notice in look(cases.desk.records, folder)] == ["new"]
    (row,) = cases.desk.records.worklist().rows
    reader.do(do="open", id=row.id)
    reader.type("Clear lungs.")
    (folder / "a7.json").write_text(json.dumps({**order, "procedure": "Chest X-ray, PA and lateral"}))
    cases.changed({notice.case for notice in look(cases.desk.records, folder)})
    assert "PA and lateral" in reader.state("case")["banner"]
    assert reader.text == "Clear lungs."
    assert reader.stored.orders[0].procedure == "Chest X-ray, PA and lateral"
    reader.type(" Heart normal.")
    assert reader.stored.orders[0].procedure == "Chest X-ray, PA and lateral"


EXAM = {"accession": "A7", "patient_id": "7", "name": "EXAMPLE, Ada", "procedure": "Chest X-ray"}
OTHER = {**EXAM, "patient_id": "8", "name": "OTHER, Bo"}


def send(cases, own, order):
    """The information system sends an order; return the case that it changed."""
    folder = own.home / "orders"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a7.json").write_text(json.dumps(order))
    (changed,) = {notice.case for notice in look(cases.desk.records, folder)}
    cases.changed({changed})
    return changed


def test_an_order_that_names_another_patient_beneath_a_dictated_case_is_asked_about(cases, reader, own):
    reader.do(do="open", id=send(cases, own, EXAM))
    reader.writes(SAID_TYPED)
    assert reader.blockers("patient") == []
    reader.told("notice")
    send(cases, own, OTHER)
    until(lambda: not reader.case.is_busy and not reader.case.is_stale)
    asked = "names another patient: OTHER, Bo · ID 8. This case was begun for: EXAMPLE, Ada · ID 7"
    assert any(asked in one["text"] and one["error"] for one in reader.told("notice"))
    assert asked in reader.state("case")["banner"]
    blocker = reader.blocker("patient")
    assert asked in blocker["text"]
    assert [one["reason"] for one in reader.state("sign")["reasons"]] == ["Same patient, the order was corrected"]
    with pytest.raises(UsageError, match="different patients") as refused:
        reader.sign()
    assert "Ada" not in str(refused.value) and "Bo" not in str(refused.value)
    assert reader.case.versions == ()
    send(cases, own, EXAM)  # the order is put right: nothing is to be asked
    assert reader.blockers("patient") == [] and asked not in reader.state("case")["banner"]


def test_a_patient_whose_order_was_corrected_is_confirmed_by_a_reason_and_asked_about_once(cases, reader, own):
    case = send(cases, own, EXAM)
    reader.do(do="open", id=case)
    reader.type(SAID_TYPED)
    reader.new()
    until(lambda: cases.known(case) is None)
    send(cases, own, {**EXAM, "name": "EXEMPLE, Ada"})  # nobody has it open
    reader.do(do="open", id=case)
    assert any("another patient: EXEMPLE, Ada" in one["text"] for one in reader.told("notice"))
    reader.compare()
    blocker = reader.blocker("patient")
    with pytest.raises(UsageError, match="the reason that was given says nothing"):
        reader.sign(overrides={blocker["discrepancy"]: "x"})
    reader.sign(overrides={blocker["discrepancy"]: "Same patient"})
    (version,) = cases.desk.records.versions(case)
    assert [one.reason for one in version.overrides] == ["Same patient"]
    assert "another patient of the order confirmed" in [one.what for one in cases.desk.records.audit(case)]
    reader.adds("a rib was overlooked")
    assert reader.blockers("patient") == []


def test_a_case_in_which_there_is_nothing_yet_takes_another_patients_order(cases, reader, own):
    reader.do(do="open", id=send(cases, own, EXAM))
    send(cases, own, OTHER)
    reader.type("Clear lungs.")
    assert reader.blockers("patient") == [] and "OTHER, Bo" in reader.state("case")["banner"]


def test_the_final_signature_is_asked_about_an_order_of_another_patient_since_the_preliminary(cases, reader, own):
    case = send(cases, own, EXAM)
    reader.do(do="open", id=case)
    reader.writes(SAID_TYPED)
    draft = cases.desk.records.load(case).draft
    cases.desk.records.sign(draft, preliminary_of(reader.case), reader.page.id)
    send(cases, own, OTHER)
    assert "another patient: OTHER, Bo" in reader.state("case")["banner"]
    blocker = reader.blocker("patient")
    reader.unsigned("different patients")
    reader.sign(overrides={blocker["discrepancy"]: "Same patient"})
    assert [one.state for one in cases.desk.records.versions(case)] == ["preliminary", "final"]


@pytest.mark.parametrize("is_signed_before", [False, True])
def test_another_patient_that_a_resident_signed_over_is_asked_of_whoever_signs_final(
    cases, reader, own, is_signed_before
):
    case = send(cases, own, EXAM)
    reader.do(do="open", id=case)
    reader.writes(SAID_TYPED)
    cases.desk.settings = own.model_copy(update={"role": "resident"})
    if is_signed_before:
        reader.sign("Dr. R. Example")
    send(cases, own, OTHER)
    until(lambda: not reader.case.is_busy)
    if is_signed_before:
        reader.writes(" Bones normal.")
    until(lambda: not reader.case.is_busy and not reader.case.is_stale)
    for role in ("resident", "attending"):
        cases.desk.settings = own.model_copy(update={"role": role})
        blocker = reader.blocker("patient")
        reader.unsigned("different patients", author="Dr. Example")
        reader.sign("Dr. Example", overrides={blocker["discrepancy"]: "Same patient"})
    assert [one.state for one in cases.desk.records.versions(case)][-2:] == ["preliminary", "final"]
    reader.adds("a rib was overlooked")
    assert reader.blockers("patient") == []


def test_another_patient_is_asked_about_also_where_the_order_was_cancelled_since(cases, reader, own):
    case = send(cases, own, EXAM)
    reader.do(do="open", id=case)
    reader.writes(SAID_TYPED)
    cases.desk.records.sign(cases.desk.records.load(case).draft, preliminary_of(reader.case), reader.page.id)
    send(cases, own, OTHER)
    send(cases, own, {**OTHER, "status": "cancelled"})
    asked = {one["discrepancy"]: "Looked at" for one in reader.blockers() if one["may_override"]}
    assert sorted(asked) == ["order-cancelled", "order-patient"]
    reader.sign(overrides=asked)
    loaded = cases.desk.records.load(case)
    assert (loaded.state, loaded.order_status, loaded.new_orders) == ("final", "cancelled", ())
    send(cases, own, {**OTHER, "name": "THIRD, Cy"})
    assert [one.name for one in cases.desk.records.load(case).new_orders] == ["THIRD, Cy"]


def test_an_order_that_is_cancelled_beneath_an_open_case_is_said_and_asked_about(cases, reader, own):
    case = send(cases, own, EXAM)
    reader.do(do="open", id=case)
    reader.writes(SAID_TYPED)
    reader.told("notice")
    send(cases, own, {**EXAM, "status": "cancelled"})
    said = "The order of this exam was cancelled."
    assert (said, True) in [(one["text"], one["error"]) for one in reader.told("notice")]
    assert said in reader.state("case")["banner"]
    blocker = reader.blocker()
    assert (blocker["text"], blocker["kind"], blocker["may_override"]) == (said, "order", True)
    reader.unsigned("cancelled")
    send(cases, own, EXAM)
    assert reader.blockers() == [] and said not in reader.state("case")["banner"]
    send(cases, own, {**EXAM, "status": "cancelled"})
    reader.sign(overrides={blocker["discrepancy"]: "The exam was done"})
    assert cases.desk.records.versions(case)[0].overrides[0].reason == "The exam was done"


def preliminary_of(case):
    return signed(
        case.draft, case.composed.case, author="Dr. R. Example", role="resident", at=datetime.now(UTC), overrides=(),
        settings={}, recordings={},
    )  # fmt: skip


def test_words_that_arrive_behind_a_selection_are_not_typed_over(reader):
    reader.type("Heart normal.")
    version = reader.case.text.version
    reader.say("no effusion period")
    assert reader.text == "Heart normal. No effusion."
    reader.do(do="type", version=version, start=6, stop=13, text="enlarged.")  # chosen before the words came
    assert reader.text == "Heart enlarged. No effusion."


def test_a_refused_signature_that_is_sent_again_signs_nothing(cases, reader):
    reader.say(SAID)
    reader.unsigned("compared")
    number = reader.number
    reader.compare()
    assert reader.sign(number=number) == {"again": True}
    assert reader.case.versions == ()
    reader.refused("name", do="sign", author="")
    with pytest.raises(UsageError, match="name"):  # the answer was lost, and the page asks again
        reader.sign(number=reader.number - 0)
    assert reader.case.versions == ()


def test_a_signature_whose_answer_was_lost_is_answered_alike_and_made_once(cases, reader):
    reader.reviews(SAID)
    answer = reader.sign()
    assert reader.sign(number=reader.number) == answer
    assert len(reader.records.versions(reader.case.id)) == 1


def test_a_page_learns_how_far_it_was_obeyed(cases, reader):
    reader.type("Clear.")
    case, number = reader.case.id, reader.number
    assert cases.obey(reader.page, _hello(reader.page, case))["obeyed"] == number


JONES = Order(name="JONES, Bo", patient_id="999", birth_date="1950-01-01", sex="M", procedure="MR knee right")
SMITH = Order(name="SMITH, Al", patient_id="1", birth_date="1980-01-01", sex="F", procedure="Chest X-ray")


def dicom_of(folder, order):
    """A DICOM image whose header names this patient."""
    return make(folder / "image.dcm", np.zeros((16, 16), "uint16"), PatientID=order.patient_id, PatientName="JONES^Bo")


def test_an_order_with_a_text_longer_than_a_case_has_is_refused_however_it_is_given(reader):
    before, long = reader.case.draft.orders, SMITH.model_copy(update={"indication": "cough " * 10_000})
    for give in (lambda: give_order(reader.case, long), lambda: give_files(reader.case, Files(order=long), [])):
        with pytest.raises(UsageError, match="The indication of the order has 60,000 characters, at most 40,000"):
            give()
        assert reader.case.draft.orders == before
    give_order(reader.case, SMITH.model_copy(update={"indication": "cough"}))
    assert reader.case.draft.orders[0].indication == "cough"


def test_what_changed_beside_the_text_is_compared_before_anybody_signs(reader):
    give_order(reader.case, SMITH)
    reader.reviews(SAID)
    reader.case.reviewing.review = lambda *more: None  # a writer that takes its time
    give_order(reader.case, SMITH.model_copy(update={"procedure": "MR knee right"}))
    assert reader.blockers("comparing")
    reader.unsigned("compared")


class Waiting(ExtractiveWriter):
    """A writer that has begun and goes on when it may."""

    def __init__(self) -> None:
        super().__init__()
        self.began, self.may = Event(), Event()

    def write(self, *given, **named):
        self.began.set()
        assert self.may.wait(60)
        return super().write(*given, **named)


def test_an_order_that_comes_while_it_is_compared_is_compared_too(embedded, own):
    writer = Waiting()
    with desk_of(Engines(embedded, writer), own) as cases:
        reader = Reader(cases, is_ordered=False)
        reader.type(SAID_TYPED)
        reader.do(do="compare")
        assert writer.began.wait(60)
        give_order(reader.case, SMITH)
        writer.may.set()
        until(lambda: reader.case.is_reviewed)
        assert reader.case.composed.case.orders == (SMITH,)
        assert not reader.stored.awaits_comparison


def test_a_comparison_that_waits_for_images_is_still_asked_for_when_an_older_one_ends(embedded, own):
    writer = Waiting()
    with desk_of(Engines(embedded, writer), own) as cases:
        reader = Reader(cases)
        reader.type(SAID_TYPED)
        reader.do(do="compare")
        assert writer.began.wait(60)
        reader.case.is_loading = True
        reader.do(do="compare")
        writer.may.set()
        until(lambda: reader.stored.compared is not None)
        assert reader.case.wants_review and reader.stored.awaits_comparison


def test_an_order_of_another_patient_is_refused_once_something_was_dictated(reader):
    give_order(reader.case, JONES)
    give_order(reader.case, SMITH)  # nothing was said yet
    reader.say(SAID)
    for other in (JONES, JONES.model_copy(update={"patient_id": ""})):
        with pytest.raises(UsageError, match="another patient's order"):
            give_order(reader.case, other)
    assert reader.case.draft.orders == (SMITH,)
    give_order(reader.case, SMITH.model_copy(update={"name": "SMITH, Alan"}))  # a name that was corrected
    assert reader.case.draft.orders[0].name == "SMITH, Alan"


SECOND = {"accession": "A2", "procedure": "CT abdomen"}


def ordered(reader, *orders: Order) -> None:
    """The orders of a case, as the information system may send several; all is compared anew."""
    with reader.case.lock:
        changed_beside(reader.case, {"orders": orders})


def test_a_second_order_of_another_patient_blocks_the_signature(reader):
    ordered(reader, SMITH, JONES.model_copy(update=SECOND))
    reader.reviews(SAID)
    text = reader.blocker("patient")["text"]
    assert (
        text
        == "Order 2 and the first order may be of different patients: patient id, name, birth date, sex. "
        + OF_ANOTHER_PATIENT
    )
    reader.unsigned("Not signed")
    card = reader.card(kind="patient")
    for action in ("dismiss", "take_written"):  # as it would settle nothing
        reader.refused("mend the order", do="decide", id=card.id, action=action)
    assert reader.case.draft.decisions == ()
    ordered(reader, SMITH, SMITH.model_copy(update=SECOND))
    until(lambda: not reader.case.is_stale)
    assert reader.blockers() == []
    assert reader.case.composed.case.orders == reader.case.draft.orders


def test_a_second_order_is_held_against_the_image_though_the_first_one_states_nothing(reader, tmp_path):
    ordered(reader, Order(procedure="Chest X-ray"), SMITH.model_copy(update=SECOND))
    reader.reviews(SAID)
    image = dicom_of(tmp_path, JONES)
    give_files(reader.case, read_files([str(image)]), [image])
    until(lambda: reader.case.is_reviewed and not reader.case.is_stale and not reader.case.is_loading)
    text = reader.blocker("patient")["text"]
    assert text == "Order 2 and the image may be of different patients: patient id, name. " + OF_ANOTHER_PATIENT


def test_further_orders_are_held_against_each_other_too(reader):
    ordered(reader, Order(procedure="Chest X-ray"), SMITH.model_copy(update=SECOND), JONES)
    reader.reviews(SAID)
    text = reader.blocker("patient")["text"]
    assert (
        text
        == "Order 3 and order 2 may be of different patients: patient id, name, birth date, sex. " + OF_ANOTHER_PATIENT
    )
    assert "order 3 and order 2 may name different patients" in reader.state("case")["banner"]


def test_the_sex_that_only_a_second_order_states_contradicts_what_is_said(reader):
    ordered(reader, SMITH.model_copy(update={"sex": None}), SMITH.model_copy(update=SECOND))
    reader.reviews("findings colon the prostate is enlarged period")
    assert "sex" in {one.kind for one in reader.cards()}
    assert reader.case.composed.case.orders[0].sex is None


def test_an_order_of_another_patient_is_refused_beside_an_order_that_stays(reader):
    ordered(reader, SMITH, SMITH.model_copy(update=SECOND))
    with pytest.raises(UsageError, match="another patient's order"):
        give_order(reader.case, JONES)  # though nothing was said yet
    assert [one.name for one in reader.case.draft.orders] == [SMITH.name] * 2


def has_macro(own, text: str) -> None:
    """The user has a macro of their own, "fluid"."""
    own.home.mkdir(exist_ok=True)
    (own.home / "macros.toml").write_text(f'[[macros]]\nname = "fluid"\ntext = "{text}"')


@pytest.mark.parametrize("said", ["", "heart normal period"])
def test_the_normal_of_an_organ_gives_way_to_a_macro_and_comes_back_with_one_undo(reader, own, said):
    has_macro(own, "There is a small left effusion.")
    reader.do(do="template", name="chest_xray_normal")
    reader.say(*[said] if said else [])
    for number in range(2):
        reader.say("insert fluid") if number else reader.do(do="macro", name="fluid")
        reader.compare()
        report = reader.report.text
        assert "Pleura: There is a small left effusion.\n" in report and "No pleural effusion" not in report
        reader.do(do="undo")
        reader.writes(" No rib fracture.")
        report = reader.report.text
        assert "Pleura: No pleural effusion or pneumothorax." in report and "small left" not in report
        reader.do(do="undo")


def test_a_dictated_sentence_that_a_macro_ended_keeps_its_organ_and_stays_dictated(reader, own):
    has_macro(own, "There is a small left pleural effusion.")
    reader.say("heart normal")
    reader.do(do="macro", name="fluid")
    reader.compare()
    report = reader.report
    assert "Pleura: There is a small left pleural effusion." in report.text
    assert [one.origin for one in report.statements if one.text.startswith("Heart normal")] == ["dictated"]


def test_a_template_that_is_taken_away_takes_its_normals_along_before_anybody_signs(reader):
    reader.do(do="template", name="chest_xray_normal")
    reader.reviews(SAID)
    assert "template" in {one.origin for one in reader.report.statements}
    reader.do(do="template", name="")
    until(lambda: reader.case.is_reviewed and not reader.case.is_stale)
    assert "template" not in {one.origin for one in reader.report.statements}


def test_an_edit_is_refused_where_the_report_changed_under_it(reader):
    reader.reviews(SAID)
    statement = next(s for s in reader.report.statements if "pneumothorax" in s.text)
    reader.refused(
        "changed under", do="edit", statement=statement.id, before="Heart normal.", text="Moderate right pneumothorax."
    )
    reader.edit(statement, "No pneumothorax on the left.")
    assert "No pneumothorax on the left." in reader.report.text


def test_a_new_reason_of_an_addendum_keeps_what_was_dictated(reader):
    reader.reviews(SAID)
    reader.sign()
    reader.adds("a rib")
    reader.type("There is a rib fracture.")
    reader.adds("a rib was overlooked")
    assert reader.text == "There is a rib fracture."
    assert reader.case.draft.addendum == "a rib was overlooked"


def test_a_filled_field_is_not_overwritten_by_voice(reader):
    reader.do(do="template", name="us_abdomen_normal")
    reader.reviews("impression colon normal study period")
    field = next(one for one in reader.case.fields() if one.kind == "number")
    reader.do(do="field", id=field.id)
    reader.say("four")
    filled = next(one for one in reader.case.fields() if one.id == field.id)
    assert filled.value.startswith("4")
    reader.do(do="field", id=field.id)
    reader.say("two centimeters")
    assert reader.case.draft.fields[field.id] == filled.value
    assert "2 cm" in reader.text


def test_an_attending_answers_for_what_a_resident_settled(cases, reader, own, embedded):
    give_report(reader.case, parse_report(WRONG_SIDE))
    reader.reviews(SAID)
    card = reader.card(severity="critical")
    cases.desk.settings = own.model_copy(update={"role": "resident", "signer": "Dr. R. Esident"})
    reader.do(do="decide", id=card.id, action="take_written")
    assert reader.sign("Dr. R. Esident")["state"] == "preliminary"
    cases.desk.settings = own.model_copy(update={"role": "attending", "signer": "Dr. A. Ttending"})
    blocker = reader.blocker()
    assert blocker["discrepancy"] == card.id and "Esident" in blocker["text"]
    reader.unsigned("Not signed", author="Dr. A. Ttending")
    reader.do(do="decide", id=card.id, action="reopen")
    reader.do(do="decide", id=card.id, action="take_written")
    assert reader.sign("Dr. A. Ttending")["state"] == "final"


def test_what_is_copied_has_the_last_words(reader):
    reader.say(SAID)
    until(lambda: "pneumothorax" in reader.state("sign")["clean"]["text"])
    reader.page.take()
    reader.say("tension pneumothorax on the right period")
    until(lambda: "sign" in reader.page.take()[1] and "ension" in reader.state("sign")["clean"]["text"])


def test_a_communication_whose_sentence_is_taken_out_was_not_made(reader):
    reader.reviews("findings colon large tension pneumothorax on the right period")
    reader.do(do="communicate", person="Dr. Smith", at="2026-01-05T10:00:00+00:00", method="telephone", read_back=True)
    said = next(one for one in reader.report.statements if "Dr. Smith" in one.text)
    assert len(reader.case.draft.communications) == 1
    reader.edit(said, "")
    assert reader.case.draft.communications == ()


def test_the_image_of_another_patient_blocks_however_late_it_comes(reader, tmp_path):
    give_order(reader.case, SMITH)
    reader.reviews(SAID)
    image = dicom_of(tmp_path, JONES)
    give_files(reader.case, read_files([str(image)]), [image])
    assert reader.blockers()
    until(lambda: reader.case.is_reviewed and not reader.case.is_stale and not reader.case.is_loading)
    assert reader.blockers("patient")
    reader.unsigned("Not signed")


@pytest.mark.parametrize(
    ("order", "other", "why"),
    [
        (SMITH, JONES, "the image is of another patient than the order"),
        (None, JONES, "the image is of another patient than the images of this case"),
        (SMITH, SMITH, "the image cannot be shown as one exam with the images of this case"),
    ],
)
def test_an_image_that_is_refused_changes_nothing_about_those_that_are_there(reader, tmp_path, order, other, why):
    give_order(reader.case, order)
    name = {"PatientName": "SMITH^Al", "StudyInstanceUID": "1.2.3"}
    knee = make(tmp_path / "knee.dcm", np.zeros((16, 16), "uint16"), PatientID="1", BodyPartExamined="KNEE", **name)
    give_files(reader.case, read_files([str(knee)]), [knee])
    reader.reviews(SAID)
    study, draft, blocked = reader.case.study, reader.case.draft, reader.blockers()
    assert [one["kind"] for one in blocked] == (["difference"] if order else [])
    name = {"PatientName": f"{other.name.split(',')[0]}^Al", "StudyInstanceUID": "1.2.4"}
    second = make(tmp_path / "chest.dcm", np.ones((16, 16), "uint16"), PatientID=other.patient_id, **name)
    with pytest.raises(UsageError) as error:
        give_files(reader.case, read_files([str(second)]), [second])
    assert str(error.value) == f"chest.dcm: {why}; nothing of it was used."
    assert (reader.case.study, reader.case.draft.images) == (study, draft.images) and not reader.case.is_loading
    reader.compare()
    assert reader.blockers() == blocked
    third = make(tmp_path / "third.dcm", np.ones((16, 16), "uint16"), PatientID="1", StudyInstanceUID="1.2.3")
    give_files(reader.case, read_files([str(third)]), [third])
    third.unlink()
    assert len(reader.case.study.images) == 2 and all(map(image_bytes, reader.case.study.images))


@pytest.fixture
def with_image(reader, tmp_path):
    """A case with an image that was uploaded and deleted since."""
    image = dicom_of(tmp_path, SMITH)
    give_files(reader.case, read_files([str(image)]), [image])
    until(lambda: not reader.case.is_loading)
    image.unlink()
    return reader


def test_an_image_that_was_given_is_decoded_once_and_read_from_where_it_is_kept(reader, tmp_path, monkeypatch):
    image = dicom_of(tmp_path, SMITH)
    files = read_files([str(image)])
    monkeypatch.setattr("dictation.review.beside.load_study_apart", lambda *_: pytest.fail("it was decoded again"))
    give_files(reader.case, files, [image])
    until(lambda: not reader.case.is_loading)
    image.unlink()
    assert image_bytes(reader.case.study.images[0])


def test_the_image_is_there_again_after_another_case(with_image):
    reader = with_image
    first, facts = reader.case.id, reader.case.study.facts
    reader.new()
    assert reader.state("case")["images"] == 0 and reader.case.study is None
    reader.do(do="open", id=first)
    until(lambda: not reader.case.is_loading)
    assert reader.state("case")["images"] == 1 and reader.case.study.facts == facts
    assert image_bytes(reader.case.study.images[0])


def test_a_recording_that_is_damaged_is_named_without_its_place(cases, reader, own, embedded):
    reader.type("Clear.")
    take = reader.begun()
    case, file = reader.case.id, reader.case.draft.takes[0].file
    reader.do(do="leave")
    until(lambda: cases.known(case) is None)
    (own.home / "captures" / file).write_bytes(b"this is no recording")
    page = Reader(cases)
    page.do(do="open", id=case)
    (text,) = until_told(page)
    assert file in text and str(own.home) not in text and take not in text


def until_told(reader) -> list[str]:
    """The errors that a page is told of, as soon as there are any."""
    told: list[str] = []

    def is_told() -> bool:
        told.extend(one["text"] for one in reader.told("notice") if one["error"])
        return bool(told)

    until(is_told)
    return told


@pytest.fixture
def in_field(reader):
    """A sentence was said, and a number is what the next words may be for."""
    reader.do(do="template", name="us_abdomen_normal")
    until(lambda: reader.case.fields())
    reader.say("small right pleural effusion period")
    until(lambda: reader.case.fields())
    field = next(one for one in reader.case.fields() if one.kind == "number")
    reader.do(do="field", id=field.id)
    return field


def test_a_field_is_filled_by_voice_in_the_spelling_of_the_user(cases, reader):
    cases.desk.settings = cases.desk.settings.model_copy(update={"spelling": "british"})
    reader.type("Skin: [comment: text].")
    until(lambda: reader.case.fields())
    reader.do(do="field", id=reader.case.fields()[0].id)
    reader.say("gray in the center")
    assert reader.text == "Skin: Grey in the centre."


def test_scratch_takes_back_what_filled_a_field_and_no_sentence(reader, in_field):
    reader.say("ten")
    filled = reader.case.draft.fields[in_field.id]
    assert filled.startswith("10")
    reader.say("scratch that")
    case = reader.case
    assert in_field.id not in case.draft.fields and case.focus.now.id == in_field.id
    assert "pleural effusion" in case.text.pad.text and all_placed(case.text.pad)
    reader.do(do="undo")
    assert case.draft.fields[in_field.id] == filled
    reader.say("scratch that")
    assert case.draft.fields[in_field.id] == filled  # the last thing was a step back, not the number
    assert "pleural effusion" in case.text.pad.text and all_placed(case.text.pad)


def test_scratch_after_what_filled_a_field_takes_back_the_sentence_before_it_the_next_time(reader, in_field):
    reader.say("ten", "scratch that", "scratch that")
    assert in_field.id not in reader.case.draft.fields
    assert "effusion" not in reader.text


def test_undo_and_redo_go_over_what_filled_a_field(reader, in_field):
    reader.say("ten")
    filled = reader.case.draft.fields[in_field.id]
    reader.do(do="undo")
    assert in_field.id not in reader.case.draft.fields and "pleural effusion" in reader.text
    reader.do(do="redo")
    assert reader.case.draft.fields[in_field.id] == filled
    reader.say("undo")
    assert in_field.id not in reader.case.draft.fields and "pleural effusion" in reader.text
    reader.do(do="undo")
    assert "effusion" not in reader.text


def test_undo_leaves_a_field_that_was_filled_otherwise_since(reader, in_field):
    reader.say("ten")
    reader.do(do="fill", field=in_field.id, value="12")
    reader.do(do="undo")
    assert reader.case.draft.fields[in_field.id].startswith("12")


@pytest.mark.parametrize("by_voice", [True, False])
def test_what_is_said_after_a_macro_with_sections_goes_to_the_end_of_its_findings(reader, by_voice):
    reader.say("no mass period")
    reader.say("insert normal chest") if by_voice else reader.do(do="macro", name="normal chest")
    reader.say("old rib fracture period", "no nodule period")
    text = reader.text
    assert "No acute bony abnormality. Old rib fracture. No nodule.\nImpression: No acute" in text
    assert text.startswith("No mass. Findings:") and all_placed(reader.pad)
    where = {one.text: one.section for one in reader.pad.dictation.sentences}
    assert where["Old rib fracture."] == where["No nodule."] == "findings"
    for _ in range(3):
        reader.do(do="undo")
    assert reader.text == "No mass." and reader.case.text.anchor == len("No mass.")


def test_the_sign_dialog_says_what_was_typed_over(reader):
    reader.say("findings colon small left pleural effusion period")
    reader.retype("left", "right")
    reader.compare()
    assert reader.state("sign")["typed_over"] == [{"said": "left", "typed": "right"}]


def test_an_addendum_that_is_given_up_shows_the_signed_report_again(reader):
    reader.reviews(SAID)
    reader.sign()
    reader.adds("a rib")
    assert reader.state("case")["stage"] == "dictating" and "No pneumothorax." in reader.state("report")["html"]
    reader.adds("")
    assert reader.state("case")["stage"] == "review"
    assert "pleural effusion" in reader.state("pane")["columns"]


def test_a_page_that_the_records_failed_is_given_its_case_once_they_work_again(cases, reader, monkeypatch):
    reader.say(SAID)
    case = reader.case.id
    until(lambda: cases.desk.records.lock_of(case) is not None)
    lock = cases.desk.records.lock

    def fails(*arguments):
        raise DictationError("the database is busy")

    monkeypatch.setattr(cases.desk.records, "lock", fails)
    cases.left(reader.page, is_closed=True)
    second = Reader(cases, case)
    assert not second.state("case")["lock"]["mine"]
    monkeypatch.setattr(cases.desk.records, "lock", lock)
    until(lambda: second.state("case")["lock"]["mine"])


def test_a_replace_that_was_refused_must_be_settled_before_the_signature(reader):
    reader.say("findings colon nodule five millimeters in the right lung and mass five millimeters period")
    reader.say("replace five with fifteen")
    assert "replace five with" in reader.text.lower()
    reader.compare()
    card = reader.card(severity="critical")
    assert card.kind == "critical_word" and "command" in card.explanation
    assert card.id in {one["discrepancy"] for one in reader.blockers()}
