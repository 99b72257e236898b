"""Facts on real Kafka and PostgreSQL: every message twice, every first attempt failing, rows that nobody can change."""

import json
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from shared.contracts import participants_v1
from shared.contracts.topics import BOOKING
from shared.messaging.delivery import Event
from shared.security.roles import Role
from tests.integration.reporting.publishing import publish, reporting_of
from tests.support import databases
from tests.support.kafka_log import put
from tests.support.poison import FORMS
from tests.support.services import Origin, running
from tests.support.stack import Stack
from tests.support.story import Story, at, employment, id_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

FIGURES = "/reporting/v1/figures?from=2025-01-01&to=2025-12-31"


def a_day() -> Story:
    """Two people attended, one of them without an employment in force; one session waits for its own event."""
    story = Story()
    story.project()
    story.municipality("1884")
    story.person("Ada")
    story.person("Eva", employment("Eva", until="2025-01-31"))
    session = story.session("s", (at("2025-03-03"), 180))
    for who in ("Ada", "Eva"):
        story.confirmed(session, who)
    story.attest(session, ("Ada", 180), ("Eva", 120))
    return story


def latest_first(story: Story) -> list[Event]:
    """Topics in any order: attendance before its registrations. Within a key the order stays (guarantee 2)."""
    return sorted(story.told, key=lambda one: one.topic)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def origin(stack: Stack) -> AsyncIterator[Origin]:
    """Reporting, which has been told of the day twice."""
    async with reporting_of(stack, latest_first(a_day()), times=2) as started:
        yield started


async def test_every_event_is_one_fact_however_often_it_arrives(origin: Origin) -> None:
    rows = await origin.rows("reporting", "SELECT * FROM facts_v1.facts ORDER BY natural_key, sequence")
    assert sorted(row["event_id"] for row in rows) == sorted(told.id for told in a_day().told)
    answer = (await origin.client(Role.COORDINATOR).get(FIGURES)).json()
    positions = await origin.rows("reporting", "SELECT topic, partition, next_offset FROM consumer_positions")
    assert answer["cut_off"]["kursnav.attendance.v1"] == {
        str(row["partition"]): row["next_offset"] for row in positions if row["topic"] == "kursnav.attendance.v1"
    }
    assert sum(answer["cut_off"]["kursnav.attendance.v1"].values()) == 2  # one event, sent twice
    assert answer["data_as_of"] == "2026-01-15T08:00:00Z"
    assert answer["minutes"]["attested"] == 300


async def test_facts_are_found_by_what_they_are_about_without_reading_them_all(stack: Stack, origin: Origin) -> None:
    connection = await asyncpg.connect(databases.superuser_url(stack.admin_url, origin.databases["reporting"]))
    try:
        await connection.execute("SET enable_seqscan = off")  # small tables are read whole where that is possible
        statement = "EXPLAIN SELECT event_id FROM facts_v1.facts WHERE natural_key = 'roll/x' AND sequence > 1"
        plan = "\n".join(row[0] for row in await connection.fetch(statement))
    finally:
        await connection.close()
    assert "ix_facts_natural_key" in plan


async def test_a_fact_has_typed_columns_and_its_data_as_it_came(origin: Origin) -> None:
    natural_key = f"registration/{id_of('s')}/{id_of('s/Ada')}"
    [row] = await origin.rows("reporting", "SELECT * FROM facts_v1.facts WHERE natural_key = $1", natural_key)
    assert (row["type"], row["key"]) == ("se.kursnav.booking.registration-confirmed.v1", str(id_of("s")))
    assert {"participant_id": str(id_of("Ada")), "municipality": "1884"}.items() <= json.loads(row["data"]).items()
    assert (row["sequence"], row["occurred_at"]) == (2, at("2025-01-01", 8))


async def test_the_runtime_role_cannot_change_or_delete_a_fact_and_sees_none_without_scope(
    stack: Stack, origin: Origin
) -> None:
    connection = await asyncpg.connect(databases.app_url(stack.admin_url, "reporting", origin.databases["reporting"]))
    try:
        for statement in ("UPDATE facts_v1.facts SET key = 'x'", "DELETE FROM facts_v1.facts"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        await connection.execute("SELECT set_config('kursnav.scope', 'municipality', false)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(
                "INSERT INTO facts_v1.facts VALUES (gen_random_uuid(), 't', 't', 0, 0, 'k', 'n', 1, now(), now())"
            )
    finally:
        await connection.close()


async def test_a_tombstone_is_a_fact_and_the_figures_stay(origin: Origin) -> None:
    story = a_day()
    story.bury(participants_v1.ParticipantChanged, str(id_of("Ada")))
    await publish(origin, story.told[-1:])
    answer = (await origin.client(Role.COORDINATOR).get(FIGURES)).json()
    assert answer["unique_participants"]["by_gender"]["woman"] == 2


async def test_an_endless_number_in_a_field_that_nobody_knows_is_a_dead_letter_and_the_figures_stay(
    origin: Origin,
) -> None:
    [endless] = [form for form in FORMS if form.reason == "endless-number"]
    await put(origin.stack.bootstrap_servers, origin.prefix + BOOKING.name, [endless.on(BOOKING)])
    await origin.settled(dead_letters=True)
    answer = await origin.client(Role.COORDINATOR).get(FIGURES)
    assert (answer.status_code, answer.json()["minutes"]["attested"]) == (200, 300)
    assert (await origin.position("reporting"))["dead_letters"] == 1


async def test_what_waits_or_has_no_employer_is_listed(stack: Stack) -> None:
    story = a_day()
    waiting = [told for told in story.told if "session-scheduled" not in told.type]
    async with running(stack, ["reporting"]) as origin:
        client = origin.client(Role.COORDINATOR)
        await publish(origin, waiting)
        listed = (await client.get("/reporting/v1/unmatched")).json()["items"]
        waits = sorted((one["reason"], one["minutes"]) for one in listed)
        assert waits == [("session-unknown", 120), ("session-unknown", 180)]
        await publish(origin, story.told)
        listed = (await client.get("/reporting/v1/unmatched")).json()["items"]
        assert [(one["reason"], one["day"], one["minutes"]) for one in listed] == [("no-employment", "2025-03-03", 120)]
        page = (await client.get("/reporting/v1/unmatched?limit=1")).json()
        assert (len(page["items"]), page["next"]) == (1, None)
        assert (await origin.client(Role.FUNDER).get("/reporting/v1/unmatched")).status_code == 403
