"""Labelled images → what a reader's probabilities are worth, kept for the next time that it is used.

Each image is read as any other, without the site's earlier calibration. What was read is remembered below the cache by
the image's content, so that an interrupted run goes on. Neither the result nor what is remembered names a patient.
"""

import hashlib
import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from dictation.errors import Cancelled, DictationError, InputError, ModelError
from dictation.exam import Order
from dictation.imaging import Study, load_study
from dictation.private import private_file, private_folder
from dictation.reading import ImageReader, Reading
from dictation.reading.calibration import PROMPTS, FindingCalibration, SiteCalibration, calibration_file, code_of
from dictation.reading.patient import blinded
from dictation.reading.platt import auc, brier, fitted, logits, unseen
from dictation.settings import Settings
from dictation.speech import Engine
from pipelines.calibrate import all_counted, keep
from pipelines.exits import note
from pipelines.image_manifest import ImageRow, read_image_manifest

FOLDER = "readings"  # below the cache
MIN_PATIENTS = 30  # with a finding, and without it: with fewer, the slope is little more than the prior
PROGRESS_S = 5.0  # between two notes


@dataclass(frozen=True)
class Judged:
    """One image: whose it is, its labels, and the reader's probability of each finding that it assessed."""

    patient: str
    labels: dict[str, bool]
    probabilities: dict[str, float]


def calibrate_reader(
    manifest: Path, reader: ImageReader, settings: Settings, out: Path | None = None
) -> tuple[str, bool]:
    """Calibrate `reader` on labelled images; return the table for people, and whether every row counted.

    The calibration is kept at `out`, or where the reader finds it the next time. Raises InputError where no finding has
    enough patients or none is told better than by its frequency, ModelError for an engine that does not know its
    weights, Cancelled on an interrupt.
    """
    engine = reader.engine
    if not engine.weights_sha256:
        raise ModelError(
            f"the reader {engine.name} does not say which weights it runs, so a calibration could be used for others; "
            "calibrate a reader on this machine."
        )
    rows, errors, unknown = read_image_manifest(manifest)
    for error in errors:
        note(f"dictation: {error}")
    if unknown:
        note(f"warning: {manifest}: no finding is called {', '.join(unknown)}; these columns are left out.")
    judged, failed, reason = _read_all(manifest, rows, reader, Remembered(settings.cache, engine))
    calibration, lines = measured(manifest, engine, judged, reason)
    keep(calibration, out, calibration_file(settings.home, engine))
    return "\n".join(lines) + "\n", all_counted(len(errors) + failed, "images")


class Remembered:
    """What a reader said of images, by their content; one file for each reader below the cache."""

    def __init__(self, cache: Path, engine: Engine) -> None:
        self._path = (cache / FOLDER / calibration_file(cache, engine).name).with_suffix(".jsonl")
        self._known: dict[str, dict[str, float]] = {}
        try:
            text = self._path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return
        for line in text.splitlines():
            try:
                entry = json.loads(line)
                self._known[entry["image"]] = {name: float(value) for name, value in entry["read"].items()}
            except (ValueError, KeyError, TypeError, AttributeError):
                continue  # half a line of an interrupted run: that image is read again

    def read(self, reader: ImageReader, study: Study, order: Order) -> tuple[dict[str, float], str]:
        """Return the probabilities of what was assessed, and the image's content as a digest.

        Raises InputError where nothing was assessed, and what the reader raises.
        """
        key = _content(study, order)
        if key not in self._known:
            self._known[key] = _probabilities(reader.read(study, order=blinded(order)))
            self._write(key)
        return self._known[key], key

    def _write(self, key: str) -> None:
        line = json.dumps({"image": key, "read": self._known[key]})
        try:
            private_folder(self._path.parent)
            private_file(self._path)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(f"\n{line}\n")  # a line that an interrupted run left unfinished ends here
        except OSError as error:
            note(f"warning: {self._path}: cannot be written ({error.strerror}); an interrupted run will read again.")


def _content(study: Study, order: Order) -> str:
    digest = hashlib.sha256((order.model_dump_json() + study.facts.model_dump_json()).encode())
    for image in study.images:
        digest.update(f"{image.pixels.shape} {image.view}".encode())
        digest.update(image.pixels.tobytes())
    return digest.hexdigest()


def _probabilities(reading: Reading) -> dict[str, float]:
    assessed = {
        opinion.finding: opinion.probability
        for opinion in reading.opinions
        if opinion.assessed and opinion.probability is not None
    }
    if not assessed:
        raise InputError(f"not assessed: {next((opinion.reason for opinion in reading.opinions), 'nothing was said')}.")
    return assessed


