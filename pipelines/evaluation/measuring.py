"""One hypothesis beside what was said → its counts, each under the name of a measure.

Names: `wer.STAGE.NORMALISER`, `cer.STAGE.NORMALISER`, `critical.STAGE.CLASS` (and `.all`), `terms.STAGE`,
`bursts.STAGE`, `substitutions.STAGE`, `deletions.STAGE`, `insertions.STAGE`, with STAGE raw or written; `errors.GRADE`,
the wrong words after wording, so that the three grades add up to the word errors; `claims`, `claims.lost`,
`claims.changed`, `claims.grave` (critical and major differences), `silence` and `speed`.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from dictation.audio import Recording
from dictation.errors import DictationError, InputError
from dictation.evaluation import (
    GRADES,
    NORMALISERS,
    Error,
    Grade,
    Span,
    Step,
    Tally,
    aligned,
    changed_claims,
    char_tally,
    critical_tallies,
    deletion_bursts,
    graded_errors,
    pooled,
    step_seconds,
    term_tally,
    word_tally,
    words_on_silence,
)
from dictation.lexicon import EMPTY_VOCABULARY
from dictation.settings import Settings
from pipelines.evaluation.hearing import Spans
from pipelines.evaluation.hypotheses import Hypothesis
from pipelines.evaluation.recordings import STAGES, Labelled, Stage
from pipelines.right_words import right_words
from pipelines.transcribe import written_form

ALIGNED_BY = "clinical"  # the normaliser under which alignments are shown
KINDS = {"substitution": "substitutions", "deletion": "deletions", "insertion": "insertions"}


@dataclass(frozen=True)
class Measured:
    """One recording by one system: counts by the name of their measure, alignments and bursts by stage.

    `state` is that of the hypothesis, or silent where nobody speaks and nothing was heard. `seconds` are those of each
    step, None where the hypothesis has none; `errors` are those of the text after wording, which is `written`.
    `confidences` and `hits` are of the words that have a confidence and can be judged.
    """

    recording: Labelled
    state: str
    tallies: dict[str, Tally]
    steps: dict[Stage, tuple[Step, ...]]
    seconds: dict[Stage, tuple[Span | None, ...]]
    bursts: dict[Stage, tuple[int, ...]]
    written: str
    errors: tuple[Error, ...]
    claim_kinds: dict[str, int]
    confidences: tuple[float, ...] = ()
    hits: tuple[bool, ...] = ()

    def span_s(self, error: Error) -> Span | None:
        """From its first word to its last in the recording, in seconds."""
        spans = [span for span in self.seconds["written"][error.run.first : error.run.end] if span]
        return (min(start for start, _ in spans), max(end for _, end in spans)) if spans else None


def measure(
    recording: Labelled, hypothesis: Hypothesis, voice: tuple[Spans, float] | None, settings: Settings
) -> Measured:
    """Measure a hypothesis; one that is not there counts as every word deleted."""
    transcript = hypothesis.transcript
    texts: dict[Stage, str] = {
        "raw": transcript.spoken if transcript else "",
        "written": _written(hypothesis, settings),
    }
    tallies: dict[str, Tally] = {}
    steps: dict[Stage, tuple[Step, ...]] = {}
    seconds: dict[Stage, tuple[Span | None, ...]] = {}
    bursts: dict[Stage, tuple[int, ...]] = {}
    for stage in STAGES:
        said, heard = recording.references[stage], texts[stage]
        for name in NORMALISERS:
            tallies[f"wer.{stage}.{name}"] = word_tally(said, heard, name)
            tallies[f"cer.{stage}.{name}"] = char_tally(said, heard, name)
        critical = critical_tallies(said, heard)
        tallies |= {f"critical.{stage}.{name}": tally for name, tally in critical.items()}
        tallies[f"critical.{stage}.all"] = pooled(critical.values())
        tallies[f"terms.{stage}"] = term_tally(said, heard)
        normalised = NORMALISERS[ALIGNED_BY]
        steps[stage] = aligned(normalised(said), normalised(heard))
        seconds[stage] = _seconds(recording, hypothesis, steps[stage])
        bursts[stage] = deletion_bursts(steps[stage])
        words = sum(step.kind != "insertion" for step in steps[stage])
        tallies[f"bursts.{stage}"] = Tally(sum(bursts[stage]), words)
        for kind, name in KINDS.items():
            tallies[f"{name}.{stage}"] = Tally(sum(step.kind == kind for step in steps[stage]), words)
    claims = changed_claims(recording.references["written"], texts["written"])
    tallies["claims"] = claims.tally
    for name, count in (("lost", claims.lost), ("changed", claims.changed), ("grave", len(claims.cards))):
        tallies[f"claims.{name}"] = Tally(count, claims.said)
    errors = graded_errors(recording.references["written"], texts["written"], claims.cards)
    tallies |= grade_tallies(errors, tallies["deletions.written"].words)
    confidences: list[float] = []
    hits: list[bool] = []
    if transcript and any(word.confidence is not None for word in transcript.words):
        for word, right in zip(
            transcript.words, right_words(transcript.words, recording.references["raw"]), strict=True
        ):
            if word.confidence is not None and right is not None:
                confidences.append(word.confidence)
                hits.append(right)
    return Measured(
        recording, _state(recording, hypothesis), tallies | _timed(recording, hypothesis, voice), steps, seconds,
        bursts, texts["written"], errors, dict(claims.kinds), tuple(confidences), tuple(hits),
    )  # fmt: skip


def grade_measure(grade: Grade) -> str:
    """The name of the measure of a grade: "errors.could_change_care"."""
    return f"errors.{grade.replace(' ', '_')}"


def grade_tallies(errors: Sequence[Error], words: int) -> dict[str, Tally]:
    """The wrong words of each grade over the words that were said."""
    return {
        grade_measure(grade): Tally(sum(len(error.run) for error in errors if error.grade == grade), words)
        for grade in GRADES
    }


def _seconds(recording: Labelled, hypothesis: Hypothesis, steps: Sequence[Step]) -> tuple[Span | None, ...]:
    """The seconds of each step. How long a recording is matters, and is looked up, where its last words were lost."""
    transcript = hypothesis.transcript
    words, duration_s = (transcript.words, transcript.duration_s or None) if transcript else ((), None)
    if steps and steps[-1].kind == "deletion" and not duration_s and any(word.end_s is not None for word in words):
        with suppress(DictationError):  # the file is gone
            duration_s = Recording(recording.audio).duration_s()
    return step_seconds(steps, words, duration_s)


def _state(recording: Labelled, hypothesis: Hypothesis) -> str:
    return "silent" if recording.is_silent and hypothesis.state == "empty" else hypothesis.state


def _written(hypothesis: Hypothesis, settings: Settings) -> str:
    """The text after wording: as it was given, else by our own wording."""
    if hypothesis.transcript is None:
        return ""
    return hypothesis.written or written_form(hypothesis.transcript, EMPTY_VOCABULARY, settings).text


def measurable(recordings: Sequence[Labelled], settings: Settings) -> tuple[list[Labelled], list[InputError]]:
    """The recordings whose own text every measure takes, and a sentence for each of the others."""
    found: list[Labelled] = []
    errors: list[InputError] = []
    for one in recordings:
        try:
            measure(one, Hypothesis(), None, settings)
            found.append(one)
        except Exception as error:  # one strange text must not cost all figures
            why = str(error).rstrip(".") if isinstance(error, DictationError) else type(error).__name__
            errors.append(InputError(f"{one.id}: its text cannot be measured against ({why}); correct it."))
    return found, errors


def _timed(recording: Labelled, hypothesis: Hypothesis, voice: tuple[Spans, float] | None) -> dict[str, Tally]:
    """Words on silence over its milliseconds, and milliseconds of hearing over those of sound, where they are known.

    A recording in which nobody speaks is silence from end to end, whatever a search for voice finds in it.
    """
    transcript = hypothesis.transcript
    found: dict[str, Tally] = {}
    if transcript and recording.is_silent:
        with suppress(DictationError):  # said when it was to be heard
            found["silence"] = Tally(len(transcript.words), round(Recording(recording.audio).duration_s() * 1000))
    elif transcript and voice:
        invented = words_on_silence(transcript.words, *voice)
        found["silence"] = Tally(invented.words, round(invented.silence_s * 1000))
    if hypothesis.took_s is not None:
        found["speed"] = Tally(
            round(hypothesis.took_s * 1000), round(transcript.duration_s * 1000) if transcript else 0
        )
    return found
