"""A signed version as other systems of the hospital take it: a plain text, and one JSON object that says what it is."""

import hashlib
from contextlib import suppress
from datetime import datetime
from typing import Literal, get_args

from dictation.case.draft import Communication
from dictation.case.version import Role, SignedState, Version
from dictation.errors import UsageError
from dictation.exchange.clean_text import clean_text, section_of
from dictation.frozen import Frozen
from dictation.report.report import Section


class SignedReport(Frozen):
    """The JSON object of one signed version. Keys are added under the same `schema_version`, never changed or dropped.

    `accession` and `patient_id` are those of the first order as it was when this was signed, "" where it had none;
    `accessions` are those of all its orders. `version` counts the signatures of a case from 1. `at` is ISO 8601 with
    its zone. `replaces` is the number of the preliminary version that this one takes the place of, `addendum_to` that
    of the version that it adds to; else null. `text` is verbatim what was signed, an addendum after what it adds to;
    `sections` are the words of each heading, of an addendum its own, without headings that say nothing. `sha256` is
    that of the signed version in the audit trail. `text_file` lies beside this file, with `text_sha256` of its bytes;
    `replaced_characters` became "?" in it. `communications` are who was told of a critical result.
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


def file_name(case_id: str, number: int) -> str:
    """The name of a version's files without ending. It says nothing of the patient."""
    return f"{case_id}-{number:03d}"


def outgoing(version: Version, before: Version | None, sha256: str) -> tuple[bytes, bytes]:
    """Return the text (printable ASCII, CRLF, as copied from the page) and the JSON (UTF-8) of a signed version.

    `before` is the version before it, None for the first; `sha256` that of this one in the audit trail.
    """
    clean = clean_text(version.text, version.state)
    text = clean.text.encode("ascii")
    orders = version.case.orders
    sections = {}
    for name in get_args(Section):
        with suppress(UsageError):
            sections[name] = section_of(version.case.report.text, name)
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
        replaces=before.number if before is not None and version.state != "addended" else None,
        addendum_to=before.number if before is not None and version.state == "addended" else None,
        text=version.text,
        sections=sections,
        sha256=sha256,
        text_file=f"{file_name(version.case.id, version.number)}.txt",
        text_sha256=hashlib.sha256(text).hexdigest(),
        replaced_characters=clean.unknown,
        communications=version.communications,
    )
    return text, f"{report.model_dump_json(indent=1)}\n".encode()
