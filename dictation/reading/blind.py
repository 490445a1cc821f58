"""A vision-language model as a reader: it sees images, modality, age and sex, and answers questions it cannot dodge.

It is given no word of the dictation, of the indication or of the patient. Each finding is asked for in several ways
(`probing`), and an answer counts only where it passes the controls (`controls`); all else is not assessed.
"""

from collections.abc import Collection, Sequence
from functools import cached_property
from threading import Event
from typing import Any

from dictation.errors import InputError, MissingError, ModelError
from dictation.exam import Order
from dictation.imaging import Study
from dictation.imaging.for_reader import patient_side, square
from dictation.models.protocol import NotAssessed, VisionLanguageModel
from dictation.reading.asking import Asked
from dictation.reading.calibration import NO_MORE, PROMPTS, SiteCalibration
from dictation.reading.describing import described, located
from dictation.reading.gate import RADIOGRAPH, Exam, NotRead, admitted
from dictation.reading.longitudinal import changes
from dictation.reading.patient import sex_and_age
from dictation.reading.probes import Probe, patient_words, probes_for, prompt_version, words
from dictation.reading.probing import Answer
from dictation.reading.reading import PRESENT, Opinion, Reading
from dictation.reading.showing import context, shown
from dictation.speech import Engine

ANY_FINDING = "other:any finding"  # what is not assessed where no list of findings fits the exam


