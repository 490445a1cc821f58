"""Sign-off: what stands in the way, and a signature that freezes text, engines, settings, decisions and sound.

A resident's signature is preliminary, an attending's final. A final report is never changed: what comes later is an
addendum, which repeats it. Opinions of a model never block: only what a person said, wrote or left open does.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Literal

from dictation.case.addendum import addended_text, words_of
from dictation.case.case import Case, Decision
from dictation.case.changes import difference
from dictation.case.communicating import CRITICAL_RESULT, communication_statement, methods, planned_by, untold
from dictation.case.doubtful import DoubtfulWord, doubtful_words
from dictation.case.draft import Draft, ReportEdit, Unheard
from dictation.case.editing import plain_line, says_why
from dictation.case.ordered import (
    ANOTHER_PATIENT,
    CANCELLED,
    NOTHING_RESENT,
    SIGNED,
    UNIDENTIFIED,
    Resent,
    confirmed,
    questions,
    unidentified,
)
from dictation.case.version import Override, PlannedCommunication, Role, SignedState, Version
from dictation.case.wordings import Wordings, wordings
from dictation.discrepancy import Discrepancy
from dictation.discrepancy.two_wordings import has_two_wordings
from dictation.errors import UsageError
from dictation.frozen import Frozen
from dictation.lexicon import EMPTY_VOCABULARY, Vocabulary, rows
from dictation.report import Report
from dictation.report.fields import unfilled
from dictation.speech.clock import clock

BlockerKind = Literal[
    "patient", "difference", "field", "empty", "hearing", "comparing", "unheard", "edit", "final", "role",
    "order", "second", "critical", "impression", "normals", "identity", "word",
]  # fmt: skip
_SHOWN = 3  # stretches in one sentence
_OF_ORDERS: dict[str, BlockerKind] = {ANOTHER_PATIENT: "patient", CANCELLED: "order", SIGNED: "second"}
_WITHOUT_WORDS = {  # an error is written to logs, where no word of a report may stand
    "patient": "order, image and what was dictated may be of different patients; check them.",
    "difference": "a critical difference is open; resolve it, or give a reason.",
    "field": "a field of the report is not filled; fill it.",
    "edit": "a sentence of the report has two wordings, an edit and another; choose one.",
    "critical": "a critical result is not communicated; say to whom it was, who will, or why not.",
    "word": "a word may have been misheard, and nobody said yes to it; accept or change it.",
    "normals": "normals of the template were replaced, and nobody confirmed that; confirm it.",
}
_NOT_OF_THE_REPORT = ("patient", "order", "second", "critical", "impression", "identity")  # their reasons are their own
OF_ANOTHER_PATIENT = "No reason signs over it: take image or text away, mend the order (O), or begin a new case (W)."
LONGEST_AUTHOR, LONGEST_REASON = 100, 500  # characters


class Blocker(Frozen):
    """What keeps a report from being signed, in one sentence.

    `discrepancy_id` names a difference, an edit or "unheard", "" for what has no id. One that `may_override` is signed
    over with a reason; a `critical` one also where somebody is named who will tell it. `hearing` and `comparing` go
    away by themselves. `wordings` are those of an `edit`, between which a person chooses; `word` is what a `word` asks.
    """

    kind: BlockerKind
    text: str
    discrepancy_id: str = ""
    may_override: bool = False
    wordings: Wordings | None = None
    word: DoubtfulWord | None = None


def blockers(
    case: Case | None,
    draft: Draft,
    role: Role,
    *,
    report: Report | None = None,
    unfit: Sequence[ReportEdit] = (),
    unheard_s: float = 0.0,
    is_final: bool = False,
    by: str = "",
    resent: Resent = NOTHING_RESENT,
    gave_way: Sequence[str] = (),
    vocabulary: Vocabulary = EMPTY_VOCABULARY,
) -> tuple[Blocker, ...]:
    """Return all that keeps a draft from being signed, none where it may be.

    `case` is its last comparison; `report` the report as it stands now, with its edits, where that may be newer;
    `unfit` the edits that `laid_over` handed back; `unheard_s` seconds of sound that no word was made of yet;
    `is_final` whether the last version is final already; `by` is who wants to sign: an attending answers for critical
    differences that somebody else has settled; `resent` is what came of its orders since; `gave_way` are the headings
    of normals of the template that were left out and that nobody confirmed yet; `vocabulary` has words that are known.
    """
    return tuple(_blockers(case, draft, role, report, unfit, unheard_s, is_final, by, resent, gave_way, vocabulary))


def signed(
    draft: Draft,
    case: Case,
    *,
    author: str,
    role: Role,
    at: datetime,
    overrides: Sequence[Override],
    settings: Mapping[str, str],
    recordings: Mapping[str, str],
    planned: Sequence[PlannedCommunication] = (),
    earlier: Sequence[Version] = (),
    report: Report | None = None,
    unfit: Sequence[ReportEdit] = (),
    unheard_s: float = 0.0,
    by: str = "",
    resent: Resent = NOTHING_RESENT,
    gave_way: Sequence[str] = (),
    vocabulary: Vocabulary = EMPTY_VOCABULARY,
) -> Version:
    """Return the next version of a case, frozen: preliminary of a resident, final of an attending, or an addendum.

    `recordings` maps the id of each recording to the SHA-256 of its sound; `earlier` are the versions so far, oldest
    first; `planned` is who will tell a critical result that is untold; the rest as for `blockers`. Raises UsageError
    without an author, for an override or an addendum whose reason says nothing (`says_why`), for a plan that names
    nobody, and where anything blocks that is not, or must not be, overridden.
    """
    author = plain_line(author, LONGEST_AUTHOR)
    if not author:
        raise UsageError("A report is signed by somebody; give your name.")
    if at.tzinfo is None:
        raise UsageError("The time of a signature needs its time zone.")
    reasons = {one.discrepancy_id: plain_line(one.reason, LONGEST_REASON) for one in overrides}
    final = is_final(earlier)
    found = blockers(
        case, draft, role, report=report, unfit=unfit, unheard_s=unheard_s, is_final=final, by=by, resent=resent,
        gave_way=gave_way, vocabulary=vocabulary,
    )  # fmt: skip
    plans = {
        one.discrepancy_id: one.model_copy(update={"person": planned_by(one.person, one.method)}) for one in planned
    }

    def is_planned(one: Blocker) -> bool:
        return one.kind == "critical" and one.discrepancy_id in plans

    def is_answered(one: Blocker) -> bool:
        reason = reasons.get(one.discrepancy_id, "")
        if one.kind == "identity":
            return reason in [listed for _, listed in reasons_for([one])]
        return is_planned(one) or (one.may_override and says_why(reason))

    open_ones = [one for one in found if not is_answered(one)]
    if open_ones:
        raise _refusal(open_ones, reasons)
    state: SignedState = "addended" if final else "preliminary" if role == "resident" else "final"
    before = earlier[-1] if earlier else None
    number = len(earlier) + 1
    asked = doubtful_words(case, report, vocabulary)
    asked_ids = {id for word in asked for id in word.words}
    text, reason = case.report.signed_text, ""
    if final and before is not None:
        reason = plain_line(draft.addendum, LONGEST_REASON)
        count = 1 + sum(version.state == "addended" for version in earlier)
        text = addended_text(before.text, words_of(case.report), number=count, author=author, at=at, reason=reason)
    is_second = before is not None and before.state == "preliminary"
    return Version(
        number=number,
        state=state,
        author=author,
        role=role,
        at=at,
        reason=reason,
        text=text,
        case=case.model_copy(update={"id": draft.id, "state": state}),
        overrides=tuple(
            Override(
                discrepancy_id=one.discrepancy_id, reason=reasons[one.discrepancy_id], kind=one.kind, what=one.text
            )
            for one in found
            if not is_planned(one)
        ),
        planned=tuple(
            plans[one.discrepancy_id].model_copy(update={"what": one.text}) for one in found if is_planned(one)
        ),
        settings=dict(settings),
        recordings=dict(recordings),
        edits=draft.edits,
        communications=draft.communications,
        set_aside=draft.set_aside,
        left_out=draft.left_out,
        heard_right=tuple(one for one in draft.heard_right if not asked_ids.isdisjoint(one.words)),
        words_asked=len(asked),
        changes=difference(before.case.report, case.report) if is_second and before else (),
    )


def as_signed(draft: Draft, state: SignedState) -> Draft:
    """Return what a signature leaves of a draft.

    After a preliminary one, whose case it is is asked again, and whoever signs final is told what was left out, too.
    """
    left = draft.model_copy(update={"addendum": "", "unheard": ()})
    return left if state == "preliminary" else confirmed(left.model_copy(update={"left_out": (), "set_aside": ()}))


def is_final(versions: Sequence[Version]) -> bool:
    """Whether a case with these versions is final, so that it can only be addended."""
    return bool(versions) and versions[-1].state != "preliminary"


@cache
def override_reasons() -> tuple[tuple[str, str, str], ...]:
    """Return the reasons for signing over what is open: (digit key, reason, of what: a kind of blocker, or report)."""
    return tuple((row["key"], row["reason"], row["of"]) for row in rows("override_reasons"))


def reasons_for(found: Sequence[Blocker]) -> list[tuple[str, str]]:
    """Return those that fit what is open, (digit key, reason); none where nothing may be signed over."""
    open_ones: set[str] = {one.kind for one in found if one.may_override}
    if open_ones - {*_NOT_OF_THE_REPORT}:
        open_ones.add("report")
    return [(key, reason) for key, reason, of in override_reasons() if of in open_ones]


def _refusal(open_ones: Sequence[Blocker], reasons: Mapping[str, str]) -> UsageError:
    first, more = open_ones[0], len(open_ones) - 1
    why = _WITHOUT_WORDS.get(first.kind, first.text)
    if first.may_override and reasons.get(first.discrepancy_id):
        why = "the reason that was given says nothing; choose one of the list."
    return UsageError(f"Not signed: {why}{f' ({more} more)' if more else ''}")


def _blockers(
    case: Case | None,
    draft: Draft,
    role: Role,
    report: Report | None,
    unfit: Sequence[ReportEdit],
    unheard_s: float,
    final: bool,
    by: str,
    resent: Resent,
    gave_way: Sequence[str],
    vocabulary: Vocabulary,
) -> Iterator[Blocker]:
    if final and not draft.addendum.strip():
        yield Blocker(kind="final", text="This report is final; what comes later is an addendum (press A).")
        return
    if final and not says_why(draft.addendum):
        yield Blocker(kind="final", text="The reason of this addendum says nothing; say why it is made (press A).")
        return
    if final and role == "resident":
        yield Blocker(kind="role", text="An addendum to a final report is signed by an attending.")
    if draft.addendum.strip() and not final:
        yield Blocker(kind="final", text="Only a final report gets an addendum; change this one and sign it again.")
    answering = by if role == "attending" else ""
    if case is not None:
        yield from _untold(case, answering)
    if missing := unidentified(draft, case.facts if case is not None else None):
        yield Blocker(kind="identity", text=missing, discrepancy_id=UNIDENTIFIED, may_override=True)
    for id, text in questions(draft, resent):
        yield Blocker(kind=_OF_ORDERS[id], text=text, discrepancy_id=id, may_override=True)
    if unheard_s > 0:
        yield Blocker(kind="hearing", text=f"{max(1, round(unheard_s))} s are still being heard.")
    if case is None or (report is not None and report.text != case.report.text):
        yield Blocker(kind="comparing", text="The report as it stands now is not compared with the dictation yet.")
    if case is not None:
        yield from _of_case(case, report or case.report, answering)
        for word in words_to_check(case, draft, report, vocabulary):
            yield Blocker(kind="word", text=word.question, discrepancy_id=word.id, word=word)
        if not final and words_of(report or case.report) and not _concludes(report or case.report, draft):
            yield Blocker(
                kind="impression", text="The impression is empty.", discrepancy_id="impression", may_override=True
            )
    if gave_way:
        yield Blocker(kind="normals", text=f"Normals replaced: {', '.join(gave_way)}.")
    if draft.unheard:
        yield Blocker(kind="unheard", text=_unheard(draft.unheard), discrepancy_id="unheard", may_override=True)
    for two in wordings(report or (case.report if case is not None else Report()), unfit):
        yield Blocker(kind="edit", text=_two_wordings(two, by), discrepancy_id=two.id, wordings=two)


def words_to_check(
    case: Case, draft: Draft, report: Report | None = None, vocabulary: Vocabulary = EMPTY_VOCABULARY
) -> tuple[DoubtfulWord, ...]:
    """The doubtful words that nobody has accepted yet; `report` as for `doubtful_words`."""
    accepted = {id for one in draft.heard_right for id in one.words}
    return tuple(word for word in doubtful_words(case, report, vocabulary) if not accepted.issuperset(word.words))


def _two_wordings(two: Wordings, by: str) -> str:
    edit, other = two.edit, two.other
    who = "You" if edit.by == by or not by else edit.by
    did = f"made “{edit.before}” into “{edit.after}”" if edit.after else f"took “{edit.before}” out"
    return f"{who} {did}; the report now says {f'“{other.text}”' if other else 'neither'}."


def _untold(case: Case, by: str) -> Iterator[Blocker]:
    """The critical results that nobody is said to have been told of; `by` as for `_of_case`."""
    decisions = {decision.discrepancy_id: decision for decision in case.decisions}
    for one in untold(case):
        decision = decisions.get(one.id)
        text = one.explanation
        if decision is not None and _is_dismissed(decision):
            if not by or decision.by == by:
                continue
            text = f"{text} {_settled_by(decision.by)}"
        yield Blocker(kind="critical", text=text, discrepancy_id=one.id, may_override=True)


def _is_dismissed(decision: Decision) -> bool:
    """Whether an alert was dismissed with the reason that signing over something critical needs."""
    return decision.action == "dismiss" and says_why(decision.reason)


def _settled_by(name: str) -> str:
    return f"It was resolved by {name}; open it again (U) and resolve it yourself."


def _concludes(report: Report, draft: Draft) -> bool:
    """Whether the impression says anything but who was told of a critical result."""
    listed = {name for _, name in methods()}
    told = {communication_statement(one) for one in draft.communications if one.method in listed}
    empty = {row["text"] for row in rows("concludes_nothing")}
    return any(
        one.origin != "suggested"
        and any(map(str.isalnum, one.text))
        and one.text not in told
        and one.text.strip(" .").lower() not in empty
        for one in report.impression
    )


def _unheard(stretches: Sequence[Unheard]) -> str:
    shown = "; ".join(_span(one) for one in stretches[:_SHOWN])
    more = f" and {len(stretches) - _SHOWN} more" if len(stretches) > _SHOWN else ""
    if all(one.why and one.end_s <= one.start_s for one in stretches):  # it is not in the file: nobody can hear it
        return f"A part of the dictation is missing ({shown}{more}); dictate it, or give a reason."
    return f"Dictated sound could not be heard ({shown}{more}); hear it again (Alt+H), or play it and give a reason."


def _span(one: Unheard) -> str:
    span = clock(one.start_s, one.end_s)
    where = span if one.end_s > one.start_s else f"from {span.partition('-')[0]} on"
    return f"{where}: {one.why}" if one.why else where


def _of_case(case: Case, report: Report, by: str) -> Iterator[Blocker]:
    """`by` is an attending who answers for what others decided, "" for nobody."""
    if not words_of(report):
        yield Blocker(kind="empty", text="Nothing was dictated or typed yet, so there is nothing to sign.")
    decisions = {decision.discrepancy_id: decision for decision in case.decisions}
    for one in case.discrepancies:
        if one.kind == "patient":
            yield Blocker(kind="patient", text=f"{one.explanation} {OF_ANOTHER_PATIENT}", discrepancy_id=one.id)
        elif one.severity == "critical" and one.kind != CRITICAL_RESULT:
            text = _left_of(one, decisions.get(one.id), by)
            if text is not None:
                told = f"{one.explanation} {text}".rstrip()
                yield Blocker(kind="difference", text=told, discrepancy_id=one.id, may_override=True)
    for field in unfilled(report):
        yield Blocker(kind="field", text=f"The field “{field.label}” is not filled.")


def needs_reason(one: Discrepancy) -> bool:
    """Whether an alert is dismissed with a reason only: what somebody must answer for who signs over it."""
    return one.severity == "critical" or one.kind == CRITICAL_RESULT


def settles_without_choice(action: str, one: Discrepancy) -> bool:
    """Whether a decision dismisses an alert: 'take written' does, too, where there is no other wording."""
    return action == "dismiss" or (action == "take_written" and not has_two_wordings(one))


def _left_of(one: Discrepancy, decision: Decision | None, by: str) -> str | None:
    """What a decision on a critical difference leaves to be said, "" where there is none, None where it settles it.

    'Take heard' and 'edit' settle an alert by changing the report: then it is gone.
    """
    if decision is None:
        return ""
    if decision.action in ("take_heard", "edit"):
        return "It is decided, but the report still says so."
    if settles_without_choice(decision.action, one) and not says_why(decision.reason):
        return "It was dismissed without a reason."
    return _settled_by(decision.by) if by and decision.by != by else None
