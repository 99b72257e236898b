"""The broker and the database that the tests use: from the environment, else in containers, else embedded."""

import asyncio
import fcntl
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.local import kafka, postgres
from infra.local.errors import StackError
from infra.local.process import Program, free_port, spawn, stop, until_ready
from infra.settings import ROOT

KAFKA_IMAGE = "apache/kafka:4.3.1"
POSTGRES_IMAGE = "postgres:18"
INITDB_ARGUMENTS = "--encoding=UTF8 --locale=C --locale-provider=builtin --builtin-locale=C.UTF-8"
POSTGRES_SETTINGS = {**postgres.NOT_DURABLE, "max_connections": postgres.SETTINGS["max_connections"]}
FOLDER = ROOT / ".data" / "test"


@dataclass(frozen=True)
class Stack:
    """Where the tests' broker and database server answer."""

    bootstrap_servers: str
    admin_url: str


def choice() -> dict[str, str]:
    """For each part: `environment`, `containers` or `embedded`."""
    named = {"Kafka": os.environ.get("KAFKA_BOOTSTRAP_SERVERS"), "PostgreSQL": os.environ.get("KURSNAV_POSTGRES")}
    otherwise = "embedded" if all(named.values()) or not _engine_has_images() else "containers"
    return {part: f"environment ({_shown(value)})" if value else otherwise for part, value in named.items()}


def _shown(address: str) -> str:
    return address.rpartition("@")[2]  # without the password


def _engine_has_images() -> bool:
    if not shutil.which("docker"):
        return False
    command = ["docker", "image", "inspect", KAFKA_IMAGE, POSTGRES_IMAGE]
    try:
        return subprocess.run(command, capture_output=True, timeout=5).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


@contextmanager
def started() -> Iterator[Stack]:
    """The stack for this run; what was started here is stopped and removed at the end."""
    chosen = choice()
    if "containers" in chosen.values():
        with _containers(chosen) as stack:
            yield stack
    else:
        with _embedded(chosen) as stack:
            yield stack


@contextmanager
def _embedded(chosen: dict[str, str]) -> Iterator[Stack]:
    _remove_leftovers()
    folder = FOLDER / str(os.getpid())
    server = postgres.Server(
        postgres.data_folder(folder), folder / "postgres.log", free_port(), secrets.token_hex(16), durable=False
    )
    broker = kafka.Broker(folder / "kafka", folder / "kafka.log", free_port(), free_port())
    running: list[tuple[Program, subprocess.Popen[bytes]]] = []
    try:
        with _first_come():
            asyncio.run(_start(server, broker, chosen, running))
        yield _stack(chosen, broker.bootstrap_servers, server.admin_url)
    finally:
        for program, process in running:
            stop(process, program.stop_signal, seconds=10)
        _remove(folder)


async def _start(
    server: postgres.Server,
    broker: kafka.Broker,
    chosen: dict[str, str],
    running: list[tuple[Program, "subprocess.Popen[bytes]"]],
) -> None:
    preparations = []
    if chosen["PostgreSQL"] == "embedded":
        preparations.append(asyncio.to_thread(postgres.program, server))
    if chosen["Kafka"] == "embedded":
        preparations.append(asyncio.to_thread(kafka.program, broker))
    for program in await asyncio.gather(*preparations):
        running.append((program, spawn(program)))
    await asyncio.gather(*(until_ready(program, process) for program, process in running))


def _stack(chosen: dict[str, str], bootstrap_servers: str, admin_url: str) -> Stack:
    return Stack(
        os.environ["KAFKA_BOOTSTRAP_SERVERS"] if chosen["Kafka"].startswith("environment") else bootstrap_servers,
        os.environ["KURSNAV_POSTGRES"] if chosen["PostgreSQL"].startswith("environment") else admin_url,
    )


@contextmanager
def _first_come() -> Iterator[None]:
    """One process after the other: the first on a new machine prepares what the others find."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _remove(folder: Path) -> None:
    data = postgres.data_folder(folder)
    for path in (folder, data.parent):
        if path not in (FOLDER, postgres.SYSTEM_FOLDER):
            shutil.rmtree(path, ignore_errors=True)


def _remove_leftovers() -> None:
    """What earlier runs left that were killed."""
    for folder in FOLDER.glob("[0-9]*"):
        if not Path(f"/proc/{folder.name}").exists():
            _remove(folder)


@contextmanager
def _containers(chosen: dict[str, str]) -> Iterator[Stack]:
    """Official images on ports chosen before: Kafka must know the address that it advertises."""
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")  # an image more; what is started here is stopped here
    from testcontainers.core.container import DockerContainer

    kafka_port, postgres_port, password = free_port(), free_port(), secrets.token_hex(16)
    broker = DockerContainer(KAFKA_IMAGE).with_bind_ports(9092, kafka_port)
    for name, value in _kafka_variables(kafka_port).items():
        broker = broker.with_env(name, value)
    database = (
        DockerContainer(POSTGRES_IMAGE)
        .with_bind_ports(5432, postgres_port)
        .with_env("POSTGRES_USER", postgres.SUPERUSER)
        .with_env("POSTGRES_PASSWORD", password)
        .with_env("POSTGRES_INITDB_ARGS", INITDB_ARGUMENTS)
        .with_command(" ".join(["postgres", *(f"-c {name}={value}" for name, value in POSTGRES_SETTINGS.items())]))
    )
    admin_url = f"postgresql://{postgres.SUPERUSER}:{password}@127.0.0.1:{postgres_port}/postgres"
    wanted = [box for part, box in (("Kafka", broker), ("PostgreSQL", database)) if chosen[part] == "containers"]
    try:
        for box in wanted:
            box.start()
        if database in wanted:
            _until(lambda: asyncio.run(postgres.accepts(admin_url)), "PostgreSQL")
        if broker in wanted:
            _until(lambda: asyncio.run(kafka.serves_metadata(kafka_port)), "Kafka")
        yield _stack(chosen, f"127.0.0.1:{kafka_port}", admin_url)
    finally:
        for box in wanted:
            box.stop()


def _kafka_variables(port: int) -> dict[str, str]:
    """The embedded broker's properties as the image takes them, with the listeners of a container."""
    lines = [line for line in kafka.PROPERTIES.splitlines() if line and not line.startswith("#")]
    properties = dict(line.split("=", 1) for line in lines)
    del properties["log.dirs"]
    properties |= {
        "controller.quorum.voters": "1@localhost:9093",
        "listeners": "PLAINTEXT://0.0.0.0:9092,CONTROLLER://localhost:9093",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
    }
    named = {"KAFKA_" + name.replace(".", "_").upper(): value for name, value in properties.items()}
    return {**named, "KAFKA_HEAP_OPTS": " ".join(kafka.JVM)}


def _until(ready: Callable[[], bool], name: str, seconds: float = 60) -> None:
    give_up = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > give_up:
            raise StackError(f"the container of {name} did not answer within {seconds:.0f} s")
        time.sleep(0.1)
