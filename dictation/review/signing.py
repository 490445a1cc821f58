"""Sign-off of an open case: what blocks it, the signature, an addendum, and that it was brought where it belongs."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dictation.case.composing import basis_of
from dictation.case.doubtful import doubtful_words
from dictation.case.draft import Draft, HeardRight
from dictation.case.signing import as_signed, is_final, signed
from dictation.case.version import Override, PlannedCommunication, Version, identity_reason
from dictation.errors import UsageError
from dictation.exchange.clean_text import clean_text
from dictation.review import commands as c
from dictation.review.beside import look_elsewhere
from dictation.review.comparing import lay_over
from dictation.review.event_log import note
from dictation.review.normals import unconfirmed
from dictation.review.page import Message
from dictation.wording.pad import Pad

if TYPE_CHECKING:
    from dictation.review.open_case import OpenCase

NO_SIGNATURE = "Your role here does not sign reports."


def sign(case: "OpenCase", command: c.Sign) -> Message:
    """Sign; the answer names the next case of the worklist, None where there is none."""
    user = case.user
    if not user.signs:
        raise UsageError(NO_SIGNATURE)
    if case.sounds.is_on:
        raise UsageError("The microphone is on; stop it, then sign.")
    if case.is_busy or case.is_loading:
        raise UsageError("Something is still being heard, written or compared; sign when that is done.")
    composed = case.composed
    if composed is None or case.is_stale:
        raise UsageError("The report as it stands now is not compared with the dictation yet; press Alt+R, then sign.")
    records = case.desk.records
    look_elsewhere(case)
    version = signed(
        case.draft_to_sign,
        composed.case,
        author=user.display if user.name else command.author,
        role="resident" if user.role == "resident" else "attending",
        at=datetime.now(UTC),
        overrides=[Override(discrepancy_id=id, reason=reason) for id, reason in command.overrides.items()],
        planned=[
            PlannedCommunication(discrepancy_id=id, person=one.person, method=one.method)
            for id, one in command.planned.items()
        ],
        settings=case.desk.stated_settings(case.draft.template),
        recordings=case.sounds.hashes(records),
        earlier=case.versions,
        unfit=composed.unfit,
        unheard_s=case.unheard_s,
        by=user.by,
        resent=case.resent,
        gave_way=[one.heading for one in unconfirmed(case)],
        vocabulary=case.vocabulary(),
    )
    if not user.name and "role" not in case.desk.settings.model_fields_set:  # nobody said it: it is only assumed
        version = version.model_copy(update={"is_role_stated": False})
    version = records.sign(as_signed(case.draft, version.state), version, case.audience.holder or "", user.name)
    case.signed(version)
    case.desk.counts.add("signatures", version.state)
    note("signed", case=case.id, version=version.number, state=version.state, count=version.words_asked)
    following = case.desk.next_case(case.id, user)
    return {
        "state": version.state,
        "version": version.number,
        "next": following,
        "clean": clean_text(version.text, version.state, unidentified=identity_reason(version)).text,
    }


def accept_word(case: "OpenCase", command: c.AcceptWord) -> None:
    """Take up that a doubtful word is right as it stands. Raises UsageError where it is not asked any more."""
    made = case.composed.case if case.composed is not None and not case.is_stale else None
    asked = doubtful_words(made, vocabulary=case.vocabulary()) if made else ()
    word = next((one for one in asked if one.id == command.word), None)
    if word is None:
        raise UsageError("This word is not asked about as the report stands now; look at it again.")
    others = tuple(one for one in case.draft.heard_right if one.words != word.words)
    accepted = HeardRight(words=word.words, text=word.text, by=case.user.by, at=datetime.now(UTC))
    lay_over(case, {"heard_right": (*others, accepted)})


def sent(case: "OpenCase", command: c.Sent) -> None:
    """Note that the last signed version was brought to where it belongs. Raises UsageError where it was already."""
    case.desk.records.mark_sent(case.id, case.user.by)
    note("sent", case=case.id, version=len(case.versions))
    case.is_sent = True
    case.revision += 1
    case.audience.touch("case")


def addend(case: "OpenCase", command: c.Addend) -> None:
    """Begin an addendum with an empty text, or give one up that nobody signed."""
    if not is_final(case.versions):
        raise UsageError("Only a final report gets an addendum; change this one and sign it.")
    if case.sounds.is_on or case.unheard_s:
        raise UsageError("The microphone is on, or its sound is still being heard; wait until that is done.")
    if command.reason.strip() and case.draft.addendum:
        case.keep({"addendum": command.reason.strip()})
        case.audience.touch("case", "sign")
    elif command.reason.strip():
        case.restart({**_BLANK, "addendum": command.reason.strip()}, case.versions, case.state_now)
    elif case.draft.addendum:
        case.restart(_shown_signed(case.draft, case.versions[-1]), case.versions, case.state_now)


_BLANK: dict[str, object] = {
    "pad": Pad(), "edits": (), "set_aside": (), "accepted": (), "decisions": (), "fields": {}, "compared": None,
    "compared_of": "", "written": None,
    "communications": (), "told_of": {}, "template": "", "pasted": None,
    "left_out": (), "heard_right": (),
}  # fmt: skip


def _shown_signed(draft: Draft, version: Version) -> dict[str, object]:
    """What a draft shows of a case that is signed: its text is that of the version, and nothing is to be compared.

    What was not heard of an addendum that is given up goes with it; what was signed over stands in its version.
    """
    shown = {**_BLANK, "addendum": "", "unheard": (), "compared": version.case, "written": version.case.report}
    return {**shown, "compared_of": basis_of(draft.model_copy(update=_BLANK), Pad())}
