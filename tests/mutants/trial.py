"""One mutant before its tests: do they notice what is missing?"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.mutants import witness
from tests.mutants.checkout import Checkout
from tests.mutants.mutant import Mutant
from tests.support.stack import Stack

DEADLINE_SECONDS = 400
TESTS_PASSED, TESTS_FAILED = 0, 1  # pytest's exit codes; the others are its own troubles, and prove nothing
SURVIVED = "SURVIVED"
PYTEST = (sys.executable, "-m", "pytest", "-p", "tests.mutants.witness", "-p", "no:cacheprovider", "-q", "--tb=short")
# A mutant is a missing mechanism, not a broken program: what fails like this says nothing about the promise.
BROKEN = {"NameError", "UnboundLocalError", "ImportError", "ModuleNotFoundError", "SyntaxError", "AttributeError"}
IMPORTED = "import infra, services, shared; print(*(one.__file__ for one in (infra, services, shared)), sep='\\n')"


@dataclass(frozen=True)
class Verdict:
    """`red`: failed tests; `doubt`: why they are no proof, None when they are; `log`: what pytest printed."""

    red: int
    seconds: float
    doubt: str | None
    log: str


class OtherCode(Exception):
    """Tests in the copy would import the code of another place."""


@dataclass(frozen=True)
class Court:
    """Tries mutants in a copy of the checkout, on a stack that runs."""

    checkout: Checkout
    stack: Stack
    report: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONPATH": str(self.checkout.folder),
            "KAFKA_BOOTSTRAP_SERVERS": self.stack.bootstrap_servers,
            "KURSNAV_POSTGRES": self.stack.admin_url,
            witness.REPORT: str(self.report),
            witness.ROOT: str(self.checkout.folder),
        }

    def sees_only_the_copy(self) -> None:
        """Raises OtherCode when a program that a test starts, wherever, would not run the copy's code."""
        command = [sys.executable, "-c", IMPORTED]
        told = subprocess.run(command, env=self.environment, cwd="/", check=True, capture_output=True, text=True).stdout
        if others := [file for file in told.split() if not Path(file).is_relative_to(self.checkout.folder)]:
            raise OtherCode(", ".join(others))

    def tried(self, mutant: Mutant) -> Verdict:
        """Runs its tests without the mechanism. Raises DoesNotFit."""
        with self.checkout.without(mutant):
            return self.run(mutant.tests)

    def run(self, tests: Sequence[str], seconds: float = DEADLINE_SECONDS) -> Verdict:
        """What becomes of these tests in the copy as it is."""
        self.report.unlink(missing_ok=True)
        began = time.monotonic()
        code, log = self._pytest(tests, seconds)
        found = json.loads(self.report.read_text("utf-8")) if self.report.exists() else None
        doubt = "no answer in time" if code is None else doubt_of(code, found, tests)
        return Verdict(len(found["failures"]) if found else 0, time.monotonic() - began, doubt, log)

    def _hypothesis(self, tests: Sequence[str]) -> tuple[str, ...]:
        files = {self.checkout.folder / test.partition("::")[0] for test in tests}
        used = any(b"hypothesis" in file.read_bytes() for file in files if file.is_file())
        return ("-p", "tests.mutants.first_example") if used else ()

    def _pytest(self, tests: Sequence[str], seconds: float) -> tuple[int | None, str]:
        """Exit code (None: it took too long) and output. What the tests have started ends with them."""
        log = self.report.with_suffix(".log")
        with log.open("wb") as output:
            running = subprocess.Popen(
                [*PYTEST, *self._hypothesis(tests), *tests],
                cwd=self.checkout.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
            try:
                code: int | None = running.wait(seconds)
            except subprocess.TimeoutExpired:
                code = None
            finally:
                if running.poll() is None:
                    os.killpg(running.pid, signal.SIGKILL)
                    running.wait()
        return code, log.read_text("utf-8", "replace")


def doubt_of(code: int, found: Mapping[str, Any] | None, tests: Sequence[str]) -> str | None:
    """Why a run with this exit code and these failures is no proof; None when each of the tests is red for a reason."""
    if code != TESTS_FAILED or found is None:
        return SURVIVED if code == TESTS_PASSED else f"pytest ended with {code}"
    if found["strangers"]:
        return f"other code was tested: {found['strangers'][0]}"
    for one in found["failures"]:
        if one["phase"] != "call":
            return f"fails in its {one['phase']}: {one['said']}"
        if one["how"] == "timeout" or one["how"] in BROKEN:
            return f"is broken, not red ({one['how']}): {one['said']}"
    spared = [test for test in tests if not any(witness.covers(test, one["test"]) for one in found["failures"])]
    return f"{SURVIVED} {', '.join(spared)}" if spared else None
