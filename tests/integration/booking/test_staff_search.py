"""Finding staff: by number, by what a name or an address begins with, by workplace and by day."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio
from sqlalchemy import select
from sqlalchemy.dialects import postgresql
from sqlmodel import col

from services.booking.staff.queries import Wanted, conditions, sorted_page, workplaces
from services.booking.staff.tables import Staff
from shared.security.roles import Caller, Role, Scope
from shared.web.cursors import Page
from tests.support.answers import ok, refused
from tests.support.booking_world import MAJA, enter_register, personal_number
from tests.support.services import Origin, api
from tests.support.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="module")

DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
NAMES = (("Åsa", "Öberg"), ("Anna-Karin", "Åström"), ("Ewa", "Ek"), ("Örjan", "Ekdahl"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def register(stack: Stack) -> AsyncIterator[Origin]:
    """Four people of Nora; the third at Örebro too."""
    async with api(stack, "booking") as origin:
        office = await enter_register(origin)
        for number, (given, family) in enumerate(NAMES):
            body = {**MAJA, "personal_number": personal_number(number), "given_name": given, "family_name": family}
            body |= {"email": f"{number}.Person@nora.example", "workplace": "Hagby" if number % 2 else "Solgården"}
            ok(await office.post("/booking/v1/staff", json=body), 201)
            if number == 2:
                ok(await office.post("/booking/v1/staff", json={**body, "municipality": "1880"}), 201)
        yield origin


async def found(origin: Origin, query: str, municipality: str = "1884") -> list[str]:
    client = origin.client(Role.MUNICIPALITY, municipality=municipality)
    items = ok(await client.get(f"/booking/v1/staff?{query}"))["items"]
    return [item["given_name"] for item in items]


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("å", ["Åsa", "Anna-Karin"]),
        ("ÖBERG", ["Åsa"]),
        ("ek", ["Ewa", "Örjan"]),
        ("ewa ek", ["Ewa"]),
        ("ek ewa", ["Ewa"]),
        ("O\u0308rjan", ["Örjan"]),
        ("0.person@", ["Åsa"]),
        ("karin", []),
        ("%", []),
        ("_", []),
    ],
)
async def test_staff_is_found_by_what_a_name_or_an_address_begins_with(
    register: Origin, q: str, names: list[str]
) -> None:
    assert await found(register, f"q={quote(q)}") == names


async def test_filters_narrow_each_other(register: Origin) -> None:
    assert await found(register, "workplace=Hagby") == ["Anna-Karin", "Örjan"]
    assert await found(register, f"workplace=Hagby&q={quote('ö')}") == ["Örjan"]
    assert await found(register, "valid_on=2024-12-31") == []
    assert await found(register, f"valid_on=2025-01-01&q={quote('e')}") == ["Ewa", "Örjan"]


async def test_a_number_in_the_body_finds_the_employments_that_the_caller_may_see(register: Origin) -> None:
    wanted: dict[str, Any] = {"personal_number": personal_number(2)}
    expected = {"1884": ["1884"], "1880": ["1880"]}
    for municipality, own in expected.items():
        client = register.client(Role.MUNICIPALITY, municipality=municipality)
        answer = ok(await client.post("/booking/v1/staff/search", json=wanted))
        assert [item["municipality"] for item in answer["items"]] == own
        assert personal_number(2)[-4:] not in str(answer["items"][0]["personal_number_hint"])
    everybody = ok(await register.client(Role.COORDINATOR).post("/booking/v1/staff/search", json=wanted))
    assert [item["municipality"] for item in everybody["items"]] == ["1884", "1880"]
    orebro = register.client(Role.MUNICIPALITY, municipality="1880")
    for of_others in (personal_number(0), personal_number(99)):
        answer = ok(await orebro.post("/booking/v1/staff/search", json={"personal_number": of_others}))
        assert answer["items"] == []
    problem = refused(await orebro.post("/booking/v1/staff/search", json={"personal_number": "1"}), 422, "validation")
    assert [error["pointer"] for error in problem["errors"]] == ["/personal_number"]


async def test_who_has_left_is_not_valid_on_the_day_after(register: Origin) -> None:
    office = register.client(Role.COORDINATOR)
    [ewa, _] = ok(await office.get("/booking/v1/staff?q=ewa"))["items"]
    seen = await office.get(f"/booking/v1/staff/{ewa['id']}")
    patch = {"valid_to": "2025-06-30"}
    ok(await office.patch(f"/booking/v1/staff/{ewa['id']}", json=patch, headers={"If-Match": seen.headers["ETag"]}))
    assert await found(register, "q=ewa&valid_on=2025-06-30") == ["Ewa"]
    assert await found(register, "q=ewa&valid_on=2025-07-01") == []


FILL = """
    WITH person AS (
        INSERT INTO participants (participant_id, gender, protected, erased)
        SELECT gen_random_uuid(), 'woman', false, false FROM generate_series(1, 50000) RETURNING participant_id
    )
    INSERT INTO staff (id, participant_id, employment_id, municipality, workplace, given_name, family_name, language,
                       email, revision)
    SELECT gen_random_uuid(), participant_id, gen_random_uuid(), CASE WHEN n % 2 = 0 THEN '1884' ELSE '1880' END,
           'Arbetsplats ' || n % 300, 'Förnamn' || n, 'Efternamn' || n, 'sv', n || '@example.org', 1
      FROM (SELECT participant_id, row_number() OVER () AS n FROM person) AS numbered
