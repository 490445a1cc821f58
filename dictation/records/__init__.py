"""Cases that last: drafts, signed versions, orders, the audit trail, the sound beside them."""

from dictation.errors import MissingError
from dictation.extras import install_command

try:
    import alembic  # noqa: F401
    import sqlalchemy  # noqa: F401
except ImportError as error:
    fix = install_command("records")
    raise MissingError(f"Keeping cases needs the package {error.name}; install it with {fix}.") from error

from dictation.records.records import Records
from dictation.records.stored import Lock, Stored, Taken
from dictation.records.worklist import Page, Row

__all__ = ["Lock", "Page", "Records", "Row", "Stored", "Taken"]
