"""A manifest → the labelled recordings that systems are measured on; each line that cannot be used is named.

Of what was said, the spoken form stands beside what a recognizer gives, the written form beside the text after wording.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from dictation.errors import InputError
from dictation.frozen import Frozen
from dictation.lexicon import EMPTY_VOCABULARY
from dictation.settings import Settings
from dictation.speech import Engine, Transcript, Word
from pipelines.ledger import content
from pipelines.manifest import AUDIO, SILENT, TEXT, Row, entries, read_manifest
from pipelines.transcribe import written_form

Stage = Literal["raw", "written"]
STAGES: dict[Stage, str] = {"raw": "as the recognizer gave it", "written": "after wording"}
FORMS = ("spoken", "written")
KINDS = ("real", "synthetic")
NOT_STATED = "not stated"
GROUPS = ("kind", "speaker", "accent", "device", "body_part")
COMMAND = re.compile(r"(\{[a-zA-Z ]+\}|\[[A-Z ]+\])")  # as MedASR writes them
END_OF_TEXT = "</s>"
KNOWN = {"id", "form", "sha256", *GROUPS, *TEXT}


@dataclass(frozen=True)
class Labelled:
    """One recording and what was said in it: its spoken form, its written form or both.

    `id` names it in hypotheses of others and in results; `spelling` is that of a written form made of the spoken one.
    """

    id: str
    audio: Path
    sha256: str
    spoken: str
    written: str
    fields: dict[str, str]
    settings: Settings

    def group(self, column: str) -> str:
        """Its value in a column of GROUPS."""
        return self.fields.get(column, NOT_STATED)

    @property
    def is_silent(self) -> bool:
        """Whether nobody speaks in it: every word that is heard was invented."""
        return not self.spoken and not self.written

    @property
    def cluster(self) -> str:
        """What its errors have in common with those of others: the speaker, or nothing but the recording."""
        return f"speaker {self.fields['speaker']}" if "speaker" in self.fields else f"recording {self.id}"

    @cached_property
    def references(self) -> dict[Stage, str]:
        """What each stage of a hypothesis is held against; a missing written form is made by the rules of wording."""
        return {
            "raw": self.spoken or self.written,
            "written": self.written or written_form(as_transcript(self.spoken), EMPTY_VOCABULARY, self.settings).text,
        }


def as_transcript(text: str) -> Transcript:
    """A text as if it had been heard: words without seconds or confidence, marked commands ("{period}") set apart."""
    words = COMMAND.sub(r" \1 ", text.replace(END_OF_TEXT, " ")).split()
    return Transcript(
        recording="", words=tuple(Word(text=word) for word in words), engine=Engine(name="text"), duration_s=0
    )


def read_recordings(
    manifest: Path, settings: Settings, form: str | None = None, columns: Mapping[str, str] | None = None
) -> tuple[list[Labelled], list[InputError], list[str]]:
    """Return the recordings in order, an error for each line that cannot be used, and the columns that nobody knows.

    `form` is that of a `text` whose line does not state it, and `columns` says what some are called. Raises as
    `read_manifest` does, and InputError where no line can be used.
    """
    columns = columns or {}
    rows, errors = read_manifest(manifest, columns)
    cells = {line: values for line, values in entries(manifest, (AUDIO, TEXT), columns) if isinstance(values, dict)}
    found: list[Labelled] = []
    lines: dict[str, int] = {}
    for row in rows:
        try:
            one = _labelled(row, cells[row.line], settings, form, columns)
            for what in (f"id {one.id}", one.sha256):
                if what in lines:
                    raise InputError(f"it is the same recording as line {lines[what]}; delete one of them.")
            lines |= {f"id {one.id}": row.line, one.sha256: row.line}
            found.append(one)
        except InputError as error:
            errors.append(InputError(f"{manifest}, line {row.line}: {error}"))
    if not found:
        raise InputError(str(errors[0]) if len(errors) == 1 else f"{manifest}: no line can be used, as in: {errors[0]}")
    unknown = sorted({name for row in rows for name in row.fields} - KNOWN - {""})  # "": one without a name
    return found, errors, unknown


def _labelled(
    row: Row, cells: dict[str, str], settings: Settings, form: str | None, columns: Mapping[str, str]
) -> Labelled:
    fields = row.fields
    if "start_s" in fields or "end_s" in fields:
        raise InputError("whole files are heard and it labels a part of one; cut the file.")
    spoken, written = cells.get("spoken", ""), cells.get("written", "")
    if fields.get("form", "").lower() == SILENT:
        if spoken or written or cells.get("text"):
            raise InputError("its form is silent and it has a text; leave one of them out.")
    elif text := cells.get("text"):
        stated = fields.get("form", form or "").lower()
        if stated not in FORMS:
            raise InputError(
                (f"its form '{stated[:20]}' is none" if stated else "it does not say what form its text has")
                + f"; give a column '{columns.get('form', 'form')}' or --form: spoken or written (silent: no text)."
            )
        spoken, written = (text, written) if stated == "spoken" else (spoken, text)
    kind = fields.get("kind", NOT_STATED).lower()
    if kind not in (*KINDS, NOT_STATED):
        raise InputError(
            f"its '{columns.get('kind', 'kind')}' is neither real nor synthetic; say which, or leave it empty."
        )
    try:
        sha256 = content(row.audio)
    except OSError as error:
        raise InputError(f"{row.audio.name} cannot be read ({error.strerror}); check the file.") from error
    if fields.get("sha256", sha256).lower() != sha256:
        raise InputError(f"{row.audio.name} is not the file whose sha256 it states; get the right file or correct it.")
    listed = next(cells[name] for name in AUDIO if cells.get(name))
    return Labelled(fields.get("id", listed), row.audio, sha256, spoken, written, fields | {"kind": kind}, settings)


class Basis(Frozen):
    """What a figure rests on. `unstated` recordings have no speaker, so that each counts as one of its own.

    One in which nobody speaks has none, whatever is stated.
    """

    recordings: int
    speakers: int
    unstated: int
    kind: str

    def __str__(self) -> str:
        """As it stands beside every figure: "12 speakers, real"."""
        known = f"{self.speakers} {'speaker' if self.speakers == 1 else 'speakers'}"
        if self.unstated:
            unknown = f"speaker not stated of {self.unstated} recordings"
            known = f"{known}, {unknown}" if self.speakers else unknown
        return f"{known}, {self.kind if self.kind != NOT_STATED else 'real or synthetic not stated'}"


def basis(recordings: Sequence[Labelled]) -> Basis:
    """What a figure over `recordings` rests on."""
    kinds = sorted({one.group("kind") for one in recordings})
    voices = [one.fields.get("speaker") for one in recordings if not one.is_silent]
    return Basis(
        recordings=len(recordings),
        speakers=len({*voices} - {None}),
        unstated=voices.count(None),
        kind=" and ".join(kinds),
    )
