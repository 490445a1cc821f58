import pytest

from tests.wording.dictating import dictated, places, written


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("left, correction, right lower lobe", "Right lower lobe"),
        ("left lower lobe, correction, right lower lobe", "Right lower lobe"),
        ("left lower lobe, correction, right upper lobe nodule", "Right upper lobe nodule"),
        ("left lower lobe nodule, correction, right", "Right lower lobe nodule"),
        ("left comma correction comma right lower lobe period", "Right lower lobe."),
        ("left correction right lower lobe", "Right lower lobe"),
        ("8, make that 9 millimeters", "9 mm"),
        ("8 millimeters, make that 9 millimeters", "9 mm"),
        ("an eight millimeters make that nine millimeters nodule", "A 9 mm nodule"),
        ("an 8 mm nodule, make that 9 mm", "A 9 mm nodule"),
        ("5.2 cm, correction, 5.3 cm, correction, 5.4 cm mass", "5.4 cm mass"),
        ("T12, sorry, T11 compression fracture", "T11 compression fracture"),
        ("no effusion, correction, small effusion", "Small effusion"),
        ("there is a small effusion, correction, no effusion", "There is no effusion"),
        ("acute fracture, correction no acute fracture", "No acute fracture"),
        ("There is an acute fracture. Correction, no acute fracture.", "There is no acute fracture."),
        ("no left effusion, correction, no right effusion", "No right effusion"),
        ("small left, correction, right effusion", "Small right effusion"),
        ("no left effusion correction right effusion", "No right effusion"),
        ("no effusion in the left lung, correction, in the left lung base", "No effusion in the left lung base"),
        ("no effusion in the left lung, correction, left lung base", "No effusion in the left lung base"),
        ("no effusion but a left nodule, correction, left nodule of 5 mm", "No effusion but a left nodule of 5 mm"),
        ("effusion is not seen, correction, effusion is seen", "Effusion is seen"),
        ("no edema, correction, no left edema, small effusion", "No left edema, small effusion"),
        ("there is no effusion, correction, there is a small effusion", "There is a small effusion"),
        ("there is no fracture, correction, there is a large effusion", "There is a large effusion"),
        ("the heart is not enlarged, correction, the heart is enlarged", "The heart is enlarged"),
        ("small, no, moderate effusion", "Moderate effusion"),
        ("the left ICA is patent, correction, occluded", "The left ICA is occluded"),
        ("the left ICA is patent, no, occluded", "The left ICA is occluded"),
        ("intact ACL, correction, torn ACL", "Torn ACL"),
        ("normal, correction, abnormal", "Abnormal"),
        ("the appendix is normal. Correction, dilated.", "The appendix is dilated."),
        ("the lungs are clear, correction, opacified at the left base", "The lungs are opacified at the left base"),
        ("no mass and the liver is normal, correction, enlarged", "No mass and the liver is enlarged"),
        ("The mass is solid, correction, cystic.", "The mass is cystic."),
        ("The tear is partial, correction, complete.", "The tear is complete."),
        ("The lesion is enhancing, correction, nonenhancing.", "The lesion is nonenhancing."),
        ("The mass is calcified, correction, necrotic.", "The mass is necrotic."),
        ("calcified nodule in the left lung, correction, noncalcified", "Noncalcified nodule in the left lung"),
        ("nodule, correction, calcified nodule", "Calcified nodule"),
        ("a solid mass, correction, cystic mass in the left kidney", "A cystic mass in the left kidney"),
        ("left effusion and right pneumothorax, correction, right effusion and left pneumothorax",
         "Right effusion and left pneumothorax"),
        ("vertebroplasty at L1 and L2, correction, L2 and L3", "Vertebroplasty at L2 and L3"),
        ("left effusion and right pneumothorax, correction, left pneumothorax", "Left effusion and left pneumothorax"),
        ("the heart is normal and the aorta is dilated, correction, the aorta is normal",
         "The heart is normal and the aorta is normal"),
        ("left effusion and left nodule, correction, right nodule", "Left effusion and right nodule"),
        ("liver 15 cm and spleen 12 cm, correction, liver 16 cm", "Liver 16 cm and spleen 12 cm"),
        ("No evidence of fracture. Correction. Evidence of a fracture of the left hip.",
         "No evidence of fracture. Correction. Evidence of a fracture of the left hip."),
        ("The patient has no history of cancer. Correction. History of breast cancer.",
         "The patient has no history of cancer. Correction. History of breast cancer."),
        ("No history of seizure. I mean history of febrile seizure.",
         "No history of seizure. I mean history of febrile seizure."),
        ("No cyst in the liver, correction, cyst in the kidney.", "No cyst in the kidney."),
        ("with contrast, correction, without contrast", "Without contrast"),
        ("two, no, three metastases in the liver", "Three metastases in the liver"),
        ("there is a 5 mm nodule, correction, there is no nodule", "There is no nodule"),
        ("mass with no calcification, sorry, with calcification", "Mass with calcification"),
        ("effusion in the left, correction, right chest with edema", "Effusion in the right chest with edema"),
        ("small effusion and a left, correction, right nodule", "Small effusion and a right nodule"),
        ("pancreatic head, correction, tail", "Pancreatic tail"),
        ("small, wait, moderate effusion", "Moderate effusion"),
        ("Small left effusion. No, wait, small right effusion.", "Small right effusion."),
        ("small left effusion, wait, no, small right effusion", "Small right effusion"),
        ("nodule in the left lung, no, wait, right lung", "Nodule in the right lung"),
        ("nodule in the left lung, oh wait, right lung", "Nodule in the right lung"),
        ("nodule in the left lung comma oh comma wait comma right lung", "Nodule in the right lung"),
        ("left, I'm sorry, right effusion", "Right effusion"),
        ("the right, no, the left lung is clear", "The left lung is clear"),
        ("no pneumothorax, left effusion, correction, left effusion with atelectasis",
         "No pneumothorax, left effusion with atelectasis"),
        ("no pneumothorax and small effusion, sorry, small effusion with atelectasis",
         "No pneumothorax and small effusion with atelectasis"),
        ("no stone, liver normal in size, correction, liver normal in shape", "No stone, liver normal in shape"),
        ("no free fluid and the appendix is normal, correction, the appendix is dilated",
         "No free fluid and the appendix is dilated"),
        ("no stone, gallbladder normal, correction, gallbladder contracted", "No stone, gallbladder contracted"),
        ("no fracture, correction, fracture or dislocation", "No fracture or dislocation"),
        ("no mass, I mean mass or adenopathy", "No mass or adenopathy"),
        ("recommend CT, correction, CT of the abdomen and pelvis", "Recommend CT of the abdomen and pelvis"),
        ("recommend MRI, correction, MRI with contrast", "Recommend MRI with contrast"),
        ("indication: rule out pulmonary embolism, correction, pulmonary embolism or pneumonia",
         "Indication: Rule out pulmonary embolism or pneumonia"),
        ("history of trauma, correction, trauma to the left knee", "History of trauma to the left knee"),
        ("status post hip replacement, correction, hip replacement on the left",
         "Status post hip replacement on the left"),
        ("in the left upper lobe, rather, the left lower lobe", "In the left lower lobe"),
        ("two, correction, three nodules", "Three nodules"),
        ("nodule measures eight make that nine millimeters", "Nodule measures 9 mm"),
        ("eight comma make that nine millimeters", "9 mm"),
        ("three correction thirteen point two millimeters", "13.2 mm"),
        ("five correction six millimeters", "6 mm"),
        ("measuring five by six correction five by eight millimeters", "Measuring 5 x 8 mm"),
        ("measuring 12 by 16 correction 12 by 18 millimeters", "Measuring 12 x 18 mm"),
        ("BI-RADS three correction four", "BI-RADS 4"),
        ("a 9 mm, make that 8 mm nodule", "An 8 mm nodule"),
        ("an eight correction eleven millimeter nodule", "An 11 mm nodule"),
        ("left and right correction left only", "Left only"),
        ("a 9 mm, correction, an 8 mm nodule", "An 8 mm nodule"),
        ("a nodule in the left lung, I mean, in the left hilum", "A nodule in the left hilum"),
        ("in the right chest, correction, the left", "In the left chest"),
        ("There is a left effusion. Correction, right effusion.", "There is a right effusion."),
        ("There is a left effusion. Correction. Right.", "There is a right effusion."),
        ("Left effusion. No, right effusion.", "Right effusion."),
        ("Left effusion, no! Right effusion.", "Right effusion."),
        ("a small effusion, correction, a moderate effusion", "A moderate effusion"),
        ("no effusion, I mean, pneumothorax", "No pneumothorax"),
        ("no evidence of left, no wait, right pneumothorax", "No evidence of right pneumothorax"),
        ("the heart is normal and the lungs are clear, I mean, the lungs are full",
         "The heart is normal and the lungs are full"),
    ],
)  # fmt: skip
def test_only_what_was_meant_is_left(said, text):
    assert written(said) == text


