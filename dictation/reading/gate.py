"""Which images a vision-language model is shown at all, and why the others are not (`reading_gate.tsv`).

What an image is, its own header says; the study's header and then the order fill in what it leaves open. What nobody
states is not guessed: such an image is not read.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from dictation.errors import UsageError
from dictation.exam import Order
from dictation.findings.exam_match import facts_of_exam
from dictation.findings.exam_words import exam_of_text, innermost, modality_of_code
from dictation.findings.lexicon import cell
from dictation.findings.phrases import Phrases
from dictation.findings.tokens import tokenise
from dictation.imaging import Study, StudyImage
from dictation.imaging.for_reader import MAY_NAME_THE_PATIENT, may_be_shown
from dictation.lexicon import rows
from dictation.reading.patient import sex_and_age

RADIOGRAPH = "radiograph"
_LATERAL, _OTHER = "chest_lateral", "chest_other"
_SHORT_NAMES = {"cxr": "chest"}  # an exam's name that says its region without naming it
OTHER_EXAM = "the image is of another exam than the one that was ordered"
NO_EXAM = "neither an image header nor the order states what kind of exam this is"
NO_REGION = "neither an image header nor the order states which part of the body the radiograph shows"
NO_VIEW = "which of the chest radiographs is frontal is not stated"
VIEW_NOT_STATED = (
    "The view of the chest radiograph is not stated; it is read as frontal, and the heart looks larger if it is AP."
)
TURNED = "the image header does not say that the patient's left is on image right"
NO_SIDES = "nothing states which side is which"


@dataclass(frozen=True)
class Exam:
    """Images that may be shown. `shown` says what they are; ids as in `exam_names.tsv`.

    `no_side` says why no side may be asked for, "" where one may. `unjudged`: findings that this view does not allow to
    judge, each with the reason. `notes` are sentences on what had to be assumed.
    """

    modality: str
    regions: frozenset[str]
    shown: str
    images: tuple[StudyImage, ...]
    no_side: str = ""
    unjudged: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class NotRead:
    """A study that is not shown. `reason` is a part of a sentence; modality and regions as far as they are known."""

    reason: str
    modality: str = ""
    regions: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Stated:
    modality: str
    regions: frozenset[str]
    views: frozenset[str]
    limits: Mapping[str, str]


def switched_on(named: str) -> frozenset[str]:
    """Return the gates that the setting names ("ct, mr"). Raises UsageError for one that does not exist."""
    ids = frozenset(part.strip() for part in named.split(",") if part.strip())
    known = [row["id"] for row in rows("reading_gate")]
    if unknown := sorted(ids - set(known)):
        raise UsageError(f"DICTATION_READ_ALSO: '{unknown[0]}' is no kind of exam; name some of {', '.join(known)}.")
    return ids


def admitted(study: Study, order: Order | None = None, also: Collection[str] = ()) -> Exam | NotRead:
    """Return the images of a study that a model may be shown, or why there are none.

    `also` are ids of gates that are open besides those that always are. Of several kinds the first that always is.
    """
    if facts_of_exam(order, study.facts) is None:
        return NotRead(OTHER_EXAM, modality_of_code(study.facts.modality) or "")
    _, age = sex_and_age(study, order)
    found: dict[str, list[tuple[StudyImage, _Stated]]] = {}
    closed: list[NotRead] = []
    for image in study.images:
        stated = _stated(image, study, order)
        if not may_be_shown(image):
            closed.append(NotRead(MAY_NAME_THE_PATIENT, stated.modality, stated.regions))
            continue
        row = _row(stated, age, also)
        if isinstance(row, NotRead):
            closed.append(row)
        elif row["read"] == "yes" or row["id"] in also:
            found.setdefault(row["id"], []).append((image, stated))
        else:
            closed.append(NotRead(row["reason"], stated.modality, stated.regions))
    for row in sorted(rows("reading_gate"), key=lambda row: row["read"] != "yes"):
        if images := found.get(row["id"]):
            return _exam(row, images)
    return closed[0] if closed else NotRead("the study holds no image")


def _exam(row: dict[str, str], found: Sequence[tuple[StudyImage, _Stated]]) -> Exam | NotRead:
    modality, regions = found[0][1].modality, found[0][1].regions
    images, notes = tuple(image for image, _ in found), []
    sure: tuple[StudyImage, ...] = ()
    if modality == RADIOGRAPH:
        sure = tuple(image for image, stated in found if stated.views or not row["views"])
        if not sure and len(images) > 1:
            return NotRead(NO_VIEW, modality, regions)
        if not sure:
            notes.append(VIEW_NOT_STATED)
        if len(sure) > 1:
            notes.append(f"Of {len(sure)} images of this kind the first is read.")
        images = (sure or images)[:1]
    no_side = "" if row["sides"] == "yes" else f"no side is asked for on a {row['shown']}"
    if any(image.across not in ("", "L") for image in images if modality == RADIOGRAPH or image.plane == "axial"):
        no_side = no_side or TURNED
    if modality == RADIOGRAPH and not (sure or images[0].across):  # a frontal view is shown with left on image right
        no_side = no_side or NO_SIDES
    limits = next(stated.limits for image, stated in found if image is images[0])
    return Exam(modality, regions, row["shown"], images, no_side, limits, tuple(notes))


def _stated(image: StudyImage, study: Study, order: Order | None) -> _Stated:
    """Read what is stated: by the image, then by the study as a whole, then by the order."""
    order = order or Order()
    facts = study.facts
    modality = modality_of_code(image.modality) or modality_of_code(facts.modality) or ""
    regions: frozenset[str] = frozenset()
    for text in (image.body_part, facts.procedure, facts.body_part, order.body_part, order.procedure):
        regions = regions or _regions(text)
    if not modality:
        modality = modality_of_code(order.modality) or _only(exam_of_text(order.procedure).modality)
    views = _views(image.view)
    if image.across in ("A", "P") or (image.view and not views):  # from the side, or of a view that is not known here
        views |= {_LATERAL}
    named = [image.view] if image.view else [facts.view, facts.procedure, order.procedure]
    if not views and len(study.images) == 1:
        views = frozenset().union(*map(_views, named))
    code = image.modality or facts.modality
    exam = [code, image.body_part, facts.procedure, facts.body_part]
    exam += [] if code else [order.modality, order.procedure, order.body_part]
    views = views - {_OTHER} | {gate for text in exam for gate in _views(text) if gate == _OTHER}
    return _Stated(modality, regions, views, _limits(named))


def _limits(named: Iterable[str]) -> dict[str, str]:
    """Return the findings that a view does not allow to judge, each with the reason."""
    words = [tokenise(text) for text in named]
    return {
        finding: row["reason"]
        for row in rows("view_limits")
        if any(match for text in words for match in Phrases((word, True) for word in cell(row["words"])).find(text))
        for finding in cell(row["findings"])
    }


def _row(stated: _Stated, age: float | None, also: Collection[str]) -> dict[str, str] | NotRead:
    if not stated.modality:
        return NotRead(NO_EXAM)
    if stated.modality == RADIOGRAPH and not stated.regions:
        return NotRead(NO_REGION, RADIOGRAPH)
    for row in rows("reading_gate"):
        if row["modality"] != stated.modality or (row["region"] and stated.regions != {row["region"]}):
            continue
        if row["younger_than"] and (age is None or age >= float(row["younger_than"]) or row["id"] in also):
            continue
        if row["views"] and (row["id"] not in stated.views if stated.views else row["read"] != "yes"):
            continue
        return row
    return NotRead(f"there are no questions for this kind of exam ({stated.modality})", stated.modality)


def _regions(text: str) -> frozenset[str]:
    named = innermost(exam_of_text(text).region)
    return named or frozenset(region for name, region in _SHORT_NAMES.items() if name in text.lower().split())


def _views(text: str) -> frozenset[str]:
    """Return the gates whose views a text names. A lateral view beside a frontal one comes first in the table."""
    return frozenset(match.meaning for match in _view_phrases().find(tokenise(text)))


@cache
def _view_phrases() -> Phrases[str]:
    return Phrases((view, row["id"]) for row in rows("reading_gate") for view in row["views"].split(" | ") if view)


def _only(modalities: Collection[str]) -> str:
    return next(iter(modalities)) if len(modalities) == 1 else ""
