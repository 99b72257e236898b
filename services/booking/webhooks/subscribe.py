"""Making and ending webhooks, and changing their secret."""

from uuid import UUID

from sqlalchemy import delete, insert, update
from sqlmodel import col
from starlette.requests import Request

from services.booking.webhooks.bodies import NewWebhookShown, SecretShown, WebhookBody
from services.booking.webhooks.problems import private_address, unusable_url
from services.booking.webhooks.queries import webhook_row
from services.booking.webhooks.secrets import new_secret
from services.booking.webhooks.tables import Webhook
from shared.audit.record import record
from shared.database.unit_of_work import Unit
from shared.security.cipher import Cipher
from shared.web.etags import require_if_match
from shared.web.outgoing import NotAllowed, Unreachable, target_of


async def check_address(request: Request) -> None:
    """Looks where the URL of a new webhook leads, before a connection to the database is taken. Raises 422."""
    body: WebhookBody = await request.json()
    try:
        await target_of(body.url, loopback=request.app.state.settings.environment == "development")
    except NotAllowed as error:
        raise private_address() if error.code == "private-address" else unusable_url(error.code) from error
    except Unreachable as error:
        raise unusable_url("unknown-host") from error


async def subscribe(unit: Unit, body: WebhookBody, cipher: Cipher) -> NewWebhookShown:
    """A new webhook of the caller's municipality."""
    webhook_id = unit.ids.uuid7()
    secret, sealed = new_secret(webhook_id, cipher)
    row = {"id": webhook_id, **body.model_dump(), "state": "active", "created_at": unit.recorded_at}
    stored = {**row, "municipality": unit.municipality, "sealed": sealed, "revision": 1}
    await unit.execute(insert(Webhook).values(stored))
    await record(unit, "webhook-added", f"webhook/{webhook_id}", after=body.model_dump())
    return NewWebhookShown.model_validate({**row, "disabled_at": None, "secret": secret})


async def unsubscribe(unit: Unit, request: Request, webhook_id: UUID) -> None:
    """Ends a webhook; what is on its way to it is forgotten."""
    row = await webhook_row(unit, webhook_id, lock=True)
    require_if_match(request, row["revision"])
    await unit.execute(delete(Webhook).where(col(Webhook.id) == webhook_id))
    before = {"url": row["url"], "events": row["events"]}
    await record(unit, "webhook-deleted", f"webhook/{webhook_id}", before=before)


async def rotate_secret(unit: Unit, webhook_id: UUID, cipher: Cipher) -> SecretShown:
    """A new secret; the one before signs too for a day."""
    row = await webhook_row(unit, webhook_id, lock=True)
    secret, sealed = new_secret(webhook_id, cipher)
    changed = {"sealed": sealed, "sealed_before": row["sealed"], "rotated_at": unit.recorded_at}
    statement = update(Webhook).where(col(Webhook.id) == webhook_id)
    await unit.execute(statement.values(**changed, revision=row["revision"] + 1))
    await record(unit, "webhook-secret-changed", f"webhook/{webhook_id}")
    return SecretShown(id=webhook_id, secret=secret)
