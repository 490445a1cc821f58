"""The worklist and an autosave with 50,000 cases, on SQLite and on PostgreSQL."""
