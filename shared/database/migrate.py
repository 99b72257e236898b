"""Migrations by command: each service's own Alembic scripts against its own database, as the role that owns it."""

from importlib import import_module
from pathlib import Path

from alembic import command, context
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from shared.database.engine import create_engine

MIGRATION_LOCK = 5_226_010  # one migration at a time, whichever machine starts it


def config_of(service: str) -> Config:
    """Alembic's configuration of a service, without a file."""
    package = import_module(f"services.{service}")
    config = Config()
    config.set_main_option("script_location", str(Path(package.__path__[0]) / "migrations").replace("%", "%%"))
    return config


def head_of(service: str) -> str:
    """The newest revision that this code knows."""
    return ScriptDirectory.from_config(config_of(service)).get_current_head() or ""


def run_env() -> None:
    """The whole of a service's `migrations/env.py`: runs the scripts on the connection that `migrate` opened."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()


async def migrate(service: str, owner_url: str, revision: str = "head") -> tuple[str, str]:
    """Brings a service's database to a revision; returns the revisions before and after. Safe to run twice at once."""
    engine = create_engine(owner_url, application=f"kursnav-migrate-{service}", pool_size=1)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
            return await connection.run_sync(_move, service, revision)
    finally:
        await engine.dispose()


def _move(connection: Connection, service: str, revision: str) -> tuple[str, str]:
    config = config_of(service)
    config.attributes["connection"] = connection
    before = MigrationContext.configure(connection).get_current_revision() or ""
    (command.downgrade if revision == "base" or revision.startswith("-") else command.upgrade)(config, revision)
    return before, MigrationContext.configure(connection).get_current_revision() or ""
