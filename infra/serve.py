"""`kursnav serve`: one process with one ASGI origin that mounts each named service under its prefix.

The origin enters each service's lifespan itself (lifespans of mounted applications do not run). Even alone a service
sits under its prefix, so no proxy rewrites paths.
"""

import asyncio
import os
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from infra.commands.addresses import chosen
from infra.connections import Limits, limited
from infra.local.errors import StackError
from infra.settings import data_folder
from shared import collector
from shared.web import errors
from shared.web.headers import careful

if TYPE_CHECKING:
    from pydantic import ValidationError

    from shared.service import Ports, Service

log = structlog.get_logger(__name__)

GRACEFUL_SECONDS = 10
STALLED_SECONDS = 3.0  # not ready for so long before the process ends: a proxy has stopped sending by then
STALLED_GRACE_SECONDS = 5.0  # what hangs may hold up an orderly end: after this there is none
DESCRIPTIONS = ("/asyncapi.json", "/schemas/{ce_type}/{minor}")
PAGES = {
    **dict.fromkeys(("", "boka", "kurser", "logga-in", "logga-ut", "tillganglighet", "integritet"), "booking"),
    **dict.fromkeys(("narvaro", "min", "enkat", "incheckning", "intyg"), "attendance"),
    "uppfoljning": "reporting",
}
"""Whose pages are where: mails, posters and colleagues hold these addresses."""
STALLED_EXIT = 75  # EX_TEMPFAIL: start it again


def serve(names: list[str] | None, host: str, port: int) -> None:
    """Runs until SIGTERM or SIGINT, then finishes what is under way.

    Ends by itself with code 75 when a service's consumers stall; whoever started the process starts it again.
    """
    wanted = chosen(names)
    _load(wanted)
    services = [create(name) for name in wanted]
    configure_logs(services)
    stop_tracing = configure_traces(services)
    try:
        stall = Stall(services)
        settings = services[0].settings
        limits = Limits(settings.max_connections, settings.patience_seconds)
        closing = [service.closing for service in services]
        run(origin(services, extra=development_routes(services, port)), _listener(host, port), limits, stall, closing)
    finally:
        stop_tracing()
    if stall.ending:
        raise SystemExit(STALLED_EXIT)


class Stall:
    """Whether this process should end because a service in it makes no progress."""

    def __init__(self, services: "Sequence[Service]") -> None:
        self.services = services
        self.ending = False
        self._since: float | None = None

    def ends(self) -> bool:
        """True once a service has been stalled for `STALLED_SECONDS`; from then on the process ends, whatever hangs."""
        stalled = [service.name for service in self.services if service.watchdog.stalled]
        if not stalled:
            self._since = None
            return False
        self._since = self._since or time.monotonic()
        if not self.ending and time.monotonic() - self._since >= STALLED_SECONDS:
            self.ending = True
            log.error("no_progress_process_ends", services=stalled)
            last = threading.Timer(STALLED_GRACE_SECONDS, os._exit, (STALLED_EXIT,))
            last.daemon = True
            last.start()
        return self.ending


def _load(names: list[str]) -> None:
    """Loads the code, then waits for the supervisor's sign: the pipe's other end is closed when the parts answer."""
    for name in names:
        import_module(f"services.{name}.app")
    if begin := os.environ.get("KURSNAV_BEGIN_FD"):
        os.read(int(begin), 1)


def create(name: str, ports: "Ports | None" = None) -> "Service":
    """The service by its composition root, with settings from the environment. Raises `StackError`."""
    from pydantic import ValidationError

    from shared.security.cipher import CipherError

    module = import_module(f"services.{name}.app")
    settings = import_module(f"services.{name}.settings")
    try:
        service: Service = module.create(getattr(settings, f"{name.capitalize()}Settings")(), ports)
    except ValidationError as error:
        raise StackError(f"{name} cannot start with these settings:\n{_each(error)}") from error
    except (CipherError, ValueError) as error:
        raise StackError(f"{name} cannot start with these settings: {error}") from error
    return service


def _each(error: "ValidationError") -> str:
    return "\n".join(
        f"  {': '.join(filter(None, ['.'.join(map(str, item['loc'])), item['msg'].removeprefix('Value error, ')]))}"
        for item in error.errors()
    )


def configure_logs(services: "Sequence[Service]") -> None:
    """One JSON object a line for everything in this process."""
    from shared.observability import logging

    settings = services[0].settings
    logging.configure(settings.log_level, instance=settings.instance)


def configure_traces(services: "Sequence[Service]") -> Callable[[], None]:
    """Sends spans to the collector that the settings name; the answer sends what is left. Without one, nothing."""
    settings = services[0].settings
    if not settings.otlp_endpoint:
        return lambda: None
    from shared.observability import tracing

    names = [service.name for service in services]
    return tracing.configure(names, settings.instance, tracing.collector(settings.otlp_endpoint))


