"""A critical result is told to a person at once; the report then says whom, when, how, and whether it was read back."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache

from dictation.case.case import Case
from dictation.case.draft import Communication, ReportEdit
from dictation.case.editing import plain_line, says_why
from dictation.case.version import Version
from dictation.discrepancy import Discrepancy
from dictation.discrepancy.columns import written_column
from dictation.discrepancy.inference import StatedResult, told_of_in
from dictation.errors import UsageError
from dictation.exam import of_exams
from dictation.lexicon import rows
from dictation.report.fields import without_fields

CRITICAL_RESULT = "critical_result"  # the kind of an alert
_LONGEST = 120  # characters of a person's name and office
_AHEAD = timedelta(minutes=2)  # by which two clocks may differ


@cache
def methods() -> tuple[tuple[str, str], ...]:
    """Return the ways of telling somebody: (digit key, method)."""
    return tuple((row["key"], row["method"]) for row in rows("communication_methods"))


def communicated(
    person: str, at: datetime, method: str, read_back: bool, now: datetime, results: Iterable[StatedResult] = ()
) -> Communication:
    """Return a communication of some results that is complete.

    Raises UsageError without a person, for a method that is not listed, and for a time to come or without its zone.
    """
    person = plain_line(person, _LONGEST)
    if not any(character.isalpha() for character in person):
        raise UsageError("Say who was told of the critical result.")
    _check_method(method)
    if at.tzinfo is None or at > now + _AHEAD:
        raise UsageError("The time of the communication is to come, or has no time zone; give when it was.")
    return Communication(person=person, at=at, method=method, read_back=read_back, results=tuple(results))


def planned_by(person: str, method: str) -> str:
    """Return who is to tell a critical result, as it is kept.

    Raises UsageError without a person, and for a method that is not listed.
    """
    person = plain_line(person, _LONGEST)
    if not any(character.isalpha() for character in person):
        raise UsageError("Say who will tell the critical result.")
    _check_method(method)
    return person


def _check_method(method: str) -> None:
    if method not in {name for _, name in methods()}:
        raise UsageError(f"The method is none of {', '.join(name for _, name in methods())}; choose one.")


def communication_statement(communication: Communication) -> str:
    """Return the sentence of the impression, with the time as the clock showed it where it was told.

    It names the results, so that nobody takes it for an answer to one that was added later.

    Raises UsageError for a method that is not listed.
    """
    sentences = {row["method"]: row["sentence"] for row in rows("communication_methods")}
    if communication.method not in sentences:
        raise UsageError(f"'{communication.method}' is no listed way of telling somebody; choose another.")
    told = sentences[communication.method].replace("{person}", communication.person)
    if names := ", ".join(one.phrase for one in communication.results):
        told = f"{names[0].upper()}{names[1:]}: {told[0].lower()}{told[1:]}"
    back = "; read back and confirmed" if communication.read_back else ""
    return f"{told} on {communication.at:%Y-%m-%d} at {communication.at:%H:%M}{back}."


def communication_edit(communication: Communication, by: str, at: datetime) -> ReportEdit:
    """Return the edit that puts the statement into the impression, typed by `by`."""
    return ReportEdit(section="impression", after=communication_statement(communication), by=by, at=at)


def untold(case: Case) -> tuple[Discrepancy, ...]:
    """Return the alerts of critical results, one each, of which no text says that somebody was told."""
    return tuple(one for one in case.discrepancies if one.kind == CRITICAL_RESULT)


def told_of_now(
    sentences: Iterable[str],
    stated: tuple[StatedResult, ...],
    known: Mapping[str, tuple[StatedResult, ...]],
    communications: Iterable[Communication],
    edits: Iterable[ReportEdit],
) -> dict[str, tuple[StatedResult, ...]]:
    """Return for which results each sentence that says that somebody was told can answer at most, by its words.

    Those of a communication are its own. Another one that is new answers for what is `stated` as it comes, and for no
    more than the one that it is a new wording of. `known` is kept whole: what is said again in the same words is no new
    answer.
    """
    found = dict(known)
    listed = {name for _, name in methods()}
    by_form = {_folded(communication_statement(one)): one for one in communications if one.method in listed}
    for sentence in sentences:
        of = next((one.results for told, one in by_form.items() if sentence in told), ())
        if of:
            found[sentence] = of
        elif sentence not in found:
            before = [_folded(edit.before) for edit in edits if sentence in _folded(edit.after)]
            was = [results for words, results in known.items() if any(words in text for text in before)]
            found[sentence] = was[0] if was else stated
    return found


def told_before(signed: Iterable[Version]) -> tuple[StatedResult, ...]:
    """Return the critical results that somebody was told of, as signed reports say: in a communication, or their text.

    What was signed untold, with a reason or with the name of who was to tell it, is not among them.
    """
    found: list[StatedResult] = []
    for version in signed:
        found += [result for one in version.communications for result in one.results]
        untold = " ".join([one.what for one in version.overrides] + [one.what for one in version.planned])
        column = written_column(without_fields(version.case.report))
        said = told_of_in(column, of_exams(version.case.orders), version.case.facts)
        found += [result for result in said if result.label not in untold]
    return tuple(dict.fromkeys(found))


def _folded(text: str) -> str:
    return " ".join(text.lower().split())


def open_results(case: Case) -> tuple[Discrepancy, ...]:
    """Return the alerts of critical results of which nobody was told, and which nobody dismissed with a reason."""
    dismissed = {
        decision.discrepancy_id
        for decision in case.decisions
        if decision.action == "dismiss" and says_why(decision.reason)
    }
    return tuple(one for one in untold(case) if one.id not in dismissed)
