"""The tables of the records: one schema for SQLite and PostgreSQL; `migrations` holds how it came to be.

Times are text, UTC, "2026-03-01T09:30:00.000000+00:00": they sort as they are and read back as they were hashed.
"""

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Index, Integer, MetaData, Table, Text, false

EXACT = Text().with_variant(Text(collation="C"), "postgresql")  # sorted by bytes there too, as in SQLite

metadata = MetaData()

cases = Table(
    "cases",
    metadata,
    Column("id", EXACT, primary_key=True),
    Column("state", EXACT, nullable=False),  # draft, preliminary, final, addended
    Column("order_status", EXACT, nullable=False),  # "", active, changed (since it was signed), cancelled
    Column("revision", Integer, nullable=False),
    Column("lock_page", EXACT, nullable=False),
    Column("lock_name", EXACT, nullable=False),
    Column("lock_at", EXACT, nullable=False),
    Column("sent_at", EXACT, nullable=False),
    Column("created_at", EXACT, nullable=False),
    Column("changed_at", EXACT, nullable=False),
    Column("urgency", Integer, nullable=False),
    Column("priority", EXACT, nullable=False),
    Column("is_critical", Boolean, nullable=False),
    Column("is_communicated", Boolean, nullable=False),
    Column("is_dictated", Boolean, nullable=False),
    Column("name", EXACT, nullable=False),
    Column("patient_id", EXACT, nullable=False),
    Column("accession", EXACT, nullable=False),
    Column("procedure", EXACT, nullable=False),
    Column("modality", EXACT, nullable=False),
    Column("body_part", EXACT, nullable=False),
    Column("search", EXACT, nullable=False),
    Column("owner", EXACT, nullable=False, server_default=""),  # the user who dictated it first, "" for nobody yet
    Index("cases_in_order", "urgency", "created_at", "id", "state", "search"),  # a search reads no table
    Index("cases_by_accession", "accession"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("case_id", EXACT, ForeignKey("cases.id"), primary_key=True),
    Column("content", EXACT, nullable=False),  # Draft as JSON, as the page that holds the case last gave it
    Column("given", EXACT, nullable=False),  # [orders, images] of that page: what it did not change is not its doing
    Column("orders", EXACT, nullable=False),  # those that count: the inbox changes them beneath an open page
    Column("images", EXACT, nullable=False),
    Column("sha256", EXACT, nullable=False, server_default=""),  # of the four, as `draft_hash` takes it
)

orders = Table(  # as the information system last sent them
    "orders",
    metadata,
    Column("accession", EXACT, primary_key=True),
    Column("case_id", EXACT, ForeignKey("cases.id"), nullable=False, index=True),
    Column("content", EXACT, nullable=False),
    Column("status", EXACT, nullable=False),  # active, cancelled
    Column("priority", EXACT, nullable=False),
    Column("received_at", EXACT, nullable=False),
)

studies = Table(
    "studies",
    metadata,
    Column("case_id", EXACT, ForeignKey("cases.id"), primary_key=True),
    Column("study_uid", EXACT, primary_key=True),
    Column("accession", EXACT, nullable=False),
    Column("facts", EXACT, nullable=False),
    Column("received_at", EXACT, nullable=False),
    Index("studies_by_uid", "study_uid"),
)

recordings = Table(
    "recordings",
    metadata,
    Column("take", EXACT, primary_key=True),
    Column("recording", EXACT, nullable=False, unique=True),
    Column("case_id", EXACT, ForeignKey("cases.id"), nullable=False, index=True),
    Column("file", EXACT, nullable=False),  # in HOME/captures
    Column("started_at", EXACT, nullable=False),
    Column("duration_s", Float, nullable=False),
    Column("sha256", EXACT, nullable=False),  # of the 16-bit samples, "" before it is archived
    Column("flac", EXACT, nullable=False),  # in HOME/audio, "" before it is archived
    Column("purged_at", EXACT, nullable=False, server_default=""),  # from then on its sound counts as deleted
    Column("purged_bytes", BigInteger, nullable=False, server_default="0"),
)

holds = Table(  # cases whose sound no rule deletes
    "holds",
    metadata,
    Column("case_id", EXACT, ForeignKey("cases.id"), primary_key=True),
    Column("reason", EXACT, nullable=False),
    Column("by", EXACT, nullable=False),
    Column("at", EXACT, nullable=False),
)

versions = Table(
    "versions",
    metadata,
    Column("case_id", EXACT, ForeignKey("cases.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("state", EXACT, nullable=False),
    Column("author", EXACT, nullable=False),
    Column("role", EXACT, nullable=False),
    Column("reason", EXACT, nullable=False),
    Column("at", EXACT, nullable=False),
    Column("content", EXACT, nullable=False),  # Version as JSON
    Column("sha256", EXACT, nullable=False),  # of `content` in UTF-8
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("case_id", EXACT, nullable=False, index=True),  # "" for what concerns no case
    Column("what", EXACT, nullable=False),
    Column("by", EXACT, nullable=False),
    Column("at", EXACT, nullable=False),
    Column("detail", EXACT, nullable=False),
    Column("previous", EXACT, nullable=False),
    Column("hash", EXACT, nullable=False),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("entries", Integer, nullable=False),
    Column("hash", EXACT, nullable=False),
)

inbox = Table(  # files of the orders folder that were read
    "inbox",
    metadata,
    Column("file", EXACT, primary_key=True),  # SHA-256 of its path in the folder: a name may identify a patient
    Column("stamp", EXACT, nullable=False),  # size and time of change
)

users = Table(
    "users",
    metadata,
    Column("name", EXACT, primary_key=True),
    Column("display", EXACT, nullable=False),
    Column("role", EXACT, nullable=False),  # reader, resident, attending, administrator
    Column("hash", EXACT, nullable=False),  # Argon2 of the password, "" for who signs in elsewhere
    Column("browser_key", EXACT, nullable=False),  # hexadecimal: what a browser keeps unsent is encrypted with it
    Column("is_disabled", Boolean, nullable=False),
    Column("created_at", EXACT, nullable=False),
    Column("must_change", Boolean, nullable=False, server_default=false()),  # the password, as somebody else set it
    Column("former", EXACT, nullable=False, server_default=""),  # hashes of the passwords before, the last one first
)

sessions = Table(
    "sessions",
    metadata,
    Column("token", EXACT, primary_key=True),  # SHA-256: the token itself is in the browser's cookie alone
    Column("name", EXACT, ForeignKey("users.name"), nullable=False, index=True),
    Column("created_at", EXACT, nullable=False),
    Column("used_at", EXACT, nullable=False),
    Column("ends_at", EXACT, nullable=False),
)

sign_in_failures = Table(  # since the last success, or since they were forgotten
    "sign_in_failures",
    metadata,
    Column("key", EXACT, primary_key=True),  # SHA-256 of what records/signing_in.py counts under
    Column("failures", Integer, nullable=False),
    Column("last_at", EXACT, nullable=False),
)

case_readers = Table(  # who may see a case beside its owner
    "case_readers",
    metadata,
    Column("case_id", EXACT, ForeignKey("cases.id"), primary_key=True),
    Column("name", EXACT, primary_key=True),
    Index("case_readers_by_name", "name"),
)
