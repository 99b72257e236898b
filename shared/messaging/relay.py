"""The relay: sends a service's outbox to Kafka, in waves, while it holds the lease (events.md, guarantees 1 and 2).

It selects rows by id and deletes those that the broker has acknowledged. It never remembers an id: ids are handed out
before commit, and a cursor would skip a late committer. A row that can never be sent keeps its error and holds back
only its own key.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError
from pydantic_core import from_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.database.errors import is_transient
from shared.database.transaction import Fetched, transaction
from shared.messaging.lease import Lease
from shared.messaging.sending import Batches, every, idempotent_producer
from shared.observability import metrics, tracing
from shared.security.roles import SYSTEM

log = structlog.get_logger(__name__)

WAVE = 500
# The wake within the process only makes it sooner: other processes commit too. An empty poll asks one thing at once.
POLL_SECONDS = 0.1
GATHER_SECONDS = 0.02  # between waves that were not full: a wave of ten costs hardly more than a wave of one
PAUSE_SECONDS = 1.0  # after a broken connection

# Statistics from before a backlog say that nearly nothing waits: by them the planner would read and sort all that waits
# for each wave of it. Without sorting only two indexes give the two orders: a wave reads what it sends.
WITHOUT_SORTING = "BEGIN; SET LOCAL enable_sort = off"
SELECT = """
    SELECT id, topic, key, sequence, CAST(headers AS text) AS headers, value FROM outbox
     WHERE (topic, key) NOT IN (SELECT topic, key FROM outbox WHERE error IS NOT NULL ORDER BY topic, key)
     ORDER BY id LIMIT $1
