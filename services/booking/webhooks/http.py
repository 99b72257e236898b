"""The calls about webhooks, for the systems of a municipality."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from services.booking.staff.vault import TheVault
from services.booking.webhooks import queries
from services.booking.webhooks.bodies import (
    DeliveryShown,
    NewWebhookShown,
    ReplayBody,
    ReplayShown,
    SecretShown,
    WebhookBody,
    WebhookShown,
)
from services.booking.webhooks.replay import replay
from services.booking.webhooks.subscribe import check_address, rotate_secret, subscribe, unsubscribe
from shared.web.cursors import Listing, Paging
from shared.web.openapi import problems
from shared.web.routing import Role, Unit, Versioned, allow, beforehand, service_router

router = service_router(tag="webhooks")


@router.get("/v1/webhooks")
async def list_webhooks(page: Paging, unit: Unit = allow(Role.MUNICIPALITY)) -> Listing[WebhookShown]:
    """The municipality's webhooks, in the order in which they were made."""
    rows = await queries.webhooks_page(unit, page)
    return page.answer(rows, lambda row: [row["id"]], queries.webhook_shown)


@router.post("/v1/webhooks", status_code=201, responses={422: problems("private-address")})
async def post_webhook(
    body: WebhookBody, vault: TheVault, _: None = beforehand(check_address), unit: Unit = allow(Role.MUNICIPALITY)
) -> Versioned[NewWebhookShown]:
    """Makes a webhook. Its secret is shown this once; with it the receiver checks what comes (Standard Webhooks)."""
    return Versioned(await subscribe(unit, body, vault.cipher), 1)


@router.get("/v1/webhooks/{webhook_id}")
async def show_webhook(webhook_id: UUID, unit: Unit = allow(Role.MUNICIPALITY)) -> Versioned[WebhookShown]:
    """One webhook, without its secret."""
    row = await queries.webhook_row(unit, webhook_id)
    return Versioned(queries.webhook_shown(row), row["revision"])


@router.delete("/v1/webhooks/{webhook_id}", status_code=204)
async def delete_webhook(webhook_id: UUID, request: Request, unit: Unit = allow(Role.MUNICIPALITY)) -> Response:
    """Ends a webhook."""
    await unsubscribe(unit, request, webhook_id)
    return Response(status_code=204)


@router.post("/v1/webhooks/{webhook_id}/secret")
async def post_secret(webhook_id: UUID, vault: TheVault, unit: Unit = allow(Role.MUNICIPALITY)) -> SecretShown:
    """Changes the secret. For a day deliveries are signed with both."""
    return await rotate_secret(unit, webhook_id, vault.cipher)


@router.get("/v1/webhooks/{webhook_id}/deliveries")
async def list_deliveries(
    webhook_id: UUID, page: Paging, unit: Unit = allow(Role.MUNICIPALITY)
) -> Listing[DeliveryShown]:
    """What was sent and what became of it, newest first; kept for 30 days."""
    rows = await queries.deliveries_page(unit, webhook_id, page)
    return page.answer(rows, lambda row: [row["id"]], queries.delivery_shown)


@router.post("/v1/webhooks/{webhook_id}/replay", status_code=202, responses={409: problems("webhook-disabled")})
async def post_replay(webhook_id: UUID, body: ReplayBody, unit: Unit = allow(Role.MUNICIPALITY)) -> ReplayShown:
    """Sends again, under the same `webhook-id`."""
    return ReplayShown(deliveries=await replay(unit, webhook_id, body))
