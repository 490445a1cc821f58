"""Sentences of radiology dictation as MedASR writes them, drawn from a small grammar of our own.

Sides, negations, sizes, levels, dictated commands (`{period}`) and section headings (`[FINDINGS]`). A tenth of all
sentences, chosen by their checksum, is held out: no training may see them, whatever is drawn.
"""

import random
import re
import zlib
from collections.abc import Iterator

HELD_OUT = 10  # one sentence in so many

# "(name)" is filled in from this table; a filling may hold further names
FILLINGS: dict[str, list[str]] = {
    "side": ["left", "right"],
    "both": ["left", "right", "bilateral"],
    "Side": ["Left", "Right"],
    "Both": ["Left", "Right", "Bilateral"],
    "lobe": [
        *["right upper lobe", "right middle lobe", "right lower lobe", "left upper lobe", "left lower lobe"],
        *["lingula", "(side) lung base", "(side) lung apex"],
    ],
    "degree": ["mild", "moderate", "severe"],
    "Degree": ["Mild", "Moderate", "Severe", "Minimal", "Marked"],
    "degreely": ["mildly", "moderately", "severely"],
    "amount": ["small", "moderate", "large", "trace"],
    "Amount": ["Small", "Moderate", "Large", "Trace"],
    "change": ["unchanged", "stable", "increased", "decreased", "new", "improved", "resolved"],
    "mm": ["(2-9) mm", "(2-9) mm", "(10-48) mm"],
    "cm": ["(1-9).(1-9) cm", "(1-9).(1-9) cm", "(2-9) cm"],
    "size": ["(mm)", "(cm)"],
    "area": ["(1-6).(1-9) x (1-6).(1-9) cm", "(3-9) x (3-9) mm", "(2-9) x (2-9) cm"],
    "lung lesion": ["nodule", "nodule", "mass", "cavity", "solid nodule", "ground glass nodule", "calcified granuloma"],
    "lung absent": [
        *["pleural effusion", "pneumothorax", "focal consolidation", "pulmonary edema", "pneumonia", "nodule"],
        *["airspace opacity", "lymph node enlargement", "rib fracture"],
    ],
    "opacity": ["opacity", "consolidation", "atelectasis", "scarring", "opacities"],
    "Texture": ["Patchy", "Hazy", "Linear", "Subtle", "Dense"],
    "likely": ["likely", "possibly", "suspicious for", "compatible with", "consistent with"],
    "lung cause": ["atelectasis", "pneumonia", "aspiration", "edema", "infection", "scarring"],
    "organ": ["liver", "spleen", "pancreas", "gallbladder", "stomach", "bladder", "uterus", "prostate"],
    "pair": ["kidneys", "adrenal glands", "ovaries", "ureters"],
    "fine": ["normal", "unremarkable", "normal in size", "intact", "within normal limits"],
    "belly lesion": ["cyst", "mass", "lesion", "stone", "hemangioma", "simple cyst"],
    "belly place": ["(side) kidney", "liver", "spleen", "(side) lobe of the liver", "(side) adrenal gland", "pancreas"],
    "belly absent": [
        *["hydronephrosis", "renal stone", "free fluid", "free air", "bowel obstruction", "biliary dilatation"],
        *["ascites", "appendicitis", "diverticulitis", "abdominal mass", "hernia"],
    ],
    "disc": [
        *["L1-L2", "L2-L3", "L3-L4", "L4-L5", "L4-L5", "L5-S1", "L5-S1", "C2-C3", "C3-C4", "C4-C5", "C5-C6"],
        *["C6-C7", "T5-T6", "T8-T9", "T11-T12", "T12-L1"],
    ],
    "vertebra": ["L(1-5)", "T(1-12)", "C(2-7)", "S1"],
    "bulge": ["disc bulge", "disc herniation", "disc protrusion", "disc extrusion", "annular fissure"],
    "narrowing": ["neural foraminal narrowing", "foraminal stenosis", "facet arthropathy", "nerve root contact"],
    "brain": ["frontal", "parietal", "temporal", "occipital"],
    "brain absent": ["hemorrhage", "infarct", "mass effect", "midline shift", "skull fracture"],
    "bone": ["radius", "femur", "tibia", "humerus", "clavicle", "fibula"],
    "joint": ["knee", "hip", "shoulder", "wrist", "ankle", "elbow"],
    "exam": [
        *["CT chest", "CT abdomen and pelvis", "CT head", "MRI brain", "MRI lumbar spine", "MRI cervical spine"],
        *["Chest radiograph", "Ultrasound abdomen", "MRI (side) knee", "CT angiogram chest"],
    ],
    "contrast": [" with contrast", " without contrast", " with and without contrast", " PE protocol", " two views", ""],
    "patient": ["(20-90)-year-old male", "(20-90)-year-old female"],
    "complaint": [
        *["cough", "fever", "chest pain", "shortness of breath", "back pain", "abdominal pain", "headache", "fall"],
        *["trauma", "weight loss", "(side) flank pain", "(side) knee pain", "dizziness", "hematuria"],
    ],
    "Complaint": ["Cough", "Fever", "Chest pain", "Back pain", "Abdominal pain", "Headache", "Shortness of breath"],
    "months": ["3 months", "6 months", "12 months", "4 weeks", "6 weeks", "1 year", "2 years"],
    "verdict": [
        *["No acute finding", "Normal examination", "No acute cardiopulmonary process", "No acute abnormality"],
        *["(Both) lower lobe pneumonia", "(Side) pneumothorax", "No evidence of malignancy", "Stable disease"],
        *["No evidence of pulmonary embolism", "(Degree) (side) hydronephrosis", "Acute appendicitis"],
    ],
    "sentence": [],  # the table below, filled in there
    "end": [" {period}"] * 13 + [""] * 3 + [" {period} {new paragraph}"] * 2 + [" {period} {next line}"] * 2,
    "colon": ["", "", "", " {colon}"],
}

