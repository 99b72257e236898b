"""The unit of work: one transaction with its scope, its events and its time. Use cases never commit; the edge does,
once.

The edges are `shared.web.routing` (a request, committed before the answer leaves), `shared.messaging.pipeline` (a
batch of events) and a service's jobs.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, RowMapping
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql.base import Executable

from shared.clock import Clock
from shared.contracts.registry import EventData
from shared.database.transaction import Fetched, Parameters, Transaction, transaction
from shared.ids import Ids
from shared.messaging.outbox import Cause, Outbox, Rows
from shared.security.cipher import Cipher
from shared.security.roles import NOTHING, SYSTEM, Caller, Role, Scope


class Attempt:
    """A part of a transaction that counts only when it is kept."""

    def __init__(self) -> None:
        self.kept = False

    def keep(self) -> None:
        self.kept = True


class Unit:
    """One transaction of one service.

    `occurred_at` is the business time (`Kursnav-Occurred-At`, otherwise the present), `recorded_at` the real time.
    """

    def __init__(
        self,
        transaction: Transaction,
        *,
        outbox: Outbox,
        clock: Clock,
        ids: Ids,
        caller: Caller | None,
        cause: Cause,
    ) -> None:
        self.transaction = transaction
        self.clock = clock
        self.ids = ids
        self.caller = caller
        self.role: Role | None = None
        self.recorded_at = clock.now()
        self.occurred_at = self.recorded_at
        self.cause = cause
        self.outbox = outbox
        self._scope = NOTHING

    @property
    def back_dated(self) -> bool:
        """True while something that already happened is entered: no mail goes out."""
        return self.occurred_at < self.recorded_at

    @property
    def actor(self) -> str:
        """Who acts, for the audit: the token's subject, or `system`."""
        return self.caller.subject if self.caller else "system"

    @property
    def municipality(self) -> str | None:
        """The only municipality whose rows the caller may know; None: not bound to one."""
        return self.caller.municipality if self.caller and self.role is Role.MUNICIPALITY else None

    @property
    def trainer_id(self) -> UUID | None:
        """Who acts as a trainer; None: nobody does."""
        return self.caller.trainer_id if self.caller and self.role is Role.TRAINER else None

    # --- scope -------------------------------------------------------------------------------------------------------

    @property
    def scope(self) -> Scope:
        """What statements see now."""
        return self._scope

    def enter(self, scope: Scope, role: Role | None = None) -> None:
        """Gives the transaction a scope; called once by the edge."""
        self._scope = scope
        self.role = role

    def beside(self, caller: Caller, role: Role | None, scope: Scope, cause: Cause) -> "Unit":
        """The unit of another caller in this same transaction, at its moment: what it emits goes with this one."""
        unit = Unit(self.transaction, outbox=self.outbox, clock=self.clock, ids=self.ids, caller=caller, cause=cause)
        unit.recorded_at = unit.occurred_at = self.recorded_at
        unit.enter(scope, role)
        return unit

    @asynccontextmanager
    async def as_system(self) -> AsyncIterator[None]:
        """Sees all rows inside the block: seat decisions, promotion, sweeps.

        Under a municipality's scope a full session would count no registrations of others, and oversell. Whose kept
        answers it sees stays as it was.
        """
        before, self._scope = self._scope, replace(SYSTEM, caller=self._scope.caller)
        try:
            yield
        finally:
            self._scope = before

    # --- statements --------------------------------------------------------------------------------------------------

    async def execute(self, statement: Executable | str, parameters: Parameters | None = None) -> CursorResult[Any]:
        """Runs a statement under the present scope."""
        await self.transaction.enter(self._scope)
        return await self.transaction.execute(statement, parameters)

    async def fetch(self, statement: str, *values: Any) -> Fetched:
        """Rows of a statement of the busiest path, run by the driver itself; parameters are `$1`, `$2`, …

        The same connection, transaction, scope and errors as `execute`, which would cost a booking a quarter more.
        """
        await self.transaction.enter(self._scope)
        return await self.transaction.fetch(statement, *values)

    async def all(self, statement: Executable | str, parameters: Parameters | None = None) -> Sequence[RowMapping]:
        """All rows."""
        return (await self.execute(statement, parameters)).mappings().all()

    async def one_or_none(self, statement: Executable | str, parameters: Parameters | None = None) -> RowMapping | None:
        """The only row, None when there is none."""
        return (await self.execute(statement, parameters)).mappings().one_or_none()

    async def found(
        self, statement: Executable | str, parameters: Parameters | None = None, *, missing: Exception
    ) -> RowMapping:
        """The only row. Raises `missing` when there is none."""
        row = await self.one_or_none(statement, parameters)
        if row is None:
            raise missing
        return row

    async def one(self, statement: Executable | str, parameters: Parameters | None = None) -> RowMapping:
        """The only row."""
        return (await self.execute(statement, parameters)).mappings().one()

    async def scalar(self, statement: Executable | str, parameters: Parameters | None = None) -> Any:
        """The first column of the first row, None without rows."""
        return (await self.execute(statement, parameters)).scalar()

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator["Attempt"]:
        """Takes back what the block wrote and emitted unless it calls `keep()`: for a dry run that must know what would
        happen.
        """
        attempt, before = Attempt(), len(self.outbox)
        await self.transaction.enter(self._scope)
        try:
            async with self.transaction.savepoint(lambda: attempt.kept):
                yield attempt
        finally:
            if not attempt.kept:
                self.outbox.forget_after(before)

    # --- events ------------------------------------------------------------------------------------------------------

    def emit(self, data: EventData, *, key: str | None = None, occurred_at: datetime | None = None) -> UUID:
        """Publishes an event with this transaction; `key` only where the data does not name it. Returns `ce_id`."""
        return self.outbox.add(
            data, key=key, time=occurred_at or self.occurred_at, recorded_at=self.recorded_at, cause=self.cause
        )

    def emit_tombstone(self, contract: type[EventData], *, key: str) -> UUID:
        """Deletes a key of a compacted topic with this transaction."""
        return self.outbox.add_tombstone(
            contract, key=key, time=self.occurred_at, recorded_at=self.recorded_at, cause=self.cause
        )

    async def store(self, rows: Rows) -> None:
        """Inserts rows of several tables, and the events so far, in one statement.

        For what a busy use case writes last: it takes no event any more, so that counters are locked in one order.
        """
        await self.outbox.flush(self.fetch, self.recorded_at, rows)

    async def flush(self) -> int:
        """Writes what is left of the events to the outbox; the edge calls it before commit. Returns how many in all."""
        if len(self.outbox):
            # The outbox is under no policy: whatever scope holds will do.
            self._scope = self.transaction.scope or self._scope
            await self.store({})
        return self.outbox.written


