"""Dictations without capitals or marks: each statement goes where its organ is, and no word is lost."""

import pytest

from dictation.case.opening import review_dictation
from dictation.report import ExtractiveWriter, load_template
from dictation.report.statements import in_statements
from dictation.speech.transcript import Word
from dictation.wording import typed, write
from tests.wording.dictating import transcript

ABDOMEN = (
    "liver is enlarged with a 2 cm cyst in the right hepatic lobe gallbladder is surgically absent spleen is normal "
    "there is mild left hydronephrosis with a 5 mm calculus in the distal left ureter no free air bladder is "
    "decompressed no enlarged lymph nodes degenerative changes of the lumbar spine"
)
PLACED = {
    "Liver": "liver is enlarged with a 2 cm cyst in the right hepatic lobe",
    "Gallbladder and bile ducts": "gallbladder is surgically absent",
    "Spleen": "spleen is normal",
    "Kidneys and ureters": "there is mild left hydronephrosis with a 5 mm calculus in the distal left ureter",
    "Peritoneum and retroperitoneum": "no free air",
    "Pelvis": "bladder is decompressed",
    "Lymph nodes": "no enlarged lymph nodes",
    "Bones and soft tissues": "degenerative changes of the lumbar spine",
}


def reported(text, name="ct_abdomen_pelvis_normal"):
    case = review_dictation(typed(text), writer=ExtractiveWriter(), template=load_template(name))
    said = [one for one in case.report.statements if one.evidence]
    assert sorted(" ".join(one.text for one in said).lower().split()) == sorted(
        " ".join(one.text for one in typed(text).sentences).lower().split()
    )  # every dictated word, once
    return case.report


def placed(report):
    found = {}
    for one in report.findings:
        if one.evidence:
            found[one.organ] = " ".join([*found.get(one.organ, "").split(), one.text])
    return found


def test_a_run_of_small_letters_goes_where_its_organs_are():
    assert placed(reported(ABDOMEN)) == PLACED


def test_full_stops_before_small_letters_end_sentences():
    text = ". ".join(PLACED.values()) + "."
    assert placed(reported(text)) == {heading: f"{words}." for heading, words in PLACED.items()}


@pytest.mark.parametrize("mark", ["", "."])
@pytest.mark.parametrize("comparison", ["none", "no prior studies", "ct of 3 march 2021", "ct abdomen march 2021"])
def test_findings_behind_headings_of_the_start_have_no_heading_of_their_own(comparison, mark):
    text = (
        f"ct abdomen and pelvis with contrast{mark} indication abdominal pain{mark} comparison {comparison}{mark} "
        f"the liver is enlarged{mark} spleen is normal{mark} no hydronephrosis{mark} impression hepatomegaly"
    )
    report = reported(text)
    assert [one.text.rstrip(".") for one in report.comparison] == [comparison]
    assert [one.text.rstrip(".") for one in report.indication] == ["abdominal pain"]
    assert [one.text for one in report.impression] == ["hepatomegaly"]
    assert {heading: words.rstrip(".") for heading, words in placed(report).items()} == {
        "Liver": "the liver is enlarged", "Spleen": "spleen is normal", "Kidneys and ureters": "no hydronephrosis",
    }  # fmt: skip
    assert len([one for one in report.findings if one.origin == "template"]) == 9


@pytest.mark.parametrize(
    "heading", ["Comparison: CT of 3 March 2021.", "Indication: Left flank pain.", "Technique: CT."]
)
def test_findings_under_another_heading_go_where_their_organs_are(heading):
    report = reported(f"{heading} The liver is enlarged. No gallstones. It is unchanged. Impression: Hepatomegaly.")
    assert placed(report)["Liver"] == "The liver is enlarged."
    assert [one.text for name in ("comparison", "indication", "technique") for one in getattr(report, name)
            if one.evidence] == [heading.partition(": ")[2]]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "Indication: Left flank pain. History of calculi. Known 5 mm left renal stone. Findings: No hydronephrosis.",
        "Indication: Left flank pain. History of calculi. Known 5 mm left renal stone. No hydronephrosis.",
        "indication left flank pain. history of calculi. known 5 mm left renal stone. findings no hydronephrosis.",
    ],
)
def test_the_history_stays_where_it_was_said(text):
    report = reported(text)
    assert len(report.indication) == 3
    assert [one.text.lower() for one in report.findings if one.evidence] == ["no hydronephrosis."]