@pytest.mark.parametrize(
    "said",
    [
        "left lower lobe pneumonia, correction, right effusion is seen",
        "small left effusion, correction, no effusion",
        "small pleural effusion, correction, pneumothorax",
        "image 40, correction, 9 mm nodule",
        "8 mm, correction, 9",
        "2 x 3 cm, correction, 4 cm",
        "right lung and left lung, correction, pneumonia",
        "the left ICA is widely patent, correction, occluded",
        "the heart is not enlarged, correction, dilated",
        "the ACL is possibly torn, correction, intact",
        "the heart is normal, correction, dilated aorta",
        "the lungs are clear, correction, well aerated",
        "left and right, correction, left",
        "the mass is solid and vascular, correction, cystic",
        "the calcified mass is large, correction, necrotic",
        "scarring at the apex, correction, fibrotic",
        "effusion on the left, correction, right pneumothorax",
        "the nodule has grown from 5 mm to 7 mm, correction, from 4 mm",
        "nodule of 5 mm in the left upper lobe, correction, nodule in the left lower lobe",
        "heart size is at the upper limits of normal, correction, enlarged",
        "large pleural effusion, correction, no effusion",
        "moderate hiatal hernia, correction, small hernia",
        "normal flow, correction, no flow",
        "5 mm nodule, correction, small nodule",
        "left kidney 10 cm, right kidney 11 cm, correction, left kidney 9 cm",
        "the right kidney measures 10 cm and the left 11 cm, correction, the right measures 9 cm",
        "small effusion and large nodule, correction, large effusion",
        "effusion, edema and cardiomegaly, correction, effusion and edema",
        "mild stenosis at L3-L4 and severe stenosis at L4-L5, correction, moderate stenosis at L3-L4",
        "heart size normal, lungs clear, correction, heart size enlarged",
        "mass in the head of the pancreas, correction, the tail",
        "left and right effusion, correction, right effusion",
        "the left one, correction, 9 mm",
        "two nodules, correction, 5 mm",
        "12 nodules, correction, 5 mm",
        "image 3, correction, 9 mm",
        "five by six, correction, 7 mm",
        "BI-RADS 3, correction, 12",
        "BI-RADS 3, correction, 8 mm",
        "5 cm, make that 6",
        "10 of 12, correction, 9%",
        "correction, right effusion",
        "left effusion, correction",
    ],
)
def test_where_it_is_not_clear_what_was_meant_both_stay(said):
    dictation = dictated(said)
    assert dictation.text.lower() == said.lower()
    assert dictation.retracted == ()


