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
        *["(side) lung base", "(side) lung apex"],
    ],
    "degree": ["mild", "moderate", "severe"],
    "Degree": ["Mild", "Moderate", "Severe"],
    "amount": ["small", "moderate", "large", "trace"],
    "Amount": ["Small", "Moderate", "Large", "Trace"],
    "change": ["unchanged", "stable", "increased", "decreased", "new"],
    "mm": ["(2-9) mm", "(2-9) mm", "(10-19) mm", "(20-48) mm"],
    "cm": ["(1-9).(1-9) cm", "(1-9).(1-9) cm", "(2-9) cm"],
    "size": ["(mm)", "(cm)"],
    "area": ["(1-6).(1-9) x (1-6).(1-9) cm", "(3-9) x (3-9) mm", "(2-9) x (2-9) cm"],
    "lung lesion": ["nodule", "nodule", "mass", "solid nodule", "ground glass nodule", "cavity"],
    "lung absent": [
        *["pleural effusion", "pneumothorax", "focal consolidation", "pulmonary edema", "pneumonia", "nodule"],
        *["opacity", "fracture"],
    ],
    "opacity": ["opacity", "consolidation", "atelectasis"],
    "Texture": ["Patchy", "Hazy", "Linear"],
    "lung cause": ["atelectasis", "pneumonia", "edema", "infection"],
    "organ": ["liver", "spleen", "pancreas", "gallbladder"],
    "pair": ["kidneys", "adrenal glands"],
    "fine": ["normal", "unremarkable", "normal in size"],
    "belly lesion": ["cyst", "mass", "lesion", "stone"],
    "belly place": ["(side) kidney", "liver", "spleen", "(side) adrenal gland", "pancreas"],
    "belly absent": ["hydronephrosis", "renal stone", "free fluid", "free air", "bowel obstruction", "ascites"],
    "disc": [
        *["L1-L2", "L2-L3", "L3-L4", "L4-L5", "L4-L5", "L5-S1", "L5-S1", "C2-C3", "C3-C4", "C4-C5", "C5-C6"],
        *["C6-C7", "T5-T6", "T8-T9", "T11-T12", "T12-L1"],
    ],
    "vertebra": ["L(1-5)", "T(1-12)", "C(2-7)", "S1"],
    "bulge": ["disc bulge", "disc herniation", "disc protrusion"],
    "narrowing": ["foraminal narrowing", "foraminal stenosis"],
    "exam": [
        *["CT chest", "CT abdomen", "MRI lumbar spine", "MRI cervical spine"],
        *["Chest radiograph", "Ultrasound abdomen"],
    ],
    "contrast": [" with contrast", " without contrast", ""],
    "patient": ["(20-90)-year-old male", "(20-90)-year-old female"],
    "complaint": ["cough", "fever", "chest pain", "back pain", "abdominal pain", "(side) flank pain", "trauma"],
    "Complaint": ["Cough", "Fever", "Chest pain", "Back pain", "Abdominal pain"],
    "months": ["3 months", "6 months", "12 months", "4 weeks", "6 weeks", "1 year"],
    "verdict": [
        *["No acute finding", "No acute abnormality", "(Both) lower lobe pneumonia", "(Side) pneumothorax"],
        *["No evidence of pulmonary embolism", "(Degree) (side) hydronephrosis", "Stable (side) lung nodule"],
    ],
    "sentence": [],  # the table below, filled in there
    "end": [" {period}"] * 13 + [""] * 3 + [" {period} {new paragraph}"] * 2 + [" {period} {next line}"] * 2,
    "colon": ["", "", "", " {colon}"],
}

SENTENCES = [
    "The lungs are clear",
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
    "(Texture) (opacity) in the (lobe) {comma} likely (lung cause)",
    "The heart size is (normal|enlarged|stable)",
    "The mediastinal contours are (normal|unremarkable|stable)",
    "Enlarged (side) hilar lymph node measuring (size)",
    "There is (degree) (emphysema|pulmonary edema)",
    "There is no evidence of pulmonary embolism",
    "The (organ) is (fine)",
    "The (pair) are (fine)",
    "The (organ) and (pair) are (fine)",
    "There is a (size) (belly lesion) in the (belly place)",
    "A (area) (belly lesion) is seen in the (belly place) {comma} (change) from prior",
    "No (belly absent) or (belly absent)",
    "There is no (belly absent) {comma} (belly absent) {comma} or (belly absent)",
    "(Degree) hydronephrosis on the (side)",
    "The common bile duct measures (mm)",
    "The appendix is (normal|dilated|not seen)",
    "The (side) kidney measures (8-13).(1-9) cm",
    "At (disc) {comma} there is a (degree) (bulge) with (degree) (both) (narrowing)",
    "At (disc) there is (no|mild|moderate|severe) spinal canal stenosis",
    "(Degree) (both) (narrowing) at (disc)",
    "Compression fracture of (vertebra) with (10-80)% loss of height",
    "No compression fracture",
    "Vertebral body heights are (maintained|normal|decreased)",
    "Grade (1-3) anterolisthesis of (L4 on L5|L5 on S1|L3 on L4|C4 on C5)",
    "Degenerative changes of the (lumbar|cervical) spine",
    "The spinal cord is normal in signal",
    "Pneumonia and {slash} or atelectasis in the (lobe)",
    "Edema and {slash} or infection",
]
FILLINGS["sentence"] = SENTENCES

UTTERANCES = [
    *["(sentence)(end)"] * 30,
    *["[FINDINGS](colon) (sentence)(end)"] * 2,
    *["[IMPRESSION](colon) (sentence)(end)"] * 2,
    *["[IMPRESSION](colon) (verdict)(end)"] * 3,
    *["[EXAM TYPE](colon) (exam)(contrast)(end)"] * 3,
    *["[INDICATION](colon) (patient) with (complaint)(end)"] * 2,
    "[INDICATION](colon) (patient) {comma} (complaint) and (complaint)(end)",
    "[INDICATION](colon) (Complaint) {comma} (lung cause) {question mark}",
    "[CLINICAL HISTORY](colon) (patient) with (complaint)(end)",
    "[TECHNIQUE](colon) (Axial|Sagittal) images were obtained(contrast)(end)",
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
