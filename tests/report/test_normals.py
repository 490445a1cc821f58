"""A normal that nobody dictated gives way to what is said of its organ, and to nothing else; and somebody is asked."""

import pytest

from dictation.audio.riff import cut_off, damaged, ends_early
from dictation.case.opening import review_dictation
from dictation.discrepancy.template_normals import template_normals
from dictation.findings import extract
from dictation.lexicon import rows
from dictation.report import ExtractiveWriter, Statement, load_template
from dictation.report.concern import concerned, exam_regions
from dictation.report.fields import masked
from dictation.report.normal_facts import parted
from dictation.report.normals import gave_way, normals, told_of, unmentioned
from dictation.report.organs import organ_ids
from dictation.report.template import available_templates
from dictation.wording import Dictation, Sentence, write
from tests.report.dictated import dictated
from tests.wording.dictating import transcript

CHEST = load_template("chest_xray_normal")
LUNGS, PLEURA, HEART, BONES = (organ.heading for organ in CHEST.organs if organ.normal)


def questions(dictation, template=CHEST):
    report = ExtractiveWriter().write(dictation, template=template)
    return template_normals(dictation, report, template)


@pytest.mark.parametrize("said", ["", "scratch that"], ids=["a live take that has just begun", "a command alone"])
def test_a_dictation_without_a_sentence_keeps_the_normals_of_its_template(said):
    begun = write([transcript(said).model_copy(update={"duration_s": 3.0 if said else 0.0})])
    assert [one.heading for one in normals(begun, CHEST)] == [LUNGS, PLEURA, HEART, BONES]


@pytest.mark.parametrize(
    "lacks",
    [
        {"warnings": (ends_early("a.wav", 11.3),)},
        {"warnings": (damaged("a.wav"),)},
        {"warnings": (cut_off("a.wav"),)},
        {"warnings": ("a.wav: cannot be read.",), "broken": "a.wav: cannot be read."},
    ],
    ids=["ends early", "damaged", "cut off", "broken"],
)
def test_no_normal_stands_beside_a_recording_of_which_a_part_is_missing(lacks):
    heard = transcript("no pneumothorax").model_copy(update={"duration_s": 9.0})
    assert LUNGS in [one.heading for one in normals(write([heard]), CHEST)]
    in_part = write([heard.model_copy(update=lacks)])
    report = ExtractiveWriter().write(in_part, template=CHEST)
    assert [one.text for one in report.findings] == ["No pneumothorax"] and not report.impression
    [told] = told_of(gave_way(in_part, CHEST, report), in_part)
    assert "a part of the recording is missing" in told


@pytest.mark.parametrize("section", [None, "findings", "impression"])
@pytest.mark.parametrize("sentence", ["Zorp sign.", "There is a blorb.", "Large cyst.", "Lymphoma.", "Metastases."])
def test_of_what_may_lie_anywhere_the_organ_is_asked_and_the_normals_stand(section, sentence):
    dictation = dictated("No rib fracture.", (section, sentence) if section else sentence)
    case = review_dictation(dictation, writer=ExtractiveWriter(), template=CHEST)
    standing = [one.organ for one in case.report.findings if one.origin == "template"]
    assert standing in ([LUNGS, PLEURA, HEART], [PLEURA, HEART])  # metastases of a chest exam are mostly the lungs'
    (asked,) = [one for one in case.discrepancies if one.choices]
    assert (asked.kind, asked.severity) == ("site", "critical")
    assert asked.written.text == sentence and set(asked.choices) == set(CHEST.headings)
    assert f"against {len(standing)} normals of the template" in asked.explanation


def test_an_organ_that_a_person_chose_is_asked_no_more():
    mass = Sentence(id="s1", text="There is a large cyst.")
    assert questions(Dictation(sentences=(mass,)))
    for heading, gone in ((PLEURA, {PLEURA}), ("Other", set())):
        chosen = Dictation(sentences=(mass.model_copy(update={"organ": heading}),))
        report = ExtractiveWriter().write(chosen, template=CHEST)
        standing = {one.organ for one in report.findings if one.origin == "template"}
        assert {LUNGS, PLEURA, HEART, BONES} - standing == gone and questions(chosen) == []
        assert next(one.organ for one in report.findings if one.evidence) == heading


def test_a_case_tells_each_normal_that_gave_way_and_quotes_no_word():
    dictation = dictated("Left pleural effusion.", "Cardiomegaly.", "It is larger than before.")
    case = review_dictation(dictation, writer=ExtractiveWriter(), template=CHEST)
    assert case.warnings == (f"Normals replaced: {PLEURA} (sentence 1), {HEART} (sentences 2, 3).",)
    assert review_dictation(dictation, writer=ExtractiveWriter()).warnings == ()


