"""Routes whose requests share transactions: `@combined(Registering())` below `@router.post(...)`.

Each keeps its own scope, role, `Idempotency-Key`, trace, cause and answer; what a kind of request does not want to
handle together goes the ordinary way, alone, and so does everything that a batch leaves.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

import structlog
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from shared.database.combining import Fate, Lane, Outcome
from shared.database.transaction import OutcomeUnknown, Saved
from shared.database.unit_of_work import Unit, Units
from shared.security.roles import Scope
from shared.web import idempotency
from shared.web.problems import Problem
from shared.web.routing import Exchange, Part, UnitRoute

log = structlog.get_logger(__name__)

A = TypeVar("A")


@dataclass(eq=False)
class Member(Generic[A]):
    """One of the requests that share a transaction, with what it asks for and a unit of its own in it."""

    exchange: Exchange
    asked: A
    unit: Unit = field(init=False)


Answer = BaseModel | Response | Problem | Fate


class Kind(Protocol[A]):
    """A kind of request that can be handled together with others of its kind. `patience`: for so many seconds at most
    it waits for its turn.
    """

    patience: float

    async def asked(self, exchange: Exchange) -> A | None:
        """What a request asks for; None for one that has to go alone."""

    def weight(self, asked: A) -> int:
        """How much of a batch it takes; most take 1."""

    async def answers(self, members: Sequence[Member[A]]) -> Sequence[Answer]:
        """Handles them one after the other, in their one transaction; the answer to each.

        When it returns, what is written is written: nothing is emitted any more.
        """


def id_in_path(request: Request, name: str) -> UUID | None:
    """An id as it is shown; whatever else may be one goes the way of requests alone."""
    text = request.path_params[name]
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text else None


def combined(kind: Kind[Any]) -> Callable[[Any], Any]:
    """Lets the requests of a route share transactions."""

    def mark(endpoint: Any) -> Any:
        endpoint.combined = partial(_in_lane, kind)
        return endpoint

    return mark


def _in_lane(kind: Kind[Any], route: UnitRoute, alone: Part) -> Part:
    async def part(exchange: Exchange) -> Response:
        state = exchange.request.app.state
        asked = await kind.asked(exchange) if state.settings.combine else None
        if asked is None:
            return await alone(exchange)
        lane: Lane[Member[Any], Response] | None = state.lanes.get(route.path)
        if lane is None:
            lane = state.lanes[route.path] = Lane(
                partial(together, kind, route, state.units), lambda member: kind.weight(member.asked), kind.patience
            )
        return await lane.take(Member(exchange, asked), partial(alone, exchange))

    return part


async def together(
    kind: Kind[A], route: UnitRoute, units: Units, members: Sequence[Member[A]]
) -> Sequence[Outcome[Response]]:
    """Answers requests in one transaction. Raises only while nothing is written, and nothing ever will be.

    Without a connection all are told at once: each of them would wait for the same pool.
    """
    opened: list[Unit] = []
    outcomes: Sequence[Outcome[Response]] = ()
    try:
        async with units.open() as unit:
            opened.append(unit)
            outcomes = await _answered(kind, route, units, unit, members)
        return outcomes
    except Exception as error:
        if not opened or isinstance(error, OutcomeUnknown):
            return [error] * len(members)
        if not opened[0].transaction.committed:
            raise
        log.error("batch_failed_afterwards", requests=len(members), error=type(error).__name__, exc_info=error)
        return [Saved() if isinstance(outcome, Response) else outcome for outcome in outcomes]


async def _answered(
    kind: Kind[A], route: UnitRoute, units: Units, unit: Unit, members: Sequence[Member[A]]
) -> list[Outcome[Response]]:
    keys = [member.exchange.key for member in members if member.exchange.key is not None]
    callers = " ".join(sorted({key.caller for key in keys}))
    for member in members:
        exchange = member.exchange
        scope = replace(exchange.scope, caller=callers)
        member.unit = unit.beside(exchange.caller, exchange.role, scope, exchange.cause)
    outcomes: dict[Member[A], Outcome[Response]] = dict(await _not_now(members))
    fresh = [member for member in members if member not in outcomes]
    for member, answer in zip(fresh, await kind.answers(fresh) if fresh else (), strict=True):
        outcomes[member] = _rendered(route, answer) if isinstance(answer, BaseModel) else answer
    await _kept(units, outcomes)
    return [outcomes[member] for member in members]


async def _not_now(members: Sequence[Member[A]]) -> Mapping[Member[A], Fate]:
    """Those whose `Idempotency-Key` somebody uses, or has used, or another of the batch does."""
    first: dict[tuple[str, ...], Member[A]] = {}
    fates: dict[Member[A], Fate] = {}
    for member in members:
        key = member.exchange.key
        if key is not None and first.setdefault(key.identity, member) is not member:
            fates[member] = Fate.AGAIN
    keys = [member.exchange.key for member in first.values() if member.exchange.key is not None]
    free = await idempotency.claim_all(members[0].unit, keys) if keys else ()
    return fates | {member: Fate.ALONE for member in first.values() if member.exchange.key not in free}


async def _kept(units: Units, outcomes: Mapping[Member[A], Outcome[Response]]) -> None:
    """Keeps the answers of those that sent an `Idempotency-Key`."""
    kept = [
        (member.exchange.key, answer)
        for member, answer in outcomes.items()
        if member.exchange.key is not None and isinstance(answer, Response)
    ]
    if kept:
        unit = next(iter(outcomes)).unit
        async with unit.as_system():  # the scope in which a batch has just written
            await idempotency.store_all(unit, kept, units.cipher)


def _rendered(route: UnitRoute, answer: BaseModel) -> Response:
    """As the framework renders what the route's endpoint returns."""
    body = answer.model_dump_json(by_alias=True, exclude_none=route.response_model_exclude_none)
    return Response(body, route.status_code or 200, media_type="application/json")


def by_scope(members: Iterable[Member[A]]) -> list[list[Member[A]]]:
    """The members by what they may see, whoever asks: one look for each."""
    groups: dict[Scope, list[Member[A]]] = {}
    for member in members:
        groups.setdefault(member.unit.scope, []).append(member)
    return list(groups.values())