class Origin(Starlette):
    """The application at the top. What is under a service's prefix goes to it at once, everything else by the routes.

    The mounts alone would do the same; two layers of middleware and a route less are a twentieth of a booking's time.
    """

    def __init__(self, services: "Sequence[Service]", **options: Any) -> None:
        self._services = {service.name: service.app for service in services}
        super().__init__(**options)
        self.router.redirect_slashes = False  # it would send the caller to whatever Host was asked for
        errors.install(self)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        send = careful(send)
        if scope["type"] == "http" and not scope.get("root_path"):
            first, slash, _ = scope["path"][1:].partition("/")
            if slash and (service := self._services.get(first)):
                scope.update(app_root_path="", root_path=f"/{first}")
                return await service(scope, receive, send)
            if service := self._services.get(PAGES.get(first, "")):
                return await as_page(service)(scope, receive, send)
        await super().__call__(scope, receive, send)


def as_page(service: FastAPI) -> ASGIApp:
    """The service's pages: their addresses have no prefix, and what is refused there is a page too."""

    async def shown(scope: Scope, receive: Receive, send: Send) -> None:
        await service({**scope, "pages": service.state.pages}, receive, send)

    return shown


def origin(services: "Sequence[Service]", *, extra: Sequence[BaseRoute] = (), messaging: bool = True) -> Starlette:
    """The application that stands at the top: `/booking`, `/attendance`, `/reporting`, and `extra` routes."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as running:
            for service in services:
                await running.enter_async_context(service.lifespan(messaging=messaging))
            yield

    mounts = [Mount(f"/{service.name}", app=service.app) for service in services]
    described = [Route(path, Described(service)) for service in services[:1] for path in DESCRIPTIONS]
    # Whatever else is asked for: booking's page says that there is nothing.
    others = [Mount("/", app=as_page(service.app)) for service in services if service.name == PAGES[""]]
    top = [*described, *others]
    return Origin(services, routes=[*mounts, *extra, *top], lifespan=lifespan)


class Described:
    """The description of all events, also at the top of the origin, where `ce_dataschema` has it: every service
    answers it.
    """

    def __init__(self, service: "Service") -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        above = scope.get("root_path", "")
        below = f"{above}/{self._service.name}"
        path = below + scope["path"].removeprefix(above)
        await self._service.app({**scope, "app_root_path": above, "root_path": below, "path": path}, receive, send)


def development_routes(services: "Sequence[Service]", port: int) -> list[BaseRoute]:
    """The caught mails, a way to let time pass, and the issuer unless tokens come from another one.

    Nothing outside development.
    """
    if os.environ.get("KURSNAV_ENVIRONMENT") != "development":
        return []
    from infra.local import mail_sink, sweeping
    from infra.local.issuer import app

    data = data_folder()
    mine: list[BaseRoute] = [*mail_sink.routes(data / "mail"), *sweeping.routes(services)]
    issuer = os.environ.get("KURSNAV_ISSUER") or f"http://127.0.0.1:{port}/identity"
    if urlsplit(issuer).path.rstrip("/") != "/identity":
        return mine
    return [Mount("/identity", app=app(data, issuer)), *mine]


def _listener(host: str, port: int) -> socket.socket:
    """The socket that the supervisor handed down, or one of our own."""
    from infra.local import ports

    inherited = os.environ.get("KURSNAV_SOCKET_FD")
    return socket.socket(fileno=int(inherited)) if inherited else ports.listen(port, host)


def run(
    application: Starlette,
    listener: socket.socket,
    limits: Limits,
    stall: Stall | None = None,
    closing: Sequence[asyncio.Event] = (),
) -> None:
    """Serves on the listener and, once it answers, leaves the sign that the supervisor waits for. At the end `closing`
    is set first, so that nobody waits for an answer that goes on for ever.
    """
    import uvicorn
    import uvloop

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            collector.relax()
            if sign := os.environ.get("KURSNAV_READY_FILE"):
                Path(sign).touch()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            for event in closing:
                event.set()
            await super().shutdown(sockets=sockets)

        async def on_tick(self, counter: int) -> bool:
            return await super().on_tick(counter) or (stall is not None and stall.ends())

    config = uvicorn.Config(
        application,
        http=limited(limits),
        ws="none",
        log_config=None,  # everything goes through structlog
        access_log=False,  # requests are measured, not listed
        server_header=False,
        proxy_headers=False,  # nothing asks for the caller's address; browsers come to KURSNAV_URL
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(Server(config).serve(sockets=[listener]))
