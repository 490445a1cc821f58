"""The passwords that a user had before, so that none comes back."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_EXACT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add them; what a user had until today is not known."""
    op.add_column("users", sa.Column("former", _EXACT, nullable=False, server_default=""))
