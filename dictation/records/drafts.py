"""Drafts in the database: made, read back, saved at every change of the page that holds the case.

Orders and images also come from the inbox, beneath an open page. So each draft is kept with the orders and images that
its page last gave: what the page did not change since is not its doing, and the inbox's stands.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, Row, insert, or_, select, update

from dictation.case.draft import Draft, FileName
from dictation.case.ordered import ANOTHER_PATIENT, with_patient
from dictation.case.version import Version
from dictation.errors import DictationError, UsageError
from dictation.exam import ExamFacts, Order
from dictation.records.describing import (
    STATED,
    Priority,
    draft_columns,
    exam_columns,
    given_facts,
    header_facts,
    urgency,
)
from dictation.records.same_exam import check_second
from dictation.records.schema import audit, cases, drafts, orders, studies, versions
from dictation.records.stored import Lock, Taken
from dictation.records.text import (
    at,
    check_id,
    draft_hash,
    from_json,
    is_same_time,
    now,
    searchable,
    sha256,
    short,
    storable,
    unknown_case,
)
from dictation.records.trail import CAME_BACK, Detail, Trail

CREATED = "created"  # in the audit trail
KEPT = "draft"  # in the detail of its entries: the hash of the draft as it is from then on
OPENED, TAKEN_OVER, CLOSED = "opened", "taken over", "closed"  # before the last one a page may change the draft
_PAGE = "page"  # in the detail of the first two: the hash of the page's id
SHOWN = ("is_critical", "is_communicated", "is_dictated")  # columns of the case that follow its draft
_ORDERS: TypeAdapter[tuple[Order, ...]] = TypeAdapter(tuple[Order, ...])
_HASHED = ("content", "given", "orders", "images")
_NO_ORDERS = _ORDERS.dump_json(()).decode()
_IMAGES: TypeAdapter[tuple[FileName, ...]] = TypeAdapter(tuple[FileName, ...])


class UnreadableDraft(DictationError):
    """What is kept of a case cannot be read here; other cases can."""

    def __init__(self, case_id: str) -> None:
        super().__init__(
            f"The case {case_id} was saved by a newer version of this program, or is damaged; update the program, or "
            "restore a backup."
        )


def locked(connection: Connection, case_id: str, page: str | None = None) -> Row[Any]:
    """Return the case and what its page last gave, kept from others until the transaction ends.

    Raises UsageError for an unknown or malformed id, Taken where `page` is given and does not hold the case.
    """
    check_id(case_id)
    columns = (drafts.c.given, drafts.c.orders, drafts.c.images, drafts.c.sha256)
    query = select(cases, *columns).join(drafts).where(cases.c.id == case_id).with_for_update(of=cases)
    case = connection.execute(query).first()
    if case is None:
        raise unknown_case()
    if page is not None and case.lock_page != page:
        raise Taken(lock_of(case))
    return case


def check_known(connection: Connection, case_id: str) -> None:
    """Raise UsageError for an unknown or malformed id."""
    check_id(case_id)
    if connection.execute(select(cases.c.id).where(cases.c.id == case_id)).first() is None:
        raise unknown_case()


def lock_of(case: Row[Any]) -> Lock | None:
    """Who has the case."""
    return Lock(page=case.lock_page, name=case.lock_name, at=case.lock_at) if case.lock_page else None


def present_lock(connection: Connection, case_id: str) -> Lock | None:
    """The same by the id of the case. Raises as `locked`."""
    check_id(case_id)
    case = connection.execute(select(cases).where(cases.c.id == case_id)).first()
    if case is None:
        raise unknown_case()
    return lock_of(case)


def create(connection: Connection, trail: Trail, draft: Draft, by: str, priority: Priority, status: str = "") -> None:
    """Write a new case. Raises UsageError for a malformed id or one that is there already."""
    check_id(draft.id)
    if connection.execute(select(cases.c.id).where(cases.c.id == draft.id)).first() is not None:
        raise UsageError("There is a case with this id already; open it from the worklist.")
    case, content = new_rows(draft, priority, status)
    connection.execute(insert(cases).values(**case))
    connection.execute(insert(drafts).values(**content))
    shown = {name: case[name] for name in SHOWN}
    trail.add(draft.id, CREATED, by, {"priority": priority, KEPT: content["sha256"], **shown})


def new_rows(draft: Draft, priority: Priority, status: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The rows of a new case in `cases` and in `drafts`."""
    time = now()
    case = {
        "id": draft.id, "state": "draft", "order_status": status, "revision": 1, "lock_page": "", "lock_name": "",
        "lock_at": "", "sent_at": "", "created_at": time, "changed_at": time, "urgency": urgency("draft", priority),
        "priority": priority, **draft_columns(draft),
        **exam_columns(draft.orders, header_facts(draft) or given_facts(draft)),
    }  # fmt: skip
    content = {
        "case_id": draft.id, "content": draft.model_dump_json(), "given": _given(draft),
        "orders": _ORDERS.dump_json(draft.orders).decode(), "images": _IMAGES.dump_json(draft.images).decode(),
    }  # fmt: skip
    return case, content | {"sha256": draft_hash(*(str(content[name]) for name in _HASHED))}