def test_what_gave_way_has_the_same_id_until_other_words_make_it():
    def ids(*sentences):
        dictation = dictated(*sentences)
        report = ExtractiveWriter().write(dictation, template=CHEST)
        return {one.heading: one.id for one in gave_way(dictation, CHEST, report)}

    one, more = ids("Left pleural effusion."), ids("No fracture.", "Left pleural effusion.")
    assert one[PLEURA] == more[PLEURA] and set(more) == {PLEURA, BONES}
    assert ids("Right pleural effusion.")[PLEURA] != one[PLEURA]


def test_a_normal_beside_a_finding_that_was_typed_is_asked_about():
    dictation = dictated("Left pleural effusion.")
    report = ExtractiveWriter().write(dictation, template=CHEST)
    typed = Statement(id="t1", text="Cardiomegaly.", section="findings", organ=HEART, origin="typed")
    (card,) = template_normals(dictation, report.model_copy(update={"findings": (*report.findings, typed)}), CHEST)
    assert (card.kind, card.severity, card.written.text) == ("contradiction", "critical", "Cardiomegaly.")
    assert card.against.text == next(organ.normal for organ in CHEST.organs if organ.heading == HEART)


def test_a_report_that_says_nothing_of_an_organ_is_told():
    plain = load_template("ct_abdomen_pelvis")
    report = ExtractiveWriter().write(dictated("The liver is normal.", ("impression", "Renal cyst.")), template=plain)
    missing = unmentioned(report, plain)
    assert {"Liver", "Kidneys and ureters", "Lines and tubes"}.isdisjoint(missing)
    assert {"Spleen", "Pancreas", "Adrenals", "Lower chest"} <= set(missing)
    assert unmentioned(report, None) == ()


def test_what_gives_way_is_known():
    findings = {row["id"] for row in rows("findings")}
    for row in rows("normals_give_way"):
        assert set(row["organs"].split(" | ")) <= organ_ids()
        assert row["finding"] in findings if row["finding"] else row["words"]


def test_a_normal_comes_back_when_the_sentence_is_taken_back():
    said = "no rib fracture period small left pleural effusion period"
    before, after = (write([transcript(text)]) for text in (said, f"{said} scratch that"))
    assert [organ.heading for organ in normals(before, CHEST)] == [LUNGS, HEART]
    assert [organ.heading for organ in normals(after, CHEST)] == [LUNGS, PLEURA, HEART]


def test_the_normal_impression_stands_only_beside_all_normals():
    head = load_template("ct_head_normal")

    def sections(*sentences, order=None):
        report = ExtractiveWriter().write(dictated(*sentences), template=head, order=order)
        return {one.section for one in report.statements if one.origin == "template" and one.section != "findings"}

    assert sections() == sections(("indication", "Fall.")) == {"technique", "impression"}
    assert sections("The ventricles are normal.") == sections("Zorp sign.") == {"technique"}
    assert sections(("impression", "Normal.")) == {"technique"}
    assert sections(("technique", "Thin slices.")) == {"impression"}
    assert ExtractiveWriter().write(dictated()).statements == ()
    assert ExtractiveWriter().write(dictated(), template=load_template("ct_head")).statements == ()


def test_sound_without_a_word_makes_no_normal_report():
    silent = transcript("").model_copy(update={"duration_s": 30.0})
    case = review_dictation(write([silent]), writer=ExtractiveWriter(), template=CHEST)
    assert case.report.statements == ()
    spoken = review_dictation(write([transcript("the heart is enlarged")]), writer=ExtractiveWriter(), template=CHEST)
    assert {one.organ for one in spoken.report.findings if one.origin == "template"} == {LUNGS, PLEURA, BONES}


# Every template that comes along

NORMALS = [name for name in available_templates() if load_template(name).default_normals]


@pytest.mark.parametrize("name", NORMALS)
def test_no_normal_that_denies_a_finding_stands_beside_it_unasked(name):
    """Every finding that is known, by each of its first names, and by its name in the first place of its organ."""
    template = load_template(name)
    denials = {organ.heading: {c.finding for c in extract(organ.normal) if c.status == "absent"}
               for organ in template.organs if organ.normal}  # fmt: skip
    for row in rows("findings"):
        text = f"There is {row['terms'].split(' | ')[0]}."
        found = {claim.finding for claim in extract(text) if claim.status == "present"}
        about = concerned(text, template)
        for heading, denied in denials.items():
            assert heading in about.headings or found.isdisjoint(denied), (text, heading)


