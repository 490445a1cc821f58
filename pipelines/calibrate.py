"""Labelled recordings → what a recognizer's confidences are worth, kept for the next time that it is used.

Each recording is heard as any other, its words are lined up with what was said, and a map from confidence to the share
of right words is fitted, judged on recordings that it was not fitted to, and kept. No dictated word is kept or shown.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol

import numpy as np

from dictation.audio import Recording
from dictation.errors import Cancelled, DictationError, InputError, ModelError
from dictation.frozen import Frozen
from dictation.lexicon import EMPTY_VOCABULARY
from dictation.settings import Settings
from dictation.speech import Engine, Transcript, Word
from dictation.speech.calibration import UNCALIBRATED, Calibration, Confidence, calibration_file, decoding_of
from dictation.speech.recognizer import Job, Recognizer
from dictation.speech.reliability import FOLDS, TABLE_BINS, bins, calibration_error, fitted, unseen
from pipelines.exits import note
from pipelines.manifest import Row, read_manifest
from pipelines.outputs import write_atomic
from pipelines.right_words import right_words

PROGRESS_S = 300.0  # of a recording, between two notes on it
MIN_WORDS = 500
MIN_WRONG = 10  # fewer say nothing of how the unsure words differ from the sure ones


class Confident(Recognizer, Protocol):
    """A recognizer whose words have confidences."""

    confidence: Confidence


@dataclass
class Judged:
    """What was found so far: for each word its confidence, whether it was right, and the number of its recording."""

    confidences: list[float] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    recordings: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> int:
        """How many words were not what was said."""
        return self.right.count(False)


@dataclass(frozen=True)
class _Stretch:
    """A labelled part [start_s, end_s) of a recording."""

    row: Row
    start_s: float
    end_s: float


def calibrate(manifest: Path, recognizer: Confident, settings: Settings, out: Path | None = None) -> tuple[str, bool]:
    """Calibrate `recognizer` on labelled recordings; return the table for people, and whether every row counted.

    The calibration is kept at `out`, or where the recognizer finds it the next time. Raises InputError where there are
    too few words, errors or recordings to say anything, or calibrated confidences would be no better; Cancelled on an
    interrupt.
    """
    rows, errors = read_manifest(manifest)
    stretches, unusable = _by_file(manifest, rows)
    errors += unusable
    for error in errors:
        note(f"dictation: {error}")
    recognizer.confidence = UNCALIBRATED  # its own confidences are measured, not those of an earlier calibration
    engine = recognizer.engine
    judged = Judged()
    try:
        failed = _hear(stretches, recognizer, judged)
    except (KeyboardInterrupt, Cancelled):
        heard = len(judged.recordings)
        raise Cancelled(f"interrupted after {heard} of {len(stretches)} recordings; no calibration was made.") from None
    calibration, table = _measured(manifest, engine, judged)
    keep(calibration, out, calibration_file(settings.home, engine))
    return table, all_counted(len(errors) + failed, "recordings")


def keep(calibration: Frozen, out: Path | None, place: Path) -> None:
    """Write a calibration to `out`, else to the `place` where its engine looks, and say so."""
    write_atomic(out or place, calibration.model_dump_json(indent=2) + "\n")
    note(f"The calibration is kept in {out or place}" + (f"; it counts in {place}." if out else "."))


def all_counted(lost: int, what: str) -> bool:
    """Whether nothing was lost; else the person is told how much."""
    if lost:
        note(f"{lost} rows or {what} could not be used.")
    return lost == 0


def _by_file(manifest: Path, rows: Sequence[Row]) -> tuple[dict[Path, list[_Stretch]], list[InputError]]:
    """The labelled stretches of each file, so that none is heard twice; and the rows that cannot be used."""
    found: dict[Path, list[_Stretch]] = {}
    errors: list[InputError] = []
    for row in rows:
        try:
            start_s, end_s = float(row.fields.get("start_s", 0)), float(row.fields.get("end_s", "inf"))
        except ValueError:
            start_s = end_s = 0.0
        others = found.setdefault(row.audio.resolve(), [])
        if not 0 <= start_s < end_s:
            errors.append(InputError(f"{manifest}, line {row.line}: start_s and end_s must be rising seconds."))
        elif any(other.start_s < end_s and start_s < other.end_s for other in others):
            errors.append(
                InputError(f"{manifest}, line {row.line}: an earlier line labels the same sound; delete one.")
            )
        else:
            others.append(_Stretch(row, start_s, end_s))
    return {path: stretches for path, stretches in found.items() if stretches}, errors


def _hear(stretches: dict[Path, list[_Stretch]], recognizer: Recognizer, judged: Judged) -> int:
    """Hear every file and judge its words; returns how many files failed, each noted by name."""
    failed = 0
    jobs: Iterable[Job] = (Job(str(path), Recording(path), EMPTY_VOCABULARY) for path in stretches)
    told_s: dict[str, float] = {}

    def progress(job: str, heard_s: float) -> None:
        if heard_s - told_s.get(job, 0.0) >= PROGRESS_S:
            told_s[job] = heard_s
            note(f"{stretches[Path(job)][0].row.audio}: {heard_s / 60:.0f} min heard")

    for done, (job, heard) in enumerate(recognizer.transcribe(jobs, None, progress), 1):
        labelled = stretches[Path(job)]
        shown = f"[{done}/{len(stretches)}] {labelled[0].row.audio}"
        if isinstance(heard, DictationError):
            failed += 1
            note(f"dictation: {heard}")
        elif heard.recording in judged.recordings:
            failed += 1
            note(f"dictation: {labelled[0].row.audio}: the same recording under another name; delete one of them.")
        else:
            count, wrong = len(judged.right), judged.wrong
            _judge(heard, labelled, judged)
            note(f"{shown}: {len(judged.right) - count} words, {judged.wrong - wrong} wrong")
    return failed


def _judge(heard: Transcript, labelled: Sequence[_Stretch], judged: Judged) -> None:
    number = len(judged.recordings)
    judged.recordings.append(heard.recording)
    for stretch in labelled:
        words = list(_inside(heard.words, stretch))
        for word, right in zip(words, right_words(words, stretch.row.text), strict=True):
            if right is not None and word.confidence is not None:
                judged.confidences.append(word.confidence)
                judged.right.append(right)
                judged.numbers.append(number)


def _inside(words: Iterable[Word], stretch: _Stretch) -> Iterator[Word]:
    """The words whose middle lies in the stretch."""
    for word in words:
        if (
            word.start_s is None
            or word.end_s is None
            or stretch.start_s <= (word.start_s + word.end_s) / 2 < stretch.end_s
        ):
            yield word


def _measured(manifest: Path, engine: Engine, judged: Judged) -> tuple[Calibration, str]:
    """The calibration and its table. Raises InputError where the recordings do not give one."""
    if judged.recordings and not judged.confidences:
        raise ModelError(f"the recognizer {engine.name} gave no confidences, so there is nothing to calibrate.")
    if len(judged.right) < MIN_WORDS:
        raise InputError(
            f"{manifest}: {len(judged.right)} words could be compared and at least {MIN_WORDS} are needed; add"
            " recordings."
        )
    if judged.wrong < MIN_WRONG or len(judged.right) - judged.wrong < MIN_WRONG:
        raise InputError(
            f"{manifest}: {judged.wrong} of {len(judged.right)} words were wrong; at least {MIN_WRONG} right and"
            f" {MIN_WRONG} wrong ones are needed to tell them apart; add recordings."
        )
    recordings = len(set(judged.numbers))
    if recordings < FOLDS:
        raise InputError(
            f"{manifest}: the words come from {recordings} recordings and at least {FOLDS} are needed, so that each is"
            " judged by what the others say; add recordings."
        )
    confidences, right = np.array(judged.confidences), np.array(judged.right)
    after = unseen(confidences, right, judged.numbers)
    before_error, after_error = calibration_error(confidences, right), calibration_error(after, right)
    if after_error >= before_error:
        raise InputError(
            f"{manifest}: calibrated confidences would be off by {after_error:.3f} and the recognizer's own are by"
            f" {before_error:.3f}, so nothing was kept; add recordings, or leave it as it is."
        )
    calibration = Calibration(
        engine=engine.name,
        model=engine.model,
        weights_sha256=engine.weights_sha256,
        precision=engine.precision,
        decoding=decoding_of(engine),
        points=fitted(confidences, right),
        words=len(right),
        wrong=judged.wrong,
        recordings=tuple(sorted(judged.recordings)),
        error_before=before_error,
        error_after=after_error,
        made_on=date.today(),
    )
    return calibration, _table(calibration, confidences, right, after)


def _table(calibration: Calibration, confidences: np.ndarray, right: np.ndarray, after: np.ndarray) -> str:
    lines = [
        f"{calibration.engine} {calibration.model} ({calibration.precision}): {calibration.words} words of "
        f"{len(calibration.recordings)} recordings, {calibration.wrong} wrong",
        "  confidence    words   mean  right  calibrated",
    ]
    for row in bins(confidences, right, max(1, len(confidences) // TABLE_BINS)):
        inside = (confidences >= row.lowest) & (confidences <= row.highest)
        lines.append(
            f"{row.lowest:.3f}-{row.highest:.3f} {row.words:7}  {row.confidence:.3f}  {row.right:.3f}"
            f"       {after[inside].mean():.3f}"
        )
    lines.append(
        f"expected calibration error {calibration.error_before:.3f} before, {calibration.error_after:.3f} after, on "
        "recordings that were not fitted to"
    )
    return "\n".join(lines) + "\n"
