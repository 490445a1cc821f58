"""Many inputs → a result each: what was done before is left, each result is whole, each failure is named at the end."""

import hashlib
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Protocol

from dictation.errors import Cancelled, DictationError, UsageError
from dictation.unseen import printable
from pipelines.batch_watch import finished
from pipelines.exits import note
from pipelines.inputs import Input, apart, expand, once
from pipelines.ledger import UNFINISHED, Ledger
from pipelines.outputs import FullDiskError, append_line, check_writable, remove_unfinished
from pipelines.remote_inputs import Address

FAILURES_SHOWN = 50  # in the table; all of them are in failures.jsonl
WARNINGS_SHOWN = 50  # in the table; all of them are with the results


@dataclass(frozen=True)
class Shard:
    """One of several machines that share a job: the `number`th of `count`, counted from 1."""

    number: int = 1
    count: int = 1

    @classmethod
    def from_text(cls, text: str) -> "Shard":
        """Read "2/4". Raises UsageError."""
        number, _, count = text.partition("/")
        if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
            raise UsageError(
                f"'{text}' is no share of a job; give for example --shard 2/4, the second of four machines."
            )
        return cls(int(number), int(count))

    def takes(self, place: PurePath) -> bool:
        """Tell whether an input is this machine's, by its place alone: every machine decides alike."""
        name = unicodedata.normalize("NFC", place.as_posix())  # systems write "ä" as one character or as two
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
        return int.from_bytes(digest[:8]) % self.count == self.number - 1

    @property
    def suffix(self) -> str:
        """What tells the files of this machine from those of others: ".2of4", nothing where there is but one."""
        return f".{self.number}of{self.count}" if self.count > 1 else ""


@dataclass(frozen=True)
class Asked:
    """What the user asked of a batch: which inputs, and where and as what their results go.

    `columns` says what the columns of a manifest are called; `watch` is a folder whose new files are taken as well.
    """

    paths: tuple[Path | Address, ...]
    form: str
    out: Path | None = None
    resume: bool = False
    shard: Shard = field(default_factory=Shard)
    columns: Mapping[str, str] = field(default_factory=dict)
    watch: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what makes no sense. Raises UsageError."""
        if not self.paths and self.watch is None:
            raise UsageError("nothing is named; give files, folders, a manifest or --watch DIR.")
        for option, is_given in (("--resume", self.resume), ("--shard", self.shard.count > 1), ("--watch", self.watch)):
            if is_given and self.out is None:
                raise UsageError(f"{option} needs --out DIR, the folder that holds the finished results.")
        if self.watch and self.out and self.watch.resolve() == self.out.resolve():  # results are no inputs
            raise UsageError("--watch and --out name the same folder; give the results one of their own.")

    def rounds(self, maker: "Maker", owns: Callable[[Input], bool]) -> Iterator[list[Input]]:
        """Yield the inputs that were named, then, as long as a folder is watched, those that were finished in it.

        `owns` tells of an input whether an earlier run gave its place to it.
        """
        if self.paths:
            yield self._shared(expand(self.paths, maker.endings, self.columns, self.out), maker, owns)
        if self.watch is not None:
            for inputs in finished(self.watch, maker.endings, self.out):
                yield self._shared(inputs, maker, owns)

    def _shared(self, inputs: list[Input], maker: "Maker", owns: Callable[[Input], bool]) -> list[Input]:
        """This machine's part, each input with its place; all machines agree on the parts."""
        if self.out is None:
            return inputs
        inputs = once(inputs, maker.columns)
        parts = zip(inputs, apart(inputs, owns), strict=True)
        return [placed for item, placed in parts if self.shard.takes(item.mirrored)]


@dataclass(frozen=True)
class Made:
    """The result of an input: its text in the format that was asked for, and what is kept and said beside it.

    `sha256` is of the bytes that it was made of, `settings` the key of all else that it depends on, `heard_s` how long
    its recording is. `told` is a line to say beside the warnings. `lacks` is why there is no more than this: it is
    kept, the input has failed, and --resume does it again. `holds_warnings` says that the text has the warnings itself.
    """

    text: str
    sha256: str
    settings: str
    warnings: tuple[str, ...] = ()
    told: str = ""
    heard_s: float = 0.0
    lacks: DictationError | None = None
    holds_warnings: bool = False


