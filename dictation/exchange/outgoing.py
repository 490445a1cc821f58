"""A signed version as other systems of the hospital take it: a plain text, and one JSON object that says what it is."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from itertools import pairwise
from typing import Literal, get_args

from dictation.case.addendum import own_sections
from dictation.case.draft import Communication
from dictation.case.version import (
    PlannedCommunication,
    Role,
    SignedState,
    Version,
    identity_reason,
    not_as_signed,
)
from dictation.errors import UsageError
from dictation.exchange.clean_text import clean_text, section_of
from dictation.frozen import Frozen
from dictation.report import Report
from dictation.report.report import Section


class Original(Frozen):
    """The final report that an addendum adds to: the number of its version, who signed it, when, its `sections`."""

    version: int
    author: str
    role: Role
    at: datetime
    sections: dict[str, str]


class SignedReport(Frozen):
    """The JSON object of one signed version. Keys are added under the same `schema_version`, never changed or dropped.

    `accession` and `patient_id` are those of the first order as it was when this was signed, "" where it had none;
    `accessions` are those of all its orders. `version` counts the signatures of a case from 1. `at` is ISO 8601 with
    its zone. `replaces` is the number of the preliminary version that this one takes the place of, `addendum_to` that
    of the version that it adds to; else null. `text` is verbatim what was signed, an addendum after what it adds to;
    `sections` are the words of each heading, of an addendum its own, without headings that say nothing. An addendum
    has its `original` beside them, and in `addenda` every addendum so far verbatim with its head, itself the last; else
    null and none. `sha256` is that of the signed version in the audit trail. `text_file` lies beside this file, with
    `text_sha256` of its bytes; `replaced_characters` became "?" in it. `communications` are who was told of a critical
    result and of which ones, `planned` who is still to tell one that nobody was told of when this was signed.
    `unidentified` says what was not named, patient or exam, and why it was signed so; "" where both were.
    """

    schema_name: Literal["radiology-dictation/signed-report"] = "radiology-dictation/signed-report"
    schema_version: Literal[1] = 1
    case: str
    version: int
    state: SignedState
    accession: str
    accessions: tuple[str, ...]
    patient_id: str
    author: str
    role: Role
    at: datetime
    reason: str
    replaces: int | None
    addendum_to: int | None
    text: str
    sections: dict[str, str]
    sha256: str
    text_file: str
    text_sha256: str
    replaced_characters: tuple[str, ...]
    communications: tuple[Communication, ...]
    planned: tuple[PlannedCommunication, ...] = ()
    unidentified: str = ""
    original: Original | None = None
    addenda: tuple[str, ...] = ()


def file_name(case_id: str, number: int) -> str:
    """The name of a version's files without ending. It says nothing of the patient."""
    return f"{case_id}-{number:03d}"


def outgoing(version: Version, earlier: Sequence[Version], sha256: str) -> tuple[bytes, bytes]:
    """Return the text (printable ASCII, CRLF, as copied from the page) and the JSON (UTF-8) of a signed version.

    `earlier` are the versions before it, oldest first; `sha256` is that of this one in the audit trail. Raises
    DictationError where an addendum does not repeat what it adds to.
    """
    clean = clean_text(version.text, version.state, unidentified=identity_reason(version))
    text = clean.text.encode("ascii")
    orders = version.case.orders
    is_addendum = version.state == "addended"
    before = earlier[-1].number if earlier else None
    report = SignedReport(
        case=version.case.id,
        version=version.number,
        state=version.state,
        accession=orders[0].accession if orders else "",
        accessions=tuple(order.accession for order in orders if order.accession),
        patient_id=orders[0].patient_id if orders else "",
        author=version.author,
        role=version.role,
        at=version.at,
        reason=version.reason,
        replaces=None if is_addendum else before,
        addendum_to=before if is_addendum else None,
        text=version.text,
        sections=own_sections(version.case.report) if is_addendum else _sections(version.case.report),
        sha256=sha256,
        text_file=f"{file_name(version.case.id, version.number)}.txt",
        text_sha256=hashlib.sha256(text).hexdigest(),
        replaced_characters=clean.unknown,
        communications=version.communications,
        planned=version.planned,
        unidentified=identity_reason(version),
        original=_original(earlier) if is_addendum else None,
        addenda=_addenda((*earlier, version)),
    )
    return text, f"{report.model_dump_json(indent=1)}\n".encode()


def _sections(report: Report) -> dict[str, str]:
    found = {}
    for name in get_args(Section):
        with suppress(UsageError):
            found[name] = section_of(report.text, name)
    return found


def _original(earlier: Sequence[Version]) -> Original | None:
    """The last version that is no addendum."""
    final = next((one for one in reversed(earlier) if one.state != "addended"), None)
    if final is None:
        return None
    return Original(
        version=final.number,
        author=final.author,
        role=final.role,
        at=final.at,
        sections=_sections(final.case.report),
    )


def _addenda(versions: Sequence[Version]) -> tuple[str, ...]:
    """What each addendum put behind the text before it. Raises DictationError where that text is another one."""
    found = []
    for one, two in pairwise(versions):
        if two.state != "addended":
            continue
        if not two.text.startswith(one.text):
            raise not_as_signed(one.case.id, one.number)
        found.append(two.text.removeprefix(one.text).lstrip("\n"))
    return tuple(found)
