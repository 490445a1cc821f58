"""What became of a report between two signatures, sentence by sentence, as a second reader changed it."""

from difflib import SequenceMatcher
from typing import Literal

from dictation.frozen import Frozen
from dictation.report import SECTIONS, Report, Statement
from dictation.report.report import Section

_ALIKE = 0.5  # of two sentences' words, from which on the one counts as a new wording of the other


class SentenceChange(Frozen):
    """One sentence that differs: reworded, added (`before` is "") or taken out (`after` is "")."""

    kind: Literal["reworded", "added", "taken_out"]
    section: Section
    organ: str | None = None
    before: str = ""
    after: str = ""


def difference(before: Report, after: Report) -> tuple[SentenceChange, ...]:
    """Return what the second report changes of the first, in reading order. Suggestions are in neither."""
    return tuple(change for section in SECTIONS for change in _in_section(_of(before, section), _of(after, section)))


def _of(report: Report, section: str) -> list[Statement]:
    return [statement for statement in getattr(report, section) if statement.origin != "suggested"]


def _in_section(old: list[Statement], new: list[Statement]) -> list[SentenceChange]:
    """Sentences that stand in both are left; of the others, the most alike are two wordings of one."""
    same = SequenceMatcher(None, [_key(s) for s in old], [_key(s) for s in new], autojunk=False)
    gone: list[Statement] = []
    changes: list[tuple[int, SentenceChange]] = []
    for what, a, b, c, d in same.get_opcodes():
        if what == "equal":
            continue
        gone, come = old[a:b], new[c:d]
        for place, statement in enumerate(come, c):
            earlier = max(gone, key=lambda one: _likeness(one, statement), default=None)
            if earlier is not None and _likeness(earlier, statement) >= _ALIKE:
                gone.remove(earlier)
                changes.append((place, _changed(earlier, statement)))
            else:
                changes.append((place, _added(statement)))
        changes += [(c, _taken_out(statement)) for statement in gone]
    return [change for _, change in sorted(changes, key=lambda one: one[0])]


def _key(statement: Statement) -> tuple[str | None, str]:
    return statement.organ, statement.text


def _likeness(one: Statement, two: Statement) -> float:
    return SequenceMatcher(None, one.text.lower().split(), two.text.lower().split(), autojunk=False).ratio()


def _changed(old: Statement, new: Statement) -> SentenceChange:
    return SentenceChange(kind="reworded", section=new.section, organ=new.organ, before=old.text, after=new.text)


def _added(new: Statement) -> SentenceChange:
    return SentenceChange(kind="added", section=new.section, organ=new.organ, after=new.text)


def _taken_out(old: Statement) -> SentenceChange:
    return SentenceChange(kind="taken_out", section=old.section, organ=old.organ, before=old.text)