class Maker(Protocol):
    """What makes the results of a command."""

    command: str
    endings: frozenset[str]  # of the files that it takes
    columns: frozenset[str]  # of a manifest, besides that of the file, that its results depend on

    def check(self, asked: Asked, inputs: list[Input]) -> None:
        """Refuse what makes no sense of a round of inputs. Raises UsageError."""

    def key(self, item: Input) -> str:
        """Everything that the result of `item` depends on besides the bytes of its file."""

    def made(self, todo: list[Input], *, in_order: bool) -> Iterator[tuple[Input, Made | DictationError]]:
        """Yield each input once with its result, or why there is none."""


def kept(asked: Asked, maker: Maker) -> bool:
    """Keep a result of all that was asked; True where every input gave one. Failures are noted by name."""
    batch = Batch(asked, maker.command)
    try:
        for inputs in asked.rounds(maker, batch.owns):
            maker.check(asked, inputs)
            _note_unused(inputs, maker.columns)
            for item, result in maker.made(batch.todo(inputs, maker.key), in_order=asked.out is None):
                with batch.trying(item):
                    if isinstance(result, DictationError):
                        raise result
                    for warning in result.warnings:
                        note(f"warning: {item.warning(warning)}")
                    if result.told:
                        note(f"{item.shown}: {result.told}")
                    batch.keep(item, result)
                    if result.lacks:
                        raise result.lacks
    finally:
        batch.close()
    return batch.is_whole


def _note_unused(inputs: Iterable[Input], columns: frozenset[str]) -> None:
    """Say what columns nothing is done with: one of them may be a slip of the pen."""
    unused: dict[Path, set[str]] = {}
    for item in inputs:
        if item.manifest:
            unused.setdefault(item.manifest, set()).update(item.columns.keys() - columns - {""})
    for manifest, names in unused.items():
        if names:
            known = f"; known beside audio are {', '.join(sorted(columns))}" if columns else ""
            note(f"{manifest}: not used: the columns {', '.join(sorted(names))}{known}.")


