"""Importing staff from files: every row's fate first, all or nothing, long files as jobs."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import httpx2
import openpyxl
import pytest

from services.booking.app import JOBS_EVERY_SECONDS
from services.booking.imports.jobs import LEASE
from shared.security.roles import Role
from tests.integration.booking.register import MAJA, enter_register, number_of, ok, refused
from tests.support.eventually import eventually
from tests.support.services import Origin, running
from tests.support.stack import Stack

IMPORT = "/booking/v1/staff/import"
Row = dict[str, str]


def row(person: int, **changes: str) -> Row:
    """A row of the n-th person."""
    return {**MAJA, "personal_number": number_of(person), "email": f"p{person}@nora.example", **changes}


def as_csv(rows: Sequence[Row], delimiter: str = ";", encoding: str = "utf-8-sig") -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def as_xlsx(rows: Sequence[Row]) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    for line in (list(rows[0]), *(list(each.values()) for each in rows)):
        sheet.append(line)
    book.save(file)
    return file.getvalue()


async def send(client: httpx2.AsyncClient, content: bytes, **params: Any) -> httpx2.Response:
    return await client.post(IMPORT, files={"file": ("personal.csv", content)}, params=params)


async def nora(origin: Origin) -> httpx2.AsyncClient:
    await enter_register(origin)
    return origin.client(Role.MUNICIPALITY, municipality="1884")


async def count(origin: Origin, table: str) -> int:
    (found,) = await origin.rows("booking", f"SELECT count(*) AS n FROM {table}")
    return int(found["n"])


def outcomes(answer: dict[str, Any]) -> list[tuple[int, str]]:
    return [(each["row"], each["outcome"]) for each in answer["rows"]]


async def test_a_dry_run_shows_every_rows_fate_and_writes_nothing(booking: Origin) -> None:
    office = await nora(booking)
    content = as_csv([row(0), row(1, email="nobody"), row(2)])
    answer = ok(await send(office, content, dry_run="true"))
    assert outcomes(answer) == [(2, "create"), (3, "error"), (4, "create")]
    assert [error["pointer"] for error in answer["rows"][1]["errors"]] == ["/email"]
    assert answer["totals"] == {"rows": 3, "create": 2, "update": 0, "unchanged": 0, "error": 1, "written": 0}
    for table in ("staff", "vault", "participants"):
        assert await count(booking, table) == 0


async def test_one_bad_row_keeps_the_whole_file_out(booking: Origin) -> None:
    office = await nora(booking)
    answer = ok(await send(office, as_csv([row(0), row(1, personal_number="19600101-9809")])))
    assert outcomes(answer) == [(2, "create"), (3, "error")]
    assert answer["rows"][0]["id"] is None
    assert answer["totals"]["written"] == 0
    assert "9809" not in str(answer)
    for table in ("staff", "vault", "participants"):
        assert await count(booking, table) == 0


@pytest.mark.parametrize("content", [as_csv([row(0)]), as_csv([row(0)], ",", "cp1252"), as_xlsx([row(0)])])
async def test_the_staff_of_a_file_are_as_if_they_were_added_one_by_one(booking: Origin, content: bytes) -> None:
    office = await nora(booking)
    (created,) = ok(await send(office, content))["rows"]
    shown = ok(await office.get(f"/booking/v1/staff/{created['id']}"))
    assert shown["participant_id"] == created["participant_id"]
    assert (shown["workplace"], shown["title"], shown["valid_from"]) == ("Hagby ängar", "assistant_nurse", "2025-01-01")
    assert (await office.get(f"/booking/v1/staff/{created['id']}")).headers["ETag"] == '"1"'


async def test_the_same_file_again_changes_nothing_and_a_changed_one_updates(booking: Origin) -> None:
    office = await nora(booking)
    first = ok(await send(office, as_csv([row(0), row(1)])))
    again = ok(await send(office, as_csv([row(0), row(1)])))
    assert outcomes(again) == [(2, "unchanged"), (3, "unchanged")]
    assert [each["id"] for each in again["rows"]] == [each["id"] for each in first["rows"]]
    events = await count(booking, "outbox")
    changed = [row(0, title="Vårdbiträde", category="other", valid_from="2025-09-01"), row(1), row(2)]
    assert outcomes(ok(await send(office, as_csv(changed)))) == [(2, "update"), (3, "unchanged"), (4, "create")]
    shown = ok(await office.get(f"/booking/v1/staff/{first['rows'][0]['id']}"))
    assert [(each["title"], each["valid_from"]) for each in shown["history"]] == [
        ("assistant_nurse", "2025-01-01"),
        ("care_assistant", "2025-09-01"),
    ]
    assert await count(booking, "outbox") == events + 3  # the new title, and two of the new person


async def test_a_known_employment_and_a_file_meet_whatever_the_number_looks_like(booking: Origin) -> None:
    office = await nora(booking)
    added = ok(await office.post("/booking/v1/staff", json=MAJA), 201)
    (same,) = ok(await send(office, as_csv([{**MAJA, "personal_number": "8112189876"}])))["rows"]
    assert (same["outcome"], same["id"]) == ("unchanged", added["id"])


async def test_rows_that_cannot_be_are_told_why(booking: Origin) -> None:
    office = await nora(booking)
    content = as_csv([row(0), row(0), row(1, municipality="1880"), row(2, category="")])
    answer = ok(await send(office, content, dry_run="true"))
    codes = {each["row"]: [error["code"] for error in each["errors"]] for each in answer["rows"]}
    assert codes == {2: [], 3: ["twice-in-file"], 4: ["not-your-municipality"], 5: ["missing"]}


@pytest.mark.parametrize("column", ["given_name", "family_name", "workplace", "title"])
async def test_a_number_in_the_wrong_column_stays_out(booking: Origin, column: str) -> None:
    """Names, titles and workplaces go into events and lists, where no number may be."""
    office = await nora(booking)
    answer = ok(await send(office, as_csv([row(0, **{column: f"{row(1)['personal_number']} (byt)"})])))
    [fate] = answer["rows"]
    assert [(error["pointer"], error["code"]) for error in fate["errors"]] == [(f"/{column}", "personal-number")]
    assert "Ta bort personnumret" in fate["errors"][0]["message"]
    assert row(1)["personal_number"] not in str(answer)
    assert await count(booking, "staff") == 0


async def test_the_coordinator_enters_several_municipalities_in_one_file(booking: Origin) -> None:
    office = await enter_register(booking)
    answer = ok(await send(office, as_csv([row(0), row(0, municipality="1880")])))
    assert outcomes(answer) == [(2, "create"), (3, "create")]
    assert len({each["participant_id"] for each in answer["rows"]}) == 1


async def test_what_people_write_for_yes_and_gender_is_understood_and_unknown_columns_are_named(
    booking: Origin,
) -> None:
    office = await nora(booking)
    content = as_csv([row(0, protected_identity="Ja", gender="Kvinna", shoe_size="38")])
    answer = ok(await send(office, content))
    shown = ok(await office.get(f"/booking/v1/staff/{answer['rows'][0]['id']}"))
    assert (shown["protected_identity"], shown["gender"]) == (True, "woman")
    assert answer["ignored_columns"] == ["shoe_size"]


async def test_a_file_that_is_no_table_of_staff_is_refused(booking: Origin) -> None:
    office = await nora(booking)
    problem = refused(await send(office, b"name;title\nMaja;x\n"), 422, "validation")
    assert {error["code"] for error in problem["errors"]} == {"column-missing"}
    refused(await send(office, b"\x00\x01\x02"), 415, "unsupported-file")
    refused(await office.post(IMPORT), 422, "validation")
    trainer = booking.client(Role.TRAINER, trainer_id="0197a000-0000-7000-8000-000000000000")
    refused(await send(trainer, as_csv([row(0)])), 403, "forbidden")


async def test_a_long_file_becomes_a_job_that_only_its_owner_sees(stack: Stack) -> None:
    async with running(stack, ["booking"], stages=()) as origin:
        office = await nora(origin)
        rows = [row(person) for person in range(1_001)]
        job = ok(await send(office, as_csv(rows)), 202)["job"]
        path = f"/booking/v1/jobs/{job}"
        other = origin.client(Role.MUNICIPALITY, municipality="1884", subject="somebody-else")
        refused(await other.get(path), 404, "not-found")

        async def job_of() -> dict[str, Any]:
            shown: dict[str, Any] = ok(await office.get(path))
            return shown

        done = await eventually(job_of, until=lambda shown: shown["state"] in ("done", "failed"), within=30)
        assert (done["state"], done["done"], done["total"]) == ("done", 1_001, 1_001)
        assert done["result"]["totals"]["written"] == 1_001
        assert done["result"]["rows"][0] == {
            "row": 2,
            "outcome": "create",
            "id": done["result"]["rows"][0]["id"],
            "participant_id": done["result"]["rows"][0]["participant_id"],
            "errors": [],
        }
        (kept,) = await origin.rows("booking", "SELECT content, result::text AS result FROM jobs")
        assert kept["content"] is None
        assert number_of(0)[2:] not in kept["result"]
        (entry,) = await origin.rows(
            "booking", "SELECT DISTINCT actor, actor_role FROM audit WHERE action = 'staff-added'"
        )
        assert entry["actor_role"] == "municipality"


async def test_a_job_whose_process_died_is_taken_up_again(stack: Stack) -> None:
    async with running(stack, ["booking"], stages=()) as origin:
        office = await nora(origin)
        service = origin.services["booking"]
        units = service.units
        job = ok(await send(office, as_csv([row(person) for person in range(1_001)]), dry_run="true"), 202)["job"]
        async with units.system() as unit:
            long_ago = unit.recorded_at - LEASE * 2
            await unit.execute(
                "UPDATE jobs SET state = 'running', taken_at = :at WHERE state = 'queued'", {"at": long_ago}
            )

        async def state() -> str:
            return str(ok(await office.get(f"/booking/v1/jobs/{job}"))["state"])

        assert await eventually(state, until=lambda seen: seen == "done", within=30 + JOBS_EVERY_SECONDS) == "done"
        assert await count(origin, "staff") == 0


async def test_a_form_with_a_field_that_there_is_none_of_is_refused(booking: Origin) -> None:
    office = await enter_register(booking)
    files = {"file": ("personal.csv", b"personal_number\n"), "dry/run": (None, b"true")}
    problem = refused(await office.post(IMPORT, files=files), 422, "validation")
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [("/dry~1run", "extra_forbidden")]
