"""Seeded rounds of faults under load: `make chaos ROUNDS=n SEED=s`, or `python -m tests.faults.chaos`.

Each round picks faults at random and lets bookings go on meanwhile. Then everything must arrive, and the services must
hold the same: what was answered with a 2xx once, nothing half, no seat sold twice. The seed decides which faults come,
in which order, and after how many answers; how far the other processes are by then depends on the machine.
"""

import argparse
import asyncio
import random
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.local.errors import StackError
from shared.messaging.failpoints import Failpoint
from shared.messaging.lease import LEASE_SECONDS
from tests.faults.chain import Chain
from tests.faults.load import Load, Tally
from tests.faults.own_stack import OwnStack, chain_on, own_stack
from tests.support.pace import lasts
from tests.support.processes import ServeProcess

PEOPLE = 30  # 7.5 s of bookings
SECOND = "kursnav-1"
FREEZE_SECONDS = (1, 6)
FAILPOINT_SECONDS = 6.0
FAILPOINTS = {
    "booking": (
        Failpoint.BEFORE_COMMIT,
        Failpoint.AFTER_COMMIT_BEFORE_WAKE,
        Failpoint.AFTER_SEND_BEFORE_ACKNOWLEDGEMENT,
        Failpoint.AFTER_ACKNOWLEDGEMENT_BEFORE_MARK,
        Failpoint.DURING_LEASE_RENEWAL,
    ),
    "attendance": (Failpoint.AFTER_INBOX, Failpoint.AFTER_EFFECT_BEFORE_COMMIT, Failpoint.AFTER_COMMIT_BEFORE_OFFSET),
    "reporting": (Failpoint.AFTER_EFFECT_BEFORE_COMMIT, Failpoint.AFTER_COMMIT_BEFORE_OFFSET),
}
COLUMNS = "{:>5}  {:<84} {:>6} {:>5} {:>7} {:>5} {:>8} {:>9}"
HEADINGS = COLUMNS.format("round", "faults", "writes", "lost", "doubled", "half", "oversold", "recovered")
COUNTS = [field.name for field in fields(Tally)]

Strike = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Fault:
    """Something that breaks once `after` bookings are answered, and is mended again."""

    name: str
    strike: Strike
    after: int


@dataclass(frozen=True)
class Round:
    """What was done in one round, and what came of it.

    `recovered_seconds`: from the last fault's end, and the last booking, until outboxes are empty and lag is 0.
    `violation`: the first invariant that did not hold.
    """

    number: int
    faults: tuple[str, ...]
    tally: Tally
    recovered_seconds: float
    violation: str | None

    @property
    def clean(self) -> bool:
        return self.tally.clean and self.violation is None

    def line(self) -> str:
        counts = [getattr(self.tally, name) for name in COUNTS]
        line = COLUMNS.format(self.number, ", ".join(self.faults), *counts, f"{self.recovered_seconds:.1f} s")
        return line if self.violation is None else f"{line}\n       {self.violation}"


