"""The pages of webhooks: where a municipality's systems are told what happens, and what became of each delivery."""

from typing import get_args
from uuid import UUID

from starlette.requests import Request

from services.booking.staff.vault import TheVault
from services.booking.webhooks import queries
from services.booking.webhooks.bodies import EventName, ReplayBody, WebhookBody
from services.booking.webhooks.replay import replay
from services.booking.webhooks.subscribe import check_address, rotate_secret, subscribe, unsubscribe
from shared.web.cursors import Page, Paging
from shared.web.pages import Done, View, _, page_router
from shared.web.routing import Role, Unit, allow, beforehand

router = page_router()

LIST = "/boka/webhooks"
ONE = f"{LIST}/{{webhook_id}}"
EVENTS = get_args(EventName)
ROWS = 50


@router.get(LIST)
async def webhook_list(unit: Unit = allow(Role.MUNICIPALITY)) -> View:
    found = await queries.webhooks_page(unit, Page(500, None))
    return View("webhooks/list.html", webhooks=[queries.webhook_shown(row) for row in found])


@router.get(f"{LIST}/ny")
async def new_webhook(unit: Unit = allow(Role.MUNICIPALITY)) -> View:
    return View("webhooks/new.html", events=EVENTS)


@router.post(f"{LIST}/ny")
async def add_webhook(
    body: WebhookBody, vault: TheVault, _: None = beforehand(check_address), unit: Unit = allow(Role.MUNICIPALITY)
) -> View:
    """The secret is shown on this answer alone."""
    made = await subscribe(unit, body, vault.cipher)
    return View("webhooks/secret.html", webhook_id=made.id, secret=made.secret, is_new=True)


@router.get(ONE)
async def one_webhook(webhook_id: UUID, page: Paging, unit: Unit = allow(Role.MUNICIPALITY)) -> View:
    """One webhook, and what was sent to it."""
    row = await queries.webhook_row(unit, webhook_id)
    shorter = Page(ROWS, page.after, page.path)
    found = await queries.deliveries_page(unit, webhook_id, shorter)
    deliveries = shorter.answer(found, lambda one: [one["id"]], queries.delivery_shown)
    return View("webhooks/one.html", row["revision"], webhook=queries.webhook_shown(row), deliveries=deliveries)


@router.post(ONE)
async def send_again(webhook_id: UUID, body: ReplayBody, unit: Unit = allow(Role.MUNICIPALITY)) -> Done:
    sent = await replay(unit, webhook_id, body)
    return Done(f"{LIST}/{webhook_id}", _("On its way again: %(sent)s."), sent=sent)


@router.get(f"{ONE}/hemlighet")
async def before_another_secret(webhook_id: UUID, unit: Unit = allow(Role.MUNICIPALITY)) -> View:
    shown = queries.webhook_shown(await queries.webhook_row(unit, webhook_id))
    return View("webhooks/rotate.html", webhook=shown)


@router.post(f"{ONE}/hemlighet")
async def change_secret(webhook_id: UUID, vault: TheVault, unit: Unit = allow(Role.MUNICIPALITY)) -> View:
    made = await rotate_secret(unit, webhook_id, vault.cipher)
    return View("webhooks/secret.html", webhook_id=webhook_id, secret=made.secret, is_new=False)


@router.get(f"{ONE}/ta-bort")
async def before_the_end(webhook_id: UUID, unit: Unit = allow(Role.MUNICIPALITY)) -> View:
    row = await queries.webhook_row(unit, webhook_id)
    return View("webhooks/remove.html", row["revision"], webhook=queries.webhook_shown(row))


@router.post(f"{ONE}/ta-bort")
async def remove(webhook_id: UUID, request: Request, unit: Unit = allow(Role.MUNICIPALITY)) -> Done:
    await unsubscribe(unit, request, webhook_id)
    return Done(LIST, _("The webhook is removed."))
