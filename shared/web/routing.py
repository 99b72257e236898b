"""The one way into a service: admission, intake, the transaction, idempotency, business time and the entity tag.

A route names who may call it with `allow(...)`; without it the route refuses everybody. The transaction commits
while the route still holds the rendered answer, so no client has a 201 for what was not written.
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, wraps
from secrets import token_hex
from typing import Any, get_args, get_origin
from uuid import uuid4

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Send
from starlette.types import Scope as ASGIScope

from shared.clock import instant
from shared.database.transaction import Saved
from shared.database.unit_of_work import Rollback, Unit
from shared.messaging.outbox import Cause
from shared.observability import tracing
from shared.security.roles import ANY, NOTHING, Caller, Role, Scope, scope_of
from shared.web import idempotency
from shared.web.admission import Admission, Allowed, signed_in
from shared.web.etags import Versioned, etag
from shared.web.idempotency import IdempotentCall
from shared.web.incoming import Incoming
from shared.web.intake import Intake
from shared.web.openapi import RESPONSES
from shared.web.problems import Problem, forbidden
from shared.web.texts import clean_question, traces_person

__all__ = ["ANY", "OpenRoute", "Role", "Unit", "Versioned", "allow", "beforehand", "service_router"]

OccurredAtCheck = Callable[[Unit, datetime], Awaitable[None]]
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
STACKS = ("fastapi_middleware_astack", "fastapi_inner_astack", "fastapi_function_astack")
Handle = Callable[[Request], Coroutine[Any, Any, Response]]
TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


@dataclass(slots=True)
class Exchange:
    """One request and what the parts of its route found out about it, each before the next."""

    request: Request
    caller: Caller = field(init=False)
    role: Role | None = field(init=False)
    key: IdempotentCall | None = None
    made: Mapping[str, Any] = field(default_factory=dict)
    cause: Cause = field(init=False)
    unit: Unit = field(init=False)
    revision: int | None = None
    created: bool = False

    @property
    def scope(self) -> Scope:
        """A visitor sees no row but the answers that were kept for visitors."""
        if self.role is None:
            return replace(NOTHING, caller=self.caller.identity)
        return scope_of(self.caller, self.role)


Part = Callable[[Exchange], Awaitable[Response]]
Combined = Callable[["UnitRoute", Part], Part]
"""The way of a route whose requests share transactions (`shared.web.combined`), around the way of one alone."""

_present: ContextVar[Exchange] = ContextVar("exchange")


def present() -> Exchange:
    """The exchange that this task answers."""
    return _present.get()


def allow(*roles: Role, by: Admission = signed_in) -> Any:
    """Who may call: `unit: Unit = allow(Role.COORDINATOR)`. Gives the endpoint its unit of work, in the caller's scope.

    The route answers 403 to other roles; a caller with several roles acts in the widest one that the route allows.
    `allow(*ANY, by=anybody)` lets everybody in; who is not signed in has no role and sees no row.
    """
    return Allowed(roles, by)


@dataclass(frozen=True)
class Beforehand:
    """What is made of a request before a connection to the database is taken."""

    make: Callable[[Request], Awaitable[Any]]


def beforehand(make: Callable[[Request], Awaitable[Any]]) -> Any:
    """`upload: Upload = beforehand(read)`: for what takes time, or can fail, and needs no database."""
    return Beforehand(make)


class OurRoute(APIRoute):
    """A route that is left to the framework from its endpoint on: what raises is told by the application alone, and
    what the endpoint opened is closed before the answer is sent.
    """

    @cached_property
    def answer(self) -> Handle:
        """What the route does with a request."""
        return self.answering()

    def answering(self) -> Handle:
        """The framework's own way: parameters, endpoint, answer; with the place where it looks for what is open."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            async with AsyncExitStack() as opened:
                request.scope.update(dict.fromkeys(STACKS, opened))
                return await inner(request)

        return handle

    def get_route_handler(self) -> Handle:
        return self.answer

    async def handle(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        if scope["method"] not in (self.methods or ()):
            return await super().handle(scope, receive, send)  # which says so
        response = await self.answer(Incoming(scope, receive, send))
        await response(scope, receive, send)


class UnitRoute(OurRoute):
    """A route whose endpoint runs inside one unit of work."""

    intake: type[Intake] = Intake

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        self.combined: Combined | None = getattr(endpoint, "combined", None)
        self.allowed, self.made, endpoint = _apart(endpoint)
        super().__init__(path, endpoint, **options)

    def answering(self) -> Handle:
        intake, endpoint = self.intake(self), super().answering()
        name = f"{'|'.join(sorted(self.methods or ()))} {self.path_format}"
        alone = in_unit(once(dated(tagged(endpoint))))
        inner = alone if self.combined is None else self.combined(self, alone)
        answer = admit(self.allowed, take(intake, self.made, traced(name, inner)))

        async def handle(request: Request) -> Response:
            return await answer(Exchange(request))

        return handle


def admit(allowed: Allowed, then: Part) -> Part:
    """Finds out who calls. Raises 401, 403."""

    async def part(exchange: Exchange) -> Response:
        exchange.caller, exchange.role = await allowed.admit(exchange.request)
        exchange.request.scope.update(caller=exchange.caller, role=exchange.role)
        return await then(exchange)

    return part


def take(intake: Intake, made: Mapping[str, Beforehand], then: Part) -> Part:
    """Reads the whole request and refuses what is wrong in itself, before a connection to the database is taken."""

    async def part(exchange: Exchange) -> Response:
        clean_question(exchange.request)
        request = exchange.request = await intake.take(exchange.request)
        if made:
            exchange.made = {name: await one.make(request) for name, one in made.items()}
        exchange.key = await idempotency.call_of(request, exchange.caller.identity)
        return await then(exchange)

    return part


def traced(name: str, then: Part) -> Part:
    """A span around the work, which is the cause of its events."""

    async def part(exchange: Exchange) -> Response:
        request, service = exchange.request, exchange.request.app.state.units.service
        with tracing.span(service, name, kind="SERVER", parent=_traceparent(request)) as traceparent:
            exchange.cause = _cause(request, traceparent)
            return await then(exchange)

    return part


def in_unit(then: Part) -> Part:
    """Opens the unit of work in the caller's scope. It commits before the answer leaves; a refusal leaves nothing."""

    async def part(exchange: Exchange) -> Response:
        units, opened = exchange.request.app.state.units, list[Unit]()
        try:
            async with units.open(caller=exchange.caller, cause=exchange.cause) as unit:
                opened.append(unit)
                unit.enter(exchange.scope, exchange.role)
                exchange.unit = unit
                response = await then(exchange)
                if response.status_code >= 400:
                    raise Rollback
        except Rollback:
            return response
        except Exception as error:
            if any(unit.transaction.committed for unit in opened):
                raise Saved from error
            raise
        return response

    return part


def once(then: Part) -> Part:
    """The same request with the same `Idempotency-Key` gets the answer that it got before.

    What a route says nobody may store is not stored here either: such a call changes nothing, and is made again.
    """

    async def part(exchange: Exchange) -> Response:
        unit, key = exchange.unit, exchange.key
        if key is None:
            return await then(exchange)
        cipher = exchange.request.app.state.units.cipher
        known = await idempotency.begin(unit, key, cipher)
        if known is not None:
            return known
        response = await then(exchange)
        if response.status_code < 400 and response.headers.get("cache-control") != "no-store":
            await idempotency.store(unit, key, response, cipher)
        return response

    return part


def dated(then: Part) -> Part:
    """`Kursnav-Occurred-At` dates the act, where the service dates its acts."""

    async def part(exchange: Exchange) -> Response:
        await _date(exchange.request, exchange.unit)
        return await then(exchange)

    return part


def tagged(endpoint: Callable[[Request], Awaitable[Response]]) -> Part:
    """Runs the endpoint; what it returns as `Versioned` gets its ETag, and 201 when it is new."""

    async def part(exchange: Exchange) -> Response:
        _present.set(exchange)
        response = await endpoint(exchange.request)
        if exchange.revision is not None:
            response.headers["ETag"] = etag(exchange.revision)
        if exchange.created:
            response.status_code = 201
        return response

    return part


class OpenRoute(OurRoute):
    """A route without a unit of work, which takes no body: what a service says about itself."""

    def answering(self) -> Handle:
        inner, intake = super().answering(), Intake(self)

        async def handle(request: Request) -> Response:
            intake.check_question(request)
            return await inner(request)

        return handle


def _apart(endpoint: Callable[..., Any]) -> tuple[Allowed, Mapping[str, Beforehand], Callable[..., Any]]:
    """Whom the route admits, what it gives an endpoint, and that as the framework sees it: without any of it.

    As a dependency of the framework the unit would cost every request a tenth of its time.
    """
    signature = inspect.signature(endpoint, eval_str=True)
    own = {one.name: one.default for one in signature.parameters.values()}
    units = [name for name, default in own.items() if isinstance(default, Allowed)]
    if not units:
        return Allowed(), {}, endpoint
    [unit] = units
    made = {name: default for name, default in own.items() if isinstance(default, Beforehand)}

    @wraps(endpoint)
    async def with_given(**values: Any) -> Any:
        exchange = _present.get()
        answer = await endpoint(**values, **exchange.made, **{unit: exchange.unit})
        if isinstance(answer, Versioned):
            exchange.revision, exchange.created = answer.revision, answer.created
            return answer.value
        return answer

    others = [one for one in signature.parameters.values() if not isinstance(one.default, Allowed | Beforehand)]
    shown = signature.return_annotation
    if get_origin(shown) is Versioned:
        [shown] = get_args(shown)
    bare = signature.replace(parameters=others, return_annotation=shown)
    with_given.__signature__ = bare  # type: ignore[attr-defined]  # inspect reads it
    return own[unit], made, with_given


def service_router(tag: str | None = None) -> APIRouter:
    """A router whose routes are units of work."""
    return APIRouter(route_class=UnitRoute, tags=[tag] if tag else None, responses=RESPONSES)


async def _date(request: Request, unit: Unit) -> None:
    """Applies `Kursnav-Occurred-At` where the service dates its acts."""
    header = request.headers.get("kursnav-occurred-at")
    check: OccurredAtCheck | None = getattr(request.app.state, "occurred_at_check", None)
    if header is None or check is None or request.method == "GET":
        return
    if unit.role is not Role.COORDINATOR:
        raise forbidden(
            "Bara samordnaren får lägga in det som redan har hänt.",
            "Only the coordinator may enter what already happened.",
        )
    at = instant(header.strip())
    if at is None:
        raise Problem(
            "invalid-occurred-at",
            400,
            "Kursnav-Occurred-At ska vara en tidpunkt med tidszon, till exempel 2025-03-01T09:00:00+01:00.",
            "Kursnav-Occurred-At must be a time with offset, for example 2025-03-01T09:00:00+01:00.",
        )
    if at > unit.recorded_at:
        raise Problem(
            "occurred-at-in-future",
            422,
            "Tiden ligger i framtiden. Ange när det hände.",
            "The time lies in the future. Say when it happened.",
        )
    await check(unit, at)
    unit.occurred_at = at


def _traceparent(request: Request) -> str | None:
    """The trace that the caller began, if it began one."""
    header = request.headers.get("traceparent", "")
    return header if TRACEPARENT.fullmatch(header) and not traces_person(header) else None


def _cause(request: Request, traceparent: str | None) -> Cause:
    request_id = request.headers.get("x-request-id", "")
    usable = REQUEST_ID.fullmatch(request_id) and not traces_person(request_id)
    if traceparent is None:
        both = token_hex(24)
        traceparent = f"00-{both[:32]}-{both[32:]}-01"
    return Cause(correlation_id=request_id if usable else str(uuid4()), traceparent=traceparent)
