"""A running reporting service, a story that goes on, and rebuilds beside it."""

import asyncio
import os
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest_asyncio

from infra.local.stack import kursnav
from services.reporting.rebuild.run import Outcome, Rebuild
from shared.security.roles import Role
from tests.integration.reporting.publishing import publish
from tests.support import databases
from tests.support.answers import answered
from tests.support.disturbed import Disturbed
from tests.support.failpoints import armed
from tests.support.services import Origin, running
from tests.support.stack import Stack
from tests.support.story import Session, Story, at, employment

FIGURES = "/reporting/v1/figures?from=2025-01-01&to=2025-12-31"
SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'facts_v%' ORDER BY nspname"


class Attended:
    """A story of one session that goes on: whoever attends next makes three events."""

    def __init__(self) -> None:
        self.story = Story()
        self.story.project()
        self.story.municipality("1884", (60_000, "2025-01-01"))
        self.session: Session = self.story.session("s", (at("2025-03-03"), 180), capacity=200)
        self.minutes: list[tuple[str, int]] = []

    def attends(self, name: str, minutes: int) -> None:
        self.story.person(name, employment(name, "1884"))
        self.story.confirmed(self.session, name)
        self.minutes.append((name, minutes))
        if len(self.minutes) > 1:
            self.story.reopen(self.session)
        self.story.attest(self.session, *self.minutes)

    @property
    def event_ids(self) -> set[UUID]:
        return {told.id for told in self.story.told}


class Reporting:
    """A running reporting service, and rebuilds beside it."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.attended = Attended()
        self._published = 0
        self.owner_url = databases.owner_url(origin.stack.admin_url, "reporting", origin.databases["reporting"])

    async def publish(self) -> None:
        told = self.attended.story.told[self._published :]
        self._published += len(told)
        await publish(self.origin, told)

    async def rebuild(self, *, accept: bool = False, afresh: bool = False) -> Outcome:
        return await self.task().run(accept=accept, afresh=afresh)

    def task(self) -> Rebuild:
        servers, prefix = self.origin.stack.bootstrap_servers, self.origin.prefix
        return Rebuild(self.owner_url, servers, prefix, pipeline=Disturbed)

    async def command(self, *arguments: str, failpoint: str = "") -> tuple[int | None, str]:
        """`kursnav rebuild …` in a process of its own: its exit code and what it printed."""
        told = {
            "REPORTING_OWNER_DATABASE_URL": self.owner_url,
            "KAFKA_BOOTSTRAP_SERVERS": self.origin.stack.bootstrap_servers,
            "KURSNAV_TOPIC_PREFIX": self.origin.prefix,
            "KURSNAV_ENVIRONMENT": "development",
        }
        process = await asyncio.create_subprocess_exec(
            *(armed(failpoint, "rebuild", *arguments) if failpoint else kursnav("rebuild", *arguments)),
            env={**os.environ, **told},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        return process.returncode, output.decode()

    async def rows(self, statement: str, *parameters: Any) -> list[dict[str, Any]]:
        return await self.origin.rows("reporting", statement, *parameters)

    async def version(self) -> int:
        [row] = await self.rows("SELECT version FROM active_facts")
        return int(row["version"])

    async def facts(self) -> list[UUID]:
        rows = await self.rows(f"SELECT event_id FROM facts_v{await self.version()}.facts")
        return [row["event_id"] for row in rows]

    async def figures(self) -> dict[str, Any]:
        return answered(await self.origin.client(Role.COORDINATOR).get(FIGURES))

    async def is_whole(self) -> None:
        """Every event is one fact, one schema is left, and only the live consumer has positions."""
        facts = await self.facts()
        assert len(facts) == len(set(facts))
        assert set(facts) == self.attended.event_ids
        assert await self.rows(SCHEMAS) == [{"nspname": f"facts_v{await self.version()}"}]
        assert await self.rows("SELECT DISTINCT consumer FROM consumer_positions") == [{"consumer": "reporting"}]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reporting(stack: Stack) -> AsyncIterator[Reporting]:
    """Shared by all tests here: each leaves it whole."""
    async with running(stack, ["reporting"]) as origin:
        one = Reporting(origin)
        for number in range(3):
            one.attended.attends(f"first {number}", 100 + number)
        await one.publish()
        yield one
