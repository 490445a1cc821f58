"""Where a dictated sentence goes, which normals it takes away, what is redacted and kept, row by row (`corpus/*.tsv`).

Several sentences, statements or values of a cell are parted by " / ". Nothing at all is printed as "-".
"""

import json
from collections.abc import Iterable

from dictation.case import review_dictation
from dictation.discrepancy import compare
from dictation.discrepancy.template_normals import template_normals
from dictation.exam import ExamFacts, Order
from dictation.findings import extract
from dictation.imaging import Study
from dictation.report import (
    ExtractiveWriter,
    Report,
    Statement,
    align_rows,
    choose_template,
    load_template,
    parse_report,
)
from dictation.report.anonymous import Identity, redacted
from dictation.report.concern import concerned
from dictation.report.faithful import faithful
from dictation.report.fields import Field, fields_in, fits, masked, unfilled
from dictation.report.fields_ordered import filled_with_order
from dictation.report.fields_voice import fill_by_voice
from dictation.report.keeping import SaidWords
from dictation.report.normals import is_asked, normals
from dictation.report.own_words import renders, speaks_of
from dictation.report.place import cued_section, passages, places
from dictation.wording import Rules, typed
from tests.corpus import corpus
from tests.report.answering import items_of, noted, stands, written
from tests.report.dictated import dictated
from tests.report.reported import reported

NONE = "-"
SEVERAL = " / "
CHEST = "chest_xray_normal"


@corpus(__file__)
def test_a_row_of_the_corpus(row):
    row.holds(globals())


def _listed(texts: Iterable[str]) -> str:
    return SEVERAL.join(texts) or NONE


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"


# Persons


def redacted_for(identity, text) -> str:
    """What a prompt says where the order names this patient (JSON)."""
    return redacted(text, Identity.of(Order.model_validate(json.loads(identity))) if identity else Identity())


# Normals


def _sorted(template: str, dictation):
    """The template, the report of the rules, the headings whose normals are gone, and what asks for an organ."""
    chosen = load_template(template)
    report = ExtractiveWriter().write(dictation, template=chosen)
    standing = {one.organ for one in report.findings if one.origin == "template"}
    gone = {organ.heading for organ in chosen.organs if organ.normal} - standing
    return chosen, report, gone, [one for one in template_normals(dictation, report, chosen) if one.choices]


def taken_away(template, text, own) -> str:
    """The normals that go are those of `own` headings (by their beginnings) and no other; or an alert asks."""
    chosen, report, gone, asked = _sorted(template, dictated(text))
    assert any(text == one.text for one in report.findings)
    if asked:
        normal = sum(bool(organ.normal) for organ in chosen.organs)
        assert normal - len(gone) >= len(gone), "nothing is emptied"
        return _listed(f"asked: {one.severity}" for one in asked)
    wanted = {heading for heading in chosen.headings if heading.startswith(tuple(own.split(SEVERAL)))}
    under = {one.organ for one in report.findings if one.evidence}
    is_so = wanted and gone == {one.heading for one in chosen.organs if one.normal and one.heading in wanted}
    return own if is_so and under <= wanted else f"gone: {_listed(sorted(gone))}; under: {_listed(sorted(under))}"


def organ_asked(template, text) -> str:
    """Of which sentence the organ is asked."""
    case = review_dictation(typed(text), writer=ExtractiveWriter(), template=load_template(template))
    return _listed(f"{one.severity}: {one.written.text}" for one in case.discrepancies if one.choices)


def gone(template, text) -> str:
    chosen = load_template(template)
    standing = {organ.heading for organ in normals(dictated(text), chosen)}
    return _listed(sorted({organ.heading for organ in chosen.organs if organ.normal} - standing))


def gives_way(text, headings) -> str:
    """Which of these headings of a chest film keep no normal, said among the findings or as impression."""
    chest = load_template(CHEST)
    standing = {
        organ.heading
        for said in (text, ("impression", text))
        for organ in normals(dictated(said), chest)
    }  # fmt: skip
    return _listed(heading for heading in headings.split(SEVERAL) if heading not in standing)