class BlindReader:
    """An ImageReader over any model that sees images and gives the probabilities of its answers."""

    def __init__(
        self,
        model: VisionLanguageModel,
        *,
        calibration: SiteCalibration | None = None,
        also: Collection[str] = (),
        describes: bool = False,
        locates: bool = False,
    ) -> None:
        """`also` are gates to open (`gate.switched_on`); `describes` adds a description, `locates` boxes.

        Raises MissingError for a model that reads text only.
        """
        if not model.sees:
            fix = "name one that sees images, such as google/medgemma-1.5-4b-it"
            raise MissingError(f"{model.engine.model or model.engine.name}: this model reads text only; {fix}.")
        self._model = model
        self._calibration = calibration
        self._also = frozenset(also)
        self._describes, self._locates = describes, locates
        self._of_blank: dict[tuple[object, ...], Answer | NotAssessed] = {}

    @cached_property
    def engine(self) -> Engine:
        """The record of the model, with the version of what it is asked."""
        engine = self._model.engine
        own: dict[str, Any] = {"reader": "blind probes", PROMPTS: prompt_version(), "read_also": sorted(self._also)}
        own |= {"describes": self._describes, "locates": self._locates}
        if self._calibration:
            own["calibration"] = self._calibration.record
        return engine.model_copy(update={"settings": engine.settings | own})

    def read(
        self, study: Study, prior: Study | None = None, order: Order | None = None, cancel: Event | None = None
    ) -> Reading:
        """Read a study; see ImageReader. What the gate keeps back is not shown to the model."""
        exam = admitted(study, order, self._also)
        probes = probes_for(exam.modality, exam.regions)
        if isinstance(exam, NotRead):
            return self._not_read(study, exam.reason, probes)
        if not probes:
            return self._not_read(study, f"there are no questions for this kind of exam ({exam.shown})", probes)
        patient = patient_words(*sex_and_age(study, order))
        try:
            contents = shown(exam, study, patient)
        except InputError as error:
            return self._not_read(study, str(error), probes)
        asked = Asked(self._model, contents, context(exam, patient), exam.no_side, self._of_blank, cancel)
        opinions = {
            probe.finding: _unassessed(probe, exam.unjudged[probe.finding])
            if probe.finding in exam.unjudged
            else self._opinion(asked, probe)
            for probe in probes
        }
        present = [probe for probe in probes if is_present(opinions[probe.finding])]
        notes = list(exam.notes)
        if prior is not None:
            try:
                notes += self._compare(opinions, present, exam, asked, prior, order, patient)
            except (InputError, ModelError) as error:
                notes.append(f"Change is not assessed: {error}")
        description = None
        try:
            if self._locates and exam.modality == RADIOGRAPH:
                _locate(opinions, present, exam, asked)
            if self._describes:
                description = described(self._model, asked.prefix, asked.context, cancel)
        except ModelError as error:  # these are additions: the opinions stand without them
            notes.append(f"The image was not described further: {error}")
        return Reading(
            reader=self.engine.name, study=study.id, description=description, opinions=tuple(opinions.values()),
            engine=self.engine, notes=tuple(notes),
        )  # fmt: skip

    def _not_read(self, study: Study, reason: str, probes: Sequence[Probe]) -> Reading:
        findings = [probe.finding for probe in probes] or [ANY_FINDING]
        opinions = tuple(Opinion(finding=finding, assessed=False, reason=reason) for finding in findings)
        return Reading(reader=self.engine.name, study=study.id, opinions=opinions, engine=self.engine)

    def _opinion(self, asked: "Asked", probe: Probe) -> Opinion:
        probability = asked.presence(probe)
        if isinstance(probability, NotAssessed):
            return _unassessed(probe, probability.reason)
        calibrated = self._calibration.apply(probe.finding, probability) if self._calibration else None
        if self._calibration and calibrated is not None and not self._calibration.tells(probe.finding, calibrated):
            return _unassessed(probe, NO_MORE)
        opinion = Opinion(
            finding=probe.finding,
            site=probe.sites,
            probability=probability if calibrated is None else calibrated,
            calibrated=calibrated is not None,
        )
        if not is_present(opinion) or not probe.side_questions:
            return opinion
        moved = asked.moved(probe)
        if moved is not None:
            return _unassessed(probe, moved.reason)
        side = asked.side(probe)
        if isinstance(side, NotAssessed):
            return opinion.model_copy(update={"side_assessed": False, "reason": f"side: {side.reason.rstrip('.')}"})
        return opinion.model_copy(update={"laterality": side})

    def _compare(
        self,
        opinions: dict[str, Opinion],
        present: Sequence[Probe],
        exam: Exam,
        asked: "Asked",
        prior: Study,
        order: Order | None,
        patient: str,
    ) -> list[str]:
        """Add the change of what is there; return notes on why there is none."""
        earlier = admitted(prior, order, self._also)
        if isinstance(earlier, NotRead):
            return [f"Change is not assessed: of the earlier study, {earlier.reason}."]
        if exam.modality != RADIOGRAPH or earlier.shown != exam.shown:
            return ["Change is not assessed: it is asked of two radiographs of one kind only."]
        said = words("pair", exam=exam.shown, patient=patient)
        found = changes(self._model, shown(earlier, prior, patient), asked.contents, present, said, asked.cancel)
        for finding, change in found.items():
            if isinstance(change, NotAssessed):
                reason = "; ".join(filter(None, (opinions[finding].reason, f"change: {change.reason.rstrip('.')}")))
                opinions[finding] = opinions[finding].model_copy(update={"reason": reason})
            else:
                opinions[finding] = opinions[finding].model_copy(update={"change": change})
        return []


def _unassessed(probe: Probe, reason: str) -> Opinion:
    return Opinion(finding=probe.finding, site=probe.sites, assessed=False, reason=reason.rstrip("."))


def is_present(opinion: Opinion) -> bool:
    """Whether the reader holds the finding to be there."""
    return opinion.assessed and opinion.probability is not None and opinion.probability >= PRESENT


def _locate(opinions: dict[str, Opinion], present: Sequence[Probe], exam: Exam, asked: Asked) -> None:
    """Add boxes; where one lies on the other side of the patient, neither it nor the side counts."""
    image = exam.images[0]
    boxes = located(asked.model, asked.prefix, square(image.pixels), present, asked.context, asked.cancel)
    for finding, box in boxes.items():
        opinion = opinions[finding]
        lies = None if exam.no_side else patient_side(box, image.pixels.shape[1])
        if opinion.laterality in ("left", "right") and lies not in (None, opinion.laterality):
            why = "side: the place that the model gives lies on the other side"
            opinion = opinion.model_copy(update={"laterality": None, "side_assessed": False, "reason": why})
        else:
            opinion = opinion.model_copy(update={"box": box})
        opinions[finding] = opinion
