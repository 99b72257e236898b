"""A reporting service in which reports are ordered, and short words for what becomes of them."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx2
import pytest_asyncio

from services.reporting.reports.bodies import DocumentShown
from shared.security.roles import Role
from tests.support import databases
from tests.support.answers import answered
from tests.support.eventually import eventually
from tests.support.services import Origin, api
from tests.support.stack import Stack
from tests.support.story import Session, Story, at, employment

REPORTS = "/reporting/v1/reports"
FORMATS = ("html", "pdf", "xlsx", "csv", "json")
YEAR = {"kind": "progress", "period": "2025"}


def a_year() -> tuple[Story, Session]:
    """Ada and Bea of 1884, Cia of 1885; one session in March, one in October."""
    story = Story()
    story.project()
    story.municipality("1884", name="Nora")
    story.municipality("1885", name="Lindesberg")
    sessions = {}
    for who, code in (("Ada", "1884"), ("Bea", "1884"), ("Cia", "1885")):
        story.person(who, employment(who, code))
    for name, day in (("march", "2025-03-03"), ("october", "2025-10-06")):
        sessions[name] = story.session(name, (at(day), 180))
        for who, code in (("Ada", "1884"), ("Bea", "1884"), ("Cia", "1885")):
            story.confirmed(sessions[name], who, at_employer=code)
        story.attest(sessions[name], ("Ada", 180), ("Bea", 100), ("Cia", 60))
        story.answer(sessions[name], helped="high", confidence=5)
    return story, sessions["october"]


async def ordered(origin: Origin, **body: Any) -> dict[str, Any]:
    return answered(await origin.client(Role.COORDINATOR).post(REPORTS, json=YEAR | body), 202)


async def finished(origin: Origin, report_id: str, role: Role = Role.FUNDER) -> dict[str, Any]:
    """The report once it is frozen or has failed."""

    async def state() -> dict[str, Any]:
        shown: dict[str, Any] = (await origin.client(role).get(f"{REPORTS}/{report_id}")).json()
        return shown

    return await eventually(state, within=60, until=lambda shown: shown["state"] in ("frozen", "failed"))


async def files(client: httpx2.AsyncClient, report_id: str) -> dict[str, bytes]:
    answers = {name: await client.get(f"{REPORTS}/{report_id}/file.{name}") for name in FORMATS}
    assert {answer.status_code for answer in answers.values()} == {200}
    DocumentShown.model_validate_json(answers["json"].content)
    return {name: answer.content for name, answer in answers.items()}


async def verdict(origin: Origin, report_id: str) -> dict[str, Any]:
    return answered(await origin.client(Role.FUNDER).get(f"{REPORTS}/{report_id}/verify"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(stack: Stack) -> AsyncIterator[Origin]:
    """The API alone: what is ordered waits until the test builds it."""
    async with api(stack, "reporting") as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def origin(service: Origin) -> Origin:
    """The same service without reports: each test sees its own only."""
    url = databases.superuser_url(service.stack.admin_url, service.databases["reporting"])
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("TRUNCATE reports, report_rows, report_files, schedule_deliveries")
    finally:
        await connection.close()
    return service


async def build(origin: Origin) -> None:
    service = origin.services["reporting"]
    await service.jobs.run_due(service.units)
