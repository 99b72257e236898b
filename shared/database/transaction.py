"""One transaction on one connection: begun together with its scope, ended by its edge.

The connection is of SQLAlchemy's pool. The driver begins and ends the transaction, because BEGIN with the scope is then
one round trip; SQLAlchemy runs statements in it (in autocommit, so that it begins none of its own) once one needs it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
from sqlalchemy import Connection, CursorResult, PoolProxiedConnection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.sql.base import Executable
from sqlalchemy.util import greenlet_spawn

from shared.database import scope as row_security
from shared.security.roles import Scope

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]
Fetched = Sequence[Mapping[str, Any]]


class NotCommitted(Exception):
    """A statement failed, its error was swallowed, and so PostgreSQL rolled back what was to be committed."""


class OutcomeUnknown(DBAPIError):
    """The connection was lost while COMMIT was under way: all of it was saved, or nothing."""


class Saved(Exception):
    """Something failed after COMMIT: all of it was saved."""


class Transaction:
    """Begins with the first scope that is entered; until then it has sent nothing."""

    def __init__(self, engine: AsyncEngine, pooled: PoolProxiedConnection, begin: str = "BEGIN") -> None:
        self._engine = engine
        self._begin = begin
        self._pooled = pooled
        self._driver: Any = pooled.driver_connection
        self._connection: AsyncConnection | None = None
        self.scope: Scope | None = None
        self.committed = False

    async def enter(self, scope: Scope) -> None:
        """From here on statements see the rows of this scope."""
        if scope == self.scope:
            return
        begin = row_security.begin(scope) if self.scope is None else None
        if begin is not None:
            await self._send(self._driver.execute, begin.replace("BEGIN", self._begin, 1))
        else:
            if self.scope is None:
                await self._send(self._driver.execute, self._begin)
            await self._send(self._driver.execute, row_security.APPLY, *row_security.values_of(scope))
        self.scope = scope

    async def execute(self, statement: Executable | str, parameters: Parameters | None) -> CursorResult[Any]:
        """Runs a statement by SQLAlchemy."""
        if self._connection is None:
            self._connection = AsyncConnection(self._engine, Connection(self._engine.sync_engine, self._pooled))
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
        """Raises NotCommitted when PostgreSQL rolled back instead, OutcomeUnknown when its answer did not come."""
        if self.scope is None:
            return
        try:
            answer = await self._send(self._driver.execute, "COMMIT")
        except DBAPIError as error:
            if error.connection_invalidated and error.orig is not None:
                raise OutcomeUnknown("COMMIT", None, error.orig, connection_invalidated=True) from error
            raise
        if answer != "COMMIT":
            raise NotCommitted
        self.committed = True

    async def rollback(self) -> None:
        """Also where nothing can be sent any more: the lost connection takes its transaction with it."""
        if not self._driver.is_closed() and self._driver.is_in_transaction():
            with suppress(DBAPIError, OSError):
                await self._send(self._driver.execute, "ROLLBACK")

    async def _send(self, call: Callable[..., Awaitable[Any]], statement: str, *values: Any) -> Any:
        try:
            return await call(statement, *values)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
            if isinstance(error, asyncpg.InternalClientError):
                self._driver.terminate()  # the server was killed between two messages: nobody can use it any more
            lost = self._driver.is_closed()
            raise DBAPIError(statement, None, error, connection_invalidated=lost) from error


@asynccontextmanager
async def transaction(engine: AsyncEngine, begin: str = "BEGIN") -> AsyncIterator[Transaction]:
    """A transaction that is rolled back unless the block commits it. `engine` must be in autocommit."""
    pooled = await _pooled(engine)
    try:
        running = Transaction(engine, pooled, begin)
        try:
            yield running
        finally:
            await running.rollback()
    finally:
        await greenlet_spawn(_give_back, pooled)


async def _pooled(engine: AsyncEngine) -> PoolProxiedConnection:
    """A connection of the pool, without SQLAlchemy's own around it, which would cost more than the round trips."""
    base: type[Exception] = engine.dialect.loaded_dbapi.Error
    try:
        return await engine.raw_connection()
    except base as error:
        raise DBAPIError.instance(None, None, error, base) from error
    except OSError as error:  # a server that takes the connection and says nothing: TimeoutError
        raise DBAPIError(None, None, error, connection_invalidated=True) from error


def _give_back(pooled: PoolProxiedConnection) -> None:
    """Throws away a connection that was lost or that could not be rolled back."""
    driver: Any = pooled.driver_connection
    if pooled.is_valid and (driver.is_closed() or driver.is_in_transaction()):
        pooled.invalidate()
    else:
        pooled.close()
