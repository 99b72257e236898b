"""The stack for a benchmark: real parts in a folder of their own, and one process per service, started when wanted."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import asyncpg

from infra.bench.floor import DATABASE_VARIABLE
from infra.local import identity, postgres, process, secrets
from infra.local.process import Program
from infra.local.stack import Addresses, Stack, _environment, kursnav
from infra.local.supervisor import STOP_SECONDS, Child
from infra.settings import StackSettings

FLOOR = "floor"


class BenchStack(Stack):
    """PostgreSQL and Kafka as `kursnav up` starts them; the services one by one, each on its own port."""

    def __init__(self, data: Path) -> None:
        super().__init__(data, _settings(), say=lambda _: None)
        self.ports: dict[str, int] = {}
        self.started_in: dict[str, float] = {}
        self._addresses: Addresses | None = None

    async def start(self) -> Addresses:
        """The parts without services: a benchmark starts those in the order of its measurements."""
        self._addresses = await super().start()
        return self._addresses

    async def start_service(self, name: str) -> int:
        """The port of a service that has just begun to answer; its start time is in `started_in`."""
        assert self._addresses is not None, "the parts are started first"
        port = process.free_port()
        environment = {
            **{name: self.secrets[name] for name in secrets.DERIVED},
            **self._addresses.databases,
            **_environment(self._addresses, self.data),
            "KURSNAV_INSTANCE": f"bench-{name}",
            "KURSNAV_JWKS_URL": f"http://127.0.0.1:{self.ports.get('booking', port)}/identity/jwks",
        }
        await self._start_program(name, kursnav("serve", name, "--port", str(port)), environment, port)
        return port

    async def start_floor(self) -> int:
        """The port of the floor, whose database `create_floor_database` has made."""
        port = process.free_port()
        argv = (sys.executable, "-m", "infra.bench.floor", str(port))
        await self._start_program(FLOOR, argv, {DATABASE_VARIABLE: self.database_url(FLOOR)}, port)
        return port

    async def _start_program(self, name: str, argv: tuple[str, ...], environment: dict[str, str], port: int) -> None:
        began = time.perf_counter()
        ready = Program(
            name=f"serve {name}",
            argv=argv,
            log=self.logs / f"{name}.log",
            ready=lambda: process.answers(port),
            env=environment,
        )
        await self.supervisor.start(ready)
        self.ports[name] = port
        self.started_in[name] = time.perf_counter() - began

    async def stop_service(self, name: str) -> None:
        """Ends a service as `kursnav down` does."""
        child = self._child(name)
        self.supervisor.children.remove(child)
        await asyncio.to_thread(process.stop, child.process, child.program.stop_signal, STOP_SECONDS)

    async def kill(self, name: str) -> None:
        """SIGKILL, and the same program again at once."""
        child = self._child(name)
        child.process.kill()
        child.process.wait()
        await self.supervisor.look()

    def _child(self, name: str) -> Child:
        return next(child for child in self.supervisor.children if child.program.name == f"serve {name}")

    def database_url(self, database: str) -> str:
        """The superuser's address of a database of this server."""
        return urlunsplit(urlsplit(self.admin_url)._replace(path=f"/{database}"))

    @property
    def admin_url(self) -> str:
        """The superuser's address of the server."""
        return self.state.admin_url

    async def create_floor_database(self) -> str:
        connection = await asyncpg.connect(self.state.admin_url)
        try:
            await connection.execute(f'CREATE DATABASE "{FLOOR}"')
        finally:
            await connection.close()
        return self.database_url(FLOOR)

    def token(self, role: str, municipality: str | None = None, trainer_id: UUID | None = None, **claims: str) -> str:
        """A token as the services of this stack take it; `claims` are of this one alone."""
        assert self._addresses is not None, "the parts are started first"
        trainer = str(trainer_id) if trainer_id else None
        user = identity.demo_user(role, municipality=municipality, trainer_id=trainer)
        assert user is not None, f"no demo user has the role {role}"
        key = identity.load_key(self.data)
        return identity.issue(key, self._addresses.issuer, user, identity.TOKEN_HOURS, **claims)

    def cpu_seconds(self, name: str) -> float:
        """Processor time that a service's process has used so far, from the kernel."""
        mark = self.supervisor.marks()[f"serve {name}"]
        fields = Path(f"/proc/{mark.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_megabytes(self) -> dict[str, float]:
        """Memory of each process, from the kernel."""
        return {name.removeprefix("serve "): _resident(mark.pid) for name, mark in self.supervisor.marks().items()}

    def remove(self, *, keep_logs: bool = False) -> None:
        """Deletes what the benchmark wrote."""
        database = postgres.data_folder(self.data)
        shutil.rmtree(database if database.is_relative_to(self.data) else database.parent, ignore_errors=True)
        for path in self.data.iterdir():
            if path != self.logs:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        if not keep_logs:
            shutil.rmtree(self.data)


def _settings() -> StackSettings:
    """Parts of its own, whatever the environment names: a benchmark shares no database and no broker."""
    return StackSettings(port=process.free_port(), processes=0, kafka=None, postgres=None, smtp=None)


def _resident(pid: int) -> float:
    """RSS of the process itself: PostgreSQL's connections are processes of their own and not in it."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
