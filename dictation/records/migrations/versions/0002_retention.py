"""Which sound was deleted under the retention rule, and which cases are on legal hold."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_EXACT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add them."""
    op.add_column("recordings", sa.Column("purged_at", _EXACT, nullable=False, server_default=""))
    op.add_column("recordings", sa.Column("purged_bytes", sa.BigInteger, nullable=False, server_default="0"))
    op.create_table(
        "holds",
        sa.Column("case_id", _EXACT, sa.ForeignKey("cases.id"), primary_key=True),
        sa.Column("reason", _EXACT, nullable=False),
        sa.Column("by", _EXACT, nullable=False),
        sa.Column("at", _EXACT, nullable=False),
    )