def test_the_tables_name_what_there_is():
    findings = {row["id"] for row in rows("findings")}
    places = {row[column] for row in rows("anatomy") for column in ("id", "region")}
    regions = {row["region"] for row in rows("exam_regions")}
    for row in rows("general_findings"):
        assert set(row["findings"].split(" | ")) <= findings
    for row in rows("exam_places"):
        assert set(row["places"].split(" | ")) <= places and row["exam"] in regions | {""}
        assert row["exam"] or row["organ"] in organ_ids()
    assert all(exam_regions(load_template(name)) for name in NORMALS)


FACTS = [
    pytest.param(template, organ, fact, id=f"{name} {organ.heading} {fact.finding}")
    for name in available_templates()
    if (template := load_template(name)).default_normals
    for organ in template.organs
    for fact in extract(masked(organ.normal))
]


def claimed(text):
    return {claim.finding for claim in extract(masked(text)) if claim.status in ("absent", "normal")}


@pytest.mark.parametrize("is_there", [False, True], ids=["agreeing", "contradicting"])
@pytest.mark.parametrize(("template", "organ", "fact"), FACTS)
def test_each_other_fact_of_a_normal_is_in_the_report_or_listed(template, organ, fact, is_there):
    name = fact.text[slice(*(at - fact.span[0] for at in fact.parts["finding"]))]
    if fact.status == "normal":
        said = f"Abnormal {name}." if is_there else f"The {name} normal."
    else:
        said = f"There is {name}." if is_there else f"No {name}."
    dictation = dictated(said)
    report = ExtractiveWriter().write(dictation, template=template)
    left_out = gave_way(dictation, template, report)
    for other in template.organs:
        if not other.normal:
            continue
        told = [one.normal for one in left_out if one.heading == other.heading]
        stands = [one.text for one in report.findings if one.origin == "template" and one.organ == other.heading]
        assert claimed(other.normal) == claimed(" ".join([*told, *stands])), said
        assert set(words_of(other.normal)) == set(words_of(" ".join([*told, *stands])))
        if other == organ and is_there and fact.status != "normal":
            assert fact.finding not in claimed(" ".join(stands))


def words_of(text):
    return text.replace(",", " ").replace(".", " ").replace(" or ", " ").replace(" and ", " ").lower().split()


@pytest.mark.parametrize(
    ("said", "heading", "stands", "listed"),
    [
        ("No pleural effusion.", PLEURA, "No pneumothorax.", "No pleural effusion."),
        ("No pneumothorax.", PLEURA, "No pleural effusion.", "No pneumothorax."),
        ("The heart is normal.", HEART, "The mediastinal contours are normal.", "The heart is normal in size."),
        ("No pleural effusion or pneumothorax.", PLEURA, None, "No pleural effusion or pneumothorax."),
        ("Small left pleural effusion.", PLEURA, None, "No pleural effusion or pneumothorax."),
        ("No left pleural effusion.", PLEURA, "No pneumothorax.", "No pleural effusion."),
    ],
)
def test_an_agreeing_negative_takes_no_other_fact_of_the_normal(said, heading, stands, listed):
    dictation = dictated(said)
    report = ExtractiveWriter().write(dictation, template=CHEST)
    standing = {one.organ: one.text for one in report.findings if one.origin == "template"}
    assert standing.get(heading) == stands
    assert [(one.heading, one.normal) for one in gave_way(dictation, CHEST, report)] == [(heading, listed)]


@pytest.mark.parametrize(
    ("normal", "said", "stays"),
    [
        ("No gallstones, wall thickening or pericholecystic fluid.", "No gallstones.", None),
        ("The lungs and central airways are clear.", "The lungs are clear.", "The central airways are clear."),
        ("The liver and spleen are normal.", "The liver is normal.", "The liver and spleen are normal."),
        ("No hydronephrosis. The right kidney measures [length: cm].", "No hydronephrosis.",
         "The right kidney measures [length: cm]."),
        ("No hydronephrosis. The right kidney measures [length: cm].", "The right kidney is normal.",
         "No hydronephrosis."),
    ],
)  # fmt: skip
def test_what_stays_of_a_normal_is_worded_as_one_would(normal, said, stays):
    found, gone = parted(normal, [said], {"the", "is"})
    assert found == stays if stays is not None else "gallstones" not in found
    assert bool(gone) is (found != normal)
