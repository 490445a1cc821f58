"""A case composed by hand: what a page shows must not depend on how well an engine heard today."""

from datetime import date

import numpy as np

from dictation.case import Case
from dictation.discrepancy import Discrepancy, Side, discrepancy_id
from dictation.discrepancy.discrepancy import Edit
from dictation.exam import ExamFacts, Order, Patient, Prior
from dictation.exchange import CaseView
from dictation.findings import Claim
from dictation.imaging import StudyImage
from dictation.reading import Opinion, Reading
from dictation.report import Report, Statement
from dictation.speech import Alternative, Engine, Transcript, Word
from dictation.wording import Dictation, Link, Retraction, Sentence

SECONDS_PER_WORD = 0.4
EAR = Engine(name="whisper", model="base", precision="int8")


def dictate(*sentences: tuple[str, str], doubtful: dict | None = None, misheard: dict | None = None) -> Dictation:
    """A dictation of (section, text), one word each 0.4 s; `doubtful` word → confidence, `misheard` word → heard."""
    doubtful, misheard = doubtful or {}, misheard or {}
    words, written = [], []
    for number, (section, text) in enumerate(sentences, 1):
        links, at = [], 0
        for piece in text.split(" "):
            plain = piece.strip(".,")
            start = len(words) * SECONDS_PER_WORD
            heard = misheard.get(plain, plain)
            alternatives = (Alternative(text=heard, source="lexicon"),) if plain in misheard else ()
            confidence = doubtful.get(plain, 0.96)
            words.append(
                Word(
                    text=heard,
                    start_s=start,
                    end_s=start + SECONDS_PER_WORD,
                    confidence=confidence,
                    alternatives=alternatives,
                )
            )
            links.append(Link(span=(at, at + len(piece)), words=(len(words) - 1,), corrected=plain in misheard))
            at += len(piece) + 1
        written.append(Sentence(id=f"s{number}", text=text, alignment=tuple(links), section=section))
    transcript = Transcript(
        recording="r" * 64, words=tuple(words), engine=EAR, duration_s=len(words) * SECONDS_PER_WORD
    )
    return Dictation(sentences=tuple(written), transcripts=(transcript,))


def quote(text: str, words: str, source: str, finding: str, **parts: str) -> Side:
    """One side of a difference: `words` where they stand in `text`, with a claim whose `parts` stand inside them."""
    start = text.index(words)
    places = {name: (start + words.index(p), start + words.index(p) + len(p)) for name, p in parts.items()}
    span = (start, start + len(words))
    claim = Claim(id=f"{source}-{start}", source=source, span=span, text=words, finding=finding, parts=places)
    return Side(text=words, span=span, claim=claim)


