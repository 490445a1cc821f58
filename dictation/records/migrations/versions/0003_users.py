"""Users, their sessions and failed sign-ins; whose each case is, and who else may see it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_EXACT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make their tables; the cases that are there are nobody's."""
    op.create_table(
        "users",
        sa.Column("name", _EXACT, primary_key=True),
        sa.Column("display", _EXACT, nullable=False),
        sa.Column("role", _EXACT, nullable=False),
        sa.Column("hash", _EXACT, nullable=False),
        sa.Column("browser_key", _EXACT, nullable=False),
        sa.Column("is_disabled", sa.Boolean, nullable=False),
        sa.Column("created_at", _EXACT, nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("token", _EXACT, primary_key=True),
        sa.Column("name", _EXACT, sa.ForeignKey("users.name"), nullable=False),
        sa.Column("created_at", _EXACT, nullable=False),
        sa.Column("used_at", _EXACT, nullable=False),
        sa.Column("ends_at", _EXACT, nullable=False),
    )
    op.create_index("ix_sessions_name", "sessions", ["name"])
    op.create_table(
        "sign_in_failures",
        sa.Column("key", _EXACT, primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", _EXACT, nullable=False),
    )
    op.add_column("cases", sa.Column("owner", _EXACT, nullable=False, server_default=""))
    op.create_table(
        "case_readers",
        sa.Column("case_id", _EXACT, sa.ForeignKey("cases.id"), primary_key=True),
        sa.Column("name", _EXACT, primary_key=True),
    )
    op.create_index("case_readers_by_name", "case_readers", ["name"])