"""
WAITING = "SELECT 1 FROM outbox WHERE error IS NULL LIMIT 1"
DELETE = "SELECT delete_sent(CAST($1 AS bigint[]), $2, $3, $4) AS deleted"
REFUSE = text("UPDATE outbox SET error = :error WHERE id = :id")


class LeaseLost(Exception):
    """Another relay has the lease by now."""


class Relay:
    """Sends one service's outbox for as long as its process lives and holds the lease."""

    def __init__(
        self, engine: AsyncEngine, *, service: str, instance: str, bootstrap_servers: str, prefix: str = ""
    ) -> None:
        self.engine = engine
        # One statement, one transaction: whoever falls asleep between it and a COMMIT would lock its rows.
        self._at_once = engine.execution_options(isolation_level="AUTOCOMMIT")
        self.service = service
        self.prefix = prefix
        self.bootstrap_servers = bootstrap_servers
        self.lease = Lease(engine, service, instance)
        self.behind = False
        """Whether more waits than one wave takes: others learn of what happened before who did it hears more of it."""
        self._wake = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Sends what was just committed at once instead of at the next poll."""
        self._wake.set()

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=f"relay-{self.service}")

    async def stop(self) -> None:
        """Ends after the wave under way and gives up the lease."""
        self._stopping = True
        self._wake.set()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while not self._stopping:
            try:
                if await self.lease.take():
                    await self._send_while_leased()
                else:
                    await self._pause(POLL_SECONDS * 5)
            except Exception as error:
                # Whatever broke, the rows are still there: start over with a fresh connection.
                passing = is_transient(error)
                log.warning(
                    "relay_interrupted",
                    service=self.service,
                    error=type(error).__name__,
                    transient=passing,
                    exc_info=None if passing else error,
                )
                await self._pause(PAUSE_SECONDS)
        await self._release()

    async def _send_while_leased(self) -> None:
        producer = idempotent_producer(self.bootstrap_servers, f"{self.service}-relay")
        renewal = asyncio.create_task(self._renew())
        try:
            await producer.start()
            while not self._stopping and self.lease.held:
                sent = await self.wave(producer)
                self.behind = sent == WAVE
                if sent == 0:
                    await self._until_needed()
                elif sent < WAVE:
                    await asyncio.sleep(GATHER_SECONDS)
        finally:
            self.behind = False
            renewal.cancel()
            await producer.stop()

    async def _until_needed(self) -> None:
        """Returns when something may wait: after a wake, or when a poll has found a row. The polls have one connection
        to themselves: they are most of what a service at rest does.
        """
        async with transaction(self._at_once) as connection:  # which begins none: each poll is its own
            while not self._stopping and self.lease.held:
                if await self._pause(POLL_SECONDS) or await connection.fetch(WAITING):
                    return

    async def _renew(self) -> None:
        """Keeps the lease, also while a wave waits for its acknowledgements."""
        while True:
            await asyncio.sleep(self.lease.seconds / 3)
            try:
                if not await self.lease.renew():
                    log.warning("relay_lease_lost", service=self.service)
                    return
            except Exception as error:
                log.warning("relay_lease_not_renewed", service=self.service, error=type(error).__name__)

    async def wave(self, producer: AIOKafkaProducer) -> int:
        """Sends up to 500 rows and deletes them; returns how many were sent. Raises LeaseLost when another relay has
        the lease by now: then it has them, too.
        """
        async with transaction(self._at_once, WITHOUT_SORTING) as connection:
            await connection.enter(SYSTEM)
            rows = await connection.fetch(SELECT, WAVE)
        if not rows:
            return 0
        sent = await self._send(producer, rows)
        await self._delete(sent)
        metrics.PUBLISHED.labels(self.service).inc(len(sent))
        return len(sent)

    async def _send(self, producer: AIOKafkaProducer, rows: Fetched) -> list[int]:
        batches = Batches(producer)
        sent: list[int] = []
        held_back: set[tuple[str, str]] = set()
        for row in rows:
            key = (row["topic"], row["key"])
            if key in held_back:
                continue
            try:
                await self._add(batches, row)
                sent.append(row["id"])
            except (MessageSizeTooLargeError, ValueError, TypeError) as error:
                held_back.add(key)
                await self._refuse(row, error)
        acknowledgements = await batches.hand_over()
        # No deadline: the producer has its own, and giving up early would only send everything again.
        await every(acknowledgements)
        return sent

    async def _add(self, batches: Batches, row: Mapping[str, Any]) -> None:
        headers = {**from_json(row["headers"]), "ce_sequence": str(row["sequence"])}
        if "traceparent" not in headers:  # anonymous answers have none, and get none
            return await self._encoded(batches, row, headers)
        name, parent = f"send {row['topic']}", headers["traceparent"]
        with tracing.span(self.service, name, kind="PRODUCER", parent=parent) as traceparent:
            headers["traceparent"] = traceparent or parent
            await self._encoded(batches, row, headers)

    async def _encoded(self, batches: Batches, row: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        encoded = [(name, text.encode()) for name, text in headers.items()]
        await batches.add(self.prefix + row["topic"], row["key"].encode(), row["value"], encoded)

    async def _delete(self, ids: list[int]) -> None:
        async with transaction(self._at_once) as connection:  # which begins none: one statement, one transaction
            [row] = await connection.fetch(DELETE, ids, self.service, self.lease.holder, self.lease.epoch)
        if ids and row["deleted"] == 0:
            self.lease.epoch = None
            raise LeaseLost(self.service)

    async def _refuse(self, row: Mapping[str, Any], error: Exception) -> None:
        log.error("event_refused", service=self.service, topic=row["topic"], key=row["key"], error=str(error))
        async with self._at_once.connect() as connection:
            await connection.execute(REFUSE, {"id": row["id"], "error": f"{type(error).__name__}: {error}"[:500]})

    async def _pause(self, seconds: float) -> bool:
        """Waits; True when it was woken before."""
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return False
        finally:
            self._wake.clear()
        return True

    async def _release(self) -> None:
        try:
            await self.lease.release()
        except Exception as error:
            log.info("relay_lease_not_released", service=self.service, error=type(error).__name__)