def read(connection: Connection, case_id: str) -> tuple[Row[Any], Draft]:
    """Return the case and its draft, with the orders and images that count.

    Raises as `locked`, and UnreadableDraft.
    """
    check_id(case_id)
    query = select(cases, drafts.c.content, drafts.c.orders, drafts.c.images).join(drafts).where(cases.c.id == case_id)
    case = connection.execute(query).first()
    if case is None:
        raise unknown_case()
    try:
        draft = Draft.model_validate_json(case.content)
    except ValidationError as error:
        raise UnreadableDraft(case_id) from error
    counting, images = _counting(case_id, case)
    beside: dict[str, Any] = {"orders": counting, "images": images}
    if images and not draft.image_accession and (facts := study_facts(connection, case_id)) is not None:
        beside["image_accession"] = facts.accession  # no page has read their headers yet
    return case, draft.model_copy(update=beside)


def keep(connection: Connection, case: Row[Any], draft: Draft, trail: Trail | None, **columns: Any) -> int | None:
    """Write the draft of a case that `locked` gave, and `columns` of the case with it; return its new revision.

    Returns None, and writes nothing, where the page changed the orders or images and there is no `trail` to say so.
    """
    given = _given(draft)
    values: dict[str, Any] = {
        "content": draft.model_dump_json(), "given": given, "orders": case.orders, "images": case.images,
    }  # fmt: skip
    is_edited = given != case.given
    if is_edited:
        if trail is None:
            return None
        counting, images = _merged(connection, case, draft)
        had = {case.accession, *(one.accession for one in _counting(draft.id, case)[0])}
        check_second(connection, trail, draft, had, case.lock_name)
        values |= {"orders": _ORDERS.dump_json(counting).decode(), "images": _IMAGES.dump_json(images).decode()}
        facts = header_facts(draft) or study_facts(connection, draft.id) or given_facts(draft)
        columns |= exam_columns(counting, facts)
    elif case.orders == _NO_ORDERS and (facts := header_facts(draft)) is not None:
        columns |= exam_columns((), facts)
    revision = int(case.revision) + 1
    columns |= {"revision": revision, "changed_at": now()}
    is_final = columns.get("state", case.state) not in ("draft", "preliminary")  # a signature is in the versions by now
    columns |= draft_columns(draft, _final_versions(connection, draft.id) if is_final else ())
    connection.execute(update(cases).where(cases.c.id == draft.id).values(**columns))
    values["sha256"] = draft_hash(*(values[name] for name in _HASHED))
    connection.execute(update(drafts).where(drafts.c.case_id == draft.id).values(**values))
    if is_edited and trail is not None:
        detail = {"orders": len(counting), "images": len(images), KEPT: values["sha256"]}
        trail.add(draft.id, "exam edited", case.lock_name, detail)
    return revision


