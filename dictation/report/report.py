"""The structured report: statements by section, each tied to what was dictated."""

from functools import cached_property
from typing import Literal

from pydantic import model_validator

from dictation.frozen import Frozen, Many
from dictation.wording.written import Rendered

SECTIONS = ("exam", "indication", "technique", "comparison", "findings", "impression")
Section = Literal["exam", "indication", "technique", "comparison", "findings", "impression"]
Origin = Literal["dictated", "typed", "macro", "template", "order", "suggested"]
NOT_DICTATED = "Not dictated."


class Statement(Frozen):
    """One sentence of the report. `evidence` holds ids of dictated sentences; `organ` is a heading of the findings.

    `template` marks a normal that the radiologist's chosen template brought; `suggested` is never part of the text.
    `kept` says in a few words why dictated words stand here though a model wrote the report, "" for its own statements.
    `accepted_by` names who took a suggestion into the report, by hand: it is `typed` since then.
    """

    id: str
    text: str
    section: Section
    organ: str | None = None
    evidence: Many[str] = ()
    origin: Origin = "dictated"
    kept: str = ""
    accepted_by: str = ""


class Report(Rendered):
    """The report. `text` is its one canonical rendering, which spans index; suggestions have no span.

    Rendering: six headings in order, "Not dictated." where nothing was said.
    """

    exam: Many[Statement] = ()
    indication: Many[Statement] = ()
    technique: Many[Statement] = ()
    comparison: Many[Statement] = ()
    findings: Many[Statement] = ()
    impression: Many[Statement] = ()

    @model_validator(mode="after")
    def _consistent(self) -> "Report":
        ids = [statement.id for statement in self.statements]
        if len(set(ids)) < len(ids):
            raise ValueError("two statements have the same id")
        for name in SECTIONS:
            if any(statement.section != name for statement in getattr(self, name)):
                raise ValueError(f"a statement in {name} states another section")
        return self

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """All statements in reading order, suggestions included."""
        return tuple(statement for name in SECTIONS for statement in getattr(self, name))

    @property
    def signed_text(self) -> str:
        """The text as it is signed and sent: without the sections in which nothing was said."""
        empty = {f"{name.upper()}: {NOT_DICTATED}" for name in SECTIONS}
        return "\n\n".join(part for part in self.text.split("\n\n") if part not in empty)

    def _rendered(self) -> tuple[str, dict[str, tuple[int, int]]]:
        text, spans = "", {}
        for name in SECTIONS:
            statements = [s for s in getattr(self, name) if s.origin != "suggested"]
            text += ("\n\n" if text else "") + f"{name.upper()}:"
            if not statements:
                text += f" {NOT_DICTATED}"
                continue
            organ: str | None = None
            for number, statement in enumerate(statements):
                if name == "findings" and (number == 0 or statement.organ != organ):
                    text += "\n" + (f"{statement.organ}: " if statement.organ else "")
                elif number == 0 and name != "impression":
                    text += " "
                elif name == "impression":
                    text += "\n"
                else:
                    text += " "
                organ = statement.organ
                spans[statement.id] = (len(text), len(text) + len(statement.text))
                text += statement.text
        return text, spans
