"""Current state on real Kafka and PostgreSQL: what the latest of each thing says, whatever came first or twice."""

from typing import Any

from services.reporting.current.tables import Session as DeclaredHere
from shared.contracts import participants_v1
from shared.database.migrate import migrate
from tests.integration.reporting.publishing import publish
from tests.support import databases
from tests.support.services import Origin, running
from tests.support.stack import Stack
from tests.support.story import Story, at, employment, id_of, occasion

TABLES = sorted(table.name for table in DeclaredHere.metadata.tables.values() if table.schema and table.name != "facts")


def a_story() -> Story:
    """Everything is corrected once: a session moved, another cancelled, a roll, a signed month, two people merged."""
    story = Story()
    story.project()
    story.municipality("1884")
    story.qualified("t", "2025-01-01")
    session = story.session("s", (at("2025-03-03"), 60), (at("2025-03-04"), 60))
    for who in ("Ada", "Bea", "Cia"):
        story.person(who)
        story.confirmed(session, who)
    story.cancelled(session, "Cia", when=at("2025-02-01"), late=False)
    story.mark(session, "Ada", 50)
    story.mark(session, "Ada", 60)
    story.attest(session, ("Ada", 60), ("Bea", 30))
    story.reopen(session)
    story.attest(session, ("Ada", 60), ("Bea", 45))
    story.sign("Ada", "2025-03", (session, 60))
    story.sign("Bea", "2025-03", (session, 30))
    story.void("Bea", "2025-03")
    story.head_count(session, 7)
    story.invite(session, 3)
    story.answer(session, helped="high")
    story.merge("Bea", "Ada", employment("Ada"), employment("Bea", "1885"))
    story.rescheduled(session, occasion("s", 0, at("2025-03-10"), 60, 0))
    gone = story.session("gone", (at("2025-04-04"), 60))
    story.called_off(gone, "venue")
    story.bury(participants_v1.ParticipantChanged, str(id_of("Cia")))
    return story


async def state(origin: Origin) -> dict[str, list[dict[str, Any]]]:
    """All rows of every table."""
    return {name: sorted(await origin.rows("reporting", f"SELECT * FROM facts_v1.{name}"), key=repr) for name in TABLES}


async def test_the_latest_of_each_thing_counts_whatever_came_first_or_twice(stack: Stack) -> None:
    story = a_story()
    async with running(stack, ["reporting"]) as forwards, running(stack, ["reporting"]) as backwards:
        await publish(forwards, story.told)
        await publish(backwards, reversed(story.told), times=2)
        found = await state(forwards)
        assert found == await state(backwards)
    assert all(found.values()), "every table has its rows"
    [session] = [one for one in found["sessions"] if one["session_id"] == id_of("s")]
    current = [one["occasion_id"] for one in found["occasions"] if one["event_id"] == session["event_id"]]
    assert current == [id_of("s#0")]
    assert {one["occasion_id"]: str(one["day"]) for one in found["occasions"] if one["session_id"] == id_of("s")} == {
        id_of("s#0"): "2025-03-10",
        id_of("s#1"): "2025-03-04",
    }
    [roll] = found["rolls"]
    assert [one["minutes"] for one in found["roll_lines"] if one["event_id"] == roll["event_id"]] == [60, 45]
    assert {str(one["participant_id"]): one["signed"] for one in found["signatures"]} == {
        str(id_of("Ada")): True,
        str(id_of("Bea")): False,
    }
    assert [(one["cause"], one["session_id"]) for one in found["cancellations"]] == [("venue", id_of("gone"))]
    assert id_of("Cia") in {one["participant_id"] for one in found["persons"]}, "a tombstone leaves the attributes"


async def test_a_database_from_before_has_the_state_of_its_facts_once_it_is_migrated(stack: Stack) -> None:
    async with running(stack, ["reporting"]) as origin:
        await publish(origin, a_story().told)
        before = await state(origin)
        owner = databases.owner_url(stack.admin_url, "reporting", origin.databases["reporting"])
        await migrate("reporting", owner, "0008")
        await migrate("reporting", owner)
        assert await state(origin) == before
