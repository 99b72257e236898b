"""`kursnav status`: what runs, where, and whether everything has arrived."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx2
import typer
from rich.table import Table

from infra.commands import token
from infra.commands.console import console
from infra.local import state
from infra.settings import SERVICES, data_folder

ANSWER_SECONDS = 15  # a service waits 5 s for its database and 10 s for the broker before it says that they are silent
FIGURES = ("outbox_unsent", "lag", "held", "parked", "dead_letters")


@dataclass(frozen=True)
class Health:
    """What one service says about itself. `missing`: what keeps it from its work; `unknown`: why it has no figures."""

    service: str
    missing: tuple[str, ...] = ()
    position: Mapping[str, int] = field(default_factory=dict)
    unknown: str = ""

    @property
    def well(self) -> bool:
        return not self.missing and not self.unknown

    def notes(self) -> list[str]:
        """What the table cannot say, and what to do about it."""
        said = [f"{self.service} is not ready: {what}" for what in self.missing]
        if self.unknown and not self.missing:
            said.append(f"{self.service} does not know whether everything has arrived: {self.unknown}")
        if self.position.get("dead_letters") or self.position.get("parked"):
            said.append(f"{self.service} could not apply some events: kursnav dead-letters list {self.service}")
        return said


def status() -> None:
    """Prints the parts with their state; ends with code 1 when something is not right."""
    running = state.running(data_folder())
    if running is None:
        console.print("kursnav does not run. Start it: kursnav up")
        raise typer.Exit(1)
    minutes = (time.time() - running.started_at) / 60
    console.print(f"kursnav runs at {running.origin} since {minutes:.0f} min (process {running.supervisor.pid})")
    console.print(_parts(running))
    with ThreadPoolExecutor(len(SERVICES)) as asked:
        health = list(asked.map(partial(health_of, running.origin), SERVICES))
    console.print(_services(health))
    for one in health:
        for note in one.notes():
            console.print(note, markup=False, soft_wrap=True)
    raise typer.Exit(0 if all(one.well for one in health) and all(_alive(running)) else 1)


def _alive(running: state.StackState) -> list[bool]:
    return [mark.alive for mark in running.children.values()]


def _parts(running: state.StackState) -> Table:
    table = Table("part", "state", "process", box=None)
    for name, mark in running.children.items():
        table.add_row(name, "runs" if mark.alive else "ended", str(mark.pid))
    table.add_row("Kafka address", running.bootstrap_servers, "")
    table.add_row("PostgreSQL address", running.admin_url.rpartition("@")[2] or "external", "")
    table.add_row("SMTP address", running.smtp, "")
    return table


def _services(health: list[Health]) -> Table:
    table = Table("service", "ready", *(name.replace("_", " ") for name in FIGURES), box=None)
    for one in health:
        figures = [str(one.position.get(name, "?")) for name in FIGURES]
        table.add_row(one.service, "NO" if one.missing else "yes", *figures)
    return table


def health_of(origin: str, service: str) -> Health:
    """Asks a service; whatever it does not answer stands in the result."""
    access = {"Authorization": f"Bearer {token.make('operator')}", "Accept-Language": "en"}
    with httpx2.Client(base_url=f"{origin}/{service}", timeout=ANSWER_SECONDS, headers=access) as client:
        try:
            ready = client.get("/health/ready")
        except httpx2.HTTPError as error:
            return Health(service, (f"no answer ({type(error).__name__})",), {}, "no answer")
        missing = () if ready.is_success else tuple(_json(ready).get("missing", [f"it answers {ready.status_code}"]))
        try:
            answer = client.get("/v1/position")
        except httpx2.HTTPError as error:
            return Health(service, missing, {}, f"no answer ({type(error).__name__})")
    if answer.is_success:
        return Health(service, missing, answer.json())
    return Health(service, missing, {}, _json(answer).get("detail", f"it answers {answer.status_code}"))


def _json(answer: httpx2.Response) -> dict[str, Any]:
    if "json" not in answer.headers.get("content-type", ""):
        return {}
    document: dict[str, Any] = answer.json()
    return document