def replace_exam(
    connection: Connection, case_id: str, *, orders: tuple[Order, ...] | None = None, image: str = "", **columns: Any
) -> None:
    """Change the orders of a case, or add an image to it, from outside its page; with `columns` of the case."""
    row = connection.execute(
        select(drafts.c.orders, drafts.c.images, cases.c.revision)
        .join(cases)
        .where(drafts.c.case_id == case_id)
        .with_for_update(of=cases)
    ).one()
    present, images = _counting(case_id, row)
    counting = present if orders is None else orders
    if image and image not in images:
        images = (*images, image)
    columns |= exam_columns(counting, study_facts(connection, case_id))
    columns |= {"revision": row.revision + 1, "changed_at": now()}
    connection.execute(update(cases).where(cases.c.id == case_id).values(**columns))
    _replace(
        connection, case_id, orders=_ORDERS.dump_json(counting).decode(), images=_IMAGES.dump_json(images).decode()
    )


def keep_patient(connection: Connection, case_id: str) -> None:
    """Keep to whom a case belongs, before its orders are replaced. Raises as `read` does."""
    _, draft = read(connection, case_id)
    if (kept := with_patient(draft)) != draft:
        _replace(connection, case_id, content=kept.model_dump_json())


def hash_of(connection: Connection, case_id: str) -> str:
    """Return the hash of a draft as it is now, for the audit trail."""
    return str(connection.execute(select(drafts.c.sha256).where(drafts.c.case_id == case_id)).scalar_one())


def counting_orders(connection: Connection, case_id: str) -> tuple[Order, ...]:
    """The orders of a case that count. Raises UnreadableDraft."""
    query = select(drafts.c.orders, drafts.c.images).where(drafts.c.case_id == case_id)
    return _counting(case_id, connection.execute(query).one())[0]


def study_facts(connection: Connection, case_id: str) -> ExamFacts | None:
    """What the headers of the images from the inbox say of the exam, None without any."""
    query = select(studies.c.facts).where(studies.c.case_id == case_id).order_by(studies.c.received_at)
    facts = connection.execute(query).first()
    return ExamFacts.model_validate_json(facts.facts) if facts is not None else None


def sent_again(connection: Connection, case: Row[Any], draft: Draft, signed: tuple[Version, ...]) -> tuple[Order, ...]:
    """The orders of a signed case that were sent since it was signed and say otherwise than its draft.

    Without those of another patient whom a person confirmed by a final signature since.
    """
    if not signed:
        return ()
    confirming = [one for one in signed if one.state != "preliminary" and _confirms(one)]
    query = select(orders.c.content, orders.c.received_at).where(orders.c.case_id == case.id)
    if case.order_status != "changed":
        query = query.where(orders.c.received_at > at((confirming or signed[:1])[-1].at))
    sent = (Order.model_validate_json(row.content) for row in connection.execute(query.order_by(orders.c.accession)))
    return tuple(one for one in sent if one not in draft.orders)


def signed_elsewhere(connection: Connection, draft: Draft) -> bool:
    """Whether another case with an accession number of this draft has a signed report."""
    numbers = {short(accession) for accession in draft.accessions}
    query = select(cases.c.id).where(cases.c.accession.in_(numbers), cases.c.id != draft.id, cases.c.state != "draft")
    return bool(numbers) and connection.execute(query.limit(1)).first() is not None


