"""Parking: for a consumer declared ordered, later events of a key wait behind the one that could not be applied.

They join it as rows, and are replayed in order once its cause is mended. Adding to the queue of a key, replaying it
and discarding from it take the same advisory lock, so that no event slips in between or joins a queue that is no more.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text

from shared.database.unit_of_work import Unit
from shared.messaging import dead_letters
from shared.messaging.delivery import Event

LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:queue, 0))")
OPEN = text(
    """
    SELECT topic, key, min("offset") AS first FROM dead_letters
     WHERE consumer = :consumer AND state IN ('dead', 'parked')
       AND (topic, key) IN (SELECT * FROM unnest(CAST(:topics AS text[]), CAST(:keys AS bytea[])))
     GROUP BY topic, key
    """
)


async def lock(unit: Unit, consumer: str, topic: str, key: bytes) -> None:
    """Holds the queue of a key until the transaction ends. The key may be any bytes: poison has a key too."""
    await unit.execute(LOCK, {"queue": f"parked/{consumer}/{topic}/{key.hex()}"})


async def lock_of(unit: Unit, row: Mapping[str, Any]) -> None:
    """Holds the queue of a dead letter's key until the transaction ends; a record without a key is in none."""
    if row["key"] is not None:
        await lock(unit, row["consumer"], row["topic"], bytes(row["key"]))


async def park(unit: Unit, consumer: str, events: Sequence[Event]) -> list[Event]:
    """Puts aside the events that stand behind an open dead letter of their key; returns the others."""
    waiting = await _behind(unit, consumer, events)
    if not waiting:
        return list(events)
    for topic, key in sorted({_place(event) for event in waiting}):
        await lock(unit, consumer, topic, key)
    # Once more: a replay may have emptied the queue while this transaction waited for the lock.
    waiting = await _behind(unit, consumer, events)
    for event in waiting:
        await dead_letters.bury(
            unit, consumer, event.record, "parked", "waits behind a dead letter of its key", state="parked"
        )
    parked = {id(event) for event in waiting}
    return [event for event in events if id(event) not in parked]


async def _behind(unit: Unit, consumer: str, events: Sequence[Event]) -> list[Event]:
    """The events that come after an open dead letter of their topic and key."""
    places = sorted({_place(event) for event in events})
    rows = await unit.all(
        OPEN, {"consumer": consumer, "topics": [topic for topic, _ in places], "keys": [key for _, key in places]}
    )
    first = {(row["topic"], bytes(row["key"])): row["first"] for row in rows}
    return [event for event in events if event.offset > first.get(_place(event), event.offset)]


def _place(event: Event) -> tuple[str, bytes]:
    return event.topic, event.record.key or b""
