"""A person's wording of the report, laid over whatever a writer wrote; and the wording of a card, taken in by key.

An edit names the sentence that it changes, not its place, so that it is found again after more was dictated. One whose
sentence is no longer there is handed back, to be shown: nothing that a person wrote is dropped in silence.
"""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from difflib import SequenceMatcher

from dictation.case.draft import ReportEdit
from dictation.errors import UsageError
from dictation.report import SECTIONS, Report, Statement
from dictation.unseen import UNSEEN

LONGEST = 5000  # characters of one statement
_ALIKE = 0.5  # of two sentences' words, from which on the one counts as a new wording of the other
LEAST_REASON = 3  # letters: "x" or "..." tells nobody later why


def laid_over(report: Report, edits: Sequence[ReportEdit]) -> tuple[Report, tuple[ReportEdit, ...]]:
    """Return the report with the edits in it, in their order, and those that fit no statement any more.

    An edited statement is `typed` and keeps its evidence; one that was taken from a card keeps its origin too. An edit
    whose words are in the report by themselves, from the same evidence, has nothing left to do, and fits; so does one
    that takes out what is there no longer, in whatever words. Edits of one sentence count as one: only their last words
    need a place.
    """
    statements = list(report.statements)
    unfit: list[ReportEdit] = []
    for edit, _ in _one_a_sentence(edits):
        if edit.before == edit.after:
            continue
        if not edit.before:
            _add(statements, edit)
        elif (found := _meant(statements, edit)) is not None:
            _put(statements, found, edit)
        elif not _is_done(statements, edit):
            unfit.append(edit)
    return Report(**{name: tuple(s for s in statements if s.section == name) for name in SECTIONS}), tuple(unfit)


def counterpart(statements: Sequence[Statement], edit: ReportEdit) -> Statement | None:
    """Return the statement that now stands where an edit's own stood: of its evidence, else the one most alike.

    None where nothing in the edit's section is like it.
    """
    own = [one for one in statements if one.section == edit.section and one.origin != "suggested"]
    if rests := [one for one in own if set(one.evidence) & set(edit.evidence)]:
        return max(rests, key=lambda one: (_likeness(one, edit), one.organ == edit.organ))
    near = [one for one in own if _likeness(one, edit) >= _ALIKE]
    return max(near, key=lambda one: (_likeness(one, edit), one.organ == edit.organ), default=None)


def puts_in(edit: ReportEdit, statement: Statement, words: str) -> bool:
    """Whether words of a statement came with an edit that took them from a card, and were not there before it."""
    return (
        bool(edit.taken_from)
        and _fits(statement, edit, edit.after)
        and words in edit.after
        and words not in edit.before
    )


def without(edits: Sequence[ReportEdit], unfit: ReportEdit) -> tuple[ReportEdit, ...]:
    """Return the edits without those that `laid_over` handed back as `unfit`, which may be several of one sentence."""
    gone = next((numbers for edit, numbers in _one_a_sentence(edits) if edit == unfit), [])
    return tuple(edit for number, edit in enumerate(edits) if number not in gone)


def edit_of(report: Report, statement_id: str, text: str, by: str, at: datetime, taken_from: str = "") -> ReportEdit:
    """Return the edit that gives one statement of the report, as it is shown, another text; "" takes it out.

    Raises UsageError where the report has no such statement, and for a text that is unchanged or no plain line.
    """
    statement = next((s for s in report.statements if s.id == statement_id and s.origin != "suggested"), None)
    if statement is None:
        raise UsageError("The page edited something that this report does not say; look at it again.")
    text = plain_line(text)
    if text == statement.text:
        raise UsageError("The sentence reads as before, so nothing was changed.")
    return rewording(report, statement, text, by, at, taken_from)


def rewording(
    report: Report, statement: Statement, text: str, by: str, at: datetime, taken_from: str = ""
) -> ReportEdit:
    """Return the edit that gives a statement of the report another text; "" takes it out."""
    edit = ReportEdit(
        section=statement.section, organ=statement.organ, evidence=statement.evidence, before=statement.text,
        after=text, by=by, at=at, taken_from=taken_from,
    )  # fmt: skip
    twins = _alike(report.statements, edit)
    if len(twins) < 2:
        return edit
    return edit.model_copy(update={"twin": [report.statements[number].id for number in twins].index(statement.id)})


def edit_id(edit: ReportEdit) -> str:
    """Return the id of an edit: equal for the same change by the same person at the same time."""
    told = (edit.section, edit.organ or "", edit.before, edit.after, edit.by, edit.at.isoformat())
    return "e" + hashlib.sha256("\x1f".join(told).encode()).hexdigest()[:12]


