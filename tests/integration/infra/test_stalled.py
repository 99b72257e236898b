"""A process whose consumers hang says so, ends by itself, and the supervisor starts it again."""

from functools import partial
from pathlib import Path
from typing import NamedTuple

import asyncpg
import pytest

from infra.local.process import Program, free_port, http_get
from infra.local.stack import kursnav
from infra.local.supervisor import Supervisor
from infra.serve import STALLED_EXIT
from shared.contracts.topics import ATTENDANCE, BOOKING
from shared.observability.metrics import EVENTS
from tests.support.databases import superuser_url
from tests.support.events import record
from tests.support.eventually import eventually
from tests.support.golden import FILES, record_of
from tests.support.kafka_log import on_every_partition, put
from tests.support.services import Origin, running
from tests.support.stack import Stack

[REOPENED] = [path for path in FILES if ".roll-reopened.v1.1." in path.name]
HANGS = {"KURSNAV_WATCHDOG_SECONDS": "1", "KURSNAV_LOCK_TIMEOUT_MS": "0"}  # a locked table holds a batch up for good


class Alone:
    """One process of booking under a supervisor."""

    def __init__(self, origin: Origin, folder: Path) -> None:
        self.origin, self.port = origin, origin.processes["booking"].port
        self.said: list[str] = []
        self.supervisor = Supervisor(on_change=lambda: None, say=self.said.append)
        own = {**origin.processes["booking"].variables, "KURSNAV_PORT": str(self.port), **HANGS}
        self.program = Program("serve booking", kursnav("serve", "booking"), folder / "log", self.is_ready, own)

    async def ready(self) -> tuple[int, str]:
        return await http_get(self.port, "/booking/health/ready")

    async def is_ready(self) -> bool:
        return (await self.ready())[0] == 200

    async def started_again(self) -> bool:
        await self.supervisor.look()
        return bool(self.said)

    async def ready_again(self) -> bool:
        """It is watched on: to a watchdog of one second a slow start is a stall too."""
        await self.supervisor.look()
        return await self.is_ready()

    async def applied(self) -> int:
        await self.supervisor.look()
        return int((await self.origin.rows("booking", "SELECT count(*) AS n FROM inbox"))[0]["n"])


@pytest.mark.timeout(240)
async def test_a_consumer_that_hangs_makes_its_process_start_again(stack: Stack, tmp_path: Path) -> None:
    async with running(stack, ["booking"], processes=["booking"]) as origin:
        one = Alone(origin, tmp_path)
        locking = await asyncpg.connect(superuser_url(stack.admin_url, origin.databases["booking"]))
        try:
            await one.supervisor.start(one.program)
            async with locking.transaction():
                await locking.execute("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE")
                await put(stack.bootstrap_servers, origin.prefix + ATTENDANCE.name, [record_of(REOPENED)])
                _, body = await eventually(
                    one.ready, within=30, until=lambda answer: answer[0] == 503, what="not ready"
                )
                assert "consumers make no progress" in body
                await eventually(one.started_again, within=30, what="started again")
                assert one.said == [f"serve booking ended with code {STALLED_EXIT}: starting it again"]
            await eventually(one.ready_again, within=40, what="ready again")
            await eventually(one.applied, until=lambda count: count == 1, what="the event is applied after all")
        finally:
            await locking.close()
            await one.supervisor.stop()