def _read_all(
    manifest: Path, rows: Sequence[ImageRow], reader: ImageReader, remembered: Remembered
) -> tuple[list[Judged], int, str]:
    """Read every image; return what was judged, how many images could not be used, and why the last of them."""
    judged: list[Judged] = []
    seen: dict[str, int] = {}
    failed, reason, told_s = 0, "", time.monotonic()
    try:
        for done, row in enumerate(rows, 1):
            try:
                found, key = remembered.read(reader, load_study([row.image]), row.order)
                if key in seen:
                    raise InputError(f"the same image as in line {seen[key]}; delete one of them.")
                seen[key] = row.line
                judged.append(Judged(row.patient or key, row.labels, found))
            except DictationError as error:
                if isinstance(error, Cancelled):
                    raise
                failed, reason = failed + 1, str(error)
                note(f"dictation: {manifest}, line {row.line}: {error}")
            if time.monotonic() - told_s >= PROGRESS_S or done == len(rows):
                told_s = time.monotonic()
                note(f"[{done}/{len(rows)}] images read")
    except (KeyboardInterrupt, Cancelled):
        raise Cancelled(
            f"interrupted after {len(seen)} of {len(rows)} images; run it again and it goes on from there."
        ) from None
    return judged, failed, reason


def measured(
    manifest: Path, engine: Engine, judged: Sequence[Judged], reason: str = ""
) -> tuple[SiteCalibration, list[str]]:
    """Return the calibration and a table of it. Raises InputError where no finding can be calibrated.

    Each finding that cannot be is told why.
    """
    if not judged:
        raise InputError(f"{manifest}: no image could be used; the last one: {reason or 'there is none.'}")
    lines = [
        f"{engine.name} {engine.model} ({engine.precision}): {len(judged)} images",
        "finding                  with  without  AUC    Brier  calibrated",
    ]
    findings: dict[str, FindingCalibration] = {}
    for finding in sorted({finding for image in judged for finding in image.labels}):
        found = _finding(finding, judged)
        if isinstance(found, str):
            note(f"{finding}: {found}")
            continue
        findings[finding] = found
        lines.append(
            f"{finding:<24} {found.present:4}  {found.absent:7}  {found.auc:.3f}  {found.brier:.3f}  "
            f"{found.brier_after:.3f}"
        )
    if not findings:
        raise InputError(f"{manifest}: none of its findings could be calibrated; add images.")
    lines.append("The last column is of patients that were not fitted to.")
    calibration = SiteCalibration(
        reader=engine.name,
        model=engine.model,
        weights_sha256=engine.weights_sha256,
        precision=engine.precision,
        prompt_version=str(engine.settings.get(PROMPTS, "")),
        versions=code_of(engine),
        findings=findings,
        images=len(judged),
        made_on=date.today(),
    )
    return calibration, lines


def _finding(finding: str, judged: Iterable[Judged]) -> FindingCalibration | str:
    """Calibrate one finding, or say why not."""
    images = [image for image in judged if finding in image.labels and finding in image.probabilities]
    if not images:
        return "not calibrated: the reader does not assess it."
    present = np.array([image.labels[finding] for image in images])
    probabilities = np.array([image.probabilities[finding] for image in images])
    numbers = {patient: number for number, patient in enumerate(dict.fromkeys(image.patient for image in images))}
    patients = [numbers[image.patient] for image in images]
    with_finding = {patient for patient, has in zip(patients, present, strict=True) if has}
    without = len(numbers) - len(with_finding)
    if min(len(with_finding), without) < MIN_PATIENTS:
        return (
            f"not calibrated: {len(with_finding)} patients with it and {without} without, and at least {MIN_PATIENTS} "
            "of each are needed; add images."
        )
    values = logits(probabilities)
    slope, intercept = fitted(values, present)
    after = unseen(values, present, patients)
    score, by_frequency = brier(after, present), brier(np.full(len(present), present.mean()), present)
    if slope <= 0 or score >= by_frequency:
        return (
            f"not calibrated: the reader tells it no better (Brier score {score:.3f}) than its frequency does "
            f"({by_frequency:.3f})."
        )
    return FindingCalibration(
        slope=slope,
        intercept=intercept,
        present=int(present.sum()),
        absent=int((~present).sum()),
        patients=len(numbers),
        auc=auc(values, present),
        auc_after=auc(after, present),
        brier=brier(probabilities, present),
        brier_after=score,
    )
