"""The whole one-machine stack, as `kursnav up` runs it: survives `kill -9`, ends cleanly on Ctrl-C, loses nothing."""

import os
import re
import signal
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx2
import pytest

from infra.local import state
from infra.local.process import free_port
from infra.local.stack import kursnav
from infra.local.state import ProcessMark
from infra.settings import SERVICES
from tests.support import databases
from tests.support.eventually import eventually
from tests.support.stack import Stack
from tests.support.topics import topics

pytestmark = [pytest.mark.slow]

PROJECT = {
    "name": "Prov",
    "period": {"from": "2025-01-01", "to": "2027-06-30"},
    "grant": "1000.00",
    "commitment_minutes": 60_000,
    "settings": [],
}
MUNICIPALITY = {"code": "1880", "name": "Örebro", "org_number": "212000-1967", "employees": 12000}


class Machine:
    """A stranger's machine: a data folder, a port, and the `kursnav` command."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        own = {"KURSNAV_DATA": str(data), "KURSNAV_PORT": str(self.port), "KURSNAV_ENVIRONMENT": "development"}
        external = re.compile("KAFKA_|KURSNAV_|BOOKING_|ATTENDANCE_|REPORTING_")
        kept = {name: value for name, value in os.environ.items() if not external.match(name)}
        self.environment = {**kept, **own, "KURSNAV_CACHE": os.environ.get("KURSNAV_CACHE", "")}
        self.supervisor: subprocess.Popen[str] | None = None

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(kursnav(*arguments), env=self.environment, capture_output=True, text=True, timeout=120)

    async def up(self) -> None:
        """Starts in the foreground and waits until it is ready."""
        self.supervisor = subprocess.Popen(
            kursnav("up"), env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )

        def ready() -> bool:
            assert self.supervisor is not None
            if self.supervisor.poll() is not None and self.supervisor.stderr is not None:
                pytest.fail(f"kursnav up ended: {self.supervisor.stderr.read()}")
            running = state.running(self.data)
            return running is not None and running.ready

        await eventually(ready, within=120, what="kursnav up is ready")

    def child(self, name: str) -> ProcessMark:
        running = state.running(self.data)
        assert running is not None, "the stack runs"
        return running.children[name]

    def end(self, how: signal.Signals) -> int:
        assert self.supervisor is not None, "it was started"
        self.supervisor.send_signal(how)
        return self.supervisor.wait(60)

    def client(self) -> httpx2.Client:
        token = self.run("token", "--role", "coordinator").stdout.strip()
        headers = {"Authorization": f"Bearer {token}"}
        return httpx2.Client(base_url=f"http://127.0.0.1:{self.port}", headers=headers, timeout=30)


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    machine = Machine(tmp_path / "data")
    yield machine
    machine.run("reset", "--yes")


async def test_what_was_answered_is_there_after_kill_9_and_ctrl_c_ends_everything(machine: Machine) -> None:
    await machine.up()
    assert machine.run("status").returncode == 0
    with machine.client() as coordinator:
        for service in SERVICES:
            assert coordinator.get(f"/{service}/health/ready").status_code == 200
        assert coordinator.put("/booking/v1/project", json=PROJECT).is_success
        written = coordinator.put(f"/booking/v1/municipalities/{MUNICIPALITY['code']}", json=MUNICIPALITY)
        assert written.is_success, written.text
    orphans = state.read(machine.data)
    assert orphans is not None
    machine.end(signal.SIGKILL)

    await machine.up()
    assert not any(child.alive for child in orphans.children.values())
    with machine.client() as coordinator:
        items = coordinator.get("/booking/v1/municipalities").json()["items"]
    assert [item["code"] for item in items] == [MUNICIPALITY["code"]]

    again = machine.run("up")
    assert again.returncode == 1
    assert "runs already at" in again.stderr

    served_by = machine.child("serve 0")
    os.kill(served_by.pid, signal.SIGKILL)
    await eventually(lambda: machine.child("serve 0") != served_by, what="the service was started again")
    await eventually(lambda: machine.run("status").returncode == 0, within=60, what="everything is ready again")

    left = state.read(machine.data)
    assert left is not None
    assert machine.end(signal.SIGINT) == 0
    assert not any(child.alive for child in left.children.values())
    assert "does not run" in machine.run("status").stdout


async def test_parts_that_variables_name_are_used_and_not_started(machine: Machine, stack: Stack) -> None:
    async with AsyncExitStack() as resources:
        prefix = await resources.enter_async_context(topics(stack.bootstrap_servers))
        for service in SERVICES:
            name = await resources.enter_async_context(databases.cloned(stack.admin_url, service))
            machine.environment[f"{service.upper()}_DATABASE_URL"] = databases.app_url(stack.admin_url, service, name)
            machine.environment[f"{service.upper()}_OWNER_DATABASE_URL"] = databases.owner_url(
                stack.admin_url, service, name
            )
        machine.environment |= {"KAFKA_BOOTSTRAP_SERVERS": stack.bootstrap_servers, "KURSNAV_TOPIC_PREFIX": prefix}
        await machine.up()
        running = state.running(machine.data)
        assert running is not None
        assert list(running.children) == ["serve 0"]
        assert machine.run("topics", "--check").returncode == 0
        doctor = machine.run("doctor")
        assert doctor.returncode == 0, doctor.stdout
        assert machine.end(signal.SIGINT) == 0


async def test_a_port_in_use_is_named_with_its_holder(machine: Machine) -> None:
    with socket.create_server(("127.0.0.1", machine.port)):
        refused = machine.run("up")
    assert refused.returncode == 1
    assert f"Port {machine.port} is in use by process {os.getpid()}" in refused.stderr


def test_production_refuses_the_development_stack(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "data")
    machine.environment["KURSNAV_ENVIRONMENT"] = "production"
    refused = machine.run("up")
    assert refused.returncode == 1
    assert "the development stack (issuer and secrets for anyone)" in refused.stderr
    assert not machine.data.exists()