"""


EMPLOY = """
    INSERT INTO employment_periods (employment_id, valid_from, participant_id, municipality, employer_org_number, title,
                                    category, kind)
    SELECT employment_id, DATE '2025-01-01', participant_id, municipality, '212000-0000', 'nurse', 'licensed',
           'employed'
      FROM staff
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def crowded(stack: Stack) -> AsyncIterator[Origin]:
    """Fifty thousand, half of them of Nora."""
    async with api(stack, "booking") as origin:
        await enter_register(origin)
        async with origin.services["booking"].units.system() as unit:
            await unit.execute(FILL)
            await unit.execute(EMPLOY)
        await origin.rows("booking", "ANALYZE")  # as the owner does: others may not
        yield origin


@pytest.mark.parametrize("wanted", [Wanted(q="Förnamn4999"), Wanted(workplace="Arbetsplats 7")], ids=["q", "workplace"])
async def test_among_fifty_thousand_a_municipality_reads_an_index(crowded: Origin, wanted: Wanted) -> None:
    units = crowded.services["booking"].units
    async with units.system() as unit:
        statement = select(col(Staff.id)).where(*conditions(wanted)).order_by(col(Staff.id)).limit(101)
        literal = statement.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True})
        unit.enter(Scope("municipality", municipality="1884"))
        plan = "\n".join(row["QUERY PLAN"] for row in await unit.all(f"EXPLAIN {literal}".replace("%%", "%")))
    assert "Seq Scan on staff" not in plan
    for key in ("name_key", "family_name_key", "email_key") if wanted.q else ("workplace",):
        assert f"ix_staff_{key}" in plan


READ = """
    SELECT seq_tup_read + idx_tup_fetch AS rows FROM pg_stat_xact_user_tables WHERE relname = 'staff'
"""


@pytest.mark.parametrize("role", [Role.MUNICIPALITY, Role.COORDINATOR])
async def test_among_fifty_thousand_a_list_reads_what_it_shows(crowded: Origin, role: Role) -> None:
    """Not all of them, to sort them: neither the names nor the workplaces to choose among."""
    own = "1884" if role is Role.MUNICIPALITY else None
    units = crowded.services["booking"].units
    scope = Scope("municipality", municipality=own) if own else Scope("project")
    async with units.open(caller=Caller("reader", "Reader", frozenset({role}), own), scope=scope) as unit:
        unit.enter(scope, role)
        before = await unit.scalar(READ)
        shown = await sorted_page(unit, Wanted(), Page(25, None), "name")
        places = await workplaces(unit)
        read = await unit.scalar(READ) - before
    first = "Efternamn10" if own else "Efternamn1"
    assert [one.family_name for _key, one in shown[:2]] == [first, f"{first}0"]
    assert len(places) == (150 if own else 300)
    assert read < 1_000
