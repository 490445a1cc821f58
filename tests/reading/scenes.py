"""Studies drawn for a reader, and a look over a model's shoulder at what it is given."""

from datetime import date

import numpy as np

from dictation.exam import ExamFacts, Order, Patient
from dictation.imaging import Study, StudyImage
from tests.reading.drawn import Scene, drawn

PATIENT = Patient(
    patient_id="4711-XYZ", name="MUSTERFRAU^Erika", birth_date=date(1960, 5, 17), sex="F"
)  # 64 at the exam
FACTS = ExamFacts(
    accession="A-2024-99", procedure="CHEST PA", modality="DX", body_part="CHEST", view="PA",
    performed=date(2024, 8, 1), patient=PATIENT,
)  # fmt: skip
ORDER = Order(
    accession="A-2024-99", patient_id="4711-XYZ", name="MUSTERFRAU^Erika", birth_date=date(1960, 5, 17), sex="F",
    procedure="XR CHEST PA", indication="Dyspnoea after a fall; query haemothorax", performed=date(2024, 8, 1),
)  # fmt: skip


def chest(scene: Scene, seed: int = 1, rows: int = 240, columns: int = 240, **stated: str) -> Study:
    """A frontal chest radiograph of a scene; `stated` is what its image says otherwise."""
    said = {"modality": "DX", "body_part": "CHEST", "view": "PA", "across": "L"} | stated
    pixels = drawn(scene, np.random.default_rng(seed), rows, columns)
    return Study(id="1.2.3", images=(StudyImage(pixels, "DX PA", "1", 1, **said),), facts=FACTS)


class Watched:
    """A model that notes what it is given and passes it on."""

    def __init__(self, model):
        self.model, self.seen, self.prompts, self.asked = model, [], [], []

    def __getattr__(self, name):
        return getattr(self.model, name)

    def prepare(self, seen=(), cancel=None):
        self.seen.append(seen)
        return self.model.prepare(seen, cancel)

    def generate(self, prefix, prompt, schema, cancel=None, told=None):
        self.prompts.append(prompt)
        return self.model.generate(prefix, prompt, schema, cancel, told)

    def choose(self, prefix, prompt, options, cancel=None):
        self.prompts.append(prompt)
        return self.model.choose(prefix, prompt, options, cancel)
