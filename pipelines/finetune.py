"""A manifest of labelled recordings → a MedASR taught by them, with progress on stderr and the scores on stdout."""

import hashlib
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from threading import Event

from dictation.errors import InputError
from dictation.settings import Settings
from dictation.speech.medasr.finetuning.examples import COLUMNS, Example, Problem, example, lines_named
from dictation.speech.medasr.finetuning.finetune import Finetuned, finetune, is_finished
from dictation.speech.medasr.finetuning.recipe import Recipe
from dictation.speech.medasr.finetuning.training import Told
from pipelines.exits import note, stops_at_ctrl_c
from pipelines.manifest import read_manifest

_PROGRESS_S = 10.0  # between two notes inside an epoch


def finetune_medasr(
    manifest: Path,
    out: Path,
    model: str | None,
    recipe: Recipe,
    settings: Settings,
    resume: bool,
    skip_bad: bool = False,
) -> bool:
    """Teach the model and write it to `out`; True where every line of the manifest could be read.

    Lines that cannot be read are named, and nothing is trained on the others unless `skip_bad`.
    """
    if resume and is_finished(out):
        note(f"{out}: its training is done; there is nothing to resume.")
        return True
    examples, faults = _examples(manifest)
    for fault in faults:
        note(f"dictation: {fault}")
    count = len(faults)

    def reported(problems: Sequence[Problem]) -> None:
        nonlocal count
        count += sum(problem.is_fault for problem in problems)
        by_why: dict[str, list[int]] = defaultdict(list)
        for problem in problems:
            by_why[problem.why].append(problem.line)
        for why, lines in by_why.items():
            note(f"{manifest}, {lines_named(lines)} left out ({len(lines)}): {why}")

    cancel = Event()
    with stops_at_ctrl_c(cancel, "Saving the state; press Ctrl-C again to give it up."):
        done = finetune(
            examples,
            model,
            out,
            recipe,
            settings,
            shown=str(manifest),
            list_sha256=hashlib.sha256(manifest.read_bytes()).hexdigest(),
            unread=len(faults),
            resume=resume,
            skip_bad=skip_bad,
            reported=reported,
            note=note,
            told=_Meter(recipe.epochs),
            cancel=cancel,
        )
    _show(done)
    return count == 0


def _examples(manifest: Path) -> tuple[list[Example], list[InputError]]:
    """The lines of the manifest, and what is wrong with the others. Columns that nobody knows are named."""
    rows, faults = read_manifest(manifest)
    unknown = sorted({name for row in rows for name in row.fields} - {*COLUMNS})
    if unknown:
        note(f"{manifest}: not used: {', '.join(unknown)}; known beside audio and text are {', '.join(COLUMNS)}.")
    examples: list[Example] = []
    for row in rows:
        try:
            examples.append(example(row.line, row.audio, row.text, row.fields))
        except InputError as error:
            faults.append(InputError(f"{manifest}, line {row.line}: {error}"))
    return examples, faults


class _Meter:
    """Says where the training stands: after each epoch, and now and then within a long one."""

    def __init__(self, epochs: int) -> None:
        self._epochs, self._said = epochs, time.monotonic()

    def __call__(self, told: Told) -> None:
        now = time.monotonic()
        if told.dev is None and now - self._said < _PROGRESS_S:
            return
        self._said = now
        where = f"epoch {told.epoch}/{self._epochs}, step {told.step}/{told.steps}"
        loss = f", loss {told.loss:.3f}" if told.step else ""
        dev = f", dev word error rate {told.dev}" if told.dev and told.dev.utterances else ""
        left = f", {told.left_s / 60:.0f} min left" if told.step and told.step < told.steps else ""
        note(where + loss + dev + left)


def _show(done: Finetuned) -> None:
    for name in ("dev", "test"):
        before, after = done.before[name], done.after[name]
        if after.utterances:
            sys.stdout.write(f"{name}: word error rate {before} before, {after} after ({after.words} words)\n")
    if done.progress.best == 0:
        note("No epoch did better on dev than the model as it came, so its weights are unchanged.")
    if not done.after["test"].utterances:
        note("There was no test set, so nothing says how the model does on what it has not seen.")
    sys.stdout.write(f"{done.folder}\n")
