"""A broker and a database server of a test's own, which it may freeze, kill and start again: the run's are shared."""

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from infra.local import kafka, postgres
from infra.local.process import Program, free_port, spawn, stop, until_ready
from infra.settings import SERVICES
from shared.database.migrate import migrate
from tests.faults.chain import Chain
from tests.support.databases import owner_url
from tests.support.services import running
from tests.support.stack import FOLDER, Stack


@dataclass
class Part:
    """One program of the stack."""

    program: Program
    process: "subprocess.Popen[bytes]"

    def freeze(self) -> None:
        """It keeps its connections and answers nothing, as a machine that swaps."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def end(self, how: signal.Signals) -> None:
        """Ends it in one of its ways and waits for that."""
        self.process.send_signal(how)
        self.process.wait(20)

    async def start(self) -> None:
        """Starts it again, on the data that it left."""
        self.process = spawn(self.program)
        await until_ready(self.program, self.process)

    def _signal(self, what: signal.Signals) -> None:
        """To the program first, so that it begins no more processes, then to those that it has begun."""
        self.process.send_signal(what)
        pid = self.process.pid
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            with suppress(ProcessLookupError):
                os.kill(int(child), what)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.thaw()
        stop(self.process, self.program.stop_signal, seconds=10)


@dataclass
class OwnStack:
    """Where the parts answer, and the parts themselves."""

    addresses: Stack
    kafka: Part
    postgres: Part


@asynccontextmanager
async def own_stack() -> AsyncIterator[OwnStack]:
    """Started empty, stopped and removed at the end. The database is durable: it must survive being killed."""
    folder = FOLDER / str(os.getpid())
    own = folder / "own"  # removed with the run's folder, if the run is killed
    data = postgres.data_folder(folder).with_name("postgres-own")
    server = postgres.Server(data, own / "postgres.log", free_port(), secrets.token_hex(16))
    broker = kafka.Broker(own / "kafka", own / "kafka.log", free_port(), free_port())
    parts: list[Part] = []
    try:
        programs = await asyncio.gather(
            asyncio.to_thread(kafka.program, broker), asyncio.to_thread(postgres.program, server)
        )
        parts += [Part(program, spawn(program)) for program in programs]
        await asyncio.gather(*(until_ready(part.program, part.process) for part in parts))
        yield OwnStack(Stack(broker.bootstrap_servers, server.admin_url), *parts)
    finally:
        for part in parts:
            part.stop()
        for path in (data, own):
            shutil.rmtree(path, ignore_errors=True)
            with suppress(OSError):  # the run's own parts are beside it
                path.parent.rmdir()


@asynccontextmanager
async def chain_on(stack: Stack) -> AsyncIterator[Chain]:
    """The three services, each in a process of its own, on this stack."""
    names = await _databases(stack.admin_url)
    async with running(stack, SERVICES, processes=SERVICES, database_names=names) as origin:
        yield await Chain.started(origin)


async def _databases(admin_url: str) -> Mapping[str, str]:
    await postgres.create_roles_and_databases(admin_url)
    for service in SERVICES:
        await migrate(service, owner_url(admin_url, service, service))
    return {service: service for service in SERVICES}