@dataclass
class Chaos:
    """An installation of four processes: the three services, and a second booking that shares the first one's work."""

    stack: OwnStack
    chain: Chain
    second: ServeProcess
    random: random.Random

    async def round(self, number: int) -> Round:
        """One or two faults, one after the other, while bookings go on; then what must hold."""
        load = await Load.prepared(self.chain, PEOPLE)
        faults = [self._fault() for _ in range(self.random.randint(1, 2))]

        async def struck() -> None:
            for fault in faults:
                await load.answered(fault.after)
                await fault.strike()

        await load.during(struck)
        began = time.monotonic()
        violation = await _violation(self.chain.settled)
        recovered = time.monotonic() - began
        tally = await load.counted()
        violation = violation or await _violation(load.insisted, self.chain.settled, self.chain.invariants)
        if tally.clean:
            tally = await load.counted()
        return Round(number, tuple(fault.name for fault in faults), tally, recovered, violation)

    # --- faults ------------------------------------------------------------------------------------------------------

    def _fault(self) -> Fault:
        name, strike = self.random.choice((self._kill, self._failpoint, self._sleep, self._freeze, self._crash))()
        return Fault(name, strike, after=self.random.randint(1, PEOPLE // 2))

    def _kill(self) -> tuple[str, Strike]:
        service = self.random.choice(tuple(FAILPOINTS))

        async def strike() -> None:
            self.chain.process(service).kill()
            await self.chain.process(service).start()

        return f"{service} killed", strike

    def _failpoint(self) -> tuple[str, Strike]:
        """A process that dies at a certain place; one that does not get there is killed where it is."""
        service = self.random.choice(tuple(FAILPOINTS))
        point = self.random.choice(FAILPOINTS[service])
        process = self.chain.process(service)

        async def strike() -> None:
            process.kill()
            await process.start(failpoint=point)
            try:
                await process.killed_itself(within=FAILPOINT_SECONDS)
            except AssertionError:
                process.kill()
            await process.start()

        return f"{service} killed {point}", strike

    def _sleep(self) -> tuple[str, Strike]:
        """The process whose relay sends sleeps through its lease."""

        async def strike() -> None:
            rows = await self.chain.origin.rows("booking", "SELECT holder FROM relay_lease WHERE name = 'booking'")
            sleeper = self.second if rows[0]["holder"] == SECOND else self.chain.process("booking")
            sleeper.send(signal.SIGSTOP)
            await lasts(LEASE_SECONDS + 2)
            sleeper.send(signal.SIGCONT)

        return "relay asleep", strike

    def _freeze(self) -> tuple[str, Strike]:
        seconds = self.random.randint(*FREEZE_SECONDS)

        async def strike() -> None:
            self.stack.kafka.freeze()
            await lasts(seconds)
            self.stack.kafka.thaw()

        return f"Kafka frozen {seconds} s", strike

    def _crash(self) -> tuple[str, Strike]:
        name, part, how = self.random.choice(
            (("Kafka", self.stack.kafka, signal.SIGKILL), ("PostgreSQL", self.stack.postgres, signal.SIGQUIT))
        )

        async def strike() -> None:
            part.end(how)
            await part.start()

        return f"{name} crashed", strike


async def _violation(*checks: Callable[[], Awaitable[None]]) -> str | None:
    """What the first check that fails says."""
    try:
        for check in checks:
            await check()
    except AssertionError as failed:
        return str(failed)
    return None


@asynccontextmanager
async def chaos(seed: int) -> AsyncIterator[Chaos]:
    """An installation for rounds, started empty and removed at the end."""
    with TemporaryDirectory(prefix="kursnav-chaos-") as folder:
        async with own_stack() as stack, chain_on(stack.addresses) as chain:
            variables = {**chain.process("booking").variables, "KURSNAV_INSTANCE": SECOND}
            second = ServeProcess("booking", variables, Path(folder))
            try:
                await second.start()
                yield Chaos(stack, chain, second, random.Random(seed))
            finally:
                await second.stop()


async def run(rounds: int, seed: int) -> bool:
    """Prints a line per round and one for all; True when every invariant held."""
    print(f"{rounds} rounds, seed {seed}\n{HEADINGS}", flush=True)
    done: list[Round] = []
    async with chaos(seed) as installation:
        for number in range(1, rounds + 1):
            done.append(await installation.round(number))
            print(done[-1].line(), flush=True)
    print(summary(done))
    return all(one.clean for one in done)


def summary(rounds: Sequence[Round]) -> str:
    """The last line of the table: sums, and the longest recovery."""
    tallies = [one.tally for one in rounds]
    counts = [sum(getattr(tally, name) for tally in tallies) for name in COUNTS]
    longest = max((one.recovered_seconds for one in rounds), default=0.0)
    faults = sum(len(one.faults) for one in rounds)
    return COLUMNS.format("all", f"{faults} faults", *counts, f"{longest:.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description="Rounds of faults under load, and what came of them.")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    try:
        held = asyncio.run(run(chosen.rounds, chosen.seed))
    except StackError as error:
        sys.exit(f"no broker or database: {error}")
    sys.exit(0 if held else "an invariant did not hold")


if __name__ == "__main__":
    main()
