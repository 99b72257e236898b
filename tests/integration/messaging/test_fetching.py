"""A record that the client library cannot read stops its own partition, and costs the others nothing."""

import os
import subprocess
import sys
from uuid import uuid4

from shared.contracts.topics import BOOKING
from shared.messaging.consuming import Consuming
from shared.messaging.watchdog import Standing
from tests.integration.messaging.test_consuming import Reader, message, reader
from tests.support.eventually import eventually
from tests.support.stack import Stack

__all__ = ["reader"]

WRITE = """
import asyncio, sys
from aiokafka import AIOKafkaProducer

class Name(str):
    def encode(self, *how):
        return bytes([255, 254])

async def write():
    producer = AIOKafkaProducer(bootstrap_servers=sys.argv[1])
    await producer.start()
    await producer.send_and_wait(sys.argv[2], b"{}", partition=0, headers=[(Name("n"), b"v")])
    await producer.stop()

asyncio.run(write())
"""


def put_a_name_that_is_no_text(stack: Stack, topic: str) -> None:
    """On partition 0; only the client's own Python code can be talked into it."""
    command = [sys.executable, "-c", WRITE, stack.bootstrap_servers, topic]
    subprocess.run(command, check=True, timeout=60, env={**os.environ, "AIOKAFKA_NO_EXTENSIONS": "1"})


async def standings(consuming: Consuming) -> dict[int, Standing]:
    places = (await consuming.progress()).standings["notes"]
    return {partition: standing for (_, partition), standing in places.items()}


async def test_the_other_partitions_go_on_and_lose_nothing(stack: Stack, prefix: str, reader: Reader) -> None:
    await reader.write(*(message(uuid4(), 1) for _ in range(60)))
    put_a_name_that_is_no_text(stack, prefix + BOOKING.name)
    async with reader.running() as consuming:
        unreadable = (await ends(consuming))[0] - 1
        await reader.write(*(message(uuid4(), 1) for _ in range(300)))

        async def applied_before_it() -> bool:
            now = await standings(consuming)
            return now[0].applied == unreadable and not any(now[partition].lag for partition in now if partition)

        await eventually(applied_before_it, within=60, what="all but what stands behind it")
        now = await standings(consuming)
        await reader.write(*(message(uuid4(), 1) for _ in range(60)))
        await eventually(applied_before_it, within=60, what="also what came later")
        after = await standings(consuming)

        assert consuming.activities["notes"].unreadable == {(BOOKING.name, 0)}

    assert now[0].applied == after[0].applied
    assert len(await reader.effects()) == sum(standing.applied for standing in after.values())


async def ends(consuming: Consuming) -> dict[int, int]:
    return {partition: one.lag + one.applied for partition, one in (await standings(consuming)).items()}
