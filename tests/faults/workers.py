"""Relays and consumers alone, each in a process of its own, for tests that kill them or put them to sleep."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from infra.settings import ROOT
from tests.support.eventually import eventually


@dataclass
class Workers:
    """Starts workers, and ends those that are left."""

    variables: Mapping[str, str]
    folder: Path
    running: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    def start(self, role: str, failpoint: str = "", instance: str = "worker-0") -> "subprocess.Popen[bytes]":
        """`role`: see `tests.faults.worker`."""
        environment = {
            **os.environ,
            **self.variables,
            "WORKER_INSTANCE": instance,
        }
        command = [sys.executable, "-m", "tests.faults.worker", role, *filter(None, [failpoint])]
        with self.log_of(len(self.running)).open("ab") as log:
            worker = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log)
        self.running.append(worker)
        return worker

    def log_of(self, number: int) -> Path:
        return self.folder / f"worker-{number}.log"

    def says(self, worker: "subprocess.Popen[bytes]", *words: str) -> bool:
        """Whether a line of its log holds all these words."""
        lines = self.log_of(self.running.index(worker)).read_text("utf-8", "replace").splitlines()
        return any(all(word in line for word in words) for line in lines)

    async def dies(self, role: str, failpoint: str) -> None:
        worker = self.start(role, failpoint)
        code = await eventually(
            worker.poll, within=100, until=lambda code: code is not None, what=f"{failpoint} reached"
        )
        assert code == -signal.SIGKILL

    def end(self) -> None:
        for worker in self.running:
            worker.kill()
            worker.wait()
