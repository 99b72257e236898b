"""Which events go to which webhooks: a consumer of booking's own events, which queues the deliveries."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import RowMapping, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.booking.webhooks.deliver import queue
from services.booking.webhooks.tables import Delivery, Webhook
from shared.contracts.registry import EventData, types_of
from shared.contracts.topics import BOOKING
from shared.database.unit_of_work import Unit
from shared.messaging.delivery import Consumer, Event

# Locked against being deleted: without its webhook a delivery cannot be stored, and the event would be a dead letter.
ACTIVE = (
    select(col(Webhook.id), col(Webhook.municipality), col(Webhook.events))
    .where(col(Webhook.state) == "active")
    .order_by(col(Webhook.id))
    .with_for_update(read=True, key_share=True)
)
WANTED = "SELECT DISTINCT unnest(events) AS name FROM webhooks WHERE state = 'active'"
# A session concerns its host and whoever has people, or seats held for people, on it.
CONCERNED = text(
    """
    SELECT host_municipality FROM sessions WHERE id = :session
    UNION SELECT municipality FROM registrations WHERE session_id = :session AND status IN ('confirmed', 'waitlisted')
    UNION SELECT municipality FROM reservations WHERE session_id = :session AND state = 'open'
    """
)


async def wanted(unit: Unit) -> Collection[str]:
    """The types that any webhook wants."""
    names = {row["name"] for row in await unit.fetch(WANTED)}
    return [ce_type for ce_type in types_of(BOOKING) if name_of(ce_type) in names]


async def collect(unit: Unit, events: Sequence[Event]) -> None:
    """Queues a delivery of each event for each webhook that wants it and may know it."""
    webhooks = await unit.all(ACTIVE)
    for event in events:
        wanting = [webhook for webhook in webhooks if name_of(event.type) in webhook["events"]]
        if wanting and event.data is not None:
            owners = await _owners(unit, event, event.data)
            unit.cause = event.cause
            await _add(unit, event, [webhook for webhook in wanting if webhook["municipality"] in owners])


def name_of(ce_type: str) -> str:
    """`registration-confirmed`."""
    return ce_type.split(".")[3]


async def _owners(unit: Unit, event: Event, data: EventData) -> set[str]:
    """Whose row the event is about."""
    municipality = getattr(data, "municipality", None)
    if municipality is not None:
        return {municipality}
    return set((await unit.execute(CONCERNED, {"session": UUID(event.key)})).scalars())


async def _add(unit: Unit, event: Event, webhooks: Sequence[RowMapping]) -> None:
    for webhook in webhooks:
        row = {
            "id": unit.ids.uuid7(),
            "webhook_id": webhook["id"],
            "municipality": webhook["municipality"],
            "event_id": event.id,
            "type": name_of(event.type),
            "body": body_of(event),
            "state": "pending",
            "turn": 1,
            "attempts": [],
            "next_attempt_at": unit.recorded_at,
            "created_at": unit.recorded_at,
        }
        added = insert(Delivery).values(row).on_conflict_do_nothing().returning(col(Delivery.id))
        if await unit.scalar(added) is not None:
            await queue(unit, row["id"], turn=1)


def body_of(event: Event) -> str:
    """Thin: only ids. Whoever wants to know more asks for the row, with rights of their own."""
    data = {"session_id": event.key, **(_ids(event.data) if event.data else {})}
    return to_json({"type": name_of(event.type), "timestamp": event.time, "data": data}).decode()


def _ids(data: EventData) -> dict[str, Any]:
    given = data.model_dump(by_alias=True)
    return {name: value for name, value in given.items() if isinstance(value, UUID)}


CONSUMER = Consumer("booking-webhooks", (BOOKING,), collect, patient=True, wants=wanted)
