"""The pages of what every service says about itself: has everything arrived, and what could not be applied.

The same in every service, each at its own address; start pages show the first part of each as a part of themselves.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final
from uuid import UUID

from aiokafka.errors import KafkaError
from fastapi import APIRouter
from starlette.requests import Request

from shared.messaging import dead_letters
from shared.security.roles import Role
from shared.web import operations
from shared.web.cursors import Page, Paging
from shared.web.operations import DeadLetterShown, DecisionBody, State
from shared.web.pages.languages import _
from shared.web.pages.routing import Done, page_router
from shared.web.pages.views import View
from shared.web.routing import Unit, allow, beforehand

ADDRESSES: Final[Mapping[str, str]] = {
    "booking": "/boka/drift",
    "attendance": "/narvaro/drift",
    "reporting": "/uppfoljning/drift",
}
NAMES: Final = {"booking": _("Booking"), "attendance": _("Attendance"), "reporting": _("Follow-up")}
WHO: Final = (Role.OPERATOR, Role.COORDINATOR)
ROWS: Final = 50
PATIENCE_SECONDS: Final = 5.0


@dataclass(frozen=True)
class Health:
    """What is asked without a connection of the database held: `lag` is None while the broker does not answer."""

    lag: int | None
    missing: list[str]


async def look(request: Request) -> Health:
    service = request.app.state.service
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            lag = (await service.progress()).lag
    except (KafkaError, TimeoutError):
        lag = None
    return Health(lag, await service.missing())


async def standing(
    request: Request,
    page: Paging,
    decided: bool = False,
    health: Health = beforehand(look),
    unit: Unit = allow(*WHO),
) -> View:
    """Whether everything has arrived, and the events that wait for a decision; `decided` ones for who looks back."""
    service = request.app.state.service.name
    shorter = Page(ROWS, page.after, page.path)
    states: list[State] | None = None if decided else list(operations.OPEN)
    async with unit.as_system():
        position = await operations.position_of(unit, request, health.lag or 0)
    return View(
        "operations.html",
        name=NAMES[service],
        address=ADDRESSES[service],
        others=[(NAMES[name], address) for name, address in ADDRESSES.items() if name != service],
        position=position,
        settled=health.lag == 0 and not any(position.model_dump().values()),
        health=health,
        version=version("kursnav"),
        letters=await operations.list_dead_letters(shorter, states, None, None, unit),
        decided=decided,
    )


async def one_letter(letter: UUID, request: Request, unit: Unit = allow(*WHO)) -> View:
    """An event as it came, and why it could not be applied."""
    shown = operations.shown(await operations.found(unit, letter))
    return View("dead_letter.html", address=_address(request), letter=shown, content=_content(shown))


async def deciding(letter: UUID, request: Request, unit: Unit = allow(*WHO)) -> View:
    """What a decision means, before it is taken."""
    row = await operations.found(unit, letter)
    return View(
        "dead_letter_decision.html",
        address=_address(request),
        letter=operations.shown(row),
        waiting=await dead_letters.waiting(unit, row),
        replays=request.url.path.endswith("/kor-om"),
    )


async def replay(letter: UUID, body: DecisionBody, request: Request, unit: Unit = allow(*WHO)) -> Done:
    done = await operations.replay(letter, body, request, unit)
    return Done(_address(request), _("Applied: %(applied)s."), applied=done.applied)


async def discard(letter: UUID, body: DecisionBody, request: Request, unit: Unit = allow(*WHO)) -> Done:
    await operations.discard(letter, body, unit)
    return Done(_address(request), _("The event is discarded. What it said does not count."))


def router_of(service: str) -> APIRouter:
    """The pages of a service; none for one without an address."""
    router, home = page_router(), ADDRESSES.get(service)
    if home is not None:
        one = f"{home}/{{letter}}"
        router.add_api_route(home, standing, methods=["GET"])
        router.add_api_route(one, one_letter, methods=["GET"])
        for address, act in ((f"{one}/kor-om", replay), (f"{one}/skriv-av", discard)):
            router.add_api_route(address, deciding, methods=["GET"])
            router.add_api_route(address, act, methods=["POST"])
    return router


def _address(request: Request) -> str:
    return ADDRESSES[request.app.state.service.name]


def _content(letter: DeadLetterShown) -> str | None:
    """What the event says, laid out where it is JSON; else its bytes as they are shown to machines."""
    if letter.value_base64 is None:
        return None
    raw = operations.content_of(letter)
    try:
        said: Any = json.loads(raw)
    except ValueError:
        return letter.value_base64
    return json.dumps(said, indent=2, ensure_ascii=False)
