"""Drafts with their hash, and users who have to choose a password of their own."""

import sqlalchemy as sa
from alembic import op

from dictation.records.text import draft_hash

revision = "0004"
down_revision = "0003"

_EXACT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_DRAFTS = sa.table(
    "drafts", *(sa.column(name) for name in ("case_id", "content", "given", "orders", "images", "sha256"))
)


def upgrade() -> None:
    """Add both; what is there is taken to be what was kept, and nobody has to change what they have."""
    op.add_column("users", sa.Column("must_change", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("drafts", sa.Column("sha256", _EXACT, nullable=False, server_default=""))
    connection = op.get_bind()
    ids = connection.execute(sa.select(_DRAFTS.c.case_id)).scalars().all()
    for id in ids:  # one at a time: they may be large
        row = connection.execute(sa.select(_DRAFTS).where(_DRAFTS.c.case_id == id)).one()
        hash_ = draft_hash(row.content, row.given, row.orders, row.images)
        connection.execute(sa.update(_DRAFTS).where(_DRAFTS.c.case_id == id).values(sha256=hash_))
