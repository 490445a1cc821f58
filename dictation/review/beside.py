"""What stands beside the text of an open case and changes by itself: order, images, readings, template."""

from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING

from dictation.apart import asking
from dictation.case.ordered import sentences, with_patient
from dictation.case.signing import is_final
from dictation.errors import DictationError, UsageError
from dictation.imaging import Study
from dictation.imaging.apart import load_study_apart
from dictation.records.rights import User
from dictation.records.same_exam import SecondCase
from dictation.report import Template
from dictation.report.template_files import fitting_template, template_named, templates_of
from dictation.review.comparing import review, settled
from dictation.review.failing import told
from dictation.review.page import notice
from dictation.review.second_case import Waiting

if TYPE_CHECKING:
    from dictation.review.open_case import OpenCase


def refuse_final(case: "OpenCase") -> None:
    """Raise UsageError where the report is final and nobody makes an addendum."""
    if is_final(case.versions) and not case.draft.addendum:
        raise UsageError("This report is final; press A to begin an addendum.")


def changed_beside(case: "OpenCase", changes: dict[str, object], study: Study | None = None) -> None:
    """Keep what changed beside the text: order, images, readings, a report to check. Then all is compared anew.

    `study` are the images, where they were read already.
    """
    refuse_final(case)
    if "images" in changes and (study is not None or not changes["images"]):
        changes = changes | {"image_accession": study.facts.accession if study is not None else ""}
    was_reviewed, before = case.is_reviewed, case.draft
    try:
        case.keep(changes)
    except SecondCase as found:
        case.draft = before
        case.second = Waiting(found.accession, found.other, changes, study)
        case.audience.touch("case")
        return
    except BaseException:  # what was refused, or is not on disk, must not come with the next change
        case.draft = before
        raise
    if "orders" in changes or "images" in changes:
        look_elsewhere(case)
    if "images" in changes and study is None:
        case.is_loading = True  # nothing is compared without them
        Thread(target=load_images, args=[case], name="images", daemon=True).start()
    else:
        if study is not None:
            case.study, case.is_loading = study, False
        choose_template(case)
        case.reviewing.look(case.draft, case.study)
    is_wanted = was_reviewed or case.draft.awaits_comparison or case.draft.pasted is not None
    if is_wanted and not case.sounds.is_on:  # else when it is off
        review(case)
    case.grow()
    case.audience.touch()


def look_elsewhere(case: "OpenCase") -> None:
    """Ask, where another case with an accession number of this one was signed, and this one was not."""
    elsewhere = not case.versions and case.desk.records.signed_elsewhere(case.draft)
    if elsewhere == case.resent.signed_elsewhere:
        return
    asked = sentences(case.draft, case.resent)
    case.resent = case.resent.model_copy(update={"signed_elsewhere": elsewhere})
    for sentence in sentences(case.draft, case.resent):
        if sentence not in asked:
            case.audience.notice(sentence)
    case.audience.touch("sign")


def read_again(case: "OpenCase") -> None:
    """Take up what the information system changed beneath the open page: its order, its images."""
    with case.lock:
        stored = case.desk.records.load(case.id)
        before, asked = with_patient(case.draft), sentences(case.draft, case.resent)
        if before.belongs_to is None:
            before = before.model_copy(update={"belongs_to": stored.draft.belongs_to})
        case.resent = stored.resent
        if case.audience.is_ours and (stored.lock is None or stored.lock.page == case.audience.holder):
            case.revision = stored.revision  # else another server may have changed more
        beside: dict[str, object] = {"orders": stored.draft.orders, "images": stored.draft.images}
        case.draft = before.model_copy(update={**beside, "image_accession": stored.draft.image_accession})
        for sentence in sentences(case.draft, case.resent):
            if sentence not in asked:
                case.audience.notice(sentence)
        if beside == {"orders": before.orders, "images": before.images}:
            case.audience.touch("case", "sign")
            return
        changed_beside(case, beside if before.images != stored.draft.images else {"orders": stored.draft.orders})


def load_images(case: "OpenCase") -> None:
    """Read the images of the case; the page shows them when they are there."""
    folder = case.desk.images(case.id)
    paths = [folder / name for name in case.draft.images]
    study = None
    if paths:
        try:
            with asking(case.user.name):
                study = load_study_apart(paths, folder)
        except DictationError as error:
            case.audience.notice(str(error).replace(f"{folder}/", ""))
        except Exception as error:  # the case must not wait for images that never come
            case.audience.notice(told(error))
    with case.lock:
        if paths != [folder / name for name in case.draft.images]:
            return  # others came meanwhile, and are being read
        case.study, case.is_loading = study, False
        case.reviewing.look(case.draft, study)
        choose_template(case)
        case.audience.touch("case")
        if case.unheard_s == 0:
            settled(case)


def choose_template(case: "OpenCase") -> None:
    """Take the template that the order chooses, as long as nobody dictated or chose."""
    with case.lock:
        order = case.draft.orders[0] if case.draft.orders else None
        facts = case.study.facts if case.study else None
        if case.draft.template or _is_begun(case) or not (order or facts):
            return
        fitting = fitting_template(order, facts, templates_of(*case.desk.shelves(case.user)))
        if fitting is not None:
            case.draft = case.draft.model_copy(update={"template": fitting.name})
            case.chosen_by_order = fitting.name
            case.grow()


def _is_begun(case: "OpenCase") -> bool:
    return bool(case.draft.takes or case.text.pad.text or case.versions)


def template_of(case: "OpenCase", user: User) -> Template | None:
    """Return the template of the case as a user has it; None where none was chosen, or they have none of that name."""
    name = case.draft.template
    return template_named(name, templates_of(*case.desk.shelves(user))) if name else None


def handed_on(case: "OpenCase", before: User) -> None:
    """Another user works on the case than `before`: the templates that count are theirs, which is said."""
    if case.chosen_by_order and case.draft.template == case.chosen_by_order and not _is_begun(case):
        case.draft, case.chosen_by_order = case.draft.model_copy(update={"template": ""}), ""
    choose_template(case)
    case.grow()
    case.audience.touch("case", "report")
    if not case.draft.template or (is_final(case.versions) and not case.draft.addendum):
        return
    now, others = case.template, template_of(case, _worked_before(case, before))
    if now is None:
        _tell_its_user(case, "The template of this case is not among yours: what is written anew has none; choose one.")
    elif others not in (None, now) and _is_begun(case):
        _tell_its_user(case, "Your own template takes the place of another user's of that name; look at its normals.")


def _tell_its_user(case: "OpenCase", sentence: str) -> None:
    """Tell it on the pages of whoever works on the case, not on those that look on."""
    for page in list(case.audience.pages.values()):
        if page.user.name == case.user.name:
            page.tell(notice(sentence, case.id))


def _worked_before(case: "OpenCase", before: User) -> User:
    """Return who worked on the case here, else its owner, else whoever works on it now."""
    if before.name:
        return before
    with suppress(DictationError):  # the records fail: what they refuse is told elsewhere
        owned = case.desk.records.owned(case.id)
        if owned is not None and owned.owner:
            return User(name=owned.owner)
    return case.user
