"""What a page is told of its case: the newest state of each kind, as a message."""

from typing import TYPE_CHECKING, Any

from dictation.case import Case
from dictation.case.ordered import sentences
from dictation.case.signing import Blocker, is_final, words_to_check
from dictation.case.wordings import wordings
from dictation.discrepancy.ranking import learned
from dictation.exchange import (
    CaseView,
    banner_html,
    card_keys,
    cards_html,
    columns_html,
    growing_report_html,
    image_html,
    patient_name,
)
from dictation.exchange.normals_html import gave_way_html
from dictation.exchange.signed_html import signed_html
from dictation.exchange.view import Stage
from dictation.report import Report
from dictation.report.macros import macros_of
from dictation.report.template_files import templates_of
from dictation.review.missing import missing_stretches, softer, told_left_out
from dictation.review.normals import told_before_signing, unconfirmed, without_told
from dictation.review.page import Message, Page
from dictation.review.second_case import question
from dictation.review.sign_off import blocker_message, sign_message
from dictation.review.signing import NO_SIGNATURE
from dictation.review.units import to_units
from dictation.review.verdicts import verdicts

if TYPE_CHECKING:
    from dictation.review.open_case import OpenCase

TITLES: dict[Stage, str] = {"given": "Dictation", "compared": "Review before sign-off"}


def state(case: "OpenCase", page: Page, kind: str) -> Message | None:
    """Return the message of one kind of state."""
    match kind:
        case "case":
            return _case(case, page)
        case "pad":
            return _pad(case, page)
        case "partial":
            return {"kind": "partial", "provisional": _provisional(case)}
        case "report":
            return {"kind": "report", "html": _report(case)}
        case "pane":
            return _pane(case, page)
        case "sign":
            return _sign(case, page)
        case "bar":
            return {"kind": "bar", **case.bar}
    return None


def _case(case: "OpenCase", page: Page) -> Message:
    desk, preferences = case.desk, case.desk.own(page.user).preferences
    view = _view(case)
    is_mine = case.audience.holder == page.id
    locked_by = "" if is_mine else case.audience.holder_name
    asked = sentences(case.draft, case.resent)
    return {
        "kind": "case",
        "case": case.id,
        "state": case.state_now,
        "stage": "review" if case.is_reviewed else "dictating",
        "banner": banner_html(view, locked_by=locked_by, sent=case.is_sent, asked=asked),
        "image": image_html(view),
        "images": len(case.draft.images),
        "lock": {"mine": is_mine, "by": locked_by},
        "may_work": page.user.signs,
        "listening": case.sounds.is_on,
        "unheard": bool(case.draft_to_sign.unheard),
        "left_out": told_left_out(case.draft.left_out),
        "softer": bool(softer(case.draft.left_out)),
        "missing": missing_stretches(case.draft_to_sign),
        "template": case.draft.template,
        "templates": _templates(case, page),
        "macros": [{"name": one.name, "text": one.text} for one in macros_of(*desk.shelves(page.user))],
        "addendum": case.draft.addendum,
        "second": question(case, page.user),
        "field": case.focus.now.id,
        "unplaced": case.unplaced and case.unplaced.message,
        "is_final": is_final(case.versions),
        "versions": [
            {"number": v.number, "state": v.state, "author": v.author, "at": v.at.isoformat(), "reason": v.reason}
            for v in case.versions
        ],
        "preferences": preferences.model_dump(mode="json"),
        "key": preferences.key,
        "commands": case.desk.spoken_commands(),
        "takes": [one.id for one in case.draft.takes if one.page == page.id],
    }


def _templates(case: "OpenCase", page: Page) -> list[Message]:
    """The templates of whose page it is, and that of the case, which may be another user's."""
    titles = {one.name: one.title for one in templates_of(*case.desk.shelves(page.user))}
    if (chosen := case.template) is not None:
        titles[chosen.name] = chosen.title
    return [{"name": name, "title": title} for name, title in titles.items()]


