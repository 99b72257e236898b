"""One transaction on one connection: begun together with its scope, ended by its edge.

SQLAlchemy runs statements on the connection but leaves the transaction alone (autocommit): BEGIN with the scope is one
round trip of the driver, a quarter of what two statements through SQLAlchemy cost.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
from sqlalchemy import CursorResult, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.sql.base import Executable

from shared.database import scope as row_security
from shared.security.roles import Scope

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]
Fetched = Sequence[Mapping[str, Any]]


class NotCommitted(Exception):
    """A statement failed, its error was swallowed, and so PostgreSQL rolled back what was to be committed."""


class Transaction:
    """Begins with the first scope that is entered; until then it has sent nothing."""

    def __init__(self, connection: AsyncConnection, driver: Any) -> None:
        self._connection = connection
        self._driver = driver
        self.scope: Scope | None = None

    async def enter(self, scope: Scope) -> None:
        """From here on statements see the rows of this scope."""
        if scope == self.scope:
            return
        if self.scope is None and row_security.is_spelled(scope):
            await self._send(self._driver.execute, row_security.begin(scope))
        else:
            if self.scope is None:
                await self._send(self._driver.execute, "BEGIN")
            await self._send(self._driver.execute, row_security.APPLY, scope.kind, scope.municipality, scope.trainer)
        self.scope = scope

    async def execute(self, statement: Executable | str, parameters: Parameters | None) -> CursorResult[Any]:
        """Runs a statement by SQLAlchemy."""
        return await self._connection.execute(text(statement) if isinstance(statement, str) else statement, parameters)

    async def fetch(self, statement: str, *values: Any) -> Fetched:
        """Rows of a statement that the driver runs itself; raises the same errors as `execute`."""
        rows: Fetched = await self._send(self._driver.fetch, statement, *values)
        return rows

    @asynccontextmanager
    async def savepoint(self, kept: Callable[[], bool]) -> AsyncIterator[None]:
        """Takes back what the block did, its scope included, unless it ends with `kept()` true."""
        before = self.scope
        await self._send(self._driver.execute, "SAVEPOINT attempt")
        try:
            yield
        finally:
            if kept():
                await self._send(self._driver.execute, "RELEASE SAVEPOINT attempt")
            else:
                await self._send(self._driver.execute, "ROLLBACK TO SAVEPOINT attempt; RELEASE SAVEPOINT attempt")
                self.scope = before

    async def commit(self) -> None:
        """Raises NotCommitted when PostgreSQL rolled back instead."""
        if self.scope is not None and await self._send(self._driver.execute, "COMMIT") != "COMMIT":
            raise NotCommitted

    async def rollback(self) -> None:
        """Also where nothing can be sent any more: the lost connection takes its transaction with it."""
        if self._driver.is_in_transaction():
            with suppress(DBAPIError, OSError):
                await self._send(self._driver.execute, "ROLLBACK")

    async def _send(self, call: Callable[..., Awaitable[Any]], statement: str, *values: Any) -> Any:
        try:
            return await call(statement, *values)
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            lost = isinstance(error, asyncpg.InterfaceError)
            raise DBAPIError(statement, None, error, connection_invalidated=lost) from error


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[Transaction]:
    """A transaction that is rolled back unless the block commits it. `engine` must be in autocommit."""
    connection, driver = await _connected(engine)
    try:
        running = Transaction(connection, driver)
        try:
            yield running
        finally:
            await running.rollback()
    finally:
        if driver.is_closed() or driver.is_in_transaction():
            await connection.invalidate()
        await connection.close()


async def _connected(engine: AsyncEngine) -> tuple[AsyncConnection, Any]:
    """A connection of the pool that still stands: a database that was restarted has ended all of them."""
    while True:
        connection = await engine.connect()
        driver = (await connection.get_raw_connection()).driver_connection
        if driver is not None and not driver.is_closed():
            return connection, driver
        await connection.invalidate()
        await connection.close()
