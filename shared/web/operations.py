"""What every service answers about itself: health, metrics, whether everything has arrived, and its dead letters."""

import base64
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import structlog
from fastapi import APIRouter, Query
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from shared.contracts import asyncapi
from shared.contracts.registry import by_type
from shared.messaging import dead_letters, parking
from shared.messaging.replay import StillFails
from shared.security.roles import ANY, Role
from shared.web.admission import Allowed
from shared.web.bodies import Body
from shared.web.cursors import Listing, Page, Paging
from shared.web.fields import Named, Why
from shared.web.openapi import RESPONSES, problems
from shared.web.problems import Problem, busy, conflict, not_found
from shared.web.routing import OpenRoute, Unit, Versioned, allow, service_router
from shared.web.times import ShownTime

log = structlog.get_logger(__name__)

State = Literal["dead", "parked", "replayed", "discarded"]
OPEN: Final[tuple[State, ...]] = ("dead", "parked")
OfConsumer = Annotated[Named | None, Query(description="Only those of this consumer.")]
OfKey = Annotated[str | None, Query(description="Only those of this key, for example a session's id.")]
InState = Annotated[list[State] | None, Query(description="Only these; may be given several times.")]
ORDER = ("received_at", "topic", "partition", "offset", "id")

open_router = APIRouter(route_class=OpenRoute, tags=["operations"], responses=RESPONSES)
router = service_router(tag="operations")

UNSENT = text(
    "SELECT count(*) AS unsent, coalesce(extract(epoch FROM clock_timestamp() - min(recorded_at)), 0)::float AS age "
    "FROM outbox"
)


class PositionShown(BaseModel):
    """Has everything arrived? All 0 in all three services: settled."""

    outbox_unsent: int = Field(description="Events committed here and not yet sent.")
    lag: int = Field(description="Records on the topics that this service has not applied yet.")
    held: int = Field(description="Facts that wait for their counterpart.")
    parked: int = Field(description="Events that wait behind a dead letter of their key.")
    dead_letters: int = Field(description="Events that could not be applied and that nobody has decided about.")


class DeadLetterShown(BaseModel):
    """An event that could not be applied, as it came."""

    id: UUID
    consumer: str
    state: str = Field(description="dead | parked | replayed | discarded")
    reason: str
    detail: str
    topic: str
    partition: int
    offset: int
    key: str | None
    headers: list[tuple[str, str]] = Field(
        description="Name and value; what is not UTF-8 is shown with replacement characters."
    )
    value_base64: str | None
    received_at: ShownTime
    decided_at: ShownTime | None
    decided_by: str | None
    decision_reason: str | None


class OneDeadLetterShown(DeadLetterShown):
    """One dead letter, with what waits behind it."""

    waiting: int = Field(description="Other events of its key that are parked; they go on by a replay.")


class ReplayedShown(OneDeadLetterShown):
    """What a replay did."""

    applied: int = Field(
        description="Events that this call applied. When some still wait it ran out of time: replay one of them."
    )


class TallyShown(BaseModel):
    """How many dead letters there are. Open: `dead` and `parked`."""

    dead: int = 0
    parked: int = 0
    replayed: int = 0
    discarded: int = 0


class DecisionBody(Body):
    """Why an operator replays or discards."""

    reason: Annotated[Why, Field(max_length=500)]


@open_router.get("/health/live", include_in_schema=True)
async def live() -> dict[str, str]:
    """The process runs."""
    return {"status": "live"}


class Readiness(BaseModel):
    """`missing`: what keeps the service from its work."""

    status: Literal["ready", "not ready"]
    missing: list[str]


@open_router.get("/health/ready", responses={status: {"model": Readiness} for status in (200, 503)})
async def ready(request: Request) -> Response:
    """The service can do its work; otherwise 503 with what is missing."""
    missing = await request.app.state.service.missing()
    return JSONResponse({"status": "not ready" if missing else "ready", "missing": missing}, 503 if missing else 200)


