"""The tables of the first version."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_EXACT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("case_id", _EXACT, nullable=False),
        sa.Column("what", _EXACT, nullable=False),
        sa.Column("by", _EXACT, nullable=False),
        sa.Column("at", _EXACT, nullable=False),
        sa.Column("detail", _EXACT, nullable=False),
        sa.Column("previous", _EXACT, nullable=False),
        sa.Column("hash", _EXACT, nullable=False),
    )
    op.create_index("ix_audit_case_id", "audit", ["case_id"])
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("hash", _EXACT, nullable=False),
    )
    op.create_table(
        "cases",
        sa.Column("id", _EXACT, primary_key=True),
        sa.Column("state", _EXACT, nullable=False),
        sa.Column("order_status", _EXACT, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("lock_page", _EXACT, nullable=False),
        sa.Column("lock_name", _EXACT, nullable=False),
        sa.Column("lock_at", _EXACT, nullable=False),
        sa.Column("sent_at", _EXACT, nullable=False),
        sa.Column("created_at", _EXACT, nullable=False),
        sa.Column("changed_at", _EXACT, nullable=False),
        sa.Column("urgency", sa.Integer, nullable=False),
        sa.Column("priority", _EXACT, nullable=False),
        sa.Column("is_critical", sa.Boolean, nullable=False),
        sa.Column("is_communicated", sa.Boolean, nullable=False),
        sa.Column("is_dictated", sa.Boolean, nullable=False),
        sa.Column("name", _EXACT, nullable=False),
        sa.Column("patient_id", _EXACT, nullable=False),
        sa.Column("accession", _EXACT, nullable=False),
        sa.Column("procedure", _EXACT, nullable=False),
        sa.Column("modality", _EXACT, nullable=False),
        sa.Column("body_part", _EXACT, nullable=False),
        sa.Column("search", _EXACT, nullable=False),
    )
    op.create_index("cases_by_accession", "cases", ["accession"])
    op.create_index("cases_in_order", "cases", ["urgency", "created_at", "id", "state", "search"])
    op.create_table(
        "inbox",
        sa.Column("file", _EXACT, primary_key=True),
        sa.Column("stamp", _EXACT, nullable=False),
    )
    op.create_table(
        "drafts",
        sa.Column("case_id", _EXACT, sa.ForeignKey("cases.id"), primary_key=True),
        sa.Column("content", _EXACT, nullable=False),
        sa.Column("given", _EXACT, nullable=False),
        sa.Column("orders", _EXACT, nullable=False),
        sa.Column("images", _EXACT, nullable=False),
    )
    op.create_table(
        "orders",
        sa.Column("accession", _EXACT, primary_key=True),
        sa.Column("case_id", _EXACT, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("content", _EXACT, nullable=False),
        sa.Column("status", _EXACT, nullable=False),
        sa.Column("priority", _EXACT, nullable=False),
        sa.Column("received_at", _EXACT, nullable=False),
    )
    op.create_index("ix_orders_case_id", "orders", ["case_id"])
    op.create_table(
        "recordings",
        sa.Column("take", _EXACT, primary_key=True),
        sa.Column("recording", _EXACT, nullable=False, unique=True),
        sa.Column("case_id", _EXACT, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("file", _EXACT, nullable=False),
        sa.Column("started_at", _EXACT, nullable=False),
        sa.Column("duration_s", sa.Float, nullable=False),
        sa.Column("sha256", _EXACT, nullable=False),
        sa.Column("flac", _EXACT, nullable=False),
    )
    op.create_index("ix_recordings_case_id", "recordings", ["case_id"])
    op.create_table(
        "studies",
        sa.Column("case_id", _EXACT, sa.ForeignKey("cases.id"), primary_key=True),
        sa.Column("study_uid", _EXACT, primary_key=True),
        sa.Column("accession", _EXACT, nullable=False),
        sa.Column("facts", _EXACT, nullable=False),
        sa.Column("received_at", _EXACT, nullable=False),
    )
    op.create_index("studies_by_uid", "studies", ["study_uid"])
    op.create_table(
        "versions",
        sa.Column("case_id", _EXACT, sa.ForeignKey("cases.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("state", _EXACT, nullable=False),
        sa.Column("author", _EXACT, nullable=False),
        sa.Column("role", _EXACT, nullable=False),
        sa.Column("reason", _EXACT, nullable=False),
        sa.Column("at", _EXACT, nullable=False),
        sa.Column("content", _EXACT, nullable=False),
        sa.Column("sha256", _EXACT, nullable=False),
    )
    op.bulk_insert(
        sa.table("audit_head", sa.column("id"), sa.column("entries"), sa.column("hash")),
        [{"id": 1, "entries": 0, "hash": ""}],
    )
