"""Where trainers and the office begin: today's sessions and what waits."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from shared.clock import day_start, local_day
from shared.security.roles import Role
from tests.support.browsers import browser
from tests.support.school import School

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_trainer_sees_own_sessions_of_today_and_what_waits_to_be_attested(school: School) -> None:
    me, somebody = uuid4(), uuid4()
    noon = day_start(local_day(datetime.now(UTC))) + timedelta(hours=11)
    await school.session(noon, trainers=[me])
    await school.session(noon - timedelta(days=9), trainers=[me])
    await school.session(noon - timedelta(days=9), trainers=[somebody])
    page = await browser(school.origin, Role.TRAINER, trainer_id=me).get("/narvaro")
    assert page.status_code == 200
    assert page.text.count("Hjärt-lungräddning") == 2 + (noon + timedelta(hours=3) <= datetime.now(UTC))
    assert "1 lista är över" in page.text or "2 listor är över" in page.text


async def test_a_municipality_has_no_business_there(school: School) -> None:
    page = await browser(school.origin, Role.MUNICIPALITY, municipality="1880").get("/narvaro")
    assert page.status_code == 403


async def test_pages_call_the_project_and_the_municipality_by_their_newest_names(school: School) -> None:
    older = school.municipality("1885", name="Lindesbergs köping")
    newer = school.municipality("1885", name="Lindesberg")
    await school.tell(newer)
    await school.tell(older)
    rows = await school.origin.rows("attendance", "SELECT name FROM catalogue_names WHERE key = 'municipality/1885'")
    assert [row["name"] for row in rows] == ["Lindesberg"]


async def test_each_occasion_has_a_seed_of_its_own(school: School) -> None:
    session = await school.session(datetime.now(UTC), datetime.now(UTC) + timedelta(days=1))
    rows = await school.origin.rows("attendance", "SELECT seed FROM occasions WHERE session_id = $1", session.id)
    assert len({row["seed"] for row in rows}) == 2
    assert {len(row["seed"]) for row in rows} == {40}
