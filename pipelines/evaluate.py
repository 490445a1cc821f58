"""Labelled recordings and several systems → what each is worth, honestly: figures, alignments and a page.

Written to the output folder: `results.json`, `alignments.jsonl`, `report.html` and `heard.jsonl`, from which `--resume`
goes on. They hold what was said of patients.
"""

import json
import os
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from dictation.case import choose_recognizer
from dictation.case.engines import RECOGNIZERS
from dictation.errors import DictationError, InputError, UsageError
from dictation.evaluation import DESCRIPTIONS, NORMALISERS
from dictation.extras import versions
from dictation.models import VisionLanguageModel
from dictation.settings import Settings
from dictation.speech import Engine
from dictation.speech.recognizer import Recognizer
from pipelines.evaluation.hearing import RESULTS, Heard, Spans, hear, voice
from pipelines.evaluation.hypotheses import Hypothesis, fingerprint, read_hypotheses
from pipelines.evaluation.judging import Grading
from pipelines.evaluation.measuring import ALIGNED_BY, Measured, measurable, measure
from pipelines.evaluation.page import evaluation_page
from pipelines.evaluation.recordings import Labelled, basis, read_recordings
from pipelines.evaluation.remarks import remarks, reservations
from pipelines.evaluation.results import Evaluation, Judge, System, comparisons, groups, system
from pipelines.evaluation.showing import summary
from pipelines.evaluation.sounds import check_mp3
from pipelines.exits import note
from pipelines.ledger import content
from pipelines.outputs import write_atomic

SEED = 0
NAMED = 10  # recordings in one note
MISSING = Hypothesis()
PACKAGES = ("radiology-dictation", "jiwer", "scipy", "numpy", "whisper-normalizer", "rapidfuzz")


@dataclass(frozen=True)
class Source:
    """Where one system's hypotheses come from: a recognizer and its model, or a file."""

    label: str
    recognizer: str = ""
    model: str | None = None
    file: Path | None = None

    def load(self, settings: Settings) -> Recognizer:
        """The recognizer, loaded."""
        return choose_recognizer(self.recognizer, settings, self.model, for_files=True)


def sources(recognizers: Sequence[str], hypotheses: Sequence[str | Path]) -> list[Source]:
    """The systems that were named: LABEL=NAME:MODEL, or NAME[:MODEL] alone, and [LABEL=]FILE; without any, `auto`.

    Raises UsageError where a name is unknown or a label stands twice.
    """
    found: list[Source] = []
    for spec in recognizers or ([] if hypotheses else ["auto"]):
        label, equals, named = spec.partition("=")
        name, _, model = (named if equals else spec).partition(":")
        if name not in RECOGNIZERS or not label:
            raise UsageError(
                f"--recognizer {spec}: '{name}' is no recognizer; write LABEL=NAME:MODEL with a NAME of"
                f" {', '.join(RECOGNIZERS)}."
            )
        found.append(Source(label if equals else name, name, model or None))
    found += [_of_file(str(named)) for named in hypotheses]
    labels = [source.label for source in found]
    if twice := next((label for label in labels if labels.count(label) > 1), None):
        raise UsageError(f"two systems are called '{twice}'; give each --recognizer and each --hypotheses a LABEL=.")
    return found


def _of_file(named: str) -> Source:
    """LABEL=FILE, or a file that is called as it is; a file whose name holds "=" is one where it is there."""
    label, equals, file = named.partition("=")
    if not (label and equals and file) or Path(label).name != label or Path(named).exists():
        return Source(Path(named).stem, file=Path(named))
    return Source(label, file=Path(file))