def chest_case() -> Case:
    """Left said, right written; an effusion seen; a measurement that grew; a doubtful word; a word taken back."""
    dictation = dictate(
        ("indication", "Cough and fever."),
        ("findings", "The lungs are clear of consolidation."),
        ("findings", "Calcified granuloma in the left upper lobe, 4 mm."),
        ("findings", "Small left pleural effusion."),
        ("findings", "No pneumothorax."),
        ("findings", "The mediastinum is unremarkable."),
        ("impression", "Small left pleural effusion, new since the prior."),
        doubtful={"consolidation": 0.41},
        misheard={"mediastinum": "mediascinum"},
    ).model_copy(update={"retracted": (Retraction(text="moderate", words=(), command="correction"),)})
    report = Report(
        exam=(Statement(id="r1", text="Chest X-ray, PA and lateral.", section="exam", origin="order"),),
        indication=(Statement(id="r2", text="Cough and fever.", section="indication", evidence=("s1",)),),
        comparison=(Statement(id="r3", text="Radiograph of 2026-05-02.", section="comparison", origin="order"),),
        findings=(
            Statement(
                id="r4",
                text="The lungs are clear of consolidation.",
                section="findings",
                organ="Lungs",
                evidence=("s2",),
            ),
            Statement(
                id="r5",
                text="Calcified granuloma in the left upper lobe, 14 mm.",
                section="findings",
                organ="Lungs",
                evidence=("s3",),
            ),
            Statement(
                id="r6",
                text="Small right pleural effusion.",
                section="findings",
                organ="Pleura",
                evidence=("s4",),
            ),
            Statement(id="r7", text="No pneumothorax.", section="findings", organ="Pleura", evidence=("s5",)),
            Statement(
                id="r8",
                text="The mediastinum is unremarkable.",
                section="findings",
                organ="Heart and mediastinum",
                evidence=("s6",),
            ),
            Statement(
                id="r9",
                text="No acute bony abnormality.",
                section="findings",
                organ="Bones",
                origin="template",
            ),
        ),
        impression=(
            Statement(
                id="r10",
                text="Small left pleural effusion, new since the prior.",
                section="impression",
                evidence=("s7",),
            ),
        ),
    )
    heard, written = dictation.text, report.text
    said = quote(heard, "Small left pleural effusion", "heard", "pleural_effusion", laterality="left")
    reported = quote(written, "Small right pleural effusion", "written", "pleural_effusion", laterality="right")
    size_said = quote(
        heard, "Calcified granuloma in the left upper lobe, 4 mm", "heard", "granuloma", measurement="4 mm"
    )
    size_reported = quote(
        written, "Calcified granuloma in the left upper lobe, 14 mm", "written", "granuloma", measurement="14 mm"
    )
    doubt = quote(heard, "consolidation", "heard", "consolidation")
    differences = (
        Discrepancy(
            id=discrepancy_id("laterality", "a", "b"),
            kind="laterality",
            severity="critical",
            heard=said,
            written=reported,
            explanation="The dictation says left; the report says right.",
            audio_span_s=dictation.seconds(*said.span),
            suggestion="Small left pleural effusion.",
            edits=(Edit(span=reported.span, text=said.text),),
        ),
        Discrepancy(
            id=discrepancy_id("measurement", "a", "b"),
            kind="measurement",
            severity="major",
            heard=size_said,
            written=size_reported,
            explanation="The dictation gives 4 mm; the report gives 14 mm.",
            audio_span_s=dictation.seconds(*size_said.span),
            edits=(Edit(span=size_reported.span, text=size_said.text),),
        ),
        Discrepancy(
            id=discrepancy_id("critical_word", "a"),
            kind="critical_word",
            severity="info",
            heard=doubt,
            explanation="The recognizer was unsure of this word.",
            audio_span_s=dictation.seconds(*doubt.span),
        ),
    )
    reading = Reading(
        reader="Example reader",
        opinions=(
            Opinion(
                finding="pleural_effusion",
                probability=0.88,
                laterality="left",
                side_assessed=False,
                box=(124, 108, 164, 168),
                calibrated=True,
            ),
            Opinion(finding="consolidation", probability=0.09, calibrated=True),
            Opinion(finding="cardiomegaly", assessed=False, reason="lateral view only"),
        ),
    )
    return Case(
        id="c1",
        orders=(
            Order(
                accession="0042-17",
                patient_id="P-17",
                name="EXAMPLE, Ada",
                birth_date=date(1965, 2, 3),
                sex="F",
                procedure="Chest X-ray, PA and lateral",
                indication="Cough, fever",
                priors=(Prior(date=date(2026, 5, 2), text="Clear lungs."),),
            ),
        ),
        recordings=("r" * 64,),
        facts=ExamFacts(performed=date(2026, 11, 24), patient=Patient(patient_id="P-17", name="EXAMPLE^Ada")),
        dictation=dictation,
        report=report,
        readings=(reading,),
        discrepancies=differences,
        engines={"ear": EAR, "writer": Engine(name="extractive"), "eye": Engine(name="Example reader")},
        warnings=("The recording is clipped in 2 places; lower the microphone level.",),
    )


def drawn_chest() -> StudyImage:
    """Two grey lungs and a bright base on the patient's left, drawn: 200 x 190 pixels."""
    y, x = np.mgrid[0:200, 0:190]
    pixels = np.zeros((200, 190), np.uint8)
    for centre in (60, 130):
        pixels[((x - centre) / 32) ** 2 + ((y - 95) / 68) ** 2 < 1] = 70
    pixels[(((x - 138) / 30) ** 2 + ((y - 150) / 22) ** 2 < 1)] = 150
    return StudyImage(pixels=pixels, caption="PA, drawn")


def chest_view(case: Case | None = None) -> CaseView:
    """The case with its drawn image; its recording is a tone as long as the dictation."""
    case = case or chest_case()
    times = np.arange(int(case.dictation.transcripts[0].duration_s * 16_000)) / 16_000
    tone = (0.2 * np.sin(2 * np.pi * 220 * times)).astype(np.float32)
    return CaseView(title="Chest, one planted difference", case=case, images=(drawn_chest(),), samples=tone)
