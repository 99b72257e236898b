"""Reports on real Kafka and PostgreSQL: ordered, built once, frozen for good, corrected by a new version."""

import asyncio
import json
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import asyncpg
import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from shared.messaging.delivery import Event
from shared.security.roles import Role
from tests.integration.reporting.ordering import REPORTS, YEAR, a_year, build, files, finished, ordered, verdict
from tests.integration.reporting.publishing import publish
from tests.support import databases
from tests.support.answers import answered
from tests.support.services import Origin, running
from tests.support.stack import Stack
from tests.support.story import at

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def changes(origin: Origin, report: str, **query: str) -> dict[str, Any]:
    """What a report says that it changes: figures by their names, and the months to send again."""
    answer = await origin.client(Role.FUNDER).get(f"{REPORTS}/{report}/changes", params=query)
    told = answered(answer)
    return {"figures": {one.pop("figure"): one for one in told["changes"]}, "resend": told["resend"]}


async def corrected(origin: Origin, told: Sequence[Event], older: str, *, period: str = "2025") -> str:
    """Publishes what was told last; returns the report that takes the place of the older one."""
    await publish(origin, told)
    newer = await ordered(origin, period=period, supersedes=older)
    assert newer["version"] == (await finished(origin, older))["version"] + 1
    await finished(origin, newer["id"])
    return str(newer["id"])


async def frozen_as_it_was_live(origin: Origin) -> tuple[str, dict[str, bytes]]:
    """A report of the year with the figures of its order, and its files."""
    first = await ordered(origin, texts={"activities": "Det går **bra**."})
    assert (first["version"], first["state"], first["hash"]) == (1, "queued", None)
    live = answered(await origin.client(Role.FUNDER).get("/reporting/v1/figures?from=2025-01-01&to=2025-12-31"))
    assert first["cut_off"] == live["cut_off"]

    frozen = await finished(origin, first["id"])
    assert (frozen["state"], len(frozen["hash"])) == ("frozen", 64)
    assert await verdict(origin, first["id"]) == {"reconciles": True, "hash_matches": True, "problems": []}
    made = await files(origin.client(Role.FUNDER), first["id"])
    document = json.loads(made["json"])
    assert (document["figures"], document["hash"]) == (live, frozen["hash"])
    assert document["figures"]["minutes"]["attested"] == 680
    pdf = " ".join(page.extract_text() for page in PdfReader(BytesIO(made["pdf"])).pages)
    assert all(text in pdf for text in ("Det går bra.", "Lindesberg", frozen["hash"]))
    rows = list(load_workbook(BytesIO(made["xlsx"]))["Underlag"].iter_rows(min_row=4, values_only=True))
    assert sum(int(str(row[6])) for row in rows[:-1]) == 680
    assert b"Det g\xc3\xa5r <strong>bra</strong>." in made["html"]
    return first["id"], made


async def test_a_report_from_order_to_correction(stack: Stack) -> None:
    story, october = a_year()
    async with running(stack, ["reporting"]) as origin:
        await publish(origin, story.told)
        first, before = await frozen_as_it_was_live(origin)

        # A correction: what was frozen stays, byte for byte; a new version says what changed and what to send again.
        story.reopen(october)
        story.attest(october, ("Ada", 180), ("Bea", 130), ("Cia", 60))
        second = await corrected(origin, story.told[-2:], first)
        assert await files(origin.client(Role.COORDINATOR), first) == before
        assert (await verdict(origin, first))["reconciles"]
        told = await changes(origin, second, since=first)
        assert await changes(origin, second) == told, "the superseded one by default"
        cause = [str(story.told[-1].id)]
        assert told["figures"]["minutes.attested"] == {"old": 680, "new": 710, "cause": cause}
        assert told["figures"]["cofinancing.municipalities.1884.attested_minutes"]["new"] == 590
        assert told["resend"] == ["2025-10", "2025-11", "2025-12"]

        # Reopened and not attested again: the hours are gone, and the event that took them is named.
        story.reopen(october)
        third = await corrected(origin, story.told[-1:], second)
        gone = (await changes(origin, third))["figures"]["minutes.attested"]
        assert gone["cause"] == [str(story.told[-1].id)]


async def test_a_correction_before_the_period_is_explained_by_what_was_recorded_since(stack: Stack) -> None:
    """The rows of a quarter have only sums of the months before it: the facts between the two cut-offs say why."""
    story, _ = a_year()
    async with running(stack, ["reporting"]) as origin:
        await publish(origin, story.told)
        quarter = (await ordered(origin, period="2025Q4"))["id"]
        await finished(origin, quarter)
        march = story.planned("march", (at("2025-03-03"), 180))
        story.reopen(march)
        story.attest(march, ("Ada", 180), ("Bea", 130), ("Cia", 60))
        newer = await corrected(origin, story.told[-2:], quarter, period="2025Q4")
        assert (await verdict(origin, newer))["problems"] == []

        told = await changes(origin, newer)
        assert not [figure for figure in told["figures"] if not figure.startswith("cofinancing.")]
        attested = told["figures"]["cofinancing.municipalities.1884.attested_minutes"]
        assert attested == {"old": 560, "new": 590, "cause": [str(story.told[-1].id)]}
        assert told["resend"] == ["2025-10", "2025-11", "2025-12"]


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
        ({"kind": "municipality"}, "/municipality"),
        ({"kind": "final", "texts": {"gossip": "x"}}, "/texts/gossip"),
        ({"kind": "progress", "texts": {"gossip": "x"}}, "/texts/gossip"),
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