def evaluate(
    manifest: Path,
    named: Sequence[Source],
    out: Path,
    settings: Settings,
    resume: bool = False,
    form: str | None = None,
    columns: Mapping[str, str] | None = None,
    judge: VisionLanguageModel | None = None,
) -> tuple[Evaluation, bool]:
    """Measure every system on every recording and write it all to `out`; True where nothing was lost on the way.

    A line that cannot be used, a recording that cannot be heard and a hypothesis that is not there are noted by name.
    `judge` grades the errors that the tables call minimal. Raises InputError where nothing can be used, MissingError
    where a named recognizer is not on this machine or the judge's server is not there.
    """
    check_mp3()
    labelled, errors, unknown = read_recordings(manifest, settings, form, columns)
    recordings, strange = measurable(labelled, settings)
    if not recordings:
        raise InputError(f"{manifest}: no line can be used, as in: {strange[0]}")
    errors += strange
    unused = len(errors)
    given: dict[str, dict[str, Hypothesis]] = {}
    for source in named:
        if source.file:
            given[source.label], unusable = read_hypotheses(source.file, recordings)
            errors += unusable
    for error in errors:
        note(f"dictation: {error}")
    if unknown:
        note(f"{manifest}: not used: the columns {', '.join(unknown)}.")
    for source in [source for source in named if source.recognizer][1:]:
        source.load(settings)  # what is missing is said before hours of hearing
    kept = Heard(out, resume)
    grading = Grading(judge, kept) if judge else None
    measured: dict[str, list[Measured]] = {}
    systems: list[System] = []
    lost = len(errors)
    for source in named:
        engine, hypotheses = None, given.get(source.label, {})
        if source.recognizer:
            engine, hypotheses = hear(source.label, partial(source.load, settings), recordings, kept)
        lost += _note_lost(source, recordings, hypotheses)
        found: list[Measured] = []
        for one in recordings:
            given_up, result = _measured(
                one, hypotheses.get(one.id, MISSING), voice(one, kept) if engine else None, settings
            )
            if given_up:
                note(f"{source.label}: the text for {one.id} {given_up}; counted as every word deleted.")
                lost += 1
            found.append(result)
        measured[source.label] = found = grading.graded(found) if grading else found
        systems.append(_system(source, engine, found))
    evaluation = _evaluation(manifest, recordings, unused, measured, systems, grading.judge if grading else None)
    write_atomic(out / RESULTS, evaluation.model_dump_json(indent=2) + "\n")
    write_atomic(out / "alignments.jsonl", "".join(_alignment_lines(measured)))
    write_atomic(out / "report.html", evaluation_page(evaluation, measured))
    sys.stdout.write(summary(evaluation) + f"{out / 'report.html'}\n")
    return evaluation, lost == 0


def _measured(
    one: Labelled, hypothesis: Hypothesis, spoken: tuple[Spans, float] | None, settings: Settings
) -> tuple[str, Measured]:
    """What a hypothesis is worth, and what is wrong with one that no measure can be taken of, "" for nothing."""
    try:
        return "", measure(one, hypothesis, spoken, settings)
    except Exception as error:  # a strange text of somebody else must not cost all other figures
        why = str(error).rstrip(".") if isinstance(error, DictationError) else f"breaks it ({type(error).__name__})"
        return f"could not be measured: {why}", measure(
            one, replace(hypothesis, transcript=None, failed=True), None, settings
        )


def _evaluation(
    manifest: Path,
    recordings: Sequence[Labelled],
    unused: int,
    measured: Mapping[str, Sequence[Measured]],
    systems: Sequence[System],
    judge: Judge | None,
) -> Evaluation:
    compared = comparisons(measured, SEED)
    return Evaluation(
        made_on=date.today(),
        manifest=manifest.name,
        manifest_sha256=content(manifest),
        unused_lines=unused,
        seed=SEED,
        versions=versions(*PACKAGES) | {"python": platform.python_version()},
        machine={"system": platform.platform(), "processor": platform.machine(), "cores": str(os.cpu_count())},
        basis=basis(recordings),
        normalisers={name: DESCRIPTIONS[name] for name in NORMALISERS},
        judge=judge,
        systems=tuple(systems),
        comparisons=compared,
        remarks=(*reservations(recordings, compared, systems), *remarks(compared)),
        groups=groups(measured, SEED),
    )


def _note_lost(source: Source, recordings: Sequence[Labelled], hypotheses: dict[str, Hypothesis]) -> int:
    """Name the recordings of which a system gave nothing because it failed or left them out; returns how many."""
    states = {one.id: hypotheses.get(one.id, MISSING).state for one in recordings}
    missing = [id for id, state in states.items() if state == "missing"]
    if missing:
        more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
        note(f"{source.label}: nothing for {', '.join(missing[:NAMED])}{more}; counted as every word deleted.")
    return sum(state in ("missing", "failed") for state in states.values())


def _system(source: Source, engine: Engine | None, measured: Sequence[Measured]) -> System:
    name, sha256 = (source.file.name, fingerprint(source.file)) if source.file else ("", "")
    return system(source.label, engine, name, sha256, measured, SEED)


def _alignment_lines(measured: Mapping[str, Sequence[Measured]]) -> Iterator[str]:
    """A line for each recording, system and stage, with its words one by one."""
    for label, of_system in measured.items():
        for one in of_system:
            for stage, steps in one.steps.items():
                entry = {
                    "recording": one.recording.id,
                    "sha256": one.recording.sha256,
                    "system": label,
                    "stage": stage,
                    "state": one.state,
                    "normaliser": ALIGNED_BY,
                    "steps": [[step.kind, step.said, step.heard] for step in steps],
                    "seconds": [[round(at_s, 3) for at_s in span] if span else None for span in one.seconds[stage]],
                    "deletion_bursts": one.bursts[stage],
                }
                yield json.dumps(entry, ensure_ascii=False) + "\n"
