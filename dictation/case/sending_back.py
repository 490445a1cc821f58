"""What a model's wording changed goes back to it once; what it changes again stands as it was dictated, marked.

The comparison of heard and written runs on the whole, and on each group of sentences and the statements that rest on
them, so that a statement which cites the wrong sentence is found although the report holds all that was said.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Event
from typing import get_args

from dictation.discrepancy import Discrepancy, Side, compare
from dictation.errors import MissingError, ModelError
from dictation.exam import Order
from dictation.imaging import Study
from dictation.report import Correction, ExtractiveWriter, Report, ReportWriter, Statement, Style, Template
from dictation.report.citing import Group, groups
from dictation.report.completing import completed
from dictation.report.extractive import template_for
from dictation.report.faithful import rule_of
from dictation.report.keeping import SaidWords
from dictation.report.own_words import counted
from dictation.report.report import SECTIONS
from dictation.wording import Dictation, Sentence

# Every difference that a model makes but those that are no more than a remark: a minor one is another fact as well. A
# report with one costs a second question, and where it stays a sentence stands as it was said.
SENT_BACK = ("critical", "major", "minor")
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
    "follow_up": "changed the follow-up",
    "prior": "changed the earlier exam",
    "sex": "changed the sex",
    "age": "changed the age",
}
CHANGED = "changed the words"


@dataclass(frozen=True)
class _Fault:
    """A group that says what was not said, or not what was."""

    group: Group
    differences: tuple[Discrepancy, ...]
    words: str = ""  # what it changed of the words, "" where they may stand

    @property
    def correction(self) -> Correction:
        """What the writer is told of it."""
        return Correction(
            sentences=self.group.ids,
            text=" ".join(statement.text for statement in self.group.statements),
            wrong=" ".join([*(difference.explanation for difference in self.differences), self.words]).strip(),
        )

    @property
    def did(self) -> str:
        """What the model did."""
        return f"the model {' and '.join(dict.fromkeys(DID[one.kind] for one in self.differences)) or CHANGED}"


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

    The arguments are those that it was written with. Raises Cancelled; where the writer has no second answer, what is
    wrong in the first stands as dictated.
    """
    used = template or template_for(dictation, order, study)
    faults = _faults(report, dictation, style, used)
    if not faults:
        return report, _nothing_stands(report)
    when = "twice"
    try:
        second = writer.write(
            dictation, order=order, study=study, template=template, style=style,
            corrections=[fault.correction for fault in faults], cancel=cancel,
        )  # fmt: skip
    except (ModelError, MissingError):  # what was written the first time is not lost with the second
        when = "and gave no second answer"
    else:
        anew = [statement for statement in second.statements if statement.evidence]
        report = completed(
            [*_without(report, faults), *anew], dictation, why={}, order=order, study=study, template=template
        )
        faults = _faults(report, dictation, style, used)
        if not faults:
            return report, _nothing_stands(report)
    why = {name: f"{fault.did} {when}" for fault in faults for name in fault.group.ids}
    kept = completed(_without(report, faults), dictation, why=why, order=order, study=study, template=template)
    return kept, tuple(_warning(reason, number) for reason, number in Counter(why.values()).items())


def _nothing_stands(report: Report) -> tuple[str, ...]:
    """Return the warning that a report holds only dictated words, though a model wrote it."""
    stands = [statement for statement in report.statements if statement.evidence]
    if not stands or not all(statement.kept for statement in stands):
        return ()
    return ("Every sentence is kept as dictated: nothing that the model wrote could stand.",)


def _warning(reason: str, number: int) -> str:
    sentences = "1 sentence is" if number == 1 else f"{number} sentences are"
    return f"{sentences} kept as dictated: {reason}."


def _without(report: Report, faults: Sequence[_Fault]) -> list[Statement]:
    """Return what the model wrote and may stand."""
    gone = {name for fault in faults for name in fault.group.ids}
    own = [statement for statement in report.statements if statement.evidence or statement.origin == "suggested"]
    return [statement for statement in own if gone.isdisjoint(statement.evidence)]


def _faults(report: Report, dictation: Dictation, style: Style, template: Template) -> list[_Fault]:
    """Return the groups that the model changed: in what they say, which would not differ had it put the dictated words
    there, or else in their words.
    """
    said = {rule: SaidWords(dictation, rule) for rule in get_args(Style)}
    as_dictated = ExtractiveWriter().write(dictation)
    whole = _compared(dictation.sentences, report.statements)
    unavoidable = {_gist(one) for one, _ in _compared(dictation.sentences, as_dictated.statements)} if whole else set()
    found = []
    for group in groups(report.statements, dictation, template):
        if all(statement.kept for statement in group.statements):
            continue  # dictated words
        ids = {*group.ids, *(statement.id for statement in group.statements)}
        differences = [one for one, at in whole if at in ids and _gist(one) not in unavoidable]
        differences += _within(group, as_dictated)
        words = (
            _other_words(group)
            if said[rule_of(group.statements, style)].kept(group.statements, group.ids) is None
            else ""
        )
        if differences or words:
            unlike = {difference.explanation: difference for difference in differences}
            found.append(_Fault(group, tuple(unlike.values()), words))
    return found


def _other_words(group: Group) -> str:
    """Tell of words that a group changed, left out or added."""
    said, wrote = (counted(one.text for one in some) for some in (group.sentences, group.statements))
    missing, added = (", ".join(f'"{word}"' for word in words) for words in (said - wrote, wrote - said))
    told = [f"{what}: {words}." for what, words in (("Left out", missing), ("Not dictated", added)) if words]
    return " ".join(told) or "The dictated words have another order."


def _within(group: Group, as_dictated: Report) -> list[Discrepancy]:
    """Return what differs between the sentences and the statements of a group.

    The statements together must say all that was said; each alone must say nothing else, else a sentence written once
    rightly would hide that it was written once more with another side.
    """
    found = [one for one, _ in _compared(group.sentences, group.statements)]
    if len(group.statements) > 1:
        for statement in group.statements:
            cited = [sentence for sentence in group.sentences if sentence.id in statement.evidence]
            found += [one for one, _ in _compared(cited, [statement]) if one.written is not None]
    if not found:
        return []
    own = [statement for statement in as_dictated.statements if not set(group.ids).isdisjoint(statement.evidence)]
    unavoidable = {difference.kind for difference, _ in _compared(group.sentences, own)}
    return [difference for difference in found if difference.kind not in unavoidable]


def _gist(difference: Discrepancy) -> tuple[str, str]:
    return difference.kind, difference.explanation


def _compared(sentences: Iterable[Sentence], statements: Iterable[Statement]) -> list[tuple[Discrepancy, str]]:
    """Compare some sentences and statements as if nothing else were said, whatever they were typed or heard.

    Each difference comes with the id of the statement in which it stands, or of the sentence where none says it.
    """
    said = Dictation(sentences=tuple(s.model_copy(update={"alignment": (), "origin": "dictated"}) for s in sentences))
    wrote = [s.model_copy(update={"origin": "dictated"}) for s in statements if s.evidence]
    report = Report(**{name: tuple(s for s in wrote if s.section == name) for name in SECTIONS})
    found = compare(said, report, kinds=())
    return [
        (one, _at(one.written, report.spans) or _at(one.heard, said.spans))
        for one in found
        if one.severity in SENT_BACK and one.kind in DID
    ]


def _at(side: Side | None, spans: Mapping[str, tuple[int, int]]) -> str:
    if side is None or side.span is None:
        return ""
    return next((name for name, (start, end) in spans.items() if start <= side.span[0] < end), "")
