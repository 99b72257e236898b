"""A service in a process of its own, as `kursnav serve` runs it: for tests that kill it."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals

import httpx2

from infra.local.process import Program, free_port, spawn, stop, until_ready
from infra.local.stack import kursnav
from tests.support.eventually import eventually
from tests.support.failpoints import armed


@dataclass
class ServeProcess:
    """`kursnav serve <service>` on a port of its own; started, killed and started again by the test."""

    service: str
    variables: Mapping[str, str]
    folder: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    async def start(self) -> None:
        """Starts it and waits until it answers."""
        program = self._program()
        self.process = spawn(program)
        await until_ready(program, self.process)

    def arm(self, failpoint: str) -> None:
        """Starts it to die: it kills itself when it gets to the failpoint, maybe before it has answered anything."""
        self.process = spawn(self._program(failpoint))

    async def answers(self) -> None:
        """Waits until it answers, or is dead already: an armed one may be."""
        process = self.process
        assert process is not None, "it was started"

        async def settled() -> bool:
            return process.poll() is not None or await self._answers()

        await eventually(settled, within=60, what=f"{self.service} answers")

    def _program(self, failpoint: str = "") -> Program:
        return Program(
            name=f"serve {self.service}",
            argv=armed(failpoint, "serve", self.service) if failpoint else kursnav("serve", self.service),
            log=self.folder / f"{self.service}.log",
            ready=self._answers,
            env={**self.variables, "KURSNAV_PORT": str(self.port)},
        )

    async def _answers(self) -> bool:
        try:
            async with httpx2.AsyncClient() as client:
                return (await client.get(f"http://127.0.0.1:{self.port}/{self.service}/health/live")).is_success
        except httpx2.TransportError:
            return False

    def kill(self) -> None:
        """SIGKILL, as a power cut."""
        assert self.process is not None, "it was started"
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def send(self, signal: Signals) -> None:
        """SIGSTOP puts it to sleep, SIGCONT wakes it."""
        assert self.process is not None, "it was started"
        self.process.send_signal(signal)

    async def killed_itself(self, *, within: float = 20.0) -> None:
        """Waits until the failpoint has killed it."""
        process = self.process
        assert process is not None, "it was started"
        code = await eventually(
            process.poll, within=within, until=lambda code: code is not None, what="failpoint reached"
        )
        assert code == -signal.SIGKILL, f"{self.service} ended with {code}: {self.log_end()}"

    async def stop(self) -> None:
        """Ends it as an operator would."""
        if self.process is not None:
            await asyncio.to_thread(stop, self.process, signal.SIGTERM, 15)

    def log_end(self, characters: int = 2000) -> str:
        """The end of its log, for failure messages."""
        log = self.folder / f"{self.service}.log"
        return log.read_text("utf-8", "replace")[-characters:] if log.exists() else ""


class ByService(httpx2.AsyncBaseTransport):
    """Sends `/booking/...` to where booking is: in this process, or in one of its own."""

    def __init__(self, inside: httpx2.AsyncBaseTransport, processes: Mapping[str, ServeProcess]) -> None:
        self.inside = inside
        self.processes = processes
        self.outside = httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        process = self.processes.get(request.url.path.split("/")[1])
        if process is None:
            return await self.inside.handle_async_request(request)
        request.url = request.url.copy_with(host="127.0.0.1", port=process.port)
        return await self.outside.handle_async_request(request)

    async def aclose(self) -> None:
        """The origin closes it at its end; a client that ends must not."""
