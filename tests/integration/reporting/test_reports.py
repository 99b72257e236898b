"""Reports on real Kafka and PostgreSQL: ordered, built once, frozen for good, corrected by a new version."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from io import BytesIO
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

import asyncpg
import httpx2
import pytest
import pytest_asyncio
from openpyxl import load_workbook
from pypdf import PdfReader

from services.reporting.reports import queries
from services.reporting.reports.build_report import ATTEMPTS, report_kind
from services.reporting.reports.content import Order
from services.reporting.tables import ReportingTable
from shared.jobs.worker import Worker
from shared.security.roles import Role
from shared.workshop import Workshop
from tests.integration.reporting.publishing import publish
from tests.support import databases
from tests.support.eventually import eventually
from tests.support.services import Origin, api, running
from tests.support.stack import Stack
from tests.support.story import Session, Story, at, employment

pytestmark = pytest.mark.asyncio(loop_scope="module")

P = ParamSpec("P")
R = TypeVar("R")
REPORTS = "/reporting/v1/reports"
FORMATS = ("html", "pdf", "xlsx", "csv", "json")
IN_TRANSACTION = """
    SELECT count(*) AS open FROM pg_stat_activity
     WHERE datname = $1 AND usename = 'reporting_app' AND state LIKE 'idle in transaction%'
