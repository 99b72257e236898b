"""The one-machine stack as a whole: which parts are embedded, in what order they start, what the services are told."""

import asyncio
import fcntl
import hashlib
import os
import shutil
import socket
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from infra.local import kafka, mail_sink, ports, postgres, process, secrets, state
from infra.local.errors import StackError
from infra.local.process import Program
from infra.local.state import ProcessMark, StackState
from infra.local.supervisor import Supervisor
from infra.settings import ROOT, SERVICES, StackSettings, external_databases

Say = Callable[[str], None]  # one line of progress

ORPHANS_SECONDS = 30.0
HEALTHY_SECONDS = 60.0
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
        self._lock: IO[str] | None = None
        self._listener: socket.socket | None = None

    async def start(self) -> Addresses:
        """Brings everything up. Raises `StackError`; what was started by then is stopped by `stop`.

        All parts start at once. The services load their code meanwhile and wait for the sign to begin.
        """
        refuse_production()
        self._take_folder()
        # Kept open here for the services that are started again later.
        self._listener = listener = ports.listen(self.settings.port)
        self.new_secrets = not secrets.exist(self.data)
        self.secrets = secrets.load(self.data)
        self.state.smtp = await self._start_mail()
        broker, server = self._broker(), self._server()
        self._refuse_halves(broker, server)
        addresses = self._plan(broker, server)
        waiting, begin = os.pipe()
        services = [self._serve_program(addresses, listener, waiting, n) for n in range(self.settings.processes)]
        for program in services:
            self.supervisor.spawn(program)
        await asyncio.gather(self._start_kafka(broker, addresses), self._start_postgres(server, addresses))
        os.close(begin)
        await self._until_serving(services)
        (self.data / "complete").touch()
        self.state.ready = True
        self._remember()
        return addresses

    async def stop(self) -> None:
        """Stops all in the order that loses nothing: services first, then the broker, then the database."""
        await self.supervisor.stop()
        if self._listener is not None:
            self._listener.close()
        if self._lock is not None:
            state.remove(self.data)
            self._lock.close()

    def _take_folder(self) -> None:
        """One supervisor per folder; waits for the children of one that was killed."""
        try:
            self.logs.mkdir(parents=True, exist_ok=True)
            lock = (self.data / "lock").open("w")
        except OSError as error:
            raise StackError(
                f"Cannot write to {self.data} ({error.strerror}): name another with KURSNAV_DATA."
            ) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StackError(f"Another kursnav starts or runs with the data in {self.data}.") from error
        self._lock = lock
        if left := state.read(self.data):
            state.wait_for_end([mark for mark in left.children.values() if mark.alive], ORPHANS_SECONDS)
        free = shutil.disk_usage(self.data).free // 2**20
        if free < LOWEST_FREE_MB:
            raise StackError(f"Only {free} MB free for {self.data}; {LOWEST_FREE_MB} MB are needed: free some space.")
        self._remember()

    def _remember(self) -> None:
        self.state.children = self.supervisor.marks()
        state.write(self.data, self.state)

    # --- the plan ----------------------------------------------------------------------------------------------------

    def _broker(self) -> kafka.Broker | None:
        if self.settings.kafka:
            return None
        port, controller_port = self._port(10_000), self._port(10_001)
        return kafka.Broker(self.data / "kafka", self.logs / "kafka.log", port, controller_port)

    def _server(self) -> postgres.Server | None:
        if self.settings.postgres or len(external_databases()) == 2 * len(SERVICES):
            return None
        data, password = postgres.data_folder(self.data), self.secrets["postgres"]
        if self.new_secrets and data.exists():
            aside = data.with_name(f"postgres.without-password.{int(time.time())}")
            data.rename(aside)
            self.say(f"The password of the old database is gone with its folder; the old data lies in {aside}")
        return postgres.Server(data, self.logs / "postgres.log", self._port(10_002), password)

    def _refuse_halves(self, broker: kafka.Broker | None, server: postgres.Server | None) -> None:
        """Database and event log belong together: consumers would skip, or wait for, what the other half has had."""
        folders = [part.data for part in (broker, server) if part is not None]
        gone = [folder for folder in folders if not folder.exists()]
        if gone and (self.data / "complete").exists():
            raise StackError(
                f"{gone[0]} is gone, but the rest of this stack's data is in {self.data}; they belong together.\n"
                "Put it back, or begin anew with kursnav reset."
            )

    def _port(self, offset: int) -> int:
        """A port near the origin's, so that it is recognised; any other when that one is taken."""
        wanted = self.settings.port + offset
        return process.free_port(wanted if wanted < 65_536 else 0)

    def _plan(self, broker: kafka.Broker | None, server: postgres.Server | None) -> Addresses:
        self.state.bootstrap_servers = broker.bootstrap_servers if broker else self.settings.kafka or ""
        self.state.admin_url = server.admin_url if server else self.settings.postgres or ""
        databases: dict[str, str] = {}
        if self.state.admin_url:
            for service in SERVICES:
                databases.update(postgres.service_urls(self.state.admin_url, service))
        databases.update(external_databases())
        return Addresses(self.settings.port, self.state.bootstrap_servers, databases, self.state.smtp)

    # --- the parts ---------------------------------------------------------------------------------------------------

    async def _start_mail(self) -> str:
        if self.settings.smtp:
            return self.settings.smtp
        port = self._port(25)
        self.mail = await mail_sink.start(self.data / "mail", port)
        return f"127.0.0.1:{port}"

    async def _start_kafka(self, broker: kafka.Broker | None, addresses: Addresses) -> None:
        began = time.monotonic()
        if broker is not None:
            await self.supervisor.start(await asyncio.to_thread(kafka.program, broker, self._fetched))
            self.say(f"Kafka {_since(began)}")
        for difference in await self._create_topics(addresses):
            self.say(f"warning: topic {difference}")
        self.say(f"Kafka and topics {_since(began)}, {addresses.bootstrap_servers}{'' if broker else ' (external)'}")

    def _fetched(self, done: int, total: int) -> None:
        if done == total or done % 10 == 0:
            self.say(f"Kafka: fetched {done} of {total} jars (first start only)")

    async def _create_topics(self, addresses: Addresses) -> list[str]:
        from infra.commands.topics import create

        return await create(addresses.bootstrap_servers, os.environ.get("KURSNAV_TOPIC_PREFIX", ""))

    async def _start_postgres(self, server: postgres.Server | None, addresses: Addresses) -> None:
        began = time.monotonic()
        if server is not None:
            await self.supervisor.start(await asyncio.to_thread(postgres.program, server))
        if self.state.admin_url:
            await postgres.create_roles_and_databases(self.state.admin_url)
        await self._migrate(server, addresses)
        where = self.state.admin_url.rpartition("@")[2].partition("/")[0]
        self.say(f"PostgreSQL and migrations {_since(began)}, {where}{'' if server else ' (external)'}")

    async def _migrate(self, server: postgres.Server | None, addresses: Addresses) -> None:
        """By the command, in its own process. Left out when our own server had these very migrations already."""
        wanted = _migrations_hash()
        done = server.data / "kursnav.migrated" if server else None
        if done and done.exists() and done.read_text("ascii") == wanted:
            return
        child = await asyncio.create_subprocess_exec(
            *kursnav("migrate"),
            env={**os.environ, **addresses.databases},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await child.communicate()
        if child.returncode != 0:
            raise StackError(f"The migrations failed; the databases are as before.\n{output.decode().strip()}")
        if done:
            done.write_text(wanted, "ascii")

    async def _until_serving(self, programs: list[Program]) -> None:
        if not programs:  # a benchmark starts the services itself
            return
        began = time.monotonic()
        await asyncio.gather(*(self.supervisor.until_ready(program) for program in programs))
        await asyncio.gather(*(self._until_healthy(service) for service in SERVICES))
        count = len(programs)
        self.say(f"services {_since(began)}, {count} process{'es' if count > 1 else ''}")

    async def _until_healthy(self, service: str) -> None:
        """Waits until the service says that nothing is missing. Raises `StackError` when it takes too long."""
        give_up = time.monotonic() + HEALTHY_SECONDS
        while (answer := await process.http_get(self.settings.port, f"/{service}/health/ready"))[0] != 200:
            if time.monotonic() > give_up:
                raise StackError(f"{service} is not ready after {HEALTHY_SECONDS:.0f} s: {answer[1]} Logs: {self.logs}")
            await self.supervisor.look()
            await asyncio.sleep(0.05)

    def _serve_program(self, addresses: Addresses, listener: socket.socket, waiting: int, number: int) -> Program:
        sign = self.data / "serving" / str(number)
        sign.parent.mkdir(exist_ok=True)
        sign.unlink(missing_ok=True)

        async def ready() -> bool:
            return sign.exists()

        keys = {name: os.environ.get(name) or self.secrets[name] for name in secrets.DERIVED}
        own = {
            "KURSNAV_INSTANCE": f"kursnav-{number}",
            "KURSNAV_SOCKET_FD": str(listener.fileno()),
            "KURSNAV_BEGIN_FD": str(waiting),
            "KURSNAV_READY_FILE": str(sign),
        }
        return Program(
            name=f"serve {number}",
            argv=kursnav("serve", *SERVICES),
            log=self.logs / f"serve-{number}.log",
            ready=ready,
            env={**keys, **addresses.databases, **_environment(addresses, self.data), **own},
            pass_fds=(listener.fileno(), waiting),
        )


def _migrations_hash() -> str:
    """Changes with any file that takes part in a migration."""
    files = sorted([*ROOT.glob("services/*/migrations/**/*.py"), *ROOT.glob("shared/database/*.py")])
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _environment(addresses: Addresses, data: Path) -> dict[str, str]:
    return {
        "KURSNAV_ENVIRONMENT": "development",
        "KURSNAV_DATA": str(data),
        "KURSNAV_PORT": str(addresses.port),
        "KAFKA_BOOTSTRAP_SERVERS": addresses.bootstrap_servers,
        "KURSNAV_SMTP": addresses.smtp,
        "KURSNAV_SMTP_SECURITY": os.environ.get("KURSNAV_SMTP_SECURITY") or "none",
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
