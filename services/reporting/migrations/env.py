"""Alembic's entry for the reporting database; `kursnav migrate` opens the connection."""

from shared.database.migrate import run_env

run_env()
