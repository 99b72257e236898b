"""A slow database slows consumption: what is not applied stays on the broker, not in memory."""

import asyncio
import gc
import json
import tracemalloc
from collections.abc import Sequence
from uuid import UUID, uuid4

from shared.clock import SystemClock
from shared.contracts.topics import BOOKING
from shared.database.unit_of_work import Unit, Units
from shared.messaging.consuming import BATCH, Consuming
from shared.messaging.delivery import Consumer, Event
from tests.support.events import record, released
from tests.support.eventually import eventually
from tests.support.kafka_log import put
from tests.support.stack import Stack

RECORDS = 200
PADDING = "x" * 200_000
HELD_BYTES = 26_000_000  # a batch under way and one ahead of it, 1 MiB of six partitions each, raw and as records
SLOWLY = "SELECT pg_sleep(0.2)"
EFFECT = "INSERT INTO effects (consumer, event_id, key, sequence, note) VALUES ('slow', :id, :key, :sequence, '')"


class Slow:
    """A consumer that counts what it is given; its first batch takes until `go` is set."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.waiting = asyncio.Event()
        self.batches: list[int] = []
        self.at_once = 0
        self.most_at_once = 0

    async def handle(self, unit: Unit, events: Sequence[Event]) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.batches.append(len(events))
        self.waiting.set()
        await self.go.wait()
        await unit.execute(SLOWLY)
        for event in events:
            await unit.execute(EFFECT, {"id": event.id, "key": event.key, "sequence": event.sequence})
        self.at_once -= 1


def large(session: UUID) -> bytes:
    """The value of an event with a field that came later, and is long."""
    return json.dumps({**released(session, 1).model_dump(mode="json"), "came_later": PADDING}).encode()


def held() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


async def lag(consuming: Consuming) -> int:
    return (await consuming.progress()).lag


async def test_memory_stays_small_and_nothing_is_lost(stack: Stack, prefix: str, units: Units) -> None:
    """40 MB lie on the topic while the first batch is stuck."""
    records = [record(session := uuid4(), number, value=large(session)) for number in range(1, RECORDS + 1)]
    await put(stack.bootstrap_servers, prefix + BOOKING.name, [(one.key, one.value, one.headers) for one in records])
    slow = Slow()
    consuming = Consuming(
        units,
        [Consumer("slow", (BOOKING,), slow.handle)],
        bootstrap_servers=stack.bootstrap_servers,
        instance="test-0",
        prefix=prefix,
        clock=SystemClock(),
    )

    tracemalloc.start()
    try:
        await consuming.start()
        await asyncio.wait_for(slow.waiting.wait(), 30)
        before = held()
        # Whatever would be fetched ahead without limit is there within moments: the broker is on this machine.
        await asyncio.wait({asyncio.create_task(slow.go.wait())}, timeout=1.5)
        ahead, growth = held(), held() - before
    finally:
        tracemalloc.stop()
    try:
        assert ahead < HELD_BYTES, f"{ahead} bytes are held, {growth} came during the wait"
        slow.go.set()
        await eventually(lambda: lag(consuming), within=60, until=lambda left: left == 0, what="no lag")
    finally:
        await consuming.stop()
    assert slow.most_at_once == 1, "the next batch waits for the one under way"
    assert max(slow.batches) <= BATCH
    assert len(slow.batches) > 1
    async with units.system() as unit:
        applied = await unit.all("SELECT sequence FROM effects ORDER BY sequence")
    assert [row["sequence"] for row in applied] == list(range(1, RECORDS + 1))