@open_router.get("/metrics", response_class=PlainTextResponse)
async def metrics() -> Response:
    """Prometheus metrics of this process."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@open_router.get("/asyncapi.json")
async def published_events() -> dict[str, Any]:
    """The AsyncAPI 3.0 document of all events."""
    return asyncapi.document()


@open_router.get("/schemas/{ce_type}/{minor}")
async def published_schema(ce_type: str, minor: int) -> dict[str, Any]:
    """The JSON Schema of an event type: the path of its `ce_dataschema`."""
    contract = by_type(ce_type)
    if contract is None or contract.minor != minor:
        raise not_found("Schemat", "The schema")
    return contract.model_json_schema()


@open_router.get("/v1/position")
async def position(request: Request) -> PositionShown:
    """Whether everything has arrived."""
    state = request.app.state
    await Allowed(ANY).admit(request)
    # Without a unit while the broker is asked: it may be silent for long, and bookings need the connections. And the
    # lag first: what is applied after it shows in the counts below, so that "all 0" is never said too early.
    lag = (await state.service.progress()).lag
    async with state.units.system() as unit:
        return await position_of(unit, request, lag)


async def position_of(unit: Unit, request: Request, lag: int) -> PositionShown:
    """The position, with the lag as it was a moment before. In system scope."""
    held = request.app.state.service.held
    unsent, letters = await unit.one(UNSENT), await unit.one(dead_letters.COUNT)
    return PositionShown(
        outbox_unsent=unsent["unsent"],
        lag=lag,
        held=await held(unit) if held else 0,
        parked=letters["parked"],
        dead_letters=letters["dead"],
    )


@router.get("/v1/dead-letters")
async def list_dead_letters(
    page: Paging,
    state: InState = None,
    consumer: OfConsumer = None,
    key: OfKey = None,
    unit: Unit = allow(Role.OPERATOR, Role.COORDINATOR),
) -> Listing[DeadLetterShown]:
    """What could not be applied, oldest first."""
    where = {"states": state, "consumer": consumer, "key": _bytes(key), **_after(page), "limit": page.fetch}
    rows = await unit.all(dead_letters.LIST, where)
    return page.answer(rows, lambda row: [row[name] for name in ORDER], shown)


@router.get("/v1/dead-letters/counts")
async def count_dead_letters(
    consumer: OfConsumer = None, key: OfKey = None, unit: Unit = allow(Role.OPERATOR, Role.COORDINATOR)
) -> TallyShown:
    """How many there are, open and decided."""
    rows = await unit.all(dead_letters.TALLY, {"consumer": consumer, "key": _bytes(key)})
    return TallyShown(**{row["state"]: row["letters"] for row in rows})


@router.get("/v1/dead-letters/{letter}")
async def show_dead_letter(
    letter: UUID, unit: Unit = allow(Role.OPERATOR, Role.COORDINATOR)
) -> Versioned[OneDeadLetterShown]:
    """One of them."""
    row = await found(unit, letter)
    return Versioned(await alone(unit, row), int(row["state"] not in OPEN))


@router.post(
    "/v1/dead-letters/{letter}/replay",
    responses={409: problems("already-decided", "replay-failed", "unknown-consumer")},
)
async def replay(
    letter: UUID, body: DecisionBody, request: Request, unit: Unit = allow(Role.OPERATOR, Role.COORDINATOR)
) -> ReplayedShown:
    """Applies it now, and what is parked with its key, in order, until the first that still fails; that one stays."""
    row = await found(unit, letter)
    if row["state"] not in OPEN:
        if not _asked_again(row, body, request, unit):
            raise already_decided()
        return ReplayedShown(**(await alone(unit, row)).model_dump(), applied=0)
    try:
        applied = await request.app.state.service.replay(row, actor=unit.actor, reason=body.reason)
    except StillFails as failure:
        raise still_fails(failure) from failure
    after = await alone(unit, await found(unit, letter))
    return ReplayedShown(**after.model_dump(), applied=applied)


@router.post("/v1/dead-letters/{letter}/discard", responses={409: problems("already-decided")})
async def discard(
    letter: UUID, body: DecisionBody, unit: Unit = allow(Role.OPERATOR, Role.COORDINATOR)
) -> OneDeadLetterShown:
    """Closes it with a reason; the row stays, and what waits behind it waits on until it is replayed."""
    row = await found(unit, letter)
    await parking.lock_of(unit, row)
    if not await dead_letters.decide(unit, letter, "discarded", body.reason):
        raise already_decided()
    log.info("dead_letter_discarded", consumer=row["consumer"], letter=str(letter))
    return await alone(unit, await found(unit, letter))


async def found(unit: Unit, letter: UUID) -> Any:
    return await unit.found(dead_letters.FIND, {"id": letter}, missing=not_found("Händelsen", "The dead letter"))


def already_decided() -> Problem:
    return conflict(
        "already-decided",
        "Händelsen är redan omkörd eller avskriven.",
        "The dead letter was replayed or discarded before.",
    )


def still_fails(failure: StillFails) -> Problem:
    """409 with what failed and why; 503 when it was only busy. What was applied before it stays applied."""
    if failure.passes:
        return busy(
            f"Händelse {failure.letter} kunde inte behandlas just nu ({failure.detail}). Försök igen.",
            f"Event {failure.letter} could not be applied right now ({failure.detail}). Try again.",
            seconds=5,
        )
    return conflict(
        "replay-failed",
        f"Händelse {failure.letter} kan fortfarande inte behandlas ({failure.reason}: {failure.detail}). "
        f"{failure.applied} före den behandlades. Rätta orsaken, försök igen.",
        f"Event {failure.letter} still cannot be applied ({failure.reason}: {failure.detail}). "
        f"{failure.applied} before it were applied. Mend the cause and try again.",
        dead_letter=str(failure.letter),
        reason=failure.reason,
        applied=failure.applied,
    )


def _asked_again(row: Any, body: DecisionBody, request: Request, unit: Unit) -> bool:
    """True for the same request again, whose first answer was lost: a replay commits before its answer is kept."""
    before = (row["state"], row["decided_by"], row["decision_reason"])
    return "idempotency-key" in request.headers and before == ("replayed", unit.actor, body.reason)


def _bytes(key: str | None) -> bytes | None:
    return key.encode() if key is not None else None


def _after(page: Page) -> dict[str, Any]:
    """The row that the page before ended with, as parameters. Raises 400 for a cursor that no list gave."""
    last = page.key(datetime, str, int, int, UUID)
    return dict.fromkeys(ORDER) if last is None else dict(zip(ORDER, last, strict=True))


async def alone(unit: Unit, row: Any) -> OneDeadLetterShown:
    return OneDeadLetterShown(**shown(row).model_dump(), waiting=await dead_letters.waiting(unit, row))


def content_of(letter: DeadLetterShown) -> bytes:
    """The event's bytes."""
    return base64.b64decode(letter.value_base64 or "")


def shown(row: Any) -> DeadLetterShown:
    record = dead_letters.record_of(row)
    names = ("id", "consumer", "state", "reason", "detail", "topic", "partition", "offset", "received_at")
    decision = ("decided_at", "decided_by", "decision_reason")
    return DeadLetterShown(
        **{name: row[name] for name in (*names, *decision)},
        key=record.key.decode(errors="replace") if record.key is not None else None,
        headers=[(name, value.decode(errors="replace")) for name, value in record.headers],
        value_base64=base64.b64encode(record.value).decode() if record.value is not None else None,
    )
