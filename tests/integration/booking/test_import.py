"""Importing staff from files: every row's fate first, all or nothing, long files as jobs."""

import asyncio
import csv
import io
from collections.abc import Sequence
from typing import Any

import httpx2
import pytest

from services.booking.staff.import_staff import _Plan
from services.booking.staff.vault import Vault
from shared.database.conditions import PART
from shared.imports.table import letters
from shared.messaging.pipeline import Pipeline
from shared.security.roles import Role
from tests.support.answers import ok, refused
from tests.support.booking_world import MAJA, enter_register, personal_number
from tests.support.eventually import eventually
from tests.support.services import Origin, running
from tests.support.stack import Stack
from tests.support.workbooks import workbook

IMPORT = "/booking/v1/staff/import"
Row = dict[str, str]


def row(person: int, **changes: str) -> Row:
    """A row of the n-th person."""
    return {**MAJA, "personal_number": personal_number(person), "email": f"p{person}@nora.example", **changes}


def as_csv(rows: Sequence[Row], delimiter: str = ";", encoding: str = "utf-8-sig") -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def as_xlsx(rows: Sequence[Row]) -> bytes:
    return workbook([list(rows[0]), *(list(each.values()) for each in rows)])


async def send(client: httpx2.AsyncClient, content: bytes, **params: Any) -> httpx2.Response:
    params = {"dry_run": "false"} | params
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
    totals = {"rows": 3, "create": 2, "update": 0, "unchanged": 0, "error": 1}
    assert answer["totals"] == {**totals, "written": 0, "cancelled_registrations": 0}
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
    assert "ta bort personnumret" in fate["errors"][0]["message"]
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
    async with running(stack, ["booking"], pipeline=Pipeline) as origin:
        office = await nora(origin)
        rows = [row(person) for person in range(1_001)]
        job = ok(await send(office, as_csv(rows)), 202)["job"]
        path = f"/booking/v1/jobs/{job}"
        other = origin.client(Role.MUNICIPALITY, municipality="1884", subject="somebody-else")
        neighbour = origin.client(Role.MUNICIPALITY, municipality="1880")
        coordinator = origin.client(Role.COORDINATOR)
        for stranger in (other, neighbour, coordinator):
            refused(await stranger.get(path), 404, "not-found")

        async def job_of() -> dict[str, Any]:
            shown: dict[str, Any] = ok(await office.get(path))
            return shown

        done = await eventually(job_of, until=lambda shown: shown["state"] in ("done", "failed"), within=30)
        assert (done["state"], done["done"], done["total"]) == ("done", 1_001, 1_001)
        first, again = [(await office.get(path)).headers["ETag"] for _ in range(2)]
        assert first == again
        assert done["result"]["totals"]["written"] == 1_001
        assert done["result"]["rows"][0] == {
            "row": 2,
            "outcome": "create",
            "id": done["result"]["rows"][0]["id"],
            "participant_id": done["result"]["rows"][0]["participant_id"],
            "cancelled_registrations": [],
            "errors": [],
        }
        (kept,) = await origin.rows(
            "booking", "SELECT content, result::text AS result FROM jobs WHERE kind = 'staff-import'"
        )
        assert kept["content"] is None
        assert personal_number(0)[2:] not in kept["result"]
        (entry,) = await origin.rows(
            "booking", "SELECT DISTINCT actor, actor_role FROM audit WHERE action = 'staff-added'"
        )
        assert entry["actor_role"] == "municipality"


