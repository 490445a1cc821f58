"""A normal that nobody dictated gives way to whatever may speak against it, and the page says so."""

import pytest

from dictation.case.opening import review_dictation
from dictation.discrepancy import compare
from dictation.lexicon import rows
from dictation.report import ExtractiveWriter, Report, Statement, load_template
from dictation.report.normals import normals, normals_left_out
from dictation.report.organs import organ_ids
from dictation.wording import write
from tests.report.dictated import dictated
from tests.wording.dictating import transcript

CHEST = load_template("chest_xray_normal")
LUNGS, PLEURA, HEART, BONES = (organ.heading for organ in CHEST.organs if organ.normal)


def headings(*sentences):
    return [organ.heading for organ in normals(dictated(*sentences), CHEST)]


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
        ("Metastases.", {LUNGS, PLEURA, HEART, BONES}),
        ("Old compression of T12.", {BONES}),
        ("The heart is normal in size, there are Kerley B lines.", {LUNGS, HEART}),
    ],
)
def test_a_normal_gives_way_to_what_speaks_against_it(sentence, gone):
    assert gone.isdisjoint(headings(sentence))
    assert gone.isdisjoint(headings(("impression", sentence)))


@pytest.mark.parametrize("section", [None, "findings", "impression"])
@pytest.mark.parametrize("sentence", ["Zorp sign.", "There is a blorb.", "Large cyst.", "Lymphoma."])
def test_what_may_lie_anywhere_leaves_no_normal_and_is_told(section, sentence):
    dictation = dictated("No rib fracture.", (section, sentence) if section else sentence)
    assert normals(dictation, CHEST) == ()
    told = normals_left_out(dictation, CHEST)
    assert told == (
        f"Normal of {LUNGS}, {PLEURA}, {HEART} left out: "
        "sentence 2 names no organ that is known here and may speak against it."
    )
    report = ExtractiveWriter().write(dictation, template=CHEST)
    assert not [statement for statement in report.statements if statement.origin == "template"]


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
    assert normals_left_out(dictation, CHEST) == ""


def test_what_goes_on_about_a_placed_finding_leaves_the_other_normals():
    assert headings("Small left pleural effusion.", "It measures 3 cm.") == [LUNGS, HEART, BONES]


def test_nothing_is_told_where_there_are_no_normals_to_leave_out():
    dictation = dictated("Zorp sign.")
    assert normals_left_out(dictation, load_template("chest_xray")) == normals_left_out(dictation, None) == ""
    everything = dictated("Lungs clear.", "No effusion.", "Heart normal.", "No fracture.", "Zorp sign.")
    assert normals_left_out(everything, CHEST) == ""


def test_a_case_warns_of_the_normals_that_are_missing():
    dictation = dictated("Zorp sign.", "Blorb.")
    case = review_dictation(dictation, writer=ExtractiveWriter(), template=CHEST)
    (warning,) = case.warnings
    assert warning.startswith(f"Normal of {LUNGS}, {PLEURA}, {HEART}, ") and "2 sentences name no organ" in warning
    assert "blorb" not in warning.lower() and "zorp" not in warning.lower()
    assert review_dictation(dictation, writer=ExtractiveWriter()).warnings == ()


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
        ("xray_knee", "ACL tear.", {"Bones", "Joint"}),
    ],
)  # fmt: skip
def test_of_several_headings_of_one_organ_those_spoken_of_give_way(template, sentence, gone):
    chosen = load_template(f"{template}_normal")
    stand = {organ.heading for organ in normals(dictated(sentence), chosen)}
    assert {organ.heading for organ in chosen.organs if organ.normal} - stand == gone


@pytest.mark.parametrize("sentence", ["Fat stranding.", "Abdominal hematoma.", "Varices.", "Metastases."])
def test_a_finding_of_an_unknown_part_leaves_no_normal_of_the_whole_organ(sentence):
    chosen = load_template("ct_abdomen_pelvis_normal")
    stand = {organ.heading for organ in normals(dictated(sentence), chosen)}
    assert stand.isdisjoint(organ.heading for organ in chosen.organs if "abdomen" in organ.covers)


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
