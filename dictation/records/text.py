"""Text as both databases take it: times that sort, words that can be searched, no character that one refuses."""

import hashlib
import json
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

from dictation.errors import UsageError

LONGEST, LONGEST_SEARCHED = 200, 500  # characters; an index takes 2,700 bytes
ONE_CHANGE = timedelta(minutes=1)  # between what is written in one transaction
_ID = re.compile(r"[0-9a-f]{32}")


def now() -> str:
    """The present, UTC, to the microsecond."""
    return at(datetime.now(UTC))


def at(time: datetime) -> str:
    """A time as it is stored. One without a zone is taken as this machine's."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def is_same_time(one: str, other: str) -> bool:
    """Whether two stored times can be of one transaction, which asks the clock anew for each row."""
    try:
        return abs(datetime.fromisoformat(one) - datetime.fromisoformat(other)) <= ONE_CHANGE
    except (ValueError, TypeError):
        return False


def storable(text: str) -> str:
    """The text without NUL, which PostgreSQL refuses, and with anything that is no Unicode text replaced."""
    return text.replace("\x00", " ").encode("utf-8", "replace").decode("utf-8")


def short(text: str) -> str:
    """The same, cut where an index of PostgreSQL would refuse it: no number or name of an exam is so long."""
    return storable(text)[:LONGEST]


def searchable(*texts: str) -> str:
    """The words of all texts in lower case, without accents and without the "^" of DICOM names, one space apart."""
    plain = unicodedata.normalize("NFKD", storable(" ".join(texts)).replace("^", " ").casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())[:LONGEST_SEARCHED]


def sha256(content: str) -> str:
    """SHA-256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(content.encode()).hexdigest()


def draft_hash(content: str, given: str, orders: str, images: str) -> str:
    """SHA-256 of what the database holds of a draft, in hexadecimal."""
    return sha256(json.dumps([content, given, orders, images]))


def from_json(content: str) -> Any:
    """Return what a stored JSON text says. Raises ValueError for what is none, however deeply it is nested."""
    try:
        return json.loads(content)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def is_id(case_id: object) -> bool:
    """Whether this can be the id of a case."""
    return isinstance(case_id, str) and bool(_ID.fullmatch(case_id))


def check_id(case_id: str) -> None:
    """Raise UsageError for what is no id of a case; the message does not repeat it."""
    if not is_id(case_id):
        raise UsageError("The id of a case is 32 hexadecimal digits; open the case from the worklist.")


def unknown_case() -> UsageError:
    """Tell that no case has this id; also said of what belongs to another case."""
    return UsageError("There is no such case here; open it from the worklist.")
