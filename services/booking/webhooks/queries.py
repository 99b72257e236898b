"""Reading webhooks and their deliveries, in the caller's scope."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping, select
from sqlmodel import col

from services.booking.webhooks.bodies import DeliveryShown, WebhookShown
from services.booking.webhooks.problems import webhook_missing
from services.booking.webhooks.tables import Delivery, Webhook
from shared.database.conditions import by_id
from shared.database.unit_of_work import Unit
from shared.web.cursors import Page


def webhook_shown(row: RowMapping) -> WebhookShown:
    return WebhookShown.model_validate(dict(row))


def delivery_shown(row: RowMapping) -> DeliveryShown:
    return DeliveryShown.model_validate(dict(row))


async def webhook_row(unit: Unit, webhook_id: UUID, *, lock: bool = False) -> RowMapping:
    """One webhook. Raises 404."""
    return await unit.found(by_id(Webhook, webhook_id, lock=lock), missing=webhook_missing())


async def webhooks_page(unit: Unit, page: Page) -> Sequence[RowMapping]:
    return await unit.all(page.cut(select(Webhook), col(Webhook.id)))


async def deliveries_page(unit: Unit, webhook_id: UUID, page: Page) -> Sequence[RowMapping]:
    """Newest first. Raises 404."""
    await webhook_row(unit, webhook_id)
    statement = select(Delivery).where(col(Delivery.webhook_id) == webhook_id)
    return await unit.all(page.cut(statement, col(Delivery.id), latest_first=True))
