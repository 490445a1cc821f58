"""One look at a report: by its text, with the order, header and readings beside it, or against what was dictated."""

import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from dictation.discrepancy import compare, other_study
from dictation.discrepancy.columns import heard_column, written_column
from dictation.discrepancy.within import within
from dictation.errors import DictationError
from dictation.exam import ExamFacts, Order
from dictation.exchange.flags import Flag, flags
from dictation.lexicon import Vocabulary
from dictation.reading import Reading
from dictation.settings import Settings
from dictation.speech.recognizer import Recognizer
from dictation.wording import Dictation
from pipelines.exits import note
from pipelines.inputs import Input
from pipelines.recheck_inputs import Signed
from pipelines.recheck_seeing import Look

PROGRESS_S = 10.0
LONGEST_CLIP_S = 8.0


@dataclass(frozen=True)
class Task:
    """One report with what there is of order, header and recording. `key` stands for all that its flags rest on.

    `seen` are readings of its image that were imported, `look` how a reader is to make one more.
    """

    report: Signed
    order: Order | None
    facts: ExamFacts | None
    audio: Path | None
    key: str
    seen: tuple[Reading, ...] = ()
    look: Look | None = None


@dataclass(frozen=True)
class Looked:
    """What one look gave: flags, or why there are none.

    `unseen` is why a reader could not read the images. `is_heard`: against its recording, where it has one.
    """

    task: Task
    flags: list[Flag]
    failure: str = ""
    unseen: str = ""
    is_heard: bool = True

    @property
    def is_whole(self) -> bool:
        """Whether the look took in all that lies beside the report."""
        return self.is_heard and not self.unseen


def look(task: Task, kinds: frozenset[str], heard: Dictation | None = None) -> list[Flag]:
    """Look at one report again."""
    text, order, facts = task.report.text, task.order, task.facts
    if heard is None:
        found = within(text, task.seen, order=order, facts=facts, kinds=kinds)
    else:
        found = compare(heard, text, task.seen, order=order, facts=facts, kinds=kinds)
    found = [*other_study(task.seen, (order,) if order else (), facts), *found]
    if not found:
        return []
    said = heard_column(heard) if heard is not None else None
    return flags(task.report.id, found, said, written_column(text), order, facts)


def safely(task: Task, kinds: frozenset[str], heard: Dictation | None = None) -> Looked:
    """One report that breaks the program is named like any that cannot be read; the others go on."""
    try:
        shown, unseen = _read(task)
        return Looked(task, look(shown, kinds, heard), "", unseen, heard is not None or task.audio is None)
    except DictationError as error:
        return Looked(task, [], str(error))
    except Exception as error:  # its message may hold words of the report
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}"
        return Looked(task, [], f"{task.report.id}: an error of the program itself ({where}); please report this line.")


def _read(task: Task) -> tuple[Task, str]:
    """The task with the reading of its reader, or as it is and why it has none."""
    try:
        return replace(task, seen=(*task.seen, task.look.reading())) if task.look else task, ""
    except DictationError as error:
        return task, f"{task.report.id}: its images were not read: {error}"


def told(looked: Iterable[Looked], count: int) -> Iterator[Looked]:
    """The same, with a note on progress now and then."""
    last_s = time.monotonic()
    for done, one in enumerate(looked, 1):
        yield one
        if time.monotonic() - last_s >= PROGRESS_S:
            last_s = time.monotonic()
            note(f"{done} of {count} reports looked at")


def listened(
    tasks: Sequence[Task], ear: Recognizer, vocabulary: Vocabulary, settings: Settings, kinds: frozenset[str]
) -> Iterator[Looked]:
    """Every task whose dictation there is, heard and compared; by its text alone where that could not be heard."""
    from pipelines.transcribe import hear, written_form

    by_path = {task.audio: task for task in tasks if task.audio}
    inputs = [Input(path, str(path), PurePath(path.name), path.parent) for path in by_path]
    for item, heard in hear(inputs, ear, lambda item: vocabulary):
        task = by_path[item.path]
        if isinstance(heard, DictationError) or heard.broken:  # against half a dictation, much would seem not said
            yield Looked(task, [], str(heard) if isinstance(heard, DictationError) else heard.broken)
            yield safely(task, kinds)
        else:
            one = safely(task, kinds, written_form(heard, vocabulary, settings))
            yield replace(one, flags=_with_clips(one.flags, item.path))


def _with_clips(found: Sequence[Flag], path: Path) -> list[Flag]:
    if not any(flag.said_s for flag in found):
        return list(found)
    from dictation.audio import Recording
    from dictation.exchange.sound import clip_uri

    samples = Recording(path).samples()

    def clip(flag: Flag) -> Flag:
        if flag.said_s is None:
            return flag
        start_s, end_s = flag.said_s
        uri = clip_uri(samples, start_s, min(end_s, start_s + LONGEST_CLIP_S))
        return flag.model_copy(update={"clip": uri or ""})

    return [clip(flag) for flag in found]