class Batch:
    """The results of one run of a command, kept in the output folder or printed, and its failures.

    Raises UsageError where the output folder cannot be written into.
    """

    def __init__(self, asked: Asked, command: str) -> None:
        self._asked = asked
        out, suffix = asked.out, asked.shard.suffix
        if out is not None:
            check_writable(out)  # before hours of hearing
        self._ledger = Ledger(out, asked.form, suffix, command) if out is not None else None
        self._failures_file = out / f"failures{suffix}.jsonl" if out is not None else None
        self._failures: list[tuple[Input, DictationError]] = []
        self._warnings: list[tuple[str, str]] = []  # of which input, and what
        self._count = self._printed = 0
        stale = [self._failures_file] if self._failures_file is not None else []
        if out is not None and not suffix:  # this run does the parts of all machines
            stale += out.glob("failures.*of*.jsonl")
        for file in stale:
            with suppress(OSError):
                file.unlink()  # those of the run before: what failed then is tried again

    @property
    def is_whole(self) -> bool:
        """True while nothing has failed."""
        return not self._failures

    def owns(self, item: Input) -> bool:
        """True where an earlier run gave its place to this input."""
        return self._ledger is not None and self._ledger.owns(item)

    def todo(self, inputs: list[Input], key: Callable[[Input], str]) -> list[Input]:
        """The inputs of a round that are still to be done. `key` is everything besides an input that its result is of.

        Those that are nothing to work on are failures at once.
        """
        self._count += len(inputs)
        for item in inputs:
            if item.failure:
                self.fail(item, item.failure)
        there = [item for item in inputs if not item.failure]
        if self._ledger is None:
            return there
        there = [self._ledger.settled(item) for item in there]
        remove_unfinished(self._ledger.target(item).parent for item in there)
        todo = [item for item in there if not self._is_done(self._ledger, item, key)]
        to_do = set(map(id, todo))
        for item in there:
            if id(item) not in to_do:
                self._warnings += ((item.shown, warning) for warning in self._ledger.warnings(item))
        if len(todo) < len(there):
            note(f"{len(there) - len(todo)} of {len(inputs)} were done before and are left as they are.")
        todo = [item for item in todo if not self._is_held(self._ledger, item)]
        if todo:
            self._ledger.hold()
        return todo

    def _is_held(self, ledger: Ledger, item: Input) -> bool:
        """True where the result would replace one that is not of this input and command, which is a failure."""
        if other := ledger.other(item):
            why = f"{item.shown}: its result would replace {other}, {ledger.target(item)}"
            self.fail(item, UsageError(f"{why}; choose another --out, or delete that one."))
        return bool(other)

    def _is_done(self, ledger: Ledger, item: Input, key: Callable[[Input], str]) -> bool:
        if not self._asked.resume and self._asked.watch is None:
            return False
        try:
            return ledger.holds(item, key(item))
        except DictationError:  # what its row names cannot be read: said when it is done
            return False

    def keep(self, item: Input, made: Made) -> None:
        """Take in a result with its warnings. Raises DictationError where it cannot be written."""
        warnings, text = tuple(item.warning(warning) for warning in made.warnings), made.text
        self._warnings += ((item.shown, warning) for warning in warnings)
        if self._ledger is not None:
            settings = UNFINISHED if made.lacks else made.settings
            self._ledger.keep(item, text, made.sha256, settings, warnings, beside=not made.holds_warnings)
            return
        form, is_first = self._asked.form, self._printed == 0
        heading = f"== {printable(item.shown)}\n" if form == "text" and self._count > 1 else ""
        if form == "csv" and not is_first:
            text = text.partition("\n")[2]  # its columns are named once
        self._printed += 1
        sys.stdout.write(heading + text)
        sys.stdout.flush()

    @contextmanager
    def trying(self, item: Input) -> Iterator[None]:
        """Within, an expected error is a failure of this input, and the rest goes on; a full disk ends the run."""
        try:
            yield
        except Cancelled:
            raise
        except FullDiskError as error:
            raise FullDiskError(f"{error} What was finished before is kept, and --resume goes on.") from error
        except DictationError as error:
            self.fail(item, error)

    def fail(self, item: Input, error: DictationError) -> None:
        """Take in that an input gave no result, or not all of it; the message holds no dictated word."""
        self._failures.append((item, error))
        note(f"dictation: {error}")
        if self._failures_file is None:
            return
        try:
            self._failures_file.parent.mkdir(parents=True, exist_ok=True)
            append_line(self._failures_file, {"path": item.shown, "kind": type(error).__name__, "error": str(error)})
        except OSError as problem:
            note(f"warning: {self._failures_file}: cannot be written ({problem.strerror}).")

    def close(self) -> None:
        """Say at the end which results have warnings, and what failed, a line each."""
        if self._ledger is not None:
            self._ledger.close()
        warned, failed = self._warnings, self._failures
        if warned and self._count > 1:
            note(_table(("warning", "what"), warned[:WARNINGS_SHOWN]))
            if len(warned) > WARNINGS_SHOWN:
                note(f"… and {len(warned) - WARNINGS_SHOWN} more, each with its result.")
            note(f"{len({shown for shown, _ in warned})} of {self._count} inputs have results with warnings.")
        if not failed:
            return
        if self._count > 1:
            note(_table(("failed", "why"), [(item.shown, str(error)) for item, error in failed[:FAILURES_SHOWN]]))
            if len(failed) > FAILURES_SHOWN:
                note(f"… and {len(failed) - FAILURES_SHOWN} more.")
            if self._failures_file is not None:
                note(f"They are listed in {self._failures_file}.")
        note(f"{len(failed)} of {self._count} inputs failed.")


def _table(heading: tuple[str, str], about: list[tuple[str, str]]) -> str:
    width = max(len(heading[0]), *(len(shown) for shown, _ in about))
    rows = [heading, *((shown, why.removeprefix(f"{shown}: ")) for shown, why in about)]
    return "\n".join(f"  {shown:<{width}}  {why}" for shown, why in rows)
