"""What a person settled by taking the heard words: no later alert doubts those words, or offers what they replaced."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from dictation.case.draft import ReportEdit
from dictation.discrepancy import Discrepancy
from dictation.discrepancy.sentence_edits import applied
from dictation.report import Report
from dictation.wording import Dictation

Span = tuple[int, int]  # characters [start, end)


def is_settled_again(one: Discrepancy, dictation: Dictation, report: Report, edits: Sequence[ReportEdit]) -> bool:
    """Whether an alert doubts words that took the place of others by "take heard", or would bring these back.

    A doubt of the ear stands behind the difference while that is open ("left" may have been "right"), and would ask
    anew of what was just answered. A sentence that was added whole says nothing of its single words.
    """
    taken = [edit for edit in edits if edit.taken_from and edit.before and edit.after]
    standing = [(one, report.spans[one.id]) for one in report.statements if one.id in report.spans]
    return any(
        (statement.section, statement.text) == (edit.section, edit.after)
        and (_offers_back(one, report, span, edit) or _doubts(one, span, edit) or _doubts_heard(one, dictation, edit))
        for edit in taken
        for statement, span in standing
    )


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


def _doubts_heard(one: Discrepancy, dictation: Dictation, edit: ReportEdit) -> bool:
    """Whether the ear offers for its words, in the sentence that the edit took up, those that the edit replaced."""
    if one.kind != "critical_word" or one.written or not (one.heard and one.heard.span and one.suggestion):
        return False
    own = _plain(one.heard.text), _plain(one.suggestion)
    if own not in ((_plain(edit.after[low:high]), replaced) for (low, high), replaced in _exchanged(edit)):
        return False
    alike = {sentence.id: _likeness(sentence.text, edit.after) for sentence in dictation.sentences}
    best = max(alike.values(), default=0)
    low, high = one.heard.span
    return any(start <= low and high <= end and alike.get(id) == best for id, (start, end) in dictation.spans.items())


def _likeness(one: str, two: str) -> float:
    return SequenceMatcher(None, _plain(one).split(), _plain(two).split(), autojunk=False).ratio()


def _put_in(edit: ReportEdit) -> Iterator[Span]:
    """The characters of the words that an edit put into its sentence."""
    return (span for span, _ in _exchanged(edit))


def _exchanged(edit: ReportEdit) -> Iterator[tuple[Span, str]]:
    """The same, each with the words in whose place they stand."""
    before, after = edit.before.lower().split(" "), edit.after.lower().split(" ")
    starts = [sum(len(word) + 1 for word in after[:number]) for number in range(len(after))]
    for kind, low, high, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind in ("replace", "insert"):
            yield (starts[first], starts[last - 1] + len(after[last - 1])), " ".join(before[low:high])


def _plain(text: str) -> str:
    return " ".join(text.lower().split()).rstrip(".")
