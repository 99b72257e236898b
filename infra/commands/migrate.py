"""`kursnav migrate`: the services' databases to their newest revision."""

import asyncio

from infra.commands.addresses import chosen, owner_urls
from infra.commands.console import console
from infra.local.errors import StackError


def migrate(services: list[str] | None) -> None:
    """Migrates one service after the other and prints what changed."""
    for service, url in owner_urls(chosen(services)).items():
        before, after = _migrate(service, url)
        console.print(
            f"{service}: {after} (unchanged)" if before == after else f"{service}: {before or 'empty'} -> {after}"
        )


def _migrate(service: str, url: str) -> tuple[str, str]:
    from sqlalchemy.exc import SQLAlchemyError

    from shared.database.migrate import migrate as run

    try:
        return asyncio.run(run(service, url))
    except (OSError, SQLAlchemyError) as error:
        raise StackError(f"The database of {service} was not migrated and is as before: {error}") from error
