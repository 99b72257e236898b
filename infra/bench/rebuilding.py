"""How fast the facts are rebuilt: topics of their own, full of sessions, and an empty database beside the others."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from infra.bench.databases import database_of
from services.reporting.rebuild.run import Rebuild
from shared import collector
from shared.contracts.attendance_v1 import AttendanceRecorded, AttestedMinutes, RollAttested
from shared.contracts.booking_v1 import RegistrationConfirmed
from shared.contracts.envelope import encode_headers, encode_value
from shared.contracts.registry import EventData
from shared.contracts.topics import create_topics

PREFIX: Final = "rebuild."
DATABASE: Final = "rebuild"
SEATS: Final = 20
NOW: Final = datetime(2025, 12, 31, 12, tzinfo=UTC)


async def rebuild_seconds(bootstrap_servers: str, admin_url: str, events: int) -> tuple[int, float, float]:
    """How many events were loaded, how long loading took, and processor seconds of this process meanwhile."""
    filled = await _fill(bootstrap_servers, events)
    async with database_of("reporting", admin_url, DATABASE) as urls:
        return filled, *await _rebuild(urls["REPORTING_OWNER_DATABASE_URL"], bootstrap_servers, filled)


async def _rebuild(owner_url: str, bootstrap_servers: str, filled: int) -> tuple[float, float]:
    collector.relax()  # as the command does; nothing is measured after this
    began, processor = time.perf_counter(), time.process_time()
    loaded: list[tuple[float, float]] = []

    def watch(step: str, done: int, total: int) -> None:
        if step == "load" and done == total:
            loaded.append((time.perf_counter() - began, time.process_time() - processor))

    outcome = await Rebuild(owner_url, bootstrap_servers, PREFIX, watch).run()
    if not outcome.swapped or outcome.facts != filled:
        raise RuntimeError(f"{outcome.facts} facts of {filled} events, {outcome.dead_letters} dead letters")
    return loaded[0]


async def _fill(bootstrap_servers: str, events: int) -> int:
    """Writes whole sessions until there are at least that many events; returns how many."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers, linger_ms=20, max_batch_size=2**18)
    await admin.start()
    await producer.start()
    count = 0
    try:
        await create_topics(admin, prefix=PREFIX)
        while count < events:
            session = uuid4()
            sent = [await _send(producer, session, number, data) for number, data in enumerate(_session(session), 1)]
            count += len(sent)
            if count % 1_000 < len(sent):
                await asyncio.gather(*sent)
        await producer.flush()
    finally:
        await producer.stop()
        await admin.close()
    return count


async def _send(producer: AIOKafkaProducer, session: UUID, sequence: int, data: EventData) -> asyncio.Future[object]:
    contract, key = type(data), str(session)
    headers = encode_headers(
        contract,
        event_id=uuid4(),
        source="/kursnav/bench",
        subject=contract.topic.subject_of(key),
        time=NOW,
        recorded_at=NOW,
        sequence=sequence,
    )
    raw = [(name, text.encode()) for name, text in headers.items()]
    future: asyncio.Future[object] = await producer.send(
        PREFIX + contract.topic.name, encode_value(data, key=key), key=key.encode(), headers=raw
    )
    return future


def _session(session: UUID) -> Iterator[EventData]:
    """Everybody registered, marked, and the roll attested."""
    people, occasion = [uuid4() for _ in range(SEATS)], uuid4()
    for person in people:
        yield RegistrationConfirmed(
            registration_id=uuid4(),
            session_id=session,
            participant_id=person,
            municipality="1884",
            employment_id=uuid4(),
            via="single",
        )
    for person in people:
        yield AttendanceRecorded(
            mark_id=uuid4(),
            participant_id=person,
            occasion_id=occasion,
            minutes=180,
            scheduled_minutes=180,
            status="present",
            source="trainer",
            marked_at=NOW,
            received_at=NOW + timedelta(seconds=1),
            roll_version=1,
        )
    lines = tuple(
        AttestedMinutes(participant_id=person, occasion_id=occasion, minutes=180, scheduled_minutes=180, excused=False)
        for person in people
    )
    yield RollAttested(roll_version=1, sealed_hash="0" * 64, attested_by="trainer", minutes=lines)