@pytest.mark.parametrize(
    "said",
    [
        "no acute fracture. Correction acute fracture.",
        "no acute fracture. Correction. Acute fracture.",
        "no fracture, sorry, fracture of the radius",
        "no fracture, correction, a fracture",
        "no mass no wait mass in the left breast",
        "there is no evidence of an acute fracture. correction acute fracture of the left sixth rib",
        "no convincing sign of a fracture, make that fracture of the rib",
        "no acute infarct, correction acute infarct in the left MCA territory",
        "no acute displaced fracture, correction, fracture of the rib",
        "no coarse spiculation, correction, spiculation of the margin",
        "no effusion or pneumothorax, correction, pneumothorax",
        "no effusion in the chest with an 8 mm left nodule on image 3 or 4 or 5, correction, left nodule",
        "without contrast, correction, contrast",
        "not enlarged correction enlarged",
        "ruled out dissection correction dissection",
        "negative for fracture, I mean, fracture",
        "fracture is ruled out, correction, fracture",
        "possible fracture, correction, fracture",
        "no focal consolidation, pleural effusion, or pneumothorax. Correction, pleural effusion on the left.",
        "no free air, correction, free air",
        "no mass, I'm sorry, mass in the left breast",
        "no mass, no, wait, mass in the left breast",
        "no mass, no wait, sorry, mass in the left breast",
        "no mass, sorry, mass, sorry, mass in the left breast",
        "No aneurysm or dissection, correction, no dissection.",
        "no fracture or dislocation, correction, no fracture",
        "no edema or effusion, correction, no edema, small effusion",
        "no acute infarct or hemorrhage, correction, no hemorrhage, left MCA infarct",
        "no fracture, correction, fracture or dislocation is seen in the hip",
        "no fracture, correction, fracture of the hip or dislocation",
        "no effusion, edema, correction, edema of the right lung",
        "no effusion, small mass or left cyst, correction, left cyst",
        "no left mass, sorry, left mass, sorry, left mass in the breast",
        "no mass and adenopathy, correction, adenopathy in the axilla",
        "effusion cannot be assessed, correction, effusion",
        "there is no mass, no wait there is",
        "no pulmonary embolism is seen, correction, is seen in the right lower lobe",
        "fracture is not identified, correction, identified",
        "there is no fracture. correction. there is, in the distal radius.",
        "there is no fracture, correction, there is in the distal radius",
        "there is no nodule, I mean there is one in the left lung",
    ],
)
def test_what_was_denied_and_is_only_said_again_is_not_denied_again(said):
    dictation = dictated(said)
    assert dictation.text.lower().replace(".", "") == said.lower().replace(".", "")
    assert dictation.retracted == ()
    assert places(dictation) == list(range(len(said.split())))


