"""Seeded rounds of faults under load: `make chaos ROUNDS=n SEED=s`, or `python -m tests.faults.chaos`.

In each round two parts break at once while bookings go on and somebody writes poison. Then everything must arrive, and
the services must hold the same: what was answered with a 2xx once, nothing half, no seat sold twice, and the poison
alone among the dead letters. The seed decides which faults come, and after how many answers; every kind comes before
any comes a third time. How far the other processes are by then depends on the machine.
"""

import argparse
import asyncio
import logging
import random
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.local.errors import StackError
from infra.settings import SERVICES
from shared.contracts.topics import Topic
from shared.messaging.lease import LEASE_SECONDS
from tests.faults.chain import Chain
from tests.faults.deck import Deck
from tests.faults.load import Load, Tally
from tests.faults.own_stack import OwnStack, Part, chain_on, own_stack
from tests.support.failpoints import Failpoint
from tests.support.pace import lasts
from tests.support.poison import FORMS, Message
from tests.support.processes import ServeProcess

PEOPLE = 30  # 7.5 s of bookings: about as long as the faults last
FIRST_ANSWERS = 6  # a fault comes after so many at the latest
POISON = 3  # records in each round
SECOND = "kursnav-1"
FREEZE_SECONDS = (2, 6)
SETTLED_SECONDS = 180.0  # a lost message never arrives; on a busy machine the others are late (see `recovered`)
FAILPOINT_SECONDS = 12.0  # the process starts meanwhile
KAFKA, POSTGRESQL = "Kafka", "PostgreSQL"
FAILPOINTS = {
    "booking": (
        Failpoint.BEFORE_COMMIT,
        Failpoint.AFTER_COMMIT_BEFORE_WAKE,
        Failpoint.AFTER_SEND_BEFORE_ACKNOWLEDGEMENT,
        Failpoint.AFTER_ACKNOWLEDGEMENT_BEFORE_MARK,
        Failpoint.DURING_LEASE_RENEWAL,
    ),
    "attendance": (
        Failpoint.AFTER_INBOX,
        Failpoint.AFTER_EFFECT_BEFORE_COMMIT,
        Failpoint.AFTER_COMMIT_BEFORE_OFFSET,
    ),
    "reporting": (
        Failpoint.AFTER_EFFECT_BEFORE_COMMIT,
        Failpoint.AFTER_COMMIT_BEFORE_OFFSET,
    ),
}
"""What a service comes to while there are only bookings; `test_kills.py` has the others."""
COLUMNS = "{:>5}  {:<84} {:>6} {:>6} {:>5} {:>7} {:>5} {:>8} {:>9}"
HEADINGS = COLUMNS.format("round", "faults", "poison", "writes", "lost", "doubled", "half", "oversold", "recovered")
COUNTS = [field.name for field in fields(Tally)]

Strike = Callable[[], Awaitable[None]]


class Kind(StrEnum):
    """What can break, and where: two faults of a round never meet at the same place."""

    KILL = "service killed"
    FAILPOINT = "service killed at a failpoint"
    SLEEP = "relay asleep"
    FREEZE = "Kafka frozen"
    KAFKA_CRASH = "Kafka crashed"
    POSTGRESQL_CRASH = "PostgreSQL crashed"

    @property
    def place(self) -> str | None:
        """None where it is still to be chosen."""
        return {
            Kind.SLEEP: "booking",
            Kind.FREEZE: KAFKA,
            Kind.KAFKA_CRASH: KAFKA,
            Kind.POSTGRESQL_CRASH: POSTGRESQL,
        }.get(self)


@dataclass(frozen=True)
class Fault:
    """Something at a place that breaks once `after` bookings are answered, and is mended again."""

    kind: Kind
    place: str
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
    faults: tuple[Fault, ...]
    poison: int
    tally: Tally
    recovered_seconds: float
    violation: str | None

    @property
    def clean(self) -> bool:
        return self.tally.clean and self.violation is None

    def line(self) -> str:
        names = ", ".join(fault.name for fault in self.faults)
        line = _line(self.number, names, [self], self.recovered_seconds)
        return line if self.violation is None else f"{line}\n       {self.violation}"


