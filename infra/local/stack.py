"""The one-machine stack as a whole: which parts are embedded, in what order they start, what the services are told."""

import asyncio
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from infra.local import kafka, mail_sink, ports, postgres, process, secrets, state
from infra.local.errors import StackError
from infra.local.process import Program
from infra.local.state import ProcessMark, StackState
from infra.local.supervisor import Supervisor
from infra.settings import SERVICES, StackSettings, external_databases

if TYPE_CHECKING:
    import socket

Say = Callable[[str], None]  # one line of progress

ORPHANS_SECONDS = 30.0
LOWEST_FREE_MB = 300


@dataclass(frozen=True)
class Addresses:
    """Where the parts of a stack answer, embedded or not."""

    port: int
    bootstrap_servers: str
    databases: Mapping[str, str]  # the services' variables
    smtp: str

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def issuer(self) -> str:
        return f"{self.origin}/identity"


class Stack:
    """Starts the parts, supervises them and stops them."""

    def __init__(self, data: Path, settings: StackSettings, say: Say) -> None:
        self.data = data
        self.settings = settings
        self.say = say
        self.logs = data / "log"
        self.supervisor = Supervisor(on_change=self._remember, say=say)
        mark = ProcessMark.of(os.getpid())
        assert mark is not None, "this process lives"
        self.state = StackState(mark, settings.port)

    async def start(self) -> Addresses:
        """Brings everything up. Raises `StackError`; what was started by then is stopped by `stop`."""
        refuse_production()
        listener = ports.listen(self.settings.port)
        self._prepare_folder()
        self.secrets = secrets.load(self.data)
        self.state.smtp = await self._start_mail()
        self.state.bootstrap_servers, self.state.admin_url = await self._start_parts()
        addresses = Addresses(self.settings.port, self.state.bootstrap_servers, self._databases(), self.state.smtp)
        await self._create_topics(addresses)
        await self._start_services(addresses, listener)
        self.state.ready = True
        self._remember()
        return addresses

    async def stop(self) -> None:
        """Stops all in the order that loses nothing: services first, then the broker, then the database."""
        await self.supervisor.stop()
        state.remove(self.data)

    def _prepare_folder(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(exist_ok=True)
        if left := state.read(self.data):
            state.wait_for_end([mark for mark in left.children.values() if mark.alive], ORPHANS_SECONDS)
        free = shutil.disk_usage(self.data).free // 2**20
        if free < LOWEST_FREE_MB:
            raise StackError(
                f"Only {free} MB free for {self.data}; at least {LOWEST_FREE_MB} MB are needed. Free some."
            )
        self._remember()

    def _remember(self) -> None:
        self.state.children = self.supervisor.marks()
        state.write(self.data, self.state)

    async def _start_mail(self) -> str:
        if self.settings.smtp:
            return self.settings.smtp
        port = process.free_port(self.settings.port + 25)
        self.mail = await mail_sink.start(self.data / "mail", port)
        return f"127.0.0.1:{port}"

    async def _start_parts(self) -> tuple[str, str]:
        """Broker and database at the same time; the migrations run while the broker still starts."""
        broker, database = await asyncio.gather(self._start_kafka(), self._start_postgres())
        return broker, database

    async def _start_kafka(self) -> str:
        if self.settings.kafka:
            self.say(f"Kafka: external, {self.settings.kafka}")
            return self.settings.kafka
        began = time.monotonic()
        base = self.settings.port + 10_000 if self.settings.port < 50_000 else 0
        broker = kafka.Broker(
            self.data / "kafka", self.logs / "kafka.log", process.free_port(base), process.free_port(base and base + 1)
        )
        program = await asyncio.to_thread(kafka.program, broker, self._fetched)
        await self.supervisor.start(program)
        self.say(f"Kafka {_since(began)}, {broker.bootstrap_servers}")
        return broker.bootstrap_servers

    def _fetched(self, done: int, total: int) -> None:
        self.say(f"Kafka: fetched {done} of {total} jars (first start only)")

    async def _start_postgres(self) -> str:
        admin_url = self.settings.postgres or ""
        began = time.monotonic()
        if not admin_url and not self._all_databases_external():
            base = self.settings.port + 10_002 if self.settings.port < 50_000 else 0
            server = postgres.Server(
                postgres.data_folder(self.data),
                self.logs / "postgres.log",
                process.free_port(base),
                self.secrets["postgres"],
            )
            await self.supervisor.start(await asyncio.to_thread(postgres.program, server))
            admin_url = server.admin_url
        if admin_url:
            await postgres.create_roles_and_databases(admin_url)
        self.state.admin_url = admin_url
        self.say(f"PostgreSQL {_since(began)}, {admin_url.rpartition('@')[2] or 'external'}")
        await self._migrate()
        return admin_url

    def _all_databases_external(self) -> bool:
        return len(external_databases()) == 2 * len(SERVICES)

    def _databases(self) -> dict[str, str]:
        derived: dict[str, str] = {}
        if self.state.admin_url:
            for service in SERVICES:
                derived.update(postgres.service_urls(self.state.admin_url, service))
        return {**derived, **external_databases()}

    async def _migrate(self) -> None:
        began = time.monotonic()
        environment = {**os.environ, **self._databases()}
        child = await asyncio.create_subprocess_exec(
            *kursnav("migrate"), env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        output, _ = await child.communicate()
        if child.returncode != 0:
            raise StackError(
                f"The migrations failed; the databases are as they were before.\n{output.decode().strip()}"
            )
        self.say(f"migrations {_since(began)}")

    async def _create_topics(self, addresses: Addresses) -> None:
        from infra.commands.topics import create

        for difference in await create(addresses.bootstrap_servers, os.environ.get("KURSNAV_TOPIC_PREFIX", "")):
            self.say(f"warning: topic {difference}")

    async def _start_services(self, addresses: Addresses, listener: "socket.socket") -> None:
        began = time.monotonic()
        count = self.settings.processes
        programs = [self._serve_program(addresses, listener, number) for number in range(count)]
        await asyncio.gather(*(self.supervisor.start(program) for program in programs))
        self.say(f"services {_since(began)}, {count} process{'es' if count > 1 else ''}")

    def _serve_program(self, addresses: Addresses, listener: "socket.socket", number: int) -> Program:
        started = self.data / "serving"
        started.mkdir(exist_ok=True)
        sign = started / str(number)
        sign.unlink(missing_ok=True)

        async def ready() -> bool:
            return sign.exists()

        environment = {
            **self.secrets_of_services(),
            **addresses.databases,
            **_environment(addresses, self.data),
            "KURSNAV_INSTANCE": f"kursnav-{number}",
            "KURSNAV_SOCKET_FD": str(listener.fileno()),
            "KURSNAV_READY_FILE": str(sign),
        }
        return Program(
            name=f"serve {number}",
            argv=kursnav("serve", *SERVICES),
            log=self.logs / f"serve-{number}.log",
            ready=ready,
            env=environment,
            pass_fds=(listener.fileno(),),
        )

    def secrets_of_services(self) -> dict[str, str]:
        """The generated keys, except those that the environment gives."""
        return {name: os.environ.get(name) or self.secrets[name] for name in secrets.DERIVED}


def _environment(addresses: Addresses, data: Path) -> dict[str, str]:
    return {
        "KURSNAV_ENVIRONMENT": "development",
        "KURSNAV_DATA": str(data),
        "KURSNAV_PORT": str(addresses.port),
        "KAFKA_BOOTSTRAP_SERVERS": addresses.bootstrap_servers,
        "KURSNAV_SMTP": addresses.smtp,
        "KURSNAV_ISSUER": os.environ.get("KURSNAV_ISSUER") or addresses.issuer,
        "KURSNAV_AUDIENCE": os.environ.get("KURSNAV_AUDIENCE") or "kursnav",
        "KURSNAV_JWKS_URL": os.environ.get("KURSNAV_JWKS_URL") or f"{addresses.issuer}/jwks",
        "PYTHONUNBUFFERED": "1",
    }


def refuse_production() -> None:
    """Raises `StackError` when the environment says production: this stack gives tokens to anyone."""
    if os.environ.get("KURSNAV_ENVIRONMENT") == "production":
        raise StackError(
            "KURSNAV_ENVIRONMENT=production: `kursnav up` is the development stack (issuer and secrets for anyone).\n"
            "In production start `kursnav serve` with your own issuer, databases, broker and keys. Here unset it."
        )


def kursnav(*arguments: str) -> tuple[str, ...]:
    """The command line of a kursnav command in this very Python."""
    return (sys.executable, "-m", "infra.cli", *arguments)


def _since(began: float) -> str:
    return f"{time.monotonic() - began:.1f} s"