@pytest.mark.parametrize(
    "said",
    [
        "large rather than small effusion",
        "a rather large right effusion",
        "right hip, rather large effusion",
        "surgical correction of scoliosis",
        "left correction of scoliosis",
        "status post correction of hallux valgus",
        "with attenuation correction",
        "clubfoot correction, hardware intact",
        "tetralogy of fallot correction, no effusion",
        "with partial volume correction, sagittal balance correction, no fracture",
        "sorry for the delay",
        "findings would make that unlikely",
        "right effusion, no left effusion",
        "no right, no left effusion",
        "what does that mean",
    ],
)
def test_ordinary_use_is_no_correction(said):
    dictation = dictated(said)
    assert dictation.text.lower() == said.lower()
    assert dictation.commands == ()


def test_a_comma_inside_a_cue_is_a_word_of_the_command():
    dictation = dictated("left effusion comma no comma wait comma right effusion")
    (command,) = dictation.commands
    assert (dictation.text, command.argument) == ("Right effusion", "no, wait")
    assert places(dictation) == list(range(9))


def test_what_was_taken_back_is_kept_with_its_words():
    dictation = dictated("there is a left lower lobe, correction, right lower lobe nodule.")
    (retraction,) = dictation.retracted
    assert (retraction.text, retraction.words, retraction.command) == ("left lower lobe", (3, 4, 5), "correction")
    (command,) = dictation.commands
    assert (command.name, command.words) == ("correct", (6,))
    assert places(dictation) == list(range(11))


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (
            "mild stenosis at L3-L4 and moderate, correction, severe stenosis at L4-L5",
            "Mild stenosis at L3-L4 and severe stenosis at L4-L5",
        ),
        (
            "mild stenosis at L3-L4 and moderate, no, severe stenosis at L4-L5",
            "Mild stenosis at L3-L4 and severe stenosis at L4-L5",
        ),
        ("the liver is normal and the left, no, right kidney is atrophic",
         "The liver is normal and the right kidney is atrophic"),
        ("small right effusion and a moderate, correction, large left effusion",
         "Small right effusion and a large left effusion"),
        ("the left lung is clear and there is a small effusion on the right, correction, left",
         "The left lung is clear and there is a small effusion on the left"),
        ("CT of January 5, 2024, correction, January 6, 2024", "CT of January 6, 2024"),
        ("L4 on L5, correction, L5 on S1 with stenosis", "L5 on S1 with stenosis"),
        ("mild to moderate, correction, moderate to severe stenosis", "Moderate to severe stenosis"),
    ],
)  # fmt: skip
def test_what_is_said_before_and_behind_keeps_no_plain_correction_from_being_obeyed(said, text):
    dictation = dictated(said)
    assert dictation.text == text and len(dictation.retracted) == 1
    assert places(dictation) == list(range(len(said.split())))
