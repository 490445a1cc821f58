"""Alembic runs this file: the migrations go through the connection that `database.py` opened, in its transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
