"""The facts that DICOM headers state: who, what, which side, when (PS3.3 C.7.1.1, C.7.2.1, C.7.3.1)."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from dictation.exam import ExamFacts, Patient, Sex, Side
from dictation.lexicon import rows
from dictation.unseen import seen

NOT_FOR_READING = {  # modality (0008,0060) of objects that hold pixels or none, but no picture of the patient
    "SEG": "a segmentation",
    "RTDOSE": "a dose grid",
    "RTSTRUCT": "contours",
    "RTPLAN": "a treatment plan",
    "SR": "a structured report",
    "PR": "a presentation state",
    "KO": "a key object note",
    "REG": "a registration",
    "ECG": "a waveform",
    "DOC": "a document",
}
SCREENS = ("SC", "OT")  # modality of what was taken from a screen, with whatever stood on it
SECONDARY_CAPTURE_CLASS = "1.2.840.10008.5.1.4.1.1.7"  # and its multi-frame kinds (PS3.4 B.5)
SIDES: dict[str, Side] = {"L": "left", "R": "right", "B": "bilateral"}
YEARS_PER_UNIT = {"Y": 1.0, "M": 1 / 12, "W": 7 / 365.25, "D": 1 / 365.25}  # PS3.5 table 6.2-1, AS


def header_text(dataset: Any, keyword: str) -> str:
    """Return an element as one line of text, "" where it is absent, empty or unreadable."""
    try:
        value = dataset.get(keyword)
    except Exception:  # pydicom converts on access: a malformed value raises here
        return ""
    if value is None:
        return ""
    if not isinstance(value, str) and hasattr(value, "__iter__") and not hasattr(value, "components"):
        value = "\\".join(str(item) for item in value)
    return re.sub(r"\s+", " ", seen(str(value))).strip()


def facts_of(dataset: Any) -> ExamFacts:
    """Return what one header states; what it does not state, or states invalidly, stays empty."""
    sex = header_text(dataset, "PatientSex").upper()
    birth_date = _date(header_text(dataset, "PatientBirthDate"))
    patient = Patient(
        patient_id=header_text(dataset, "PatientID"),
        name=_name(header_text(dataset, "PatientName")),
        birth_date=birth_date,
        sex=_sex(sex),
        age_years=_age_years(header_text(dataset, "PatientAge")) if birth_date is None else None,
    )
    side = header_text(dataset, "ImageLaterality") or header_text(dataset, "Laterality") or _frame_side(dataset)
    return ExamFacts(
        accession=header_text(dataset, "AccessionNumber"),
        procedure=header_text(dataset, "StudyDescription")
        or header_text(dataset, "RequestedProcedureDescription")
        or header_text(dataset, "PerformedProcedureStepDescription"),
        modality=header_text(dataset, "Modality").upper(),
        body_part=header_text(dataset, "BodyPartExamined") or _coded_region(dataset),
        laterality=SIDES.get(side.upper()),
        contrast=header_text(dataset, "ContrastBolusAgent"),
        view=header_text(dataset, "ViewPosition").upper() or _coded_view(dataset),
        performed=_date(header_text(dataset, "StudyDate")),
        patient=patient,
    )


def may_name_the_patient(dataset: Any) -> bool:
    """Say whether the pixels may show whose they are: stated, or taken from a screen and not denied.

    PS3.3 C.7.6.1.1.1 (image type), C.7.6.1 (burned in annotation), C.8.6.1 (secondary capture).
    """
    stated = header_text(dataset, "BurnedInAnnotation").upper()
    modality, kind = (header_text(dataset, name).upper() for name in ("Modality", "ImageType"))
    sop_class = header_text(dataset, "SOPClassUID")
    is_capture = sop_class == SECONDARY_CAPTURE_CLASS or sop_class.startswith(f"{SECONDARY_CAPTURE_CLASS}.")
    return stated == "YES" or (stated != "NO" and (modality in SCREENS or "SCREEN SAVE" in kind or is_capture))


def merged(facts: Sequence[ExamFacts]) -> ExamFacts:
    """Return what the headers of one study state together, images in display order.

    Body parts, views and contrast agents are listed; left and right images make a bilateral study; of the rest the
    commonest statement counts. Whether the images belong to one patient is the caller's question.
    """

    def commonest(name: str, of: Sequence[Any]) -> Any:
        stated = [value for value in (getattr(one, name) for one in of) if value not in ("", None)]
        return Counter(stated).most_common(1)[0][0] if stated else getattr(of[0], name)

    def listed(name: str) -> str:
        return ", ".join(dict.fromkeys(value for value in (getattr(one, name) for one in facts) if value))

    sides = {one.laterality for one in facts if one.laterality}
    patients = [one.patient for one in facts]
    return ExamFacts(
        accession=commonest("accession", facts),
        procedure=commonest("procedure", facts),
        modality=commonest("modality", facts),
        body_part=listed("body_part"),
        laterality=None if not sides else sides.pop() if len(sides) == 1 else "bilateral",
        contrast=listed("contrast"),
        view=listed("view"),
        performed=commonest("performed", facts),
        patient=Patient(**{name: commonest(name, patients) for name in Patient.model_fields}),
    )


def _name(text: str) -> str:
    """Return the first filled component group of a person name: alphabetic, else ideographic (PS3.5 6.2.1)."""
    groups = [group.strip().rstrip("^").strip() for group in text.split("=")]
    return next((group for group in groups if group), "")


def _sex(text: str) -> Sex | None:
    return {"F": "F", "M": "M", "O": "O"}.get(text)  # type: ignore[return-value]


def _age_years(text: str) -> float | None:
    match = re.fullmatch(r"(\d{1,3})([YMWD])", text.upper())
    return round(int(match[1]) * YEARS_PER_UNIT[match[2]], 2) if match else None


def _date(text: str) -> date | None:
    digits = re.sub(r"(?<=\d)[-.](?=\d)", "", text)  # ACR-NEMA wrote 1997.04.24
    try:
        return date.fromisoformat(digits) if re.fullmatch(r"\d{8}", digits) else None
    except ValueError:
        return None


def _coded_view(dataset: Any) -> str:
    """Return a view that is stated by its code only (PS3.3 C.8.11.5): a lateral must not pass for frontal."""
    try:
        code = str(dataset.ViewCodeSequence[0].CodeValue).strip()
    except (AttributeError, IndexError, TypeError):
        return ""
    return next((row["view"] for row in rows("dicom_views") if code in row["codes"].split(" | ")), "")


def _coded_region(dataset: Any) -> str:
    """Return the meaning of the code of the anatomic region, "" without one (PS3.3 10.5.2)."""
    try:
        return header_text(dataset.AnatomicRegionSequence[0], "CodeMeaning")
    except (AttributeError, IndexError, TypeError):
        return ""


def _frame_side(dataset: Any) -> str:
    """Return the side that an enhanced multi-frame object states for its frames (PS3.3 C.7.6.16.2.8)."""
    try:
        return str(dataset.SharedFunctionalGroupsSequence[0].FrameAnatomySequence[0].FrameLaterality)
    except (AttributeError, IndexError, TypeError):
        return ""