SENTENCES = [
    "The lungs are clear",
    "The lungs are (well expanded|hyperinflated|clear bilaterally|low in volume)",
    "The (side) lung is clear",
    "No (lung absent) or (lung absent)",
    "No (lung absent)",
    "No (lung absent) {comma} (lung absent) {comma} or (lung absent)",
    "There is no (lung absent)",
    "There is a (size) (lung lesion) in the (lobe)",
    "There is a (size) (lung lesion) in the (lobe) {comma} (change) from prior",
    "A (area) (lung lesion) is seen in the (lobe)",
    "The (lobe) (lung lesion) measures (size) {comma} previously (size)",
    "There is a (amount) (both) pleural effusion",
    "(Amount) (both) pleural effusion with adjacent atelectasis",
    "(Amount) (side) pneumothorax measuring (size)",
    "No pleural effusion on the (side)",
    "(Texture) (opacity) in the (lobe) {comma} (likely) (lung cause)",
    "The heart size is (normal|enlarged|stable|at the upper limit of normal)",
    "The heart is (degreely) enlarged",
    "The mediastinal contours are (normal|unremarkable|widened|stable)",
    "The endotracheal tube tip is (cm) above the carina",
    "A (side) internal jugular catheter ends in the (superior vena cava|right atrium)",
    "The (side) chest tube is (in place|unchanged|removed)",
    "Healed (side) (rib fracture|rib fractures|clavicle fracture)",
    "Enlarged (side) hilar lymph node measuring (size)",
    "There is (degree) (emphysema|bronchial wall thickening|cardiomegaly|pulmonary edema|interstitial edema)",
    "There is no evidence of (pulmonary embolism|aortic dissection|metastatic disease|active tuberculosis)",
    "The (organ) is (fine)",
    "The (pair) are (fine)",
    "The (organ) and (pair) are (fine)",
    "There is a (size) (belly lesion) in the (belly place)",
    "A (area) (belly lesion) is seen in the (belly place) {comma} (change) from prior",
    "No (belly absent) or (belly absent)",
    "No (belly absent)",
    "There is no (belly absent) {comma} (belly absent) {comma} or (belly absent)",
    "(Degree) hydronephrosis on the (side)",
    "Gallstones (without|with) evidence of acute cholecystitis",
    "The common bile duct measures (mm)",
    "The appendix is (normal|dilated|not seen) {comma} measuring (mm)",
    "Diverticulosis without diverticulitis",
    "Abdominal aortic aneurysm measuring (cm)",
    "Fatty infiltration of the liver",
    "The (side) kidney measures (8-13).(1-9) cm",
    "Obstructing (mm) stone in the (distal|proximal|mid) (side) ureter",
    "At (disc) {comma} there is a (degree) (bulge) with (degree) (both) (narrowing)",
    "At (disc) there is (no|mild|moderate|severe) spinal canal stenosis",
    "(Degree) (both) (narrowing) at (disc)",
    "Compression fracture of (vertebra) with (10-80)% loss of height",
    "No compression fracture",
    "Vertebral body heights are (maintained|normal|decreased)",
    "Grade (1-3) anterolisthesis of (L4 on L5|L5 on S1|L3 on L4|C4 on C5)",
    "The conus ends at (L1|L2|T12)",
    "Degenerative changes of the (thoracic|lumbar|cervical) spine",
    "The alignment is (normal|maintained)",
    "The spinal cord is normal in signal",
    "No (brain absent) or (brain absent)",
    "No intracranial (brain absent) {comma} (brain absent) {comma} or (brain absent)",
    "There is an old infarct in the (side) (brain) lobe",
    "There is a (size) lesion in the (side) (brain) lobe",
    "The ventricles are (normal in size|enlarged|symmetric)",
    "There is a fracture of the (distal|proximal) (side) (bone)",
    "No fracture or dislocation of the (side) (joint)",
    "(Degree) osteoarthritis of the (side) (joint)",
    "(Amount) (side) (joint) joint effusion",
    "Comparison is made with the (left|right) side",
    "Correlation with (prior imaging|clinical findings|laboratory values) is recommended",
    "Pneumonia and {slash} or atelectasis in the (lobe)",
    "Edema and {slash} or infection",
    "This was (reviewed|discussed) with the (referring|on call) physician",
]
FILLINGS["sentence"] = SENTENCES