class Pair:
    """Two processes of reporting, which share the partitions of its consumer."""

    def __init__(self, origin: Origin, stack: Stack, folder: Path) -> None:
        self.origin, self.stack = origin, stack
        self.said: list[str] = []
        self.supervisor = Supervisor(on_change=lambda: None, say=self.said.append)
        self.ports = {f"reporting-{number}": free_port() for number in (0, 1)}
        self.programs = [self._program(name, port, folder) for name, port in self.ports.items()]
        self.written = 0

    def _program(self, name: str, port: int, folder: Path) -> Program:
        async def ready() -> bool:
            return (await http_get(port, "/reporting/health/ready"))[0] == 200

        own = {"KURSNAV_PORT": str(port), "KURSNAV_INSTANCE": name, "KURSNAV_LOCK_TIMEOUT_MS": "0"}
        watched = {**self.origin.processes["reporting"].variables, **own, "KURSNAV_WATCHDOG_SECONDS": "2"}
        return Program(f"serve {name}", kursnav("serve", "reporting"), folder / name, ready, watched)

    async def write(self) -> None:
        """An event of each of 30 sessions, which lie on all partitions."""
        records = [record(session) for session in on_every_partition(5)]
        messages = [(one.key, one.value, one.headers) for one in records]
        await put(self.stack.bootstrap_servers, self.origin.prefix + BOOKING.name, messages)
        self.written += len(records)

    async def positions(self) -> dict[int, int]:
        statement = "SELECT partition, next_offset FROM consumer_positions WHERE topic = $1"
        return {
            row["partition"]: row["next_offset"] for row in await self.origin.rows("reporting", statement, BOOKING.name)
        }

    async def caught_up(self) -> None:
        async def applied() -> int:
            await self.supervisor.look()
            return sum((await self.positions()).values())

        await eventually(applied, within=40, until=lambda count: count == self.written, what="all applied")

    async def applied_by(self, name: str) -> float:
        """How many records this process has applied since it started."""
        _, body = await http_get(self.ports[name], "/reporting/metrics")
        return sum(float(line.split()[-1]) for line in body.splitlines() if line.startswith(f"{EVENTS._name}_total{{"))

    async def shared(self) -> dict[str, float]:
        """What each has applied by now, once they share: each its part of what is written here, neither started again.

        A process that starts holds nothing until the group has agreed, and to a watchdog of two seconds a slow start,
        or the agreeing, is a stall too: then it starts once more, without its partitions and its count.
        """
        self.said.clear()
        before = {name: await self.applied_by(name) for name in self.ports}
        await self.write()
        await self.caught_up()
        now = {name: await self.applied_by(name) for name in self.ports}
        return now if not self.said and all(now[name] > before[name] for name in now) else {}

    async def one_has_ended(self) -> bool:
        """Writes on, so that the one that does not hang has progress to show at every look."""
        await self.write()
        await self.supervisor.look()
        return bool(self.said)

    async def hang(self, locking: asyncpg.Connection) -> "Ending":
        """Holds up whoever has the first partition, until somebody is ended: not always who hangs, because to a
        watchdog of two seconds a busy machine can make the other stand still too.
        """
        applied_before = await eventually(self.shared, within=40, what="both apply their part")
        async with locking.transaction():
            await locking.execute(
                "SELECT FROM consumer_positions WHERE topic = $1 AND partition = 0 FOR UPDATE", BOOKING.name
            )
            before = await self.positions()
            await eventually(self.one_has_ended, within=40, what="the one that hangs has ended")
            others = [name for name in self.ports if not any(name in line for line in self.said)]
            went_on = {name: await self.applied_by(name) - applied_before[name] for name in others}
            held_up = (await self.positions())[0] == before[0]
        return Ending(tuple(self.said), went_on, held_up)


class Ending(NamedTuple):
    """What the supervisor said, what each that was not ended has applied meanwhile, and whether the first partition
    stood still.
    """

    said: tuple[str, ...]
    went_on: dict[str, float]
    held_up: bool

    def of_the_one_that_hung(self) -> bool:
        """True when one was ended by its watchdog while the other applied its share, again and again."""
        stalled = [line for line in self.said if f"code {STALLED_EXIT}" in line]
        return len(stalled) == len(self.said) == 1 and self.held_up and all(n > 30 for n in self.went_on.values())


@pytest.mark.timeout(300)
async def test_the_progress_of_one_process_does_not_hide_that_another_hangs(stack: Stack, tmp_path: Path) -> None:
    async with running(stack, ["reporting"], processes=["reporting"]) as origin:
        pair = Pair(origin, stack, tmp_path)
        locking = await asyncpg.connect(superuser_url(stack.admin_url, origin.databases["reporting"]))
        try:
            for program in pair.programs:
                await pair.supervisor.start(program)
            await eventually(partial(pair.hang, locking), within=150, until=Ending.of_the_one_that_hung)
            await pair.caught_up()
        finally:
            await locking.close()
            await pair.supervisor.stop()
