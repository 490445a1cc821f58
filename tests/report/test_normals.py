"""A normal that nobody dictated gives way to what is said of its organ, and to nothing else; and somebody is asked."""

import pytest

from dictation.audio.riff import cut_off, damaged, ends_early
from dictation.case.opening import review_dictation
from dictation.discrepancy import compare
from dictation.discrepancy.template_normals import template_normals
from dictation.lexicon import rows
from dictation.report import ExtractiveWriter, Report, Statement, load_template
from dictation.report.concern import concerned
from dictation.report.normals import gave_way, is_asked, normals, told_of, unmentioned
from dictation.report.organs import organ_ids
from dictation.wording import Dictation, Sentence, typed, write
from tests.report.dictated import dictated
from tests.wording.dictating import transcript

CHEST = load_template("chest_xray_normal")
LUNGS, PLEURA, HEART, BONES = (organ.heading for organ in CHEST.organs if organ.normal)


def headings(*sentences):
    return [organ.heading for organ in normals(dictated(*sentences), CHEST)]


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


@pytest.mark.parametrize(
    ("sentence", "gone"),
    [
        ("Silhouette is enlarged.", {HEART}),
        ("Left-sided collection with air-fluid level.", {LUNGS, PLEURA}),
        ("Kerley B lines.", {LUNGS, HEART}),
        ("Cannonball metastases.", {LUNGS}),
        ("CHF.", {LUNGS, PLEURA, HEART}),
        ("Congestive failure.", {LUNGS, PLEURA, HEART}),
        ("Situs inversus.", {HEART}),
        ("Dextrocardia.", {HEART}),
        ("Effacement of the aortopulmonary window.", {HEART}),
        ("Bilateral white-out.", {LUNGS, PLEURA, HEART}),
        ("Left hemithorax is opacified.", {LUNGS, PLEURA}),
        ("Hydropneumothorax on the left.", {LUNGS, PLEURA}),
        ("Fluid in the fissure.", {PLEURA}),
        ("Meniscus sign on the left.", {PLEURA}),
        ("Deep sulcus sign on the left.", {PLEURA}),
        ("Double density sign.", {HEART}),
        ("Batwing pattern.", {LUNGS, HEART}),
        ("Golden S sign.", {LUNGS}),
        ("Hampton hump.", {LUNGS}),
        ("Post sternotomy wires are fractured.", {BONES}),
        ("Rightward tracheal deviation.", {LUNGS, HEART}),
        ("Old compression of T12.", {BONES}),
        ("The heart is normal in size, there are Kerley B lines.", {LUNGS, HEART}),
    ],
)
def test_a_normal_gives_way_to_what_speaks_against_it(sentence, gone):
    assert gone.isdisjoint(headings(sentence))
    assert gone.isdisjoint(headings(("impression", sentence)))


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


@pytest.mark.parametrize(
    "sentence",
    [
        "Otherwise normal.",
        "Unchanged.",
        "No acute abnormality.",
        "As described above.",
        "Findings were discussed with Dr. Carpenter at 10:15.",
        "Follow-up in three months is recommended.",
        "The patient is rotated.",
        "Slightly worse than in March 2021.",
        "PA and lateral views of the chest.",
        ("comparison", "Zorp sign in 2019."),
        ("indication", "Lymphoma."),
    ],
)
def test_a_sentence_without_a_finding_leaves_the_normals(sentence):
    dictation = dictated("No rib fracture.", sentence)
    assert {LUNGS, PLEURA, HEART} == {organ.heading for organ in normals(dictation, CHEST)}
    assert questions(dictation) == []


def test_what_goes_on_about_a_placed_finding_leaves_the_other_normals():
    assert headings("Small left pleural effusion.", "It measures 3 cm.") == [LUNGS, HEART, BONES]


def test_nothing_is_asked_where_no_normal_stands():
    assert questions(dictated("Zorp sign."), load_template("chest_xray")) == []
    assert questions(dictated("Lungs clear.", "No effusion.", "Heart normal.", "No fracture.", "Zorp sign.")) == []


def test_an_organ_that_a_person_chose_is_asked_no_more():
    mass = Sentence(id="s1", text="There is a large cyst.")
    assert questions(Dictation(sentences=(mass,)))
    for heading, gone in ((PLEURA, {PLEURA}), ("Other", set())):
        chosen = Dictation(sentences=(mass.model_copy(update={"organ": heading}),))
        report = ExtractiveWriter().write(chosen, template=CHEST)
        standing = {one.organ for one in report.findings if one.origin == "template"}
        assert {LUNGS, PLEURA, HEART, BONES} - standing == gone and questions(chosen) == []
        assert next(one.organ for one in report.findings if one.evidence) == heading


def test_what_goes_on_about_a_sentence_is_asked_with_it():
    chosen = load_template("ct_abdomen_pelvis_normal")
    assert len(questions(dictated("Multiple stones.", "It measures 8 mm."), chosen)) == 1


