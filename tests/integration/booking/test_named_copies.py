"""Named copies through HTTP: of a frozen report's own bytes alone, audited, and kept nowhere."""

import json
from hashlib import sha256
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from openpyxl import load_workbook

from services.booking.named_copies.follow_reports import CONSUMER
from shared.contracts.reports_v1 import ReportFrozen
from shared.security.roles import Role
from tests.support.answers import Json, refused
from tests.support.booking_world import NORA, World, client, personal_number
from tests.support.events import delivered
from tests.support.verapdf import inaccessible

pytestmark = pytest.mark.asyncio(loop_scope="module")

COPIES = "/booking/v1/named-copies"
HEAD = ({"name": "participant_id", "title": "Deltagare (participant_id)", "form": "id"},)


def report(*participants: str, columns: tuple[Json, ...] = (), cells: tuple[str, ...] = ()) -> bytes:
    """The JSON of a report with a list of these people."""
    rows = [[who, *cells] for who in participants]
    one = {"name": "participants", "title": "Deltagare", "columns": [*HEAD, *columns], "rows": rows}
    return json.dumps({"rows": {"count": len(rows), "hash": "00", "lists": [one]}}).encode()


async def frozen(world: World, content: bytes, kind: str = "participants") -> UUID:
    """Reporting has frozen a report with this file; returns its id."""
    digest = sha256(content).hexdigest()
    report_id = uuid4()
    said = {"report_id": report_id, "kind": kind, "period": "2025", "version": 1, "hash": digest}
    event = ReportFrozen.model_validate({**said, "files": {"json": digest, "xlsx": sha256(b"other").hexdigest()}})
    async with world.origin.services["booking"].units.system() as unit:
        await CONSUMER.handler(unit, [delivered(ReportFrozen, event, key=str(report_id), sequence=1)])
    return report_id


async def copied(by: httpx2.AsyncClient, content: bytes, **asked: Any) -> httpx2.Response:
    headers = {"Idempotency-Key": str(uuid4())}
    return await by.post(COPIES, params=asked, files={"file": ("rapport.json", content)}, headers=headers)


def cells_of(answer: httpx2.Response) -> list[tuple[Any, ...]]:
    assert answer.status_code == 200, answer.text
    return list(load_workbook(BytesIO(answer.content)).worksheets[0].iter_rows(values_only=True))


async def participant(world: World, number: str | None = None, **fields: Any) -> str:
    staff = await world.staff(NORA, number=number, **fields)
    return str((await world.get(f"/booking/v1/staff/{staff}"))["participant_id"])


async def test_a_frozen_report_gets_names_and_the_copy_is_audited_and_stored_nowhere(world: World) -> None:
    ada = await participant(world, given_name="Ada", family_name="Öberg")
    hidden = await participant(world, given_name="Bea", family_name="Hemlig", protected_identity=True)
    gone = await participant(world, given_name="Cia", family_name="Borta")
    await world.post(f"/booking/v1/participants/{gone}/erase", {"reason": "Begäran"})
    content = report(ada, hidden, gone)
    report_id = await frozen(world, content)

    answer = await copied(world.coordinator, content)
    assert cells_of(answer)[1:] == [
        (ada, "Öberg", "Ada"),
        (hidden, "Skyddad identitet", None),
        (gone, "Raderad", None),
    ]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"] == 'attachment; filename="participants-2025-v1-named.xlsx"'
    [entry] = (await world.get("/booking/v1/audit", target=f"report/{report_id}"))["items"]
    assert (entry["action"], entry["after"]["participants"]) == ("named-copy-made", 3)
    kept = "SELECT count(*) AS n FROM idempotency_keys WHERE octet_length(answer) >= $1"
    assert [row["n"] for row in await world.origin.rows("booking", kept, len(answer.content))] == [0]
    pdf = await copied(world.coordinator, content, format="pdf")
    assert pdf.content.startswith(b"%PDF")
    assert pdf.headers["content-type"] == "application/pdf"
    assert inaccessible({"named-copy": pdf.content}) == []


async def test_the_statistics_file_gets_personal_numbers(world: World) -> None:
    numbers = [personal_number(91_001), personal_number(91_002)]
    ada = await participant(world, numbers[0])
    hidden = await participant(world, numbers[1], protected_identity=True)
    columns = ({"name": "Personnummer", "title": "Personnummer", "form": "text"},)
    content = report(ada, hidden, columns=columns, cells=("{personal_number}",))
    await frozen(world, content, "statistics-file")
    rows = cells_of(await copied(world.coordinator, content))
    digits = [number.replace("-", "") for number in numbers]
    assert rows == [("Personnummer",), (digits[0],), (f"{digits[1][:8]}Tf29",)]


async def test_a_changed_an_unknown_and_a_nameless_report_are_refused(world: World) -> None:
    content = report(await participant(world))
    refused(await copied(world.coordinator, content), 422, "report-altered")
    await frozen(world, content)
    refused(await copied(world.coordinator, content + b" "), 422, "report-altered")
    refused(await copied(world.coordinator, b"PK\x03\x04"), 422, "report-altered")
    nameless = b'{"rows": {"count": 0, "hash": ""}}'
    await frozen(world, nameless, "evaluation")
    refused(await copied(world.coordinator, nameless), 422, "no-participants")
    answer = await world.coordinator.post(COPIES, params={"format": "docx"}, files={"file": ("r.json", content)})
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/query/format"]


async def test_the_project_office_alone_makes_named_copies(world: World) -> None:
    content = report(await participant(world))
    await frozen(world, content)
    for role in (Role.FUNDER, Role.MUNICIPALITY, Role.EVALUATOR, Role.OPERATOR):
        answer = await copied(client(world.origin, role, municipality=NORA), content)
        assert answer.status_code == 403, role


async def test_the_name_of_who_was_merged_is_that_of_who_remains(world: World) -> None:
    ended = await participant(world, given_name="Gammal", family_name="Post")
    remains = await participant(world, given_name="Ny", family_name="Post")
    await world.post(f"/booking/v1/participants/{ended}/merge", {"into": remains, "reason": "Samma person"})
    content = report(ended)
    await frozen(world, content)
    assert cells_of(await copied(world.coordinator, content))[1] == (ended, "Post", "Ny")