"""
EXPIRED = "UPDATE jobs SET leased_until = clock_timestamp() - interval '1 second' WHERE state = 'running'"
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
            story.confirm(sessions[name], who, at_employer=code)
        story.attest(sessions[name], ("Ada", 180), ("Bea", 100), ("Cia", 60))
        story.answer(sessions[name], helped="high", confidence=5)
    return story, sessions["october"]


async def ordered(origin: Origin, **body: Any) -> dict[str, Any]:
    answer = await origin.client(Role.COORDINATOR).post(REPORTS, json=YEAR | body)
    assert answer.status_code == 202, answer.text
    report: dict[str, Any] = answer.json()
    return report


async def finished(origin: Origin, report_id: str) -> dict[str, Any]:
    """The report once it is frozen or has failed."""

    async def state() -> dict[str, Any]:
        shown: dict[str, Any] = (await origin.client(Role.FUNDER).get(f"{REPORTS}/{report_id}")).json()
        return shown

    return await eventually(state, within=60, until=lambda shown: shown["state"] in ("frozen", "failed"))


async def files(client: httpx2.AsyncClient, report_id: str) -> dict[str, bytes]:
    answers = {name: await client.get(f"{REPORTS}/{report_id}/file.{name}") for name in FORMATS}
    assert {answer.status_code for answer in answers.values()} == {200}
    return {name: answer.content for name, answer in answers.items()}


async def verdict(origin: Origin, report_id: str) -> dict[str, Any]:
    answer = await origin.client(Role.FUNDER).get(f"{REPORTS}/{report_id}/verify")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_report_from_order_to_correction(stack: Stack) -> None:
    story, october = a_year()
    async with running(stack, ["reporting"]) as origin:
        await publish(origin, story.told)
        first = await ordered(origin, texts={"Läget": "Det går **bra**."})
        assert (first["version"], first["state"], first["hash"]) == (1, "queued", None)
        live = (await origin.client(Role.FUNDER).get("/reporting/v1/figures?from=2025-01-01&to=2025-12-31")).json()
        assert first["cut_off"] == live["cut_off"]

        frozen = await finished(origin, first["id"])
        assert (frozen["state"], len(frozen["hash"])) == ("frozen", 64)
        assert await verdict(origin, first["id"]) == {"reconciles": True, "hash_matches": True, "problems": []}
        before = await files(origin.client(Role.FUNDER), first["id"])
        document = json.loads(before["json"])
        assert (document["figures"], document["hash"]) == (live, frozen["hash"])
        assert document["figures"]["minutes"]["attested"] == 680
        pdf = " ".join(page.extract_text() for page in PdfReader(BytesIO(before["pdf"])).pages)
        assert all(text in pdf for text in ("Det går bra.", "Lindesberg", frozen["hash"]))
        rows = list(load_workbook(BytesIO(before["xlsx"]))["Underlag"].iter_rows(min_row=4, values_only=True))
        assert sum(int(str(row[6])) for row in rows[:-1]) == 680
        assert b"Det g\xc3\xa5r <strong>bra</strong>." in before["html"]

        # A correction: what was frozen stays, byte for byte; a new version says what changed and what to send again.
        told = len(story.told)
        story.reopen(october)
        story.attest(october, ("Ada", 180), ("Bea", 130), ("Cia", 60))
        await publish(origin, story.told[told:])
        second = await ordered(origin, supersedes=first["id"])
        assert second["version"] == 2
        await finished(origin, second["id"])
        assert await files(origin.client(Role.COORDINATOR), first["id"]) == before
        assert (await verdict(origin, first["id"]))["reconciles"]

        url = f"{REPORTS}/{second['id']}/changes"
        answer = (await origin.client(Role.FUNDER).get(url, params={"since": first["id"]})).json()
        assert (await origin.client(Role.FUNDER).get(url)).json() == answer  # the superseded one by default
        changes = {one["figure"]: one for one in answer["changes"]}
        assert changes["minutes.attested"] == {
            "figure": "minutes.attested",
            "old": 680,
            "new": 710,
            "cause": [str(story.told[-1].event_id)],
        }
        assert changes["cofinancing.municipalities.1884.attested_minutes"]["new"] == 590
        assert answer["resend"] == ["2025-10", "2025-11", "2025-12"]

        # Reopened and not attested again: the hours are gone, and the event that took them is named.
        story.reopen(october)
        await publish(origin, story.told[-1:])
        third = await ordered(origin, supersedes=second["id"])
        await finished(origin, third["id"])
        answer = (await origin.client(Role.FUNDER).get(f"{REPORTS}/{third['id']}/changes")).json()
        [cause] = [one["cause"] for one in answer["changes"] if one["figure"] == "minutes.attested"]
        assert cause == [str(story.told[-1].event_id)]


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
        await connection.execute("TRUNCATE reports, report_rows, report_files")
    finally:
        await connection.close()
    return service


async def build(origin: Origin) -> None:
    service = origin.services["reporting"]
    await service.jobs.run_due(service.units)


async def test_only_the_project_office_orders_and_only_it_and_the_funder_read(origin: Origin) -> None:
    report = await ordered(origin)
    await build(origin)
    for role in (Role.FUNDER, Role.EVALUATOR, Role.OPERATOR, Role.MUNICIPALITY, Role.TRAINER):
        client = origin.client(role, municipality="1884", trainer_id="0190b0a0-0000-7000-8000-000000000001")
        assert (await client.post(REPORTS, json=YEAR)).status_code == 403, role
        for path in ("", "/file.json", "/verify"):
            expected = {Role.FUNDER: 200, Role.OPERATOR: 403, Role.TRAINER: 403}.get(role, 404)
            assert (await client.get(f"{REPORTS}/{report['id']}{path}")).status_code == expected, (role, path)
    assert (await origin.client().get(REPORTS)).status_code == 401


@pytest.mark.parametrize(
    ("kind", "readers"),
    [
        ("municipality", {"coordinator", "funder", "1884"}),
        ("evaluation", {"coordinator", "funder", "evaluator"}),
        ("statistics-file", {"coordinator"}),
        ("participants", {"coordinator", "funder"}),
    ],
)
async def test_each_kind_is_there_for_whom_it_is_made(
    stack: Stack, origin: Origin, kind: str, readers: set[str]
) -> None:
    report = await ordered(origin)
    await build(origin)
    connection = await asyncpg.connect(databases.superuser_url(stack.admin_url, origin.databases["reporting"]))
    try:
        await connection.execute("SET session_replication_role = replica")  # past the trigger
        await connection.execute("UPDATE reports SET kind = $1, municipality = '1884'", kind)
    finally:
        await connection.close()
    everybody = {
        "coordinator": origin.client(Role.COORDINATOR),
        "funder": origin.client(Role.FUNDER),
        "evaluator": origin.client(Role.EVALUATOR),
        "1884": origin.client(Role.MUNICIPALITY, municipality="1884"),
        "1885": origin.client(Role.MUNICIPALITY, municipality="1885"),
    }
    for name, client in everybody.items():
        listed = [one["id"] for one in (await client.get(REPORTS)).json()["items"]]
        assert listed == ([report["id"]] if name in readers else []), name
        for path in ("", "/verify"):
            answer = await client.get(f"{REPORTS}/{report['id']}{path}")
            assert answer.status_code == (200 if name in readers else 404), (name, path)


async def test_a_period_outside_the_project_is_refused(stack: Stack) -> None:
    story, _ = a_year()
    async with running(stack, ["reporting"]) as origin:
        await publish(origin, story.told)
        answer = await origin.client(Role.COORDINATOR).post(REPORTS, json=YEAR | {"period": "2024Q4"})
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, "period-outside-project")
        assert [one["pointer"] for one in answer.json()["errors"]] == ["/period"]
        report = await finished(origin, (await ordered(origin, period="project"))["id"])
        assert report["state"] == "frozen"
        assert (await verdict(origin, report["id"]))["problems"] == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"kind": "final"}, "/kind"),
        ({"kind": "gossip"}, "/kind"),
        ({"period": "2025-13"}, "/period"),
        ({"period": "project"}, "/period"),
        ({"municipality": "9999"}, "/municipality"),
        ({"municipality": "Nora"}, "/municipality"),
        ({"language": "fi"}, "/language"),
        ({"texts": {"": "x"}}, "/texts//[key]"),
        ({"supersedes": "0190b0a0-0000-7000-8000-000000000001"}, "/supersedes"),
        ({"colour": "blue"}, "/colour"),
    ],
)
async def test_what_cannot_be_reported_is_refused_by_its_field(
    origin: Origin, body: dict[str, Any], pointer: str
) -> None:
    answer = await origin.client(Role.COORDINATOR).post(REPORTS, json=YEAR | body)
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    if body == {"kind": "final"}:
        assert "progress" in answer.json()["errors"][0]["message"]


async def test_a_report_is_followed_by_one_version_of_the_same_subject(origin: Origin) -> None:
    client = origin.client(Role.COORDINATOR)
    first = await ordered(origin)
    waiting = await client.post(REPORTS, json=YEAR | {"supersedes": first["id"]})
    assert (waiting.status_code, waiting.json()["type"].rpartition("/")[2]) == (409, "report-not-frozen")
    await build(origin)
    other = await client.post(REPORTS, json=YEAR | {"period": "2025Q4", "supersedes": first["id"]})
    assert (other.status_code, other.json()["errors"][0]["code"]) == (422, "other-report")
    answers = await asyncio.gather(*(client.post(REPORTS, json=YEAR | {"supersedes": first["id"]}) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [202, 409, 409, 409]
    [second] = [answer.json()["id"] for answer in answers if answer.status_code == 202]
    assert {answer.json()["superseded_by"] for answer in answers if answer.status_code == 409} == {second}
    shown = (await client.get(f"{REPORTS}/{first['id']}")).json()
    assert (shown["superseded_by"], first["superseded_by"]) == (second, None)
    assert [one["superseded_by"] for one in (await client.get(REPORTS)).json()["items"]] == [None, second]


async def test_before_it_is_frozen_there_is_nothing_to_fetch(origin: Origin) -> None:
    report = await ordered(origin)
    client = origin.client(Role.FUNDER)
    for path in ("file.pdf", "verify", "changes"):
        answer = await client.get(f"{REPORTS}/{report['id']}/{path}")
        assert (answer.status_code, answer.json()["state"]) == (409, "queued")
    assert (await client.get(f"{REPORTS}/{report['id']}/file.docx")).status_code == 404
    assert (await client.get(f"{REPORTS}/0190b0a0-0000-7000-8000-000000000001")).status_code == 404


async def test_the_list_is_newest_first_and_paged(origin: Origin) -> None:
    ids = [(await ordered(origin))["id"] for _ in range(5)]
    client = origin.client(Role.FUNDER)
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await client.get(REPORTS, params={"limit": "2"} | cursor)).json()
        seen += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == ids[::-1]


async def test_files_carry_what_a_browser_needs(origin: Origin) -> None:
    report = await ordered(origin)
    await build(origin)
    client = origin.client(Role.FUNDER)
    page = await client.get(f"{REPORTS}/{report['id']}/file.html")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-disposition"] == 'inline; filename="lagesrapport-2025-v1.html"'
    assert "default-src 'none'" in page.headers["content-security-policy"]
    again = await client.get(f"{REPORTS}/{report['id']}/file.html", headers={"If-None-Match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    shown = await client.get(f"{REPORTS}/{report['id']}")
    assert shown.headers["etag"]


async def test_the_same_order_sent_twice_with_its_key_is_one_report(origin: Origin) -> None:
    client = origin.client(Role.COORDINATOR)
    answers = [await client.post(REPORTS, json=YEAR, headers={"Idempotency-Key": "a"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len((await client.get(REPORTS)).json()["items"]) == 1


class CountingWorkshop(Workshop):
    """Notes which reports were built."""

    built: list[str]

    async def run(self, task: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        self.built.extend(one.id for one in args if isinstance(one, Order))
        return await super().run(task, *args, **kwargs)


async def test_several_processes_build_each_report_once(origin: Origin) -> None:
    service, workshop = origin.services["reporting"], CountingWorkshop()
    workshop.built = []
    workers = [Worker([report_kind(service.app.state.facts, workshop)]) for _ in range(3)]
    ids = [(await ordered(origin))["id"] for _ in range(4)]
    try:
        await asyncio.gather(*(worker.run_due(service.units) for worker in workers))
    finally:
        workshop.close()
    rows = await origin.rows("reporting", "SELECT id, state FROM reports")
    assert {str(row["id"]): row["state"] for row in rows} == dict.fromkeys(ids, "frozen")
    assert sorted(workshop.built) == sorted(ids)


async def died_building(origin: Origin, report_id: str) -> None:
    """A process takes the job, marks the report, and is no more when its lease ends."""
    service = origin.services["reporting"]
    assert await service.jobs._take(service.units, ["report"], service.units.clock.now()) is not None
    async with service.units.system() as unit:
        await queries.begin(unit, UUID(report_id))
        await unit.execute(EXPIRED)


async def test_what_a_process_left_half_done_is_taken_up_again(origin: Origin) -> None:
    report = await ordered(origin)
    await died_building(origin, report["id"])
    shown = (await origin.client(Role.FUNDER).get(f"{REPORTS}/{report['id']}")).json()
    assert shown["state"] == "building"
    await build(origin)
    assert (await finished(origin, report["id"]))["state"] == "frozen"


async def test_building_holds_no_transaction_while_figures_and_files_are_made(origin: Origin) -> None:
    """The server ends a transaction in which nothing is said for two minutes; a large report takes longer."""
    report, service = await ordered(origin), origin.services["reporting"]
    open_meanwhile: list[int] = []

    class Watching(Workshop):
        async def run(self, task: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
            [row] = await origin.rows("reporting", IN_TRANSACTION, origin.databases["reporting"])
            open_meanwhile.append(row["open"])
            return await super().run(task, *args, **kwargs)

    workshop = Watching()
    await Worker([report_kind(service.app.state.facts, workshop)]).run_due(service.units)
    workshop.close()
    assert open_meanwhile == [0]
    assert (await finished(origin, report["id"]))["state"] == "frozen"


async def test_a_build_that_is_interrupted_begins_again(origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    report, begins, run = await ordered(origin), asyncio.Event(), Workshop.run

    def begun(*what: Any, **how: Any) -> Awaitable[Any]:
        begins.set()
        return run(*what, **how)

    monkeypatch.setattr(Workshop, "run", begun)
    interrupted = asyncio.create_task(build(origin))

    async def state() -> str:
        [row] = await origin.rows("reporting", "SELECT state FROM reports WHERE id = $1", UUID(report["id"]))
        return str(row["state"])

    await asyncio.wait_for(begins.wait(), 30)
    interrupted.cancel()
    with pytest.raises(asyncio.CancelledError):
        await interrupted
    assert await state() == "building"
    await build(origin)
    assert await state() == "frozen"


async def test_a_report_that_ends_its_process_every_time_is_given_up(origin: Origin) -> None:
    report = await ordered(origin)
    for _ in range(ATTEMPTS):
        await died_building(origin, report["id"])
    await build(origin)
    shown = await finished(origin, report["id"])
    assert (shown["state"], shown["hash"]) == ("failed", None)
    assert "ended the process" in shown["reason"]
    answer = await origin.client(Role.FUNDER).get(f"{REPORTS}/{report['id']}/file.pdf")
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (409, "report-failed")


async def test_what_is_frozen_cannot_be_changed_by_the_service(stack: Stack, origin: Origin) -> None:
    report = await ordered(origin)
    await build(origin)
    url = databases.app_url(stack.admin_url, "reporting", origin.databases["reporting"])
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SELECT set_config('kursnav.scope', 'system', false)")
        for statement, error in (
            ("UPDATE reports SET hash = 'x'", asyncpg.RestrictViolationError),
            ("DELETE FROM reports", asyncpg.InsufficientPrivilegeError),
            ("UPDATE report_rows SET row = '{}'", asyncpg.InsufficientPrivilegeError),
            ("DELETE FROM report_files", asyncpg.InsufficientPrivilegeError),
            (f"INSERT INTO report_files VALUES ('{report['id']}', 'docx', '', '')", asyncpg.RestrictViolationError),
            (f"INSERT INTO report_rows VALUES ('{report['id']}', 99999, 'k', '{{}}')", asyncpg.RestrictViolationError),
        ):
            with pytest.raises(error):
                await connection.execute(statement)
        await connection.execute("SELECT set_config('kursnav.scope', 'municipality', false)")
        for table in ("reports", "report_rows", "report_files"):
            assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0
    finally:
        await connection.close()
    assert (await verdict(origin, report["id"]))["hash_matches"]


@pytest.mark.parametrize(
    ("tampering", "reconciles", "named"),
    [
        ("UPDATE report_files SET content = content || '\\x20' WHERE format = 'csv'", True, "csv"),
        ("DELETE FROM report_rows WHERE number = 1", False, "input rows"),
        (
            "UPDATE reports SET document = jsonb_set(document, '{figures,seats,offered}', '7')",
            False,
            "seats.offered: the rows give 0, the report says 7",
        ),
    ],
)
async def test_tampering_with_the_database_is_found(
    stack: Stack, origin: Origin, tampering: str, reconciles: bool, named: str
) -> None:
    report = await ordered(origin)
    await build(origin)
    connection = await asyncpg.connect(databases.superuser_url(stack.admin_url, origin.databases["reporting"]))
    try:
        await connection.execute("SET session_replication_role = replica")  # past the trigger
        await connection.execute(tampering)
    finally:
        await connection.close()
    found = await verdict(origin, report["id"])
    assert (found["reconciles"], found["hash_matches"]) == (reconciles, False)
    assert any(named in problem for problem in found["problems"])


async def test_tables_are_as_the_migrations_made_them(origin: Origin) -> None:
    columns = await origin.rows(
        "reporting",
        "SELECT table_name, column_name, is_nullable FROM information_schema.columns WHERE table_name LIKE 'report%'",
    )
    migrated = {(row["table_name"], row["column_name"], row["is_nullable"] == "YES") for row in columns}
    declared = {
        (table.name, column.name, bool(column.nullable))
        for table in ReportingTable.metadata.tables.values()
        if table.name.startswith("report")
        for column in table.columns
    }
    assert migrated == declared