def test_the_impression_may_repeat_a_placed_finding_without_its_organ():
    found = "There is a 5 cm mass in the pancreatic head."
    chosen = load_template("ct_abdomen_pelvis_normal")
    assert questions(dictated(found, ("impression", "5 cm mass.")), chosen) == []
    assert questions(dictated("The liver is normal.", ("impression", "5 cm mass.")), chosen)


def test_a_case_tells_each_normal_that_gave_way_and_quotes_no_word():
    dictation = dictated("Left pleural effusion.", "Cardiomegaly.", "It is larger than before.")
    case = review_dictation(dictation, writer=ExtractiveWriter(), template=CHEST)
    assert case.warnings == (f"Normals left out: {PLEURA} (sentence 1), {HEART} (sentences 2, 3).",)
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


@pytest.mark.parametrize(
    ("sentence", "heading"),
    [
        ("Left pleural effusion.", PLEURA),
        ("Fluid in the fissure.", PLEURA),
        ("Kerley B lines.", LUNGS),
        ("Silhouette is enlarged.", HEART),
        ("Widened mediastinum.", HEART),
        ("Rib fracture on the left.", BONES),
    ],
)
def test_a_normal_that_contradicts_what_was_said_draws_a_card(sentence, heading):
    """Wherever it comes from: a radiologist may type it, and another program may have written the report."""
    normal = next(organ.normal for organ in CHEST.organs if organ.heading == heading)
    report = Report(
        findings=(
            Statement(id="r1", text=sentence, section="findings", organ="Other", evidence=("s1",)),
            Statement(id="r2", text=normal, section="findings", organ=heading, origin="template"),
        )
    )
    assert ("critical", "negation") in {(one.severity, one.kind) for one in compare(dictated(sentence), report)}


def test_what_gives_way_is_known():
    findings = {row["id"] for row in rows("findings")}
    for row in rows("normals_give_way"):
        assert set(row["organs"].split(" | ")) <= organ_ids()
        assert row["finding"] in findings if row["finding"] else row["words"]


@pytest.mark.parametrize(
    ("template", "sentence", "gone"),
    [
        ("ct_abdomen_pelvis", "Gallstones, pyelonephritis.", {"Gallbladder and bile ducts", "Kidneys and ureters"}),
        ("ct_abdomen_pelvis", "Mild intrahepatic ductal dilatation.", {"Gallbladder and bile ducts"}),
        ("ct_abdomen_pelvis", "The liver and spleen are normal.", {"Liver", "Spleen"}),
        ("ct_abdomen_pelvis", "Acute appendicitis.", {"Bowel"}),
        ("ct_abdomen_pelvis", "Infrarenal abdominal aortic aneurysm.", {"Vessels"}),
        ("ct_abdomen_pelvis", "Bladder wall thickening.", {"Pelvis"}),
        ("ct_abdomen_pelvis", "Small pleural effusion.", set()),
        ("ct_head", "Left subdural hematoma.", {"Brain"}),
        ("ct_head", "Intraventricular hemorrhage.", {"Brain", "Ventricles"}),
        ("ct_head", "Mucosal thickening of the maxillary sinuses.", {"Sinuses and mastoids"}),
        ("ct_head", "Thrombosis of the sagittal sinus.", {"Brain"}),
        ("ct_head", "Orbital fracture.", {"Skull and scalp"}),
        ("us_abdomen", "Right hydronephrosis.", {"Kidneys"}),
        ("xray_knee", "Moderate joint effusion.", {"Joint"}),
        ("xray_knee", "ACL tear.", {"Joint"}),
    ],
)  # fmt: skip
def test_of_several_headings_of_one_organ_those_spoken_of_give_way(template, sentence, gone):
    chosen = load_template(f"{template}_normal")
    stand = {organ.heading for organ in normals(dictated(sentence), chosen)}
    assert {organ.heading for organ in chosen.organs if organ.normal} - stand == gone


@pytest.mark.parametrize("sentence", ["Fat stranding.", "Abdominal hematoma.", "There is a 5 cm mass.", "Metastases."])
def test_a_finding_of_an_unknown_part_takes_no_normal_away_and_is_asked_about(sentence):
    chosen = load_template("ct_abdomen_pelvis_normal")
    stand = {organ.heading for organ in normals(dictated(sentence), chosen)}
    assert stand == {organ.heading for organ in chosen.organs if organ.normal}
    assert len(questions(dictated(sentence), chosen)) == 1


def test_a_normal_comes_back_when_the_sentence_is_taken_back():
    said = "no rib fracture period small left pleural effusion period"
    before, after = (write([transcript(text)]) for text in (said, f"{said} scratch that"))
    assert [organ.heading for organ in normals(before, CHEST)] == [LUNGS, HEART]
    assert [organ.heading for organ in normals(after, CHEST)] == [LUNGS, PLEURA, HEART]


