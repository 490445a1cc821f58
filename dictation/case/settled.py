"""What a person settled by taking the heard words: no later alert doubts those words, or offers what they replaced."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from dictation.case.draft import ReportEdit
from dictation.discrepancy import Discrepancy
from dictation.discrepancy.sentence_edits import applied
from dictation.report import Report

Span = tuple[int, int]  # characters [start, end)


def is_settled_again(one: Discrepancy, report: Report, edits: Sequence[ReportEdit]) -> bool:
    """Whether an alert doubts words that took the place of others by "take heard", or would bring these back.

    A doubt of the ear stands behind the difference while that is open ("left" may have been "right"), and would ask
    anew of what was just answered. A sentence that was added whole says nothing of its single words.
    """
    for edit in edits:
        if edit.taken_from and edit.before and edit.after:
            for statement in report.statements:
                span = report.spans.get(statement.id)
                if span and statement.section == edit.section and statement.text == edit.after:
                    if _offers_back(one, report, span, edit) or _doubts(one, span, edit):
                        return True
    return False


def _offers_back(one: Discrepancy, report: Report, span: Span, edit: ReportEdit) -> bool:
    own = [change for change in one.edits if span[0] <= change.span[0] and change.span[1] <= span[1]]
    if not own:
        return False
    rest = len(report.text) - span[1]
    new = applied(report.text, own)
    return _plain(new[span[0] : len(new) - rest]) == _plain(edit.before)


def _doubts(one: Discrepancy, span: Span, edit: ReportEdit) -> bool:
    if one.kind != "critical_word" or one.written is None or one.written.span is None:
        return False
    low, high = one.written.span
    return any(low < span[0] + end and span[0] + start < high for start, end in _put_in(edit))


def _put_in(edit: ReportEdit) -> Iterator[Span]:
    """The characters of the words that an edit put into its sentence."""
    before, after = edit.before.lower().split(" "), edit.after.lower().split(" ")
    starts = [sum(len(word) + 1 for word in after[:number]) for number in range(len(after))]
    for kind, _, _, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind in ("replace", "insert"):
            yield starts[first], starts[last - 1] + len(after[last - 1])


def _plain(text: str) -> str:
    return " ".join(text.lower().split()).rstrip(".")
