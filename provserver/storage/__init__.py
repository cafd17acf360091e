"""Rows in, domain values out: SQL through SQLAlchemy Core; what only SQLite knows is in `sqlite`."""
