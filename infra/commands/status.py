"""`kursnav status`: what runs, where, and whether everything has arrived."""

import time
from typing import Any

import httpx
import typer
from rich.table import Table

from infra.commands import token
from infra.commands.console import console
from infra.local import state
from infra.settings import SERVICES, data_folder


def status() -> None:
    """Prints the parts with their state; ends with code 1 when something is not right."""
    running = state.running(data_folder())
    if running is None:
        console.print("kursnav does not run. Start it: kursnav up")
        raise typer.Exit(1)
    minutes = (time.time() - running.started_at) / 60
    console.print(f"kursnav runs at {running.origin} since {minutes:.0f} min (process {running.supervisor.pid})")
    console.print(_parts(running))
    health = [_health(running.origin, service) for service in SERVICES]
    console.print(_services(health))
    raise typer.Exit(0 if all(row["ready"] for row in health) and all(_alive(running)) else 1)


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


def _services(health: list[dict[str, Any]]) -> Table:
    table = Table("service", "ready", "outbox unsent", "lag", "held", "parked", "dead letters", box=None)
    for row in health:
        position = row["position"]
        figures = [position.get(name) for name in ("outbox_unsent", "lag", "held", "parked", "dead_letters")]
        table.add_row(row["service"], "yes" if row["ready"] else "NO", *("?" if n is None else str(n) for n in figures))
    return table


def _health(origin: str, service: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token.make('operator')}"}
    try:
        ready = httpx.get(f"{origin}/{service}/health/ready", timeout=5).is_success
        answer = httpx.get(f"{origin}/{service}/v1/position", headers=headers, timeout=5)
        position = answer.json() if answer.is_success else {}
    except httpx.HTTPError:
        ready, position = False, {}
    return {"service": service, "ready": ready, "position": position}