def _pad(case: "OpenCase", page: Page) -> Message:
    text = case.text
    is_plain = text.pad.text.isascii()  # else the page finds the change itself, in its own units
    changes = text.changes_since(page.told_version) if page.told_version >= 0 and is_plain else None
    page.told_version = text.version
    whole = text.pad.text
    spans = text.spans
    if not is_plain:
        spans = [{**one, "start": to_units(whole, one["start"]), "end": to_units(whole, one["end"])} for one in spans]
    return {
        "kind": "pad",
        "version": text.version,
        "seen": case.draft.obeyed.get(page.id, 0),
        "text": whole,
        "spans": spans,
        "takes": [transcript.recording for transcript in text.pad.transcripts],
        "changes": None if changes is None else [change.model_dump() for change in changes],
        "anchor": to_units(whole, text.anchor),
        "provisional": _provisional(case),
    }


def _provisional(case: "OpenCase") -> Message | None:
    """What is being spoken, by itself: it comes several times a second, and a long text must not come with it."""
    whole, spoken = case.text.pad.text, case.text.provisional
    return {**spoken._asdict(), "at": to_units(whole, min(spoken.at, len(whole)))} if spoken else None


def _report(case: "OpenCase") -> str:
    writer = case.desk.engines.writer
    original = signed_html(case.versions) if case.draft.addendum else ""
    if (being_written := case.reviewing.being_written) is not None and case.draft.pasted is None:
        return original + growing_report_html(being_written, writing=writer.engine.name)
    later = writer.engine.name if writer.rewords else ""
    grown = growing_report_html(case.growing_report(), later, fields=case.fields())
    return original + grown + gave_way_html(unconfirmed(case))


def _pane(case: "OpenCase", page: Page) -> Message:
    if not case.is_reviewed:
        return {"kind": "pane", "columns": "", "cards": ""}  # nothing of another case, or of an earlier comparison
    view = _view(case)
    return {
        "kind": "pane",
        "columns": signed_html(case.versions) + columns_html(view, card_keys()),
        "cards": cards_html(view, card_keys(), case.desk.own(page.user).preferences.hidden)
        + gave_way_html(unconfirmed(case)),
    }


def _sign(case: "OpenCase", page: Page) -> Message:
    composed, user = case.composed, case.desk.known(page.user)
    message = sign_message(
        case.draft_to_sign,
        None if case.is_stale or composed is None else composed.case,
        composed.case.report if composed is not None and case.is_reviewed else case.growing_report(),
        signer=user.display,
        role="resident" if user.role == "resident" else "attending",
        unfit=composed.unfit if composed else (),
        unheard_s=case.unheard_s,
        by=user.by,
        versions=case.versions,
        resent=case.resent,
        gave_way=[one.heading for one in unconfirmed(case)],
        vocabulary=case.vocabulary(),
    )
    if not user.signs:
        message["blockers"].insert(0, blocker_message(Blocker(kind="role", text=NO_SIGNATURE)))
    return message | {"is_known": bool(user.name)} | told_before_signing(case)


def whose(case: "OpenCase") -> str:
    """Return the name of the patient, as the banner says it."""
    study = case.study
    return patient_name(case.draft.orders, study.facts if study else None)


def _view(case: "OpenCase") -> CaseView:
    composed = case.composed
    images = case.study.images if case.study else ()
    facts = case.study.facts if case.study else None
    if composed is not None and case.is_reviewed:
        stage: Stage = "compared"
        shown = without_told(case, composed.case)
    else:
        stage = "given"
        shown = Case(
            id=case.id,
            orders=case.draft.orders,
            facts=facts,
            dictation=case.text.pad.dictation,
            report=Report(),
            engines=case.desk.engines.named(),
        )
    shown = shown.model_copy(update={"state": case.state_now, "facts": shown.facts or facts})
    extra: dict[str, Any] = {}
    if stage == "compared":
        extra["precisions"] = learned(verdicts(case.desk.settings.home))
        if composed is not None:
            extra["wordings"] = wordings(composed.case.report, composed.unfit)
            extra["asked"] = words_to_check(shown, case.draft, vocabulary=case.vocabulary())
    return CaseView(
        title="Signed report" if case.state_now in ("final", "addended") else TITLES[stage],
        case=shown,
        images=images,
        stage=stage,
        served=True,
        fields=case.fields(),
        **extra,
    )