def left_beside(section, text) -> str:
    """The normals of a chest film that stand beside "No rib fracture." and this; nothing is asked."""
    dictation = dictated("No rib fracture.", (section, text) if section else text)
    *_, asked = _sorted(CHEST, dictation)
    return _listed(organ.heading for organ in normals(dictation, load_template(CHEST))) if not asked else "asked"


def contradicted_normal(text, heading) -> str:
    """Beside a finding, the normal of a heading, wherever it comes from."""
    [normal] = [organ.normal for organ in load_template(CHEST).organs if organ.heading == heading]
    own = Statement(id="r1", text=text, section="findings", organ="Other", evidence=("s1",))
    other = Statement(id="r2", text=normal, section="findings", organ=heading, origin="template")
    alerts = compare(dictated(text), Report(findings=(own, other)))
    return _yes(("critical", "negation") in {(one.severity, one.kind) for one in alerts})


def headings_of(template, text) -> str:
    return _listed(concerned(text, load_template(template)).headings)


def is_asked_about(template, text) -> str:
    chosen = load_template(template)
    return _yes(is_asked(text, concerned(text, chosen), chosen))


def asked_of_reason(text) -> str:
    """Findings that stand under the reason for the exam alone."""
    case = review_dictation(typed(text), writer=ExtractiveWriter(), template=load_template(CHEST))
    return _listed(one.written.text for one in case.discrepancies if "the findings say nothing of" in one.explanation)


# Places


def section_of(text) -> str:
    return cued_section(text, load_template("chest_xray")) or NONE


def organ_of(template, text) -> str:
    return load_template(template).organ_of(text)


def goes_on(template, text) -> str:
    """The organ of the last of several sentences."""
    sentences = dictated(*text.split(SEVERAL)).sentences
    return places(sentences, load_template(template))[sentences[-1].id].organ


def first_passage(text) -> str:
    """How many sentences say something only together."""
    found = passages(dictated(*text.split(SEVERAL)).sentences, load_template("generic"))
    return _listed(sentence.text for sentence in found[0].sentences)


def chosen_template(order, facts, said) -> str:
    exam = Order.model_validate(json.loads(order)) if order else None
    header = ExamFacts.model_validate(json.loads(facts)) if facts else None
    return choose_template(exam, header, said).name


def parsed(template, text) -> str:
    """A pasted report: section, organ and words of each statement."""
    report = parse_report(text, load_template(template)) if template else parse_report(text)
    return _listed(f"{one.section} [{one.organ or NONE}] {one.text}" for one in report.statements)


def label_kept(text) -> str:
    """What stands behind labels with sides: together, and no critical alert beside its dictation."""
    report = parse_report(f"FINDINGS: {text}\nIMPRESSION: As above.")
    alerts = compare(f"Findings: {text} Impression: As above.", report)
    assert not [one for one in alerts if one.severity == "critical"]
    return text if text in report.text else report.text


def placed(template, text, where) -> str:
    """What of a dictation stands where: in a section, under a heading, or ("by organ") under each in turn."""
    report = reported(template, text)
    if where == "normals":
        return str(sum(one.origin == "template" for one in report.findings))
    if where in Report.model_fields:
        return _listed(one.text for one in getattr(report, where) if one.evidence)
    found: dict[str, list[str]] = {}
    for one in report.findings:
        if one.evidence:
            found.setdefault(one.organ, []).append(one.text)
    if where == "by organ":
        return _listed(f"{organ}: {' '.join(texts)}" for organ, texts in sorted(found.items()))
    return _listed(found.get(where, []))


# Fields


def _field(text: str) -> Field:
    [only] = fields_in(text, "")
    return only


def unmasked(text) -> str:
    """A text with brackets that are no field."""
    return masked(text) if fields_in(text) == () else "a field"


def fitting(field, values) -> str:
    """Which of the values may stand in a field."""
    return _listed(value for value in values.split(SEVERAL) if fits(_field(field), value))


