"""What a model's wording changed goes back to it once; what it changes again stands as it was dictated, marked.

The comparison of heard and written runs on each group of sentences and the statements that rest on them, so that a
statement which cites the wrong sentence is found although the report as a whole holds all that was said.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Event

from dictation.discrepancy import Discrepancy, compare
from dictation.exam import Order
from dictation.imaging import Study
from dictation.report import Correction, ExtractiveWriter, Report, ReportWriter, Statement, Style, Template
from dictation.report.citing import Group, groups
from dictation.report.completing import completed
from dictation.report.report import SECTIONS
from dictation.wording import Dictation, Sentence

# Critical differences, and major ones: other sizes, places and findings are other facts. Of 380 faithful pairs written
# freely by hand (benchmarks/discrepancy, dev half) 5 % have a critical difference and 14 % one of either: such a report
# costs a second question, and a sentence stays as it was said.
SENT_BACK = ("critical", "major")
# What a model did where heard and written differ. Differences of other kinds are not between what it read and wrote.
DID = {
    "laterality": "changed the side",
    "negation": "turned a denial around",
    "omission": "left something out",
    "addition": "added something",
    "measurement": "changed a measurement",
    "unit": "changed a unit",
    "level": "changed a level",
    "site": "changed the place",
    "severity": "changed a finding or its grade",
    "certainty": "changed the certainty",
    "change": "changed the course",
    "device_position": "changed the position of a device",
    "scoring": "changed a score",
}


@dataclass(frozen=True)
class _Fault:
    """A group that says what was not said, or not what was."""

    group: Group
    differences: tuple[Discrepancy, ...]

    @property
    def correction(self) -> Correction:
        """What the writer is told of it."""
        return Correction(
            sentences=self.group.ids,
            text=" ".join(statement.text for statement in self.group.statements),
            wrong=" ".join(difference.explanation for difference in self.differences),
        )

    @property
    def reason(self) -> str:
        """Why the dictated words are kept."""
        return f"the model {' and '.join(dict.fromkeys(DID[one.kind] for one in self.differences))} twice"


def checked(
    report: Report,
    dictation: Dictation,
    writer: ReportWriter,
    *,
    order: Order | None = None,
    study: Study | None = None,
    template: Template | None = None,
    style: Style = "keep",
    cancel: Event | None = None,
) -> tuple[Report, tuple[str, ...]]:
    """Return the report that `writer` made of a dictation as it may stand, and warnings where dictated words are kept.

    The arguments are those that it was written with. Raises what the writer raises.
    """
    faults = _faults(report, dictation)
    if not faults:
        return report, ()
    second = writer.write(
        dictation, order=order, study=study, template=template, style=style,
        corrections=[fault.correction for fault in faults], cancel=cancel,
    )  # fmt: skip
    anew = [statement for statement in second.statements if statement.evidence]
    mended = completed(
        [*_without(report, faults), *anew], dictation, why={}, order=order, study=study, template=template
    )
    faults = _faults(mended, dictation)
    if not faults:
        return mended, ()
    why = {name: fault.reason for fault in faults for name in fault.group.ids}
    kept = completed(_without(mended, faults), dictation, why=why, order=order, study=study, template=template)
    return kept, tuple(_warning(reason, number) for reason, number in Counter(why.values()).items())


def _warning(reason: str, number: int) -> str:
    sentences = "1 sentence is" if number == 1 else f"{number} sentences are"
    return f"{sentences} kept as dictated: {reason}."


def _without(report: Report, faults: Sequence[_Fault]) -> list[Statement]:
    """Return what the model wrote and may stand."""
    gone = {name for fault in faults for name in fault.group.ids}
    own = [statement for statement in report.statements if statement.evidence or statement.origin == "suggested"]
    return [statement for statement in own if gone.isdisjoint(statement.evidence)]


def _faults(report: Report, dictation: Dictation) -> list[_Fault]:
    found = []
    for group in groups(report.statements, dictation):
        if all(statement.kept for statement in group.statements):
            continue  # dictated words
        if differences := _differences(group, dictation):
            found.append(_Fault(group, tuple(differences)))
    return found


def _differences(group: Group, dictation: Dictation) -> list[Discrepancy]:
    """Return what the model changed: differences that the dictated words, put in the same order, would not have."""
    found = _compared(group.sentences, group.statements)
    if not found:
        return []
    themselves = [Correction(sentences=group.ids, text="", wrong="")]
    as_dictated = ExtractiveWriter().write(dictation, corrections=themselves)
    own = {difference.kind for difference in _compared(group.sentences, as_dictated.statements)}
    return [difference for difference in found if difference.kind not in own]


def _compared(sentences: Iterable[Sentence], statements: Iterable[Statement]) -> list[Discrepancy]:
    """Compare some sentences and statements as if nothing else were said, whatever they were typed or heard."""
    said = tuple(sentence.model_copy(update={"alignment": (), "origin": "dictated"}) for sentence in sentences)
    wrote = [statement.model_copy(update={"origin": "dictated"}) for statement in statements]
    sections = {name: tuple(statement for statement in wrote if statement.section == name) for name in SECTIONS}
    found = compare(Dictation(sentences=said), Report(**sections), kinds=())
    return [one for one in found if one.severity in SENT_BACK and one.kind in DID]