def plain_line(text: str, most: int = LONGEST) -> str:
    """Return a text with its white space as single blanks.

    Raises UsageError where it holds characters that nobody sees (`unseen`) or is longer than `most` characters.
    """
    line = " ".join(text.split())
    if UNSEEN.search(line) or re.search("[\ud800-\udfff]", line):
        raise UsageError("The text holds characters that cannot be seen; type it as plain text.")
    if len(line) > most:
        raise UsageError(f"The text has {len(line)} characters, more than {most}; shorten it.")
    return line


def says_why(reason: str) -> bool:
    """Whether a reason has LEAST_REASON letters. One of a script without capitals, as in "误诊", counts as two."""
    letters = filter(str.isalpha, reason)
    return sum(1 if one.lower() != one.upper() else 2 for one in letters) >= LEAST_REASON


def _one_a_sentence(edits: Sequence[ReportEdit]) -> list[tuple[ReportEdit, list[int]]]:
    """The edits, one a sentence: a later one takes an earlier one's place. Each with the numbers of all that it is."""
    found: list[tuple[ReportEdit, list[int]]] = []
    for number, edit in enumerate(edits):
        for place, (earlier, numbers) in enumerate(found):
            if edit.before and _is_of_words(edit, earlier):
                joined = edit.model_copy(update={"before": earlier.before, "twin": earlier.twin})
                found[place] = joined, [*numbers, number]
                break
        else:
            found.append((edit, [number]))
    return found


def _is_of_words(edit: ReportEdit, earlier: ReportEdit) -> bool:
    one, two = (edit.section, edit.organ, edit.evidence), (earlier.section, earlier.organ, earlier.evidence)
    return one == two and edit.before == earlier.after


def _meant(statements: Sequence[Statement], edit: ReportEdit) -> int | None:
    """The place of the statement that an edit means; None where none fits, or more than one and none is named."""
    found = _alike(statements, edit)
    if edit.twin is not None and len(found) > 1:
        return found[edit.twin] if edit.twin < len(found) else None
    return found[0] if len(found) == 1 else None


def _alike(statements: Sequence[Statement], edit: ReportEdit) -> list[int]:
    """The places of the statements that an edit may mean: those of its own organ, else of any."""
    found = [number for number, one in enumerate(statements) if _fits(one, edit, edit.before)]
    return [number for number in found if statements[number].organ == edit.organ] or found


def _is_done(statements: Sequence[Statement], edit: ReportEdit) -> bool:
    """Whether a report without the words that an edit is about says already what it asks for."""
    if edit.after:
        return any(_fits(one, edit, edit.after) for one in statements)
    return counterpart(statements, edit) is None


def _likeness(one: Statement, edit: ReportEdit) -> float:
    """How much a statement is like an edit's words, before or after it: the share of words that they have in common."""
    words, *texts = (re.findall(r"\w+", text.lower()) for text in (one.text, edit.before, edit.after) if text)
    return max(SequenceMatcher(None, words, text, autojunk=False).ratio() for text in texts)


def _fits(one: Statement, edit: ReportEdit, text: str) -> bool:
    """Whether a statement reads `text` and is the one of an edit: of its evidence, or where it has none, of its organ.

    The same words of another finding ("It measures 5 mm.") are another statement, though the edited one is gone.
    """
    if (one.section, one.text, one.evidence) != (edit.section, text, edit.evidence) or one.origin == "suggested":
        return False
    return bool(edit.evidence) or one.organ == edit.organ


def _put(statements: list[Statement], number: int, edit: ReportEdit) -> None:
    if not edit.after:
        del statements[number]
        return
    old = statements[number]
    origin = old.origin if edit.taken_from else "typed"
    statements[number] = old.model_copy(update={"text": edit.after, "origin": origin, "kept": ""})


def _add(statements: list[Statement], edit: ReportEdit) -> None:
    """Put a statement behind the last one of its organ, else of its section; nowhere where the report says it."""
    if any(_fits(one, edit, edit.after) for one in statements):
        return
    known = {statement.id for statement in statements}
    name = edit_id(edit)
    while name in known:
        name += "+"
    new = Statement(
        id=name, text=edit.after, section=edit.section, organ=edit.organ, evidence=edit.evidence,
        origin="dictated" if edit.evidence else "typed",
    )  # fmt: skip
    own = [number for number, one in enumerate(statements) if one.section == edit.section]
    near = [number for number in own if statements[number].organ == edit.organ]
    before = [n for n, one in enumerate(statements) if SECTIONS.index(one.section) <= SECTIONS.index(edit.section)]
    statements.insert((near or own or before or [-1])[-1] + 1, new)