@dataclass
class Units:
    """Opens the units of work of one service."""

    service: str
    engine: AsyncEngine
    clock: Clock
    ids: Ids
    cipher: Cipher | None = None
    wake_relay: Callable[[], None] = lambda: None

    @cached_property
    def _autocommit(self) -> AsyncEngine:
        """The same pool, whose connections leave BEGIN and COMMIT to `transaction`."""
        return self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def open(
        self,
        *,
        caller: Caller | None = None,
        cause: Cause | None = None,
        scope: Scope = NOTHING,
        begin: str = "BEGIN",
    ) -> AsyncIterator[Unit]:
        """One transaction: commits with its events when the block ends well, otherwise nothing of it remains."""
        outbox = Outbox(f"/kursnav/{self.service}", self.ids, self.cipher)
        async with transaction(self._autocommit, begin) as running:
            unit = Unit(running, outbox=outbox, clock=self.clock, ids=self.ids, caller=caller, cause=cause or Cause())
            unit.enter(scope)
            yield unit
            events = await unit.flush()
            await running.commit()
        if events:
            self.wake_relay()

    def system(self, cause: Cause | None = None) -> AbstractAsyncContextManager[Unit]:
        """A unit of work of the service itself: consumers, jobs."""
        return self.open(scope=SYSTEM, cause=cause)

    def snapshot(self) -> AbstractAsyncContextManager[Unit]:
        """A unit of work of the service itself whose statements all see one moment."""
        return self.open(scope=SYSTEM, begin="BEGIN ISOLATION LEVEL REPEATABLE READ")


class Rollback(Exception):
    """Raised inside a unit by its edge to leave without committing."""