def filled_by_voice(field, said) -> str:
    return fill_by_voice(said, _field(field), Rules()) or NONE


def field_kept(style, text) -> str:
    """What stands of a statement about "Small [side: left|right] pleural effusion."; - where it stands as dictated."""
    statement = Statement(id="r1", text=text, section="findings", organ="Pleura", evidence=("s1",))
    said = dictated("Small [side: left|right] pleural effusion.")
    kept, changed = faithful([statement], said, style, load_template("chest_xray"))
    assert changed == (set() if kept else {"s1"})
    return _listed(one.text for one in kept)


def claims_beside(text) -> str:
    """What is claimed around a sentence with an open field, which claims nothing and draws no alert."""
    around = f"No pneumothorax. {text} The heart is enlarged."
    assert len(masked(around)) == len(around) and extract(masked(text)) == []
    assert compare(dictated(text), ExtractiveWriter().write(dictated(text))) == []
    assert compare(text, "") == compare("", text) == []
    return _listed(sorted({claim.finding for claim in extract(masked(around))}))


def contrast_of(procedure, said, by_hand) -> str:
    """How orders fill the field of contrast, which can be filled otherwise in any case, and who is said to have."""
    orders = [Order(procedure=name) for name in procedure.split(SEVERAL)]
    field, template = "technique/intravenous contrast", load_template("ct_abdomen_pelvis_normal")
    report = ExtractiveWriter().write(dictated(said), order=orders[0], template=template)
    filled, fields = filled_with_order(report, {field: by_hand} if by_hand else {}, orders)
    assert fields[0].id == field
    [technique] = filled.technique
    words = technique.text.partition("pelvis, ")[2].removesuffix(".")
    assert words.startswith("[") == (field in [one.id for one in unfilled(filled)])
    return f"{words} [{technique.origin}]"


# What a model wrote


def kept(style, said, written) -> str:
    """What stands of statements that all cite all that was said; - where a word is missing or another."""
    dictation = dictated(*said.split(SEVERAL))
    ids = tuple(sentence.id for sentence in dictation.sentences)
    statements = [
        Statement(id=f"r{n}", text=text, section="findings", evidence=ids)
        for n, text in enumerate(written.split(SEVERAL), 1)
    ]
    return _listed(one.text for one in SaidWords(dictation, style).kept(statements, ids) or ())


def can_rest_on(written, said) -> str:
    return _yes(speaks_of(written, said))


def can_render(written, said) -> str:
    return _yes(renders(written.split(SEVERAL), said))


def written_by_model(said, style, answer) -> str:
    """The report where a model answers so on a chest film."""
    chest = Study("1", (), ExamFacts(modality="DX", body_part="CHEST"))
    return stands(written(items_of(answer), noted(said), study=chest, style=style)[0])


def written_by_rules(said, order, facts, template) -> str:
    """The report without a model: its statements, those that were not dictated with their origin."""
    exam = Order.model_validate(json.loads(order)) if order else None
    study = Study("1", (), ExamFacts.model_validate(json.loads(facts))) if facts else None
    chosen = load_template(template) if template else None
    report = ExtractiveWriter().write(noted(said), order=exam, study=study, template=chosen)
    return stands(report)


def aligned(said, written, template) -> str:
    """Heard and written side by side."""
    dictation, chosen = noted(said), load_template(template) if template else None
    report = parse_report(written, chosen) if written else ExtractiveWriter().write(dictation)
    beside = []
    for row in align_rows(dictation, report, chosen):
        sentences, statements = (" ".join(ids) or NONE for ids in (row.sentence_ids, row.statement_ids))
        beside.append(f"{row.section} [{row.organ or NONE}] {sentences} > {statements}")
    return _listed(beside)


def organs_asked(template, said) -> str:
    dictation, chosen = noted(said), load_template(template)
    return str(len(template_normals(dictation, ExtractiveWriter().write(dictation, template=chosen), chosen)))