@dataclass
class Chaos:
    """An installation of four processes: the three services, and a second booking that shares the first one's work."""

    stack: OwnStack
    chain: Chain
    second: ServeProcess
    random: random.Random
    done: list[Round] = field(default_factory=list)

    def __post_init__(self) -> None:
        points = [(service, point) for service, own in FAILPOINTS.items() for point in own]
        self._kinds = Deck(list(Kind), self.random)
        self._services = Deck(SERVICES, self.random)
        self._failpoints = Deck(points, self.random)
        self._poison = Deck([(form, topic) for form in FORMS for topic in form.topics], self.random)

    async def round(self) -> Round:
        """Two faults while bookings go on; then what must hold."""
        load = await Load.prepared(self.chain, PEOPLE)
        faults = await self._two_faults()
        poison = [(form.on(topic), topic) for form, topic in (self._poison.deal() for _ in range(POISON))]
        poisoned_after = self.random.randint(1, FIRST_ANSWERS)

        async def struck() -> None:
            scenes = [_scene(load, fault.after, fault.strike) for fault in faults]
            poisoning = _scene(load, poisoned_after, lambda: self._poisoned(poison))
            await asyncio.gather(*scenes, poisoning)

        await load.during(struck)
        began = time.monotonic()
        violation = await _violation(self._settled)
        recovered = time.monotonic() - began
        tally = await load.counted_at_rest()
        violation = violation or await _violation(load.insisted, self._settled, self.chain.invariants)
        if tally.clean:
            tally = await load.counted()
        self.done.append(Round(len(self.done) + 1, faults, len(poison), tally, recovered, violation))
        return self.done[-1]

    async def _settled(self) -> None:
        await self.chain.settled(within=SETTLED_SECONDS)

    async def _poisoned(self, records: Sequence[tuple[Message, Topic]]) -> None:
        for message, topic in records:
            await self.chain.poisoned(topic, message)

    # --- faults ------------------------------------------------------------------------------------------------------

    async def _two_faults(self) -> tuple[Fault, Fault]:
        first = await self._fault(taken="")
        return first, await self._fault(taken=first.place)

    async def _fault(self, taken: str) -> Fault:
        """The next fault that comes to another place than the one that is taken."""
        kind = self._kinds.deal(lambda kind: kind.place is None or kind.place != taken)
        after = self.random.randint(1, FIRST_ANSWERS)
        if kind is Kind.KILL:
            service = self._services.deal(lambda service: service != taken)
            return Fault(kind, service, f"{service} killed", self._kill(service), after)
        if kind is Kind.FAILPOINT:
            service, point = self._failpoints.deal(lambda card: card[0] != taken)
            return Fault(kind, service, f"{service} killed {point}", self._failpoint(service, point), after)
        if kind is Kind.SLEEP:
            return Fault(kind, "booking", kind, await self._sleep(), after)
        if kind is Kind.FREEZE:
            seconds = self.random.randint(*FREEZE_SECONDS)
            return Fault(kind, KAFKA, f"{kind} {seconds} s", self._freeze(seconds), after)
        if kind is Kind.KAFKA_CRASH:
            return Fault(kind, KAFKA, kind, self._crash(self.stack.kafka, signal.SIGKILL), after)
        return Fault(kind, POSTGRESQL, kind, self._crash(self.stack.postgres, signal.SIGQUIT), after)

    def _kill(self, service: str) -> Strike:
        """All processes of the service at once: nobody is left who knows what was under way."""
        processes = [self.chain.process(service), *([self.second] if service == "booking" else [])]

        async def strike() -> None:
            for process in processes:
                process.kill()
            await asyncio.gather(*(process.start() for process in processes))

        return strike

    def _failpoint(self, service: str, point: Failpoint) -> Strike:
        """A process that dies at a certain place; one that does not get there is killed where it is."""
        process = self.chain.process(service)

        async def strike() -> None:
            process.kill()
            process.arm(point)
            try:
                await process.killed_itself(within=FAILPOINT_SECONDS)
            except AssertionError:
                process.kill()
            await process.start()

        return strike

    async def _sleep(self) -> Strike:
        """The process whose relay sends sleeps through its lease."""
        rows = await self.chain.origin.rows("booking", "SELECT holder FROM relay_lease WHERE name = 'booking'")
        sleeper = self.second if rows[0]["holder"] == SECOND else self.chain.process("booking")

        async def strike() -> None:
            sleeper.send(signal.SIGSTOP)
            await lasts(LEASE_SECONDS + 2)
            sleeper.send(signal.SIGCONT)

        return strike

    def _freeze(self, seconds: int) -> Strike:
        async def strike() -> None:
            self.stack.kafka.freeze()
            await lasts(seconds)
            self.stack.kafka.thaw()

        return strike

    def _crash(self, part: Part, how: signal.Signals) -> Strike:
        async def strike() -> None:
            part.end(how)
            await part.start()

        return strike


async def _scene(load: Load, after: int, strike: Strike) -> None:
    await load.answered(after)
    await strike()


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
    async with chaos(seed) as installation:
        for _ in range(rounds):
            print((await installation.round()).line(), flush=True)
    print(summary(installation.done))
    return all(one.clean for one in installation.done)


def summary(rounds: Sequence[Round]) -> str:
    """The last line of the table: sums, and the longest recovery."""
    longest = max((one.recovered_seconds for one in rounds), default=0.0)
    return _line("all", f"{sum(len(one.faults) for one in rounds)} faults", rounds, longest)


def _line(first: object, faults: str, rounds: Sequence[Round], recovered_seconds: float) -> str:
    counts = [sum(getattr(one.tally, name) for one in rounds) for name in COUNTS]
    return COLUMNS.format(first, faults, sum(one.poison for one in rounds), *counts, f"{recovered_seconds:.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description="Rounds of faults under load, and what came of them.")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # that the broker is away is the scene, not news
    try:
        held = asyncio.run(run(chosen.rounds, chosen.seed))
    except StackError as error:
        sys.exit(f"no broker or database: {error}")
    sys.exit(0 if held else "an invariant did not hold")


if __name__ == "__main__":
    main()
