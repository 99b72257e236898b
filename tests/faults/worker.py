"""A relay or a consumer alone, on the mechanisms' own tables: `python -m tests.faults.worker <role> [<failpoint>]`.

Roles: `consume`, `relay`, and `relay-that-sleeps-before-it-deletes` until somebody wakes it (SIGCONT); `jobs`,
`jobs-that-sleep-before-their-commit`, and `mail`, which sends to WORKER_SMTP_PORT.

Its consumer writes one row per event into a table without any constraint, so that an effect that happens twice, or
never, is seen. The services' own handlers would hide some: most of them are idempotent besides.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from datetime import timedelta

from shared.clock import SystemClock
from shared.contracts.topics import BOOKING
from shared.database.engine import create_engine
from shared.database.unit_of_work import Unit, Units
from shared.jobs.job import Job
from shared.jobs.recurring import Every
from shared.jobs.worker import Kind, Worker
from shared.mail.message import Sender
from shared.mail.sending import Postbox
from shared.mail.server import MailServer
from shared.messaging.consuming import Consuming
from shared.messaging.delivery import Consumer, Event
from shared.messaging.relay import Relay
from tests.support.failpoints import arm
from tests.support.mechanisms import CIPHER, SERVICE, units_of
from tests.support.pace import lasts

INSTANCE = os.environ.get("WORKER_INSTANCE", "worker-0")
EFFECT = "INSERT INTO effects (consumer, event_id, key, sequence, note) VALUES ('notes', :id, :key, :sequence, :note)"


async def note(unit: Unit, events: Sequence[Event]) -> None:
    for event in events:
        await unit.execute(EFFECT, {"id": event.id, "key": event.key, "sequence": event.sequence, "note": INSTANCE})


class SleepsBeforeItDeletes(Relay):
    """Everything is sent and acknowledged; then this process stops, as one that the system swaps out."""

    async def _delete(self, ids: list[int]) -> None:
        os.kill(os.getpid(), signal.SIGSTOP)
        await super()._delete(ids)


RELAYS = {"relay": Relay, "relay-that-sleeps-before-it-deletes": SleepsBeforeItDeletes}


async def do(job: Job) -> None:
    async with job.effect() as unit:
        await unit.execute(EFFECT, {"id": job.id, "key": "job", "sequence": job.attempt, "note": INSTANCE})


async def do_asleep(job: Job) -> None:
    async with job.effect() as unit:
        await unit.execute(EFFECT, {"id": job.id, "key": "job", "sequence": job.attempt, "note": INSTANCE})
        os.kill(os.getpid(), signal.SIGSTOP)


def postbox(port: int) -> Postbox:
    return Postbox(Sender("kursnav <kursnav@example.se>"), MailServer("127.0.0.1", port, "none"), CIPHER)


RARELY = Every(timedelta(hours=1))
JOBS = {
    "jobs": lambda: [Kind("note", do), Kind("tick", do, recurs=RARELY)],
    "jobs-that-sleep-before-their-commit": lambda: [Kind("note", do_asleep), Kind("tick", do_asleep, recurs=RARELY)],
    "mail": lambda: postbox(int(os.environ["WORKER_SMTP_PORT"])).kinds,
}
LEASE_SECONDS = 1.0


async def run_jobs(units: Units, kinds: Sequence[Kind]) -> None:
    worker = Worker(kinds, CIPHER, lease_seconds=LEASE_SECONDS)
    while True:
        await worker.run_due(units)
        await worker.run_recurring(units)
        await lasts(0.05)


async def main(role: str, failpoint: str = "") -> None:
    if failpoint:
        arm(failpoint)
    engine = create_engine(os.environ["WORKER_DATABASE_URL"], application="worker", pool_size=5)
    servers, prefix = os.environ["KAFKA_BOOTSTRAP_SERVERS"], os.environ["KURSNAV_TOPIC_PREFIX"]
    if kinds := JOBS.get(role):
        await run_jobs(units_of(engine), kinds())
    elif relay := RELAYS.get(role):
        await relay(engine, service=SERVICE, instance=INSTANCE, bootstrap_servers=servers, prefix=prefix).start()
    else:
        consumer = Consumer("notes", (BOOKING,), note)
        await Consuming(
            units_of(engine),
            [consumer],
            bootstrap_servers=servers,
            instance=INSTANCE,
            prefix=prefix,
            clock=SystemClock(),
        ).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