def faults(connection: Connection) -> Iterator[str]:
    """Yield one sentence for each case that the audit trail knows and that is not there, or has another draft.

    A case that no page has must have the draft that the trail knows: entries that end or change one hold its hash.
    """
    there = select(cases.c.id).join(drafts)
    created = select(audit.c.case_id).where(audit.c.what == CREATED, audit.c.case_id.not_in(there))
    for case_id in connection.execute(created.order_by(audit.c.number)).scalars():
        yield f"The case {case_id} is missing: the audit trail knows that it was created."
    known = _known(connection)
    shown = {row.id: row for row in connection.execute(select(cases))}
    for case_id, case in shown.items():
        of_case = known.get(case_id, {})
        if "created_at" not in of_case:
            yield f"The case {case_id} was put there: the audit trail knows of no such case."
            continue
        if not is_same_time(case.created_at, of_case["created_at"]):
            yield f"The case {case_id} was changed: the audit trail knows another time at which it was created."
        if case.priority != of_case.get("priority") or case.urgency != urgency(case.state, case.priority):
            yield f"The case {case_id} was changed: the audit trail knows another urgency of it."
        if not _is_had_by(case, of_case.get("lock")):
            yield f"The case {case_id} was changed: the audit trail knows otherwise who has it open."
        if any(getattr(case, name) != of_case.get(name, getattr(case, name)) for name in SHOWN):
            yield f"The case {case_id} was changed: the audit trail knows otherwise whether it is dictated or critical."
    for row in connection.execution_options(yield_per=100).execute(select(drafts)):
        if row.case_id in shown and (fault := _unlike_orders(shown[row.case_id], row.orders)):
            yield fault
        if not _can_be_opened(row):
            yield f"The draft of the case {row.case_id} cannot be opened: it is damaged, or leads out of its folder."
        if draft_hash(*(getattr(row, name) for name in _HASHED)) != row.sha256:
            yield f"The draft of the case {row.case_id} was changed: it is not what was kept."
        elif known.get(row.case_id, {}).get(KEPT, row.sha256) != row.sha256:
            yield f"The draft of the case {row.case_id} was changed: the audit trail knows another one."


def _can_be_opened(row: Any) -> bool:
    try:
        Draft.model_validate_json(row.content)
        _counting(row.case_id, row)
    except (ValidationError, UnreadableDraft):
        return False
    return True


def _unlike_orders(shown: Row[Any], orders_json: str) -> str:
    """A sentence where the worklist says otherwise than the orders of a case; what only a header states counts."""
    try:
        stated: list[dict[str, str]] = from_json(orders_json)
        first = stated[0] if stated else {}
        is_like = all(getattr(shown, name) == short(first[name]) for name in STATED if first.get(name))
        others = (other["accession"] for other in stated[1:])
        search = searchable(*(getattr(shown, name) for name in STATED), *others)
    except (ValueError, TypeError, AttributeError, KeyError):
        return ""  # its draft is told of
    if not is_like:
        return f"The worklist names another patient or exam for the case {shown.id} than its order."
    return "" if shown.search == search else f"The worklist finds the case {shown.id} by other words than it shows."


def _is_had_by(case: Row[Any], lock: dict[str, str] | None) -> bool:
    """Whether the page has a case that took it by the audit trail: an older program did not note which one it was."""
    if lock is None:
        return (case.lock_page, case.lock_name, case.lock_at) == ("", "", "")
    return (
        lock.get(_PAGE) in (None, sha256(case.lock_page))
        and case.lock_page != ""
        and storable(case.lock_name) == lock["by"]
        and is_same_time(case.lock_at, lock["at"])
    )


