"""Alembic's entry for the attendance database; `kursnav migrate` opens the connection."""

from shared.database.migrate import run_env

run_env()