async def test_while_a_long_file_is_decided_others_get_a_turn_and_numbers_are_locked_in_one_order(
    booking: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns, turns_go_on, during, entered = 0, True, [], []
    decide, columns = _Plan.decide, Vault._columns

    async def counted(plan: _Plan, entries: Any) -> None:
        before = turns
        await decide(plan, entries)
        during.append(turns - before)

    def noted(vault: Vault, unit: Any, by_index: Any) -> Any:
        entered.append(list(by_index))
        return columns(vault, unit, by_index)

    def take_turn() -> None:
        nonlocal turns
        turns += 1
        if turns_go_on:
            asyncio.get_running_loop().call_soon(take_turn)

    monkeypatch.setattr(_Plan, "decide", counted)
    monkeypatch.setattr(Vault, "_columns", noted)
    office = await nora(booking)
    take_turn()
    answer = ok(await send(office, as_csv([row(person) for person in range(1_000)])))
    turns_go_on = False
    assert answer["totals"]["written"] == 1_000
    assert during[0] >= 1_000 // PART
    assert max(map(len, entered)) == PART
    together = [index for part in entered for index in part]
    assert together == sorted(together)


async def test_without_saying_so_nothing_is_written(booking: Origin) -> None:
    office = await nora(booking)
    answer = ok(await office.post(IMPORT, files={"file": ("personal.csv", as_csv([row(0)]))}))
    assert (outcomes(answer), answer["totals"]["written"]) == ([(2, "create")], 0)
    assert await count(booking, "staff") == 0


async def test_what_a_sheet_did_to_the_cells_is_said_cell_by_cell(booking: Origin) -> None:
    office = await nora(booking)
    rows = [
        row(0, given_name="#SAKNAS!"),
        row(1, valid_from="45717"),
        row(2, phone="701234567"),
        row(3, personal_number="1,98112E+11"),
        row(4, valid_from="2025-02-30"),
    ]
    fields = list(dict.fromkeys(name for each in rows for name in each))
    content = as_csv([{name: each.get(name, "") for name in fields} for each in rows])
    answer = ok(await send(office, content))
    errors = [(each["row"], error["pointer"], error["code"]) for each in answer["rows"] for error in each["errors"]]
    assert errors == [
        (2, "/given_name", "excel-error"),
        (3, "/valid_from", "not-a-date"),
        (4, "/phone", "zero-lost"),
        (5, "/personal_number", "digits-lost"),
        (6, "/valid_from", "date_from_datetime_parsing"),
    ]
    assert answer["totals"]["written"] == 0
    english = ok(await office.post(IMPORT, files={"file": content}, headers={"Accept-Language": "en"}))
    assert english["rows"][0]["errors"][0]["message"].startswith("Cell B2: an error of Excel")


async def test_a_row_longer_than_the_names_is_not_cut(booking: Origin) -> None:
    office = await nora(booking)
    content = as_csv([row(0), row(1)]).decode("utf-8-sig").rstrip() + ";vik\r\n"
    answer = ok(await send(office, content.encode()))
    assert [[error["code"] for error in each["errors"]] for each in answer["rows"]] == [[], ["no-column"]]
    assert answer["totals"]["written"] == 0


async def test_a_workbooks_numbers_and_days_are_what_it_shows(booking: Origin) -> None:
    office = await nora(booking)
    member = row(0)
    cells = {**member, "personal_number": int(member["personal_number"].replace("-", "")), "valid_from": 45717}
    content = workbook(
        [list(cells), list(cells.values())], [["Anvisning"]], formats={place(cells, "valid_from"): "yyyy-mm-dd"}
    )
    answer = ok(await send(office, content))
    assert (outcomes(answer), [note["code"] for note in answer["notes"]]) == ([(2, "create")], ["first-sheet"])
    shown = ok(await office.get(f"/booking/v1/staff/{answer['rows'][0]['id']}"))
    assert shown["valid_from"] == "2025-03-01"


def place(cells: dict[str, Any], column: str) -> str:
    return f"{letters(list(cells).index(column))}2"


async def test_a_file_beyond_the_limits_is_refused_by_name(booking: Origin) -> None:
    office = await nora(booking)
    wide = ",".join(f"c{number}" for number in range(201)).encode()
    assert "200 kolumner" in refused(await send(office, wide), 413, "file-too-large")["detail"]


async def test_reading_files_keeps_no_connection_and_so_holds_nobody_up(booking: Origin) -> None:
    """As many uploads as connections, each waiting for its turn to be read, and a booking's question meanwhile."""
    office = await nora(booking)
    service = booking.services["booking"]
    begun, held = 0, asyncio.Event()
    reader = service.app.state.files
    read = reader.table

    async def slowly(*what: Any) -> Any:
        nonlocal begun
        begun += 1
        await held.wait()
        return await read(*what)

    reader.table = slowly
    most = service.settings.pool_size + 5
    uploads = [asyncio.create_task(send(office, as_csv([row(0)]), dry_run="true")) for _ in range(most)]
    await eventually(lambda: begun, until=lambda count: count == most, what="all of them wait for their turn")
    answer = await office.get("/booking/v1/staff")
    held.set()
    statuses = {(await upload).status_code for upload in uploads}
    assert answer.status_code == 200
    assert statuses <= {200, 503}, "beyond those that wait, others are told to come again"