def _known(connection: Connection) -> dict[str, dict[str, Any]]:
    """What the audit trail knows of each case: when it was created, how urgent it is, who has it open, and its draft
    where no page changes that.
    """
    known: dict[str, dict[str, Any]] = {}
    query = select(audit.c.case_id, audit.c.what, audit.c.by, audit.c.at, audit.c.detail)
    query = query.where(or_(audit.c.case_id != "", audit.c.what == CAME_BACK))
    for row in connection.execute(query.order_by(audit.c.number)):
        if row.what == CAME_BACK:
            for case in known.values():
                if case.pop("lock", None):
                    _forget_draft(case)
            continue
        case = known.setdefault(row.case_id, {})
        detail: dict[str, Any] = {}
        if f'"{KEPT}"' in row.detail or '"priority"' in row.detail or row.what in (OPENED, TAKEN_OVER):
            with suppress(ValueError, TypeError):  # an entry that was changed: the trail tells of it
                detail = dict(from_json(row.detail))
        if row.what == CREATED:
            case["created_at"] = row.at
        elif row.what in (OPENED, TAKEN_OVER):
            case["lock"] = {"by": row.by, "at": row.at, _PAGE: detail.get(_PAGE)}
        elif row.what == CLOSED:
            case.pop("lock", None)
            _forget_draft(case)  # an entry of an older program: from then on it knew none
        case |= {name: detail[name] for name in (KEPT, "priority", *SHOWN) if name in detail}
    for case in known.values():
        if "lock" in case:
            _forget_draft(case)
    return known


def _forget_draft(case: dict[str, Any]) -> None:
    for name in (KEPT, *SHOWN):
        case.pop(name, None)


def opened(page: str) -> Detail:
    """What the audit trail holds of the page that takes a case."""
    return {_PAGE: sha256(page)}


def of_today(connection: Connection) -> set[str]:
    """The cases that were created since the audit trail holds all that comes to a case: orders and studies, too."""
    query = select(audit.c.case_id).where(audit.c.what == CREATED, audit.c.detail.contains(f'"{SHOWN[0]}"'))
    return set(connection.execute(query).scalars())


def is_older(connection: Connection) -> bool:
    """Whether the first case was created before that: an older program began these records."""
    query = select(audit.c.detail).where(audit.c.what == CREATED).order_by(audit.c.number)
    first = connection.execute(query.limit(1)).scalar()
    return first is not None and f'"{SHOWN[0]}"' not in first


def _replace(connection: Connection, case_id: str, **values: str) -> None:
    """Change columns of a draft, and its hash with them."""
    row = connection.execute(select(drafts).where(drafts.c.case_id == case_id)).one()
    whole = {name: values.get(name, getattr(row, name)) for name in _HASHED}
    connection.execute(
        update(drafts).where(drafts.c.case_id == case_id).values(**values, sha256=draft_hash(*whole.values()))
    )


def _final_versions(connection: Connection, case_id: str) -> tuple[Version, ...]:
    """The signed versions of a case without the preliminary ones, which a final one replaces."""
    query = select(versions.c.content).where(versions.c.case_id == case_id, versions.c.state != "preliminary")
    found = connection.execute(query.order_by(versions.c.number)).scalars()
    return tuple(Version.model_validate_json(content) for content in found)


def _confirms(version: Version) -> bool:
    return any(one.discrepancy_id == ANOTHER_PATIENT for one in version.overrides)


def _counting(case_id: str, row: Any) -> tuple[tuple[Order, ...], tuple[str, ...]]:
    """The orders and images that a row of `drafts` states."""
    try:
        return _ORDERS.validate_json(row.orders), _IMAGES.validate_json(row.images)
    except ValidationError as error:
        raise UnreadableDraft(case_id) from error


def _given(draft: Draft) -> str:
    return json.dumps([_ORDERS.dump_python(draft.orders, mode="json"), draft.images], ensure_ascii=False)


def _merged(connection: Connection, case: Row[Any], draft: Draft) -> tuple[tuple[Order, ...], tuple[str, ...]]:
    """The orders and images that count after the page changed its own."""
    query = select(drafts.c.orders, drafts.c.images).where(drafts.c.case_id == draft.id)
    counting, images = _counting(draft.id, connection.execute(query).one())
    before_orders, before_images = from_json(case.given)
    if _ORDERS.dump_python(draft.orders, mode="json") != before_orders:
        counting = draft.orders
    kept = tuple(name for name in images if name in draft.images or name not in before_images)
    return counting, (*kept, *(name for name in draft.images if name not in kept))