@pytest.mark.parametrize(
    ("comparison", "finding"),
    [
        ("none", "no pleural effusion"),
        ("none", "right pleural effusion"),
        ("none", "5 mm nodule in the left lung"),
        ("none", "chest tube in place on the left"),
        ("ct march 2021", "left lung nodule of 5 mm"),
        ("ct chest 2021", "small left pneumothorax"),
        ("chest radiograph today", "acute fracture of the left rib"),
    ],
)
def test_no_side_number_or_denial_stays_with_the_comparison(comparison, finding):
    report = reported(f"comparison {comparison} {finding}", "chest_ct_normal")
    assert [one.text for one in report.comparison] == [comparison]
    assert [one.text for one in report.findings if one.evidence] == [finding]


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("chest_ct_normal", "no pleural effusion the lungs are clear heart is enlarged old fracture of the left rib", {
            "Pleura": "no pleural effusion", "Lungs and airways": "the lungs are clear",
            "Heart and vessels": "heart is enlarged", "Bones and soft tissues": "old fracture of the left rib"}),
        ("ct_head_normal", "no acute hemorrhage ventricles are normal left mastoid effusion", {
            "Brain": "no acute hemorrhage", "Ventricles": "ventricles are normal",
            "Sinuses and mastoids": "left mastoid effusion"}),
        ("us_abdomen_normal", "liver is echogenic gallbladder is normal right kidney is atrophic spleen is normal", {
            "Liver": "liver is echogenic", "Gallbladder and bile ducts": "gallbladder is normal",
            "Kidneys": "right kidney is atrophic", "Spleen": "spleen is normal"}),
    ],
)  # fmt: skip
def test_other_templates_sort_small_letters_as_well(name, text, wanted):
    assert placed(reported(text, name)) == wanted


def test_a_long_run_is_cut_to_its_end():
    text = " ".join(["the lungs are clear heart is enlarged"] * 90)
    assert set(placed(reported(text, "chest_ct_normal"))) == {"Lungs and airways", "Heart and vessels"}


def test_the_words_of_a_recognizer_stay_behind_the_parts_of_their_sentence():
    words = tuple(Word(text=word, start_s=n, end_s=n + 0.9, confidence=0.9) for n, word in enumerate(ABDOMEN.split()))
    whole = write([transcript(ABDOMEN).model_copy(update={"words": words})])
    cut = in_statements(whole, load_template("ct_abdomen_pelvis_normal"))
    assert len(cut.sentences) > len(whole.sentences) and cut.sentences[0].id == whole.sentences[0].id
    assert [link.words for one in cut.sentences for link in one.alignment] == [
        link.words for one in whole.sentences for link in one.alignment
    ]
    for sentence in cut.sentences:
        for link in sentence.alignment:
            assert 0 <= link.span[0] < link.span[1] <= len(sentence.text)


def test_what_belongs_to_one_place_stays_whole():
    whole = typed("The lungs are clear there is no consolidation")
    assert (
        in_statements(whole, load_template("chest_ct")) is whole
        or len(in_statements(whole, load_template("chest_ct")).sentences) == 1
    )


