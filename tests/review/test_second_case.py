"""An exam that has a case already gets a second one by an explicit choice only."""

from threading import Barrier, Thread
from uuid import uuid4

import pytest

from dictation.case.draft import Draft
from dictation.exam import Order
from dictation.imaging import load_study
from dictation.records.rights import User
from dictation.records.same_exam import MEANT, SecondCase
from dictation.review.engines import Engines
from dictation.review.giving import give_files, give_order
from dictation.review.inputs import Files
from dictation.review.second_case import question
from tests.review.desks import Reader, desk_of
from tests.review.hostile import dicom

ORDER = Order(accession="A-SECOND", name="EXAMPLE, Ada", patient_id="7", procedure="Chest X-ray")
SAID = "Findings: Small left pleural effusion. Impression: Small left effusion."


def first_case(cases, *, is_signed=False, addendum=""):
    """A case of the exam: a draft, signed, or signed and with an addendum."""
    reader = Reader(cases)
    give_order(reader.case, ORDER)
    reader.writes(SAID)
    if is_signed or addendum:
        reader.sign()
    if addendum:
        reader.adds(addendum)
        reader.writes("The effusion is new.")
        reader.sign()
    return reader


def give_image(reader, folder, **header):
    """Give a DICOM image whose header names the exam, without an order."""
    path = folder / "image.dcm"
    path.write_bytes(dicom(AccessionNumber=ORDER.accession, PatientName="EXAMPLE^Ada", PatientID="7", **header))
    give_files(reader.case, Files(study=load_study([path])), [path])


def asked(reader):
    return reader.state("case")["second"]


def is_refused(reader):
    """The order is not taken, neither on the page nor on the disk."""
    assert all(one.accession != ORDER.accession for one in (*reader.case.draft.orders, *reader.stored.orders))


@pytest.mark.parametrize(
    ("has", "adds", "says"),
    [
        ({}, False, "is open"),
        ({"is_signed": True}, True, "signed report (final)"),
        ({"addendum": "Prior came"}, True, "signed report (addended)"),
    ],
)
def test_a_second_case_of_an_exam_is_told_at_once_and_leads_to_the_first(cases, has, adds, says):
    first = first_case(cases, **has)
    reader = Reader(cases)
    give_order(reader.case, ORDER)
    told = asked(reader)
    assert (told["case"], told["adds"]) == (first.case.id, adds)
    assert says in told["text"] and "A-SECOND" in told["text"] and "effusion" not in told["text"]
    is_refused(reader)
    reader.do(do="second", meant=False)
    assert asked(reader) is None
    is_refused(reader)
    reader.refused("Nothing is asked", do="second", meant=True)


def test_an_order_in_a_file_is_asked_about_too_and_what_came_with_it_comes_with_the_answer(cases):
    first_case(cases)
    reader = Reader(cases)
    give_files(reader.case, Files(order=ORDER), [])
    is_refused(reader)
    reader.do(do="second", meant=True)
    assert reader.stored.orders[0] == ORDER


@pytest.mark.parametrize(
    ("has", "says"),
    [({}, "is open"), ({"is_signed": True}, "signed report (final)")],
    ids=["open", "signed"],
)
def test_an_accession_that_only_an_image_header_states_is_looked_up_too(cases, tmp_path, has, says):
    first = first_case(cases, **has)
    reader = Reader(cases, is_ordered=False)
    give_image(reader, tmp_path)
    told = asked(reader)
    assert told["case"] == first.case.id and says in told["text"] and ORDER.accession in told["text"]
    assert reader.case.draft.images == () and reader.case.study is None
    reader.do(do="second", meant=True)
    assert asked(reader) is None and len(reader.stored.images) == 1
    assert [one.what for one in reader.records.audit(reader.case.id)].count(MEANT) == 1
    assert reader.case.resent.signed_elsewhere is bool(has)
    reader.case.keep({"images": (*reader.case.draft.images, "b.dcm")})  # it is not asked about again
    assert reader.records.verify() == ()


def test_a_case_that_only_its_image_names_is_found_by_a_later_order_of_that_exam_alone(cases, tmp_path):
    first = Reader(cases, is_ordered=False)
    give_image(first, tmp_path)
    reader = Reader(cases, is_ordered=False)
    give_order(reader.case, ORDER.model_copy(update={"accession": "A-OTHER"}))
    assert asked(reader) is None
    give_order(reader.case, ORDER)
    assert asked(reader)["case"] == first.case.id


def test_a_second_case_that_is_meant_is_recorded_and_not_asked_about_again(cases):
    first = first_case(cases)
    reader = Reader(cases)
    give_order(reader.case, ORDER)
    reader.do(do="second", meant=True)
    assert asked(reader) is None and reader.stored.orders == (ORDER,)
    (entry,) = [one for one in reader.records.audit(reader.case.id) if one.what == MEANT]
    assert (entry.detail["beside"], entry.detail["state"]) == (first.case.id, "draft")
    give_order(reader.case, ORDER.model_copy(update={"indication": "Cough"}))
    assert asked(reader) is None and reader.stored.orders[0].indication == "Cough"
    give_order(first.case, ORDER.model_copy(update={"indication": "Fever"}))  # the first one was there before
    assert asked(first) is None and reader.records.verify() == ()


def test_an_order_that_is_left_out_of_an_empty_case_leaves_none_in_the_worklist(cases):
    first = first_case(cases)
    reader = Reader(cases, is_ordered=False)
    give_order(reader.case, ORDER)
    reader.do(do="second", meant=False)
    reader.leave()
    assert [row.id for row in first.records.worklist().rows] == [first.case.id]


def test_a_second_case_is_told_after_a_restart(cases, embedded, own):
    case = first_case(cases).case.id
    cases.close()
    with desk_of(Engines(embedded), own) as again:
        reader = Reader(again)
        give_order(reader.case, ORDER)
        assert asked(reader)["case"] == case
        is_refused(reader)


def test_of_another_users_case_nothing_is_told_but_whose_it_is(cases):
    first = first_case(cases)
    case = first.case.id
    first.do(do="leave")
    cases.desk.records.assign(case, "bob")
    reader = Reader(cases)
    give_order(reader.case, ORDER)
    for user, is_seen in ((User(name="eve", role="resident"), False), (User(name="bob", role="resident"), True)):
        told = question(reader.case, user)
        assert bool(told["case"]) is is_seen and "effusion" not in told["text"] and "EXAMPLE" not in told["text"]
        assert ("bob" in told["text"]) is not is_seen  # one's own case needs no name


def test_of_two_orders_that_come_at_once_one_is_asked_about(cases):
    records, barrier = cases.desk.records, Barrier(2)
    refused = []

    def begin():
        barrier.wait()
        try:
            records.create(Draft(id=uuid4().hex, orders=(ORDER,)), "Dr. A. Example")
        except SecondCase as found:
            refused.append(found.other.id)

    both = [Thread(target=begin) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert [row.id for row in records.worklist().rows] == refused and len(refused) == 1
