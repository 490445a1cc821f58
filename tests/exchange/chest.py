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
            times = {"start_s": start, "end_s": start + SECONDS_PER_WORD}
            words.append(Word(text=heard, confidence=confidence, alternatives=alternatives, **times))
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


def reported(*statements: tuple[str, str, str, str, str]) -> Report:
    """A report of (section, organ, origin, the sentence that it rests on, text)."""
    made: dict[str, list[Statement]] = {}
    for number, (section, organ, origin, evidence, text) in enumerate(statements, 1):
        given = {"section": section, "organ": organ or None, "origin": origin, "evidence": tuple(evidence.split())}
        made.setdefault(section, []).append(Statement(id=f"r{number}", text=text, **given))
    return Report(**{section: tuple(those) for section, those in made.items()})


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
    report = reported(
        ("exam", "", "order", "", "Chest X-ray, PA and lateral."),
        ("indication", "", "dictated", "s1", "Cough and fever."),
        ("comparison", "", "order", "", "Radiograph of 2026-05-02."),
        ("findings", "Lungs", "dictated", "s2", "The lungs are clear of consolidation."),
        ("findings", "Lungs", "dictated", "s3", "Calcified granuloma in the left upper lobe, 14 mm."),
        ("findings", "Pleura", "dictated", "s4", "Small right pleural effusion."),
        ("findings", "Pleura", "dictated", "s5", "No pneumothorax."),
        ("findings", "Heart and mediastinum", "dictated", "s6", "The mediastinum is unremarkable."),
        ("findings", "Bones", "template", "", "No acute bony abnormality."),
        ("impression", "", "dictated", "s7", "Small left pleural effusion, new since the prior."),
    )
    heard, written = dictation.text, report.text
    said = quote(heard, "Small left pleural effusion", "heard", "pleural_effusion", laterality="left")
    reported_side = quote(written, "Small right pleural effusion", "written", "pleural_effusion", laterality="right")
    size_said = quote(
        heard, "Calcified granuloma in the left upper lobe, 4 mm", "heard", "granuloma", measurement="4 mm"
    )
    size_reported = quote(
        written, "Calcified granuloma in the left upper lobe, 14 mm", "written", "granuloma", measurement="14 mm"
    )
    doubt = quote(heard, "consolidation", "heard", "consolidation")
    explained = (
        ("laterality", "critical", said, reported_side, "The dictation says left; the report says right."),
        ("measurement", "major", size_said, size_reported, "The dictation gives 4 mm; the report gives 14 mm."),
        ("critical_word", "info", doubt, None, "The recognizer was unsure of this word."),
    )
    differences = tuple(
        Discrepancy(
            id=discrepancy_id(kind, *("ab" if wrote else "a")),
            kind=kind,
            severity=severity,
            heard=spoken,
            written=wrote,
            explanation=explanation,
            audio_span_s=dictation.seconds(*spoken.span),
            suggestion=f"{spoken.text}." if kind == "laterality" else None,
            edits=(Edit(span=wrote.span, text=spoken.text),) if wrote else (),
        )
        for kind, severity, spoken, wrote, explanation in explained
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