UTTERANCES = [
    *["(sentence)(end)"] * 30,
    *["[FINDINGS](colon) (sentence)(end)"] * 2,
    *["[IMPRESSION](colon) (sentence)(end)"] * 2,
    *["[IMPRESSION](colon) (verdict)(end)"] * 3,
    "(verdict)(end)",
    *["[EXAM TYPE](colon) (exam)(contrast)(end)"] * 3,
    *["[INDICATION](colon) (patient) with (complaint)(end)"] * 2,
    "[INDICATION](colon) (patient) {comma} (complaint) and (complaint)(end)",
    "[INDICATION](colon) (Complaint) {comma} (lung cause) {question mark}",
    "[CLINICAL HISTORY](colon) (patient) with (complaint)(end)",
    "[TECHNIQUE](colon) (Axial|Sagittal|Coronal) images were obtained(contrast)(end)",
    "[COMPARISON](colon) (None|Prior CT|Prior MRI|Prior chest radiograph)(end)",
    "[RECOMMENDATION](colon) Follow-up (CT|MRI|ultrasound) in (months)(end)",
    "Follow-up (CT|MRI|ultrasound) in (months) is recommended(end)",
    "Is this new {question mark}",
    "(Side) sided (nodule|mass|fracture|effusion) {question mark}",
    "Is there (lung absent) in the (lobe) {question mark}",
    "{new paragraph} (sentence)(end)",
    "{next line} (sentence)(end)",
]

NAME = re.compile(r"\(([^()]+)\)")
EIGHT = re.compile(r"\b(a) (?=8|11\b|18\b)", re.IGNORECASE)  # an 8 mm nodule
RANGE = re.compile(r"\d+-\d+")


def utterances(seed: int, held_out: bool = False) -> Iterator[str]:
    """Yield utterances as MedASR would write them, without end: for training, or held out and then all different."""
    chosen = random.Random(seed)
    known: set[str] = set()
    while True:
        text = EIGHT.sub(r"\1n ", _filled(chosen.choice(UTTERANCES), chosen))
        if is_held_out(text) == held_out and not (held_out and text in known):
            known.add(text)
            yield text


def is_held_out(text: str) -> bool:
    """Whether training must not see this utterance."""
    return zlib.crc32(text.encode()) % HELD_OUT == 0


def _filled(text: str, chosen: random.Random) -> str:
    while match := NAME.search(text):
        text = text[: match.start()] + _filling(match[1], chosen) + text[match.end() :]
    return text


def _filling(name: str, chosen: random.Random) -> str:
    if RANGE.fullmatch(name):
        first, last = map(int, name.split("-"))
        return str(chosen.randint(first, last))
    return chosen.choice(FILLINGS[name] if name in FILLINGS else name.split("|"))