def test_normals_of_both_organs_of_a_sentence_give_way():
    assert headings("Left effusion with a fractured rib.") == [LUNGS, HEART]


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


@pytest.mark.parametrize(
    ("name", "text", "asked"),
    [
        ("ct_abdomen_pelvis_normal", "Findings: There is a 14 mm nodule. Impression: indeterminate nodule.",
            ["There is a 14 mm nodule."]),
        ("ct_abdomen_pelvis_normal", "Findings: There is a liver mass. Impression: A mass. A cyst.", ["A cyst."]),
        ("ct_head_normal", "Loss of gray-white differentiation in the left insula.", []),
        ("ct_head_normal", "Lesion of the corpus callosum.", []),
        ("ct_head_normal", "There is a 5 mm lesion.", ["There is a 5 mm lesion."]),
        ("us_abdomen_normal", "There is a 9 mm gallstone. Mobile, shadowing.", []),
    ],
)  # fmt: skip
def test_it_is_asked_once_to_which_organ_a_finding_belongs_and_not_where_it_is_known(name, text, asked):
    template = load_template(name)
    case = review_dictation(typed(text), writer=ExtractiveWriter(), template=template)
    assert [one.written.text for one in case.discrepancies if one.choices] == asked


@pytest.mark.parametrize(
    ("sentence", "heading"),
    [
        ("Filling defect in the right ureter.", "Kidneys and ureters"),
        ("Filling defect in the left renal vein.", "Vessels"),
        ("Filling defect in the superior mesenteric artery.", "Vessels"),
        ("Filling defect in the bladder.", "Pelvis"),
        ("Distended bladder with a polypoid filling defect.", "Pelvis"),
        ("Filling defect in the common bile duct.", "Gallbladder and bile ducts"),
        ("Filling defect in a lower lobe pulmonary artery.", "Lower chest"),
    ],
)
def test_general_words_are_of_the_organ_that_they_lie_in(sentence, heading):
    assert concerned(sentence, load_template("ct_abdomen_pelvis_normal")).headings == (heading,)


@pytest.mark.parametrize(
    "sentence",
    [
        "Discussed with the surgical team.",
        "Correlate clinically.",
        "Dictated by Dr Smith.",
        "Reviewed by Dr O'Brien-Miller and Prof. McDonald.",
        "Normal ultrasound.",
        "Reported by Dr. Brown, consultant radiologist.",
        "Scanned by sonographer Jane.",
        "Scanned by Jane Miller, sonographer.",
        "Images were reviewed on PACS.",
        "Dose length product 320 mGy cm.",
        "Radiation dose: CTDIvol 8 mGy.",
        "The patient was scanned prone.",
        "Skyline view not obtained.",
        "Coronal and sagittal reformats were reviewed.",
        "Image quality is good.",
        "Intravenous contrast was given.",
    ],
)
@pytest.mark.parametrize("name", ["ct_abdomen_pelvis_normal", "xray_knee_normal"])
def test_what_tells_of_the_exam_and_its_people_is_no_finding_of_an_unknown_organ(sentence, name):
    template = load_template(name)
    assert not is_asked(sentence, concerned(sentence, template), template)


@pytest.mark.parametrize(
    "sentence",
    [
        "Echogenic focus in the prone position.",
        "A mass is seen on the lateral view.",
        "Dr Smith agrees, there is a mass.",
        "Extravasation of contrast.",
        "Mass reviewed by Dr Smith.",
        "Swelling by Baker cyst.",
    ],
)
def test_a_finding_beside_words_of_the_exam_is_still_asked_about(sentence):
    template = load_template("ct_abdomen_pelvis_normal")
    assert is_asked(sentence, concerned(sentence, template), template)


def test_sound_without_a_word_makes_no_normal_report():
    silent = transcript("").model_copy(update={"duration_s": 30.0})
    case = review_dictation(write([silent]), writer=ExtractiveWriter(), template=CHEST)
    assert case.report.statements == ()
    spoken = review_dictation(write([transcript("the heart is enlarged")]), writer=ExtractiveWriter(), template=CHEST)
    assert {one.organ for one in spoken.report.findings if one.origin == "template"} == {LUNGS, PLEURA, BONES}


def asked_of_before(text):
    case = review_dictation(typed(text), writer=ExtractiveWriter(), template=CHEST)
    return [one.written.text for one in case.discrepancies if "the findings say nothing of" in one.explanation]


def test_a_finding_that_stands_under_the_reason_alone_is_asked_about():
    assert asked_of_before("Indication: Left rib fracture. Impression: None.") == ["Left rib fracture."]
    for other in (
        "Indication: Rib fracture? Impression: None.", "Indication: Known rib fracture. Impression: None.",
        "Indication: Left rib fracture. Findings: The heart is large.",  # each stands where it was put
        "Indication: Left rib fracture. No acute fracture is seen.",
    ):  # fmt: skip
        assert asked_of_before(other) == [], other