@pytest.mark.parametrize(
    ("text", "section", "before", "wanted"),
    [
        ("clinical history abdominal pain and fever the appendix is dilated with periappendiceal stranding",
         "indication", "abdominal pain and fever", {"Bowel": "the appendix is dilated with periappendiceal stranding"}),
        ("indication trauma spleen shows a laceration with perisplenic haematoma no free air", "indication", "trauma",
         {"Spleen": "spleen shows a laceration with perisplenic haematoma",
          "Peritoneum and retroperitoneum": "no free air"}),
        ("comparison twelve march twenty twenty four left adrenal nodule seventeen millimetres", "comparison",
         "twelve march twenty twenty four", {"Adrenals": "left adrenal nodule seventeen millimetres"}),
        ("comparison march twenty twenty five millimetre stone in the right kidney", "comparison",
         "march twenty twenty",
         {"Kidneys and ureters": "five millimetre stone in the right kidney"}),
        ("comparison ultrasound of last week the gallbladder is distended", "comparison", "ultrasound of last week",
         {"Gallbladder and bile ducts": "the gallbladder is distended"}),
        ("technique noncontrast five millimetre stone in the right ureter", "technique", "noncontrast",
         {"Kidneys and ureters": "five millimetre stone in the right ureter"}),
        ("technique noncontrast ct left adrenal nodule", "technique", "noncontrast ct",
         {"Adrenals": "left adrenal nodule"}),
    ],
)  # fmt: skip
def test_a_run_goes_on_from_what_comes_before_the_findings_to_them(text, section, before, wanted):
    report = reported(text)
    assert [one.text for one in getattr(report, section) if one.evidence] == [before]
    assert placed(report) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "indication pain evaluate whether the appendix is dilated",
        "indication patient whose liver is cirrhotic",
        "technique ct of the chest with contrast pulmonary embolism protocol",
    ],
)
def test_a_history_with_a_verb_of_its_own_and_a_protocol_are_no_findings(text):
    assert not placed(reported(text))


@pytest.mark.parametrize("cue", ["impression", "in conclusion", "in summary"])
def test_an_impression_closes_a_run_without_other_headings(cue):
    report = reported(f"liver is enlarged spleen is normal {cue} benign hepatic cyst")
    assert [one.text for one in report.impression] == ["benign hepatic cyst"]
    assert placed(report) == {"Liver": "liver is enlarged", "Spleen": "spleen is normal"}


def test_an_impression_of_anatomy_is_no_heading():
    assert not reported("the esophagus shows a smooth aortic impression the spleen is normal").impression


@pytest.mark.parametrize(
    "clause", ["which showed a 12 mm liver cyst", "showing a 12 mm liver cyst", "with a splenic infarct"]
)
def test_what_a_comparison_tells_of_the_earlier_exam_stays_in_it(clause):
    text = f"Comparison: CT of 4 March 2023, {clause}.\nIndication: Follow up.\n\nThe kidneys are normal."
    report = reported(text)
    assert [one.text for one in report.comparison] == [f"CT of 4 March 2023, {clause}."]
    assert placed(report) == {"Kidneys and ureters": "The kidneys are normal."}


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("liver cyst 12 mm spleen normal kidneys normal", "ct_abdomen_pelvis_normal",
            {"Liver": "liver cyst 12 mm", "Spleen": "spleen normal", "Kidneys and ureters": "kidneys normal"}),
        ("three views of the left knee no fracture", "xray_knee_normal", {"Bones": "no fracture"}),
        ("two views of the chest lungs clear no effusion", "chest_xray_normal",
            {"Lungs": "lungs clear", "Pleura": "no effusion"}),
        ("pa and lateral chest no pneumothorax", "chest_xray_normal", {"Pleura": "no pneumothorax"}),
    ],
)  # fmt: skip
def test_a_size_is_of_the_finding_before_it_and_an_exam_is_no_part_of_a_finding(text, name, expected):
    assert placed(reported(text, name)) == expected


@pytest.mark.parametrize(
    "text", ["lateral ligament tear", "frontal sinus mucosal thickening", "ap diameter of the canal is narrowed"]
)
def test_anatomy_that_is_named_like_a_view_is_no_technique(text):
    report = reported(text, "xray_knee_normal")
    assert not any(one.evidence for one in report.technique) and [
        one.text for one in report.findings if one.evidence
    ] == [text]


