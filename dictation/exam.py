"""Who was examined, how, and why: the facts of which the order and the image header both speak.

Identity lives in `Patient` and nowhere else, so that it can be kept out of prompts, logs and file names.
"""

from datetime import date
from typing import Literal

from dictation.frozen import Frozen

Sex = Literal["F", "M", "O"]  # DICOM PS3.3 C.7.1.1, (0010,0040)
Side = Literal["left", "right", "bilateral"]


class Patient(Frozen):
    """Identity as one source states it. Empty string and None mean "not stated", which contradicts nothing.

    `name` is "FAMILY, Given" or DICOM's "FAMILY^Given"; `age_years` only where no birth date is known.
    """

    patient_id: str = ""
    name: str = ""
    birth_date: date | None = None
    sex: Sex | None = None
    age_years: float | None = None


class ExamFacts(Frozen):
    """What was examined, as an order or an image header states it.

    `modality` is a DICOM code (CR, DX, CT, MR, US, MG); `body_part` is free text as stated ("CHEST");
    `contrast` and `view` (PA, AP, LL) come from headers and are empty in most orders.
    """

    accession: str = ""
    procedure: str = ""
    modality: str = ""
    body_part: str = ""
    laterality: Side | None = None
    contrast: str = ""
    view: str = ""
    performed: date | None = None
    patient: Patient = Patient()


class Prior(Frozen):
    """An earlier report: its date and its text."""

    date: date
    text: str = ""


class Order(Frozen):
    """The request for the exam, as the information system sends it. JSON keys are those of the house plan."""

    accession: str = ""
    patient_id: str = ""
    name: str = ""
    birth_date: date | None = None
    sex: Sex | None = None
    age: float | None = None
    procedure: str = ""
    modality: str = ""
    body_part: str = ""
    laterality: Side | None = None
    indication: str = ""
    priors: tuple[Prior, ...] = ()

    @property
    def patient(self) -> Patient:
        """The identity that this order states."""
        return Patient(
            patient_id=self.patient_id, name=self.name, birth_date=self.birth_date, sex=self.sex, age_years=self.age
        )
