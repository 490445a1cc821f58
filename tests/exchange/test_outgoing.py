"""What another system gets of an addendum: the signed report verbatim, each addendum, and whose words are which."""

from datetime import timedelta

import pytest

from dictation.case.communicating import communicated, communication_edit
from dictation.case.composing import composed
from dictation.case.version import PlannedCommunication
from dictation.discrepancy.inference import DEFAULT_KINDS
from dictation.errors import DictationError
from dictation.exchange.clean_text import clean_text
from dictation.exchange.outgoing import SignedReport, outgoing
from tests.case.signed_case import DOCTOR, NOW, case_of, draft, sign

LATER = NOW + timedelta(hours=1)


def sent(*versions):
    """The text and the JSON of the last version."""
    *earlier, last = versions
    text, json = outgoing(last, earlier, "5" * 64)
    return text.decode("ascii"), SignedReport.model_validate_json(json)


def signatures():
    final = sign(case_of())
    said = case_of("The effusion measures 2.5 cm. Impression: Effusion of 2.5 cm.")
    first = sign(said, final, author="Dr. B. Example", at=LATER, addendum="Measured again")
    second = sign(case_of("Dr. Example was told."), final, first, author="Dr. C. Example", at=LATER, addendum="Told")
    return final, first, second


def test_the_text_and_the_json_of_an_addendum_hold_the_signed_report_verbatim_and_every_addendum():
    final, first, second = signatures()
    text, report = sent(final, first, second)
    assert report.text == second.text == "\n\n".join([final.text, *report.addenda])
    assert text == clean_text(second.text, "addended").text
    assert text.startswith(clean_text(final.text, "final").text)
    assert [one.split("\n", 2)[2].split(":")[0] for one in report.addenda] == ["Findings", "Dr. Example was told."]
    assert ["Dr. B. Example" in one for one in report.addenda] == [True, False]
    assert report.addendum_to == 2 and report.author == "Dr. C. Example"


def test_an_addendum_has_the_sections_of_the_report_beside_its_own_words():
    final, first, second = signatures()
    _, report = sent(final, first)
    assert report.sections == {
        "findings": "The effusion measures 2.5 cm.",
        "impression": "Effusion of 2.5 cm.",
    }, "what order and template brought stands in the signed report already"
    for versions in ([final, first], [final, first, second]):
        _, report = sent(*versions)
        assert report.original and report.original.sections == sent(final)[1].sections
        assert (report.original.version, report.original.author, report.original.at) == (1, DOCTOR, NOW)
    assert report.original.sections["exam"] == "Chest X-ray"


def test_the_json_says_who_is_to_tell_which_result_and_who_was_told_of_which():
    case = case_of("Findings: Large right pneumothorax. Free air. Impression: Pneumothorax, free air.")
    made = composed(case, draft(orders=case.orders), DEFAULT_KINDS)
    (told_id, told), (left_id, _) = made.results.items()
    one = communicated("Dr. M. Example", NOW, "telephone", True, NOW, [told])
    by_form = {"communications": (one,), "edits": (communication_edit(one, DOCTOR, NOW),)}
    after = composed(case, draft(orders=case.orders, **by_form), DEFAULT_KINDS)
    assert {*after.results} == {left_id} and told_id != left_id
    plan = PlannedCommunication(discrepancy_id=left_id, person="Dr. R. Example", method="pager")
    _, report = sent(sign(after.case, communications=(one,), planned=[plan]))
    (planned,) = report.planned
    assert (planned.person, planned.method, planned.discrepancy_id) == ("Dr. R. Example", "pager", left_id)
    assert planned.what == made.case.discrepancies[[d.id for d in made.case.discrepancies].index(left_id)].explanation
    assert [of.results for of in report.communications] == [(told,)]
    before = report.model_dump(mode="json", exclude={"planned"})
    assert SignedReport.model_validate(before).planned == (), "of a version from before that was kept"


def test_what_is_no_addendum_has_neither():
    first = sign(case_of(), role="resident")
    _, report = sent(first, sign(case_of(), first))
    assert (report.original, report.addenda, report.replaces) == (None, (), 1)


def test_an_addendum_does_not_go_out_where_what_it_adds_to_is_not_what_it_repeats():
    final, first, second = signatures()
    for at, versions in ((1, [final, first]), (1, [final, first, second]), (2, [final, first, second])):
        altered = [one.model_copy(update={"text": f"{one.text} "}) if one.number == at else one for one in versions]
        with pytest.raises(DictationError, match=f"Version {at} of the case .* not what was signed"):
            sent(*altered)
