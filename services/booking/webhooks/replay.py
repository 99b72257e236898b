"""Sending deliveries again, under the same `webhook-id`, so that a receiver who had them knows them."""

from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from services.booking.webhooks.bodies import ReplayBody
from services.booking.webhooks.deliver import queue
from services.booking.webhooks.problems import MOST_REPLAYED, delivery_missing, too_many_to_replay, webhook_disabled
from services.booking.webhooks.queries import webhook_row
from services.booking.webhooks.tables import Delivery
from shared.database.unit_of_work import Unit


async def replay(unit: Unit, webhook_id: UUID, body: ReplayBody) -> int:
    """Queues one delivery, or all that were made since a time, anew with all their attempts. Returns how many."""
    if (await webhook_row(unit, webhook_id))["state"] == "disabled":
        raise webhook_disabled()
    again = {"state": "pending", "turn": Delivery.turn + 1, "next_attempt_at": unit.recorded_at, "ended_at": None}
    statement = update(Delivery).where(col(Delivery.webhook_id) == webhook_id).values(again)
    if body.delivery is not None:
        statement = statement.where(col(Delivery.id) == body.delivery)
    else:
        statement = statement.where(col(Delivery.created_at) >= body.since)
    rows = await unit.all(statement.returning(col(Delivery.id), col(Delivery.turn)))
    if body.delivery is not None and not rows:
        raise delivery_missing()
    if len(rows) > MOST_REPLAYED:
        raise too_many_to_replay()
    for row in sorted(rows, key=lambda row: row["id"]):
        await queue(unit, row["id"], turn=row["turn"])
    return len(rows)
