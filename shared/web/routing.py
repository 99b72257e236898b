"""The one way into a service: authentication, role, row-level scope, idempotency and the transaction of every request.

A route names who may call it with `allow(...)`; without it the route refuses everybody. The transaction commits
while the route still holds the rendered answer, so no client has a 201 for what was not written.
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from secrets import token_hex
from typing import Any
from uuid import uuid4

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from shared.clock import instant
from shared.database.unit_of_work import Rollback, Unit
from shared.messaging.outbox import Cause
from shared.observability import tracing
from shared.security.roles import ANY, Caller, Role, scope_of
from shared.web import idempotency
from shared.web.intake import Intake
from shared.web.openapi import RESPONSES
from shared.web.problems import Problem, forbidden
from shared.web.texts import check_caller, clean_question, traces_person

__all__ = ["ANY", "OpenRoute", "Role", "Unit", "allow", "beforehand", "service_router"]

OccurredAtCheck = Callable[[Unit, datetime], Awaitable[None]]
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


_present: ContextVar[Mapping[str, Any]] = ContextVar("present")  # what the route gives the endpoint of this task


@dataclass(frozen=True)
class Allowed:
    """The roles that may call a route."""

    roles: tuple[Role, ...] = ()


def allow(*roles: Role) -> Any:
    """Who may call: `unit: Unit = allow(Role.COORDINATOR)`. Gives the endpoint its unit of work, in the caller's scope.

    The route answers 403 to other roles; a caller with several roles acts in the widest one that the route allows.
    """
    return Allowed(roles)


@dataclass(frozen=True)
class Beforehand:
    """What is made of a request before a connection to the database is taken."""

    make: Callable[[Request], Awaitable[Any]]


def beforehand(make: Callable[[Request], Awaitable[Any]]) -> Any:
    """`upload: Upload = beforehand(read)`: for what takes time, or can fail, and needs no database."""
    return Beforehand(make)


@dataclass(frozen=True)
class Given:
    """The parameters of an endpoint that the route gives it, by name, in place of the framework."""

    allowed: Allowed = Allowed()
    unit: str | None = None
    beforehand: Mapping[str, Beforehand] = field(default_factory=dict)


class UnitRoute(APIRoute):
    """A route whose endpoint runs inside one unit of work."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        self.given, endpoint = _apart(endpoint)
        self.allowed = self.given.allowed
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Any]:
        inner, intake = super().get_route_handler(), Intake(self)
        name = f"{'|'.join(sorted(self.methods or ()))} {self.path_format}"

        async def handle(request: Request) -> Response:
            state = request.app.state
            caller: Caller = await state.tokens.caller_of(request)
            role = admitted(caller, self.allowed)
            check_caller(caller)
            clean_question(request)
            _require_json(request)
            intake.check_question(request)
            request = await intake.read(request)
            made = {name: await one.make(request) for name, one in self.given.beforehand.items()}
            call = await idempotency.call_of(request, caller.identity)
            with tracing.span(state.units.service, name, kind="SERVER", parent=_traceparent(request)) as traceparent:
                try:
                    async with state.units.open(caller=caller, cause=_cause(request, traceparent)) as unit:
                        unit.enter(scope_of(caller, role), role)
                        request.state.unit, request.state.call = unit, call
                        _present.set({self.given.unit: unit, **made} if self.given.unit else made)
                        if call is not None:
                            await idempotency.begin(unit, call)
                        await _date(request, unit)
                        response: Response = await inner(request)
                        if response.status_code >= 400:
                            raise Rollback
                        if call is not None:
                            await idempotency.store(unit, call, response)
                except idempotency.AlreadyAnswered as answered:
                    return answered.response
                except Rollback:
                    return response
                return response

        return handle


class OpenRoute(APIRoute):
    """A route without a unit of work, which takes no body: what a service says about itself."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        inner, intake = super().get_route_handler(), Intake(self)

        async def handle(request: Request) -> Response:
            intake.check_question(request)
            response: Response = await inner(request)
            return response

        return handle


def _apart(endpoint: Callable[..., Any]) -> tuple[Given, Callable[..., Any]]:
    """What the route gives an endpoint, and the endpoint as the framework sees it: without that.

    As a dependency of the framework the unit would cost every request a tenth of its time.
    """
    signature = inspect.signature(endpoint)
    own = {one.name: one.default for one in signature.parameters.values()}
    units = [name for name, default in own.items() if isinstance(default, Allowed)]
    made = {name: default for name, default in own.items() if isinstance(default, Beforehand)}
    if not units and not made:
        return Given(), endpoint
    given = Given(own[units[0]] if units else Allowed(), units[0] if units else None, made)

    @wraps(endpoint)
    async def with_given(**values: Any) -> Any:
        return await endpoint(**values, **_present.get())

    others = [one for one in signature.parameters.values() if not isinstance(one.default, Allowed | Beforehand)]
    with_given.__signature__ = signature.replace(parameters=others)  # type: ignore[attr-defined]  # inspect reads it
    return given, with_given


def service_router(prefix: str = "", tag: str | None = None) -> APIRouter:
    """A router whose routes are units of work."""
    return APIRouter(
        prefix=prefix,
        route_class=UnitRoute,
        tags=[tag] if tag else None,
        responses=RESPONSES,
    )


def admitted(caller: Caller, allowed: Allowed) -> Role:
    """The role in which a caller acts. Raises 403 for other roles, and for a role whose claim is missing."""
    role = caller.role_among(allowed.roles)
    if role is None:
        raise forbidden()
    if role is Role.MUNICIPALITY and not caller.municipality:
        raise forbidden(
            "Din inloggning saknar kommun. Be den som sköter behörigheter om den.",
            "Your login has no municipality. Ask whoever manages access for it.",
        )
    if role is Role.TRAINER and caller.trainer_id is None:
        raise forbidden(
            "Din inloggning saknar utbildningsledar-id. Be den som sköter behörigheter om det.",
            "Your login has no trainer id. Ask whoever manages access for it.",
        )
    return role


async def _date(request: Request, unit: Unit) -> None:
    """Applies `Kursnav-Occurred-At` where the service dates its acts."""
    header = request.headers.get("kursnav-occurred-at")
    check: OccurredAtCheck | None = getattr(request.app.state, "occurred_at_check", None)
    if header is None or check is None or request.method == "GET":
        return
    if unit.role is not Role.COORDINATOR:
        raise forbidden(
            "Bara samordnaren får lägga in det som redan har hänt (Kursnav-Occurred-At).",
            "Only the coordinator may enter what already happened (Kursnav-Occurred-At).",
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
            "Kursnav-Occurred-At ligger i framtiden. Ange när det hände.",
            "Kursnav-Occurred-At lies in the future. Give the time when it happened.",
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
    return Cause(
        correlation_id=request_id if usable else str(uuid4()),
        traceparent=traceparent or f"00-{token_hex(16)}-{token_hex(8)}-01",
    )


def _require_json(request: Request) -> None:
    """415 for a body that is neither JSON nor a file upload: FastAPI alone would call it a validation error."""
    if request.headers.get("content-length", "0") == "0" and "transfer-encoding" not in request.headers:
        return
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if not (
        kind in ("application/json", "multipart/form-data")
        or (kind.startswith("application/") and kind.endswith("+json"))
    ):
        raise Problem(
            "unsupported-media-type",
            415,
            "Skicka innehållet som application/json (filer som multipart/form-data).",
            "Send the body as application/json (files as multipart/form-data).",
        )
