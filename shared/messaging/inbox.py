"""The inbox: a consumer applies an event once (events.md, guarantee 3). Its row and the effect commit together."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from shared.database.unit_of_work import Unit
from shared.messaging.delivery import Event, Record

TAKE = text(
    "INSERT INTO inbox (consumer, event_id) SELECT :consumer, id FROM unnest(CAST(:ids AS uuid[])) AS new (id) "
    "ON CONFLICT DO NOTHING RETURNING event_id"
)
ADVANCE = text(
    "INSERT INTO consumer_positions AS known (consumer, topic, partition, next_offset) "
    "SELECT :consumer, topic, partition, next_offset "
    "FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS integer[]), CAST(:offsets AS bigint[])) "
    "AS seen (topic, partition, next_offset) "
    "ON CONFLICT (consumer, topic, partition) "
    "DO UPDATE SET next_offset = greatest(known.next_offset, excluded.next_offset)"
)


async def new_events(unit: Unit, consumer: str, events: Sequence[Event]) -> list[Event]:
    """The events that this consumer has not applied yet, each once, in their order."""
    if not events:
        return []
    result = await unit.execute(TAKE, {"consumer": consumer, "ids": sorted({event.id for event in events})})
    return once(events, set(result.scalars()))


def once(events: Sequence[Event], wanted: set[UUID]) -> list[Event]:
    """The first occurrence of each wanted event."""
    kept: list[Event] = []
    for event in events:
        if event.id in wanted:
            wanted.discard(event.id)
            kept.append(event)
    return kept


async def advance(unit: Unit, consumer: str, records: Sequence[Record]) -> None:
    """Notes how far each partition is applied, in the effect's transaction."""
    ends: dict[tuple[str, int], int] = {}
    for record in records:
        place = (record.topic, record.partition)
        ends[place] = max(ends.get(place, 0), record.offset + 1)
    places = sorted(ends)
    await unit.execute(
        ADVANCE,
        {
            "consumer": consumer,
            "topics": [topic for topic, _ in places],
            "partitions": [partition for _, partition in places],
            "offsets": [ends[place] for place in places],
        },
    )