REASONS = [  # what stands under Indication, and what under Findings, where no heading of findings follows
    ("indication trauma splenic laceration", "trauma", {"Spleen": "splenic laceration"}),
    ("indication fever acute appendicitis with perforation", "fever", {"Bowel": "acute appendicitis with perforation"}),
    ("indication abdominal pain rule out appendicitis", "abdominal pain rule out appendicitis", {}),
    ("indication trauma known splenic laceration", "trauma known splenic laceration", {}),
    ("indication: trauma, splenic laceration, follow-up.", "trauma, splenic laceration, follow-up.", {}),
    ("indication pain possible appendicitis", "pain possible appendicitis", {}),
    ("indication pain appendicitis follow up", "pain appendicitis follow up", {}),
    ("indication pancreatitis", "pancreatitis", {}),
    ("indication trauma splenic laceration findings the liver is normal", "trauma splenic laceration",
        {"Liver": "the liver is normal"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "indication", "found"), REASONS)
def test_a_definite_finding_behind_the_reason_for_the_exam_is_a_finding(text, indication, found):
    report = reported(text)
    assert [one.text for one in report.indication if one.evidence] == [indication]
    assert placed(report) == found


FALL = "found down there is a large right subdural with midline shift of nine millimetres"


@pytest.mark.parametrize(
    ("text", "name", "before", "found"),
    [
        (f"indication {FALL}", "ct_head_normal", "found down", FALL.removeprefix("found down ")),
        ("indication pain we see a left rib fracture", "chest_xray_normal", "pain", "we see a left rib fracture"),
        ("comparison march 2021 there are multiple liver metastases", "ct_abdomen_pelvis_normal", "march 2021",
            "there are multiple liver metastases"),
        ("indication pain, there is a renal calculus.", "ct_abdomen_pelvis_normal", "pain,",
            "there is a renal calculus."),
    ],
)  # fmt: skip
def test_there_is_ends_what_goes_before_the_findings(text, name, before, found):
    report = reported(text, name)
    assert [one.text for one in (*report.indication, *report.comparison) if one.evidence] == [before]
    assert [one.text for one in report.findings if one.evidence] == [found]


@pytest.mark.parametrize(
    "text",
    [
        "indication headache there is concern for subarachnoid hemorrhage",
        "indication pain and if there is a calculus",
        "indication there is a history of pancreatitis", "indication pain there is a known renal calculus",
        "indication there is a renal calculus findings the liver is normal",
        "indication fever is there a renal calculus?",
    ],
)  # fmt: skip
def test_there_is_of_a_doubt_or_a_history_stays_in_it(text):
    report = reported(text)
    said = " ".join(one.text for one in report.indication if one.evidence)
    assert said == text.removeprefix("indication ").partition(" findings")[0]


def test_what_is_dictated_behind_a_label_with_a_side_stays_behind_it():
    kidneys = "Right kidney: 11 cm. Moderate hydronephrosis. No stone. Left kidney: 10.8 cm. 4 mm stone."
    said = typed(f"Findings: {kidneys} Spleen normal.")
    report = ExtractiveWriter().write(said, template=load_template("us_abdomen"))
    assert f"Kidneys: {kidneys}" in report.text and "Spleen: Spleen normal." in report.text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [  # by a tester who had not seen the rule
        (
            "liver normal, gallstones, pancreas normal, spleen enlarged, 4 mm stone in the left kidney, bladder normal",
            {
                "Liver": ["liver normal,"], "Gallbladder and bile ducts": ["gallstones,"],
                "Spleen": ["spleen enlarged,"], "Kidneys and ureters": ["4 mm stone in the left kidney,"],
                "Pelvis": ["bladder normal"],
            },
        ),
        (
            "the liver is normal, the gallbladder contains stones, mass in the pancreatic head, extending to the left",
            {
                "Liver": ["the liver is normal,"], "Gallbladder and bile ducts": ["the gallbladder contains stones,"],
                "Pancreas": ["mass in the pancreatic head, extending to the left"],
            },
        ),
        (
            "2 cm cyst in the liver, stable, with thin septation, 3 mm stone in the right kidney, left kidney normal",
            {
                "Liver": ["2 cm cyst in the liver, stable, with thin septation,"],
                "Kidneys and ureters": ["3 mm stone in the right kidney, left kidney normal"],
            },
        ),
        (
            "comparison: none, the liver shows a 2 cm cyst, the left kidney has a 4 mm stone",
            {"Liver": ["the liver shows a 2 cm cyst,"], "Kidneys and ureters": ["the left kidney has a 4 mm stone"]},
        ),
    ],
)  # fmt: skip
def test_a_list_with_commas_in_small_letters_goes_where_its_organs_are(text, wanted):
    found = {}
    for statement in reported(text).findings:
        if statement.evidence:
            found.setdefault(statement.organ, []).append(statement.text)
    assert {organ: found.get(organ) for organ in wanted} == wanted
