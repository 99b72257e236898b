"""What all tests share: the broker and the database server of this run."""

import os
from contextlib import ExitStack

import pytest
import structlog
from hypothesis import HealthCheck, settings

from infra.local.errors import StackError
from infra.local.process import leave_ports
from shared import collector
from tests.support import stack as stacks
from tests.support.chromium import MISSING, chromium

RUNNING = pytest.StashKey[stacks.Stack]()
MISSED = pytest.StashKey[str]()
RESOURCES = pytest.StashKey[ExitStack]()
OF_A_TERMINAL = ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS", "LINES")


def pytest_configure(config: pytest.Config) -> None:
    """What commands print is plain text of a known width, whatever the variables of the terminal say. Plain tracebacks
    in logs: structlog's pretty ones cost seconds each.
    """
    collector.rest()
    # A slow example is no failure on a shared machine: time limits belong to pytest-timeout.
    settings.register_profile("kursnav", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("kursnav")
    for name in OF_A_TERMINAL:
        os.environ.pop(name, None)
    renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, structlog.stdlib.add_log_level, renderer])
    if of_worker := getattr(config, "workerinput", None):
        mine, workers = int(of_worker["workerid"].removeprefix("gw")), of_worker["workercount"]
        leave_ports(port for port in range(1024, 65536) if port // 2 % workers != mine)


def pytest_report_header() -> list[str]:
    return [*(f"{part}: {where}" for part, where in stacks.choice().items()), f"browser: {chromium() or MISSING}"]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Starts the stack when a collected test wants it: here, so that no test's own time limit pays for the start."""
    collector.relax()
    wanted = any("stack" in getattr(item, "fixturenames", ()) for item in session.items)
    if wanted and not session.config.option.collectonly:
        resources = session.config.stash[RESOURCES] = ExitStack()
        try:
            session.config.stash[RUNNING] = resources.enter_context(stacks.started())
        except StackError as error:
            session.config.stash[MISSED] = str(error)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if resources := session.config.stash.get(RESOURCES, None):
        resources.close()


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest) -> stacks.Stack:
    """The real broker and database server of this process."""
    if missed := request.config.stash.get(MISSED, None):
        pytest.fail(f"the tests have no broker or database: {missed}", pytrace=False)
    return request.config.stash[RUNNING]
