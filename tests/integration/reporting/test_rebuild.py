"""`kursnav rebuild reporting`: beside the live facts, compared, swapped, safe to kill; nothing lost, nothing sent."""

import asyncio
import signal
import sys
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text

from services.reporting.facts.versions import alone, in_use
from services.reporting.rebuild import schemas
from services.reporting.rebuild.run import REBUILD_LOCK, RebuildRefused
from shared.contracts.topics import ALL, BOOKING
from shared.database.engine import create_engine
from shared.database.migrate import head_of, migrate
from shared.database.unit_of_work import Unit
from shared.security.roles import Role
from tests.integration.reporting.rebuilding import SCHEMAS, Reporting, reporting
from tests.support import databases
from tests.support.eventually import eventually
from tests.support.failpoints import Failpoint
from tests.support.kafka_log import Headers, everything_on, put
from tests.support.stack import Stack

__all__ = ["reporting"]
pytestmark = pytest.mark.asyncio(loop_scope="module")

PLACES = [
    f"{Failpoint.AFTER_EFFECT_BEFORE_COMMIT}:2",
    Failpoint.BEFORE_COMPARE,
    Failpoint.DURING_SWAP,
    Failpoint.AFTER_SWAP_BEFORE_DROP,
]


async def test_the_figures_stay_and_consumption_goes_on(reporting: Reporting) -> None:
    before, version = await reporting.figures(), await reporting.version()
    outcome = await reporting.rebuild()
    assert (outcome.version, outcome.swapped, outcome.differences) == (version + 1, True, [])
    assert outcome.facts == len(reporting.attended.event_ids)
    assert await reporting.figures() == before
    await reporting.is_whole()

    reporting.attended.attends("Later", 60)
    await reporting.publish()
    assert (await reporting.figures())["minutes"]["attested"] == before["minutes"]["attested"] + 60
    await reporting.is_whole()


async def test_nothing_is_lost_while_events_arrive(reporting: Reporting) -> None:
    version = await reporting.version()
    for number in range(40):
        reporting.attended.attends(f"meanwhile {number}", 10)
    publishing = asyncio.create_task(reporting.publish())
    outcomes = [await reporting.rebuild() for _ in range(3)]
    await publishing
    assert [(one.version, one.swapped) for one in outcomes] == [(version + n, True) for n in (1, 2, 3)]
    await reporting.is_whole()
    assert (await reporting.figures())["unique_participants"]["total"] == len(reporting.attended.minutes)


async def test_what_comes_last_before_the_swap_is_in_both(
    reporting: Reporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rebuilt version has read to the ends, and the live consumer applies more before it is kept out."""

    async def more_then_alone(unit: Unit) -> None:
        reporting.attended.attends("Last", 5)
        await reporting.publish()
        await alone(unit)

    monkeypatch.setattr("services.reporting.rebuild.run.alone", more_then_alone)
    assert (await reporting.rebuild()).swapped
    await reporting.is_whole()


async def test_it_sends_and_publishes_nothing(reporting: Reporting) -> None:
    names = [reporting.origin.prefix + topic.name for topic in ALL]
    servers = reporting.origin.stack.bootstrap_servers
    before = [len(await everything_on(servers, name)) for name in names]
    await reporting.rebuild()
    assert [len(await everything_on(servers, name)) for name in names] == before
    assert await reporting.rows("SELECT * FROM outbox") == []


async def test_a_frozen_report_is_untouched(reporting: Reporting) -> None:
    client = reporting.origin.client(Role.COORDINATOR)
    ordered = await client.post("/reporting/v1/reports", json={"kind": "progress", "period": "2025", "language": "sv"})
    path = f"/reporting/v1/reports/{ordered.json()['id']}"

    async def state() -> str:
        return str((await client.get(path)).json()["state"])

    await eventually(state, within=60, until=lambda seen: seen == "frozen", what="the report is frozen")
    before = (await client.get(f"{path}/file.json")).content
    await reporting.rebuild()
    assert (await client.get(f"{path}/file.json")).content == before
    verdict = (await client.get(f"{path}/verify")).json()
    assert verdict == {"reconciles": True, "hash_matches": True, "problems": []}


async def test_figures_that_differ_are_named_and_swapped_only_when_accepted(reporting: Reporting) -> None:
    """The live facts have lost something: what the topics hold is right, and a person says so."""
    whole, version = await reporting.figures(), await reporting.version()
    await reporting.rows(f"DELETE FROM facts_v{version}.facts WHERE type LIKE '%roll-attested%'")
    await reporting.rows(f"DELETE FROM facts_v{version}.roll_lines")
    broken = await reporting.figures()
    assert broken["minutes"]["attested"] == 0

    code, output = await reporting.command("reporting")
    assert code == 1
    assert "project.minutes.attested" in output
    assert await reporting.version() == version
    assert await reporting.figures() == broken

    outcome = await reporting.rebuild(accept=True)
    assert outcome.swapped
    assert {"project.minutes.attested"} <= {one.figure for one in outcome.differences}
    assert await reporting.figures() == whole
    await reporting.is_whole()


async def test_what_the_old_version_said_counts_no_more(reporting: Reporting) -> None:
    """As many facts, at the same positions, with other lines."""

    async def attested() -> int:
        return int((await reporting.figures())["minutes"]["attested"])

    expected = sum(minutes for _, minutes in reporting.attended.minutes)
    version = await reporting.version()
    emptied = "SET data = jsonb_set(data, '{minutes}', '[]') WHERE type LIKE '%roll-attested%'"
    await reporting.rows(f"UPDATE facts_v{version}.facts {emptied}")
    await reporting.rows(f"DELETE FROM facts_v{version}.roll_lines")
    assert await attested() == 0
    await reporting.rebuild(accept=True)
    assert await attested() == expected


async def test_an_unfinished_version_can_be_thrown_away_or_begun_again(reporting: Reporting) -> None:
    unfinished = await reporting.version() + 1
    code, output = await reporting.command("reporting", failpoint=Failpoint.BEFORE_COMPARE)
    assert code == -signal.SIGKILL, output
    await reporting.rows(f"DELETE FROM facts_v{unfinished}.facts")
    assert (await reporting.rebuild()).differences, "it goes on with what is there"
    assert len(await reporting.rows(SCHEMAS)) == 2

    assert await reporting.task().abandon() == unfinished
    await reporting.is_whole()
    assert await reporting.task().abandon() is None

    engine = create_engine(reporting.owner_url, application="test")
    await schemas.create(engine, unfinished)
    await reporting.rows(f"DROP INDEX facts_v{unfinished}.ix_facts_place")
    assert (await reporting.rebuild(afresh=True)).swapped
    await engine.dispose()
    assert await reporting.rows("SELECT 1 FROM pg_indexes WHERE indexname = 'ix_facts_place'")
    await reporting.is_whole()


@pytest.mark.kill
@pytest.mark.parametrize("place", PLACES)
async def test_a_kill_anywhere_and_a_second_run(reporting: Reporting, place: str) -> None:
    before, version = await reporting.figures(), await reporting.version()
    code, output = await reporting.command("reporting", failpoint=place)
    assert code == -signal.SIGKILL, output
    assert await reporting.version() == version + (place == Failpoint.AFTER_SWAP_BEFORE_DROP)
    assert await reporting.figures() == before
    reporting.attended.attends(f"after {place}", 7)
    await reporting.publish()

    code, output = await reporting.command("reporting")
    assert code == 0, output
    assert f"Version {await reporting.version()} counts now" in output
    await reporting.is_whole()
    assert (await reporting.figures())["minutes"]["attested"] == before["minutes"]["attested"] + 7


async def test_dead_letters_keep_their_decisions(reporting: Reporting) -> None:
    """Poison stays what it was; what could not be applied and now can be is closed."""
    topic = reporting.origin.prefix + BOOKING.name
    poison: list[tuple[bytes, bytes, Headers]] = [(b"key\x00%d" % number, b"{ no JSON", []) for number in range(2)]
    await put(reporting.origin.stack.bootstrap_servers, topic, poison)
    await reporting.origin.settled(dead_letters=True)
    open_letter, discarded = await reporting.rows("SELECT id, consumer FROM dead_letters ORDER BY id")
    client = reporting.origin.client(Role.OPERATOR)
    answer = await client.post(
        f"/reporting/v1/dead-letters/{discarded['id']}/discard", json={"reason": "sent by mistake"}
    )
    assert answer.status_code == 200, answer.text
    mended = await _made_dead(reporting, "municipality-changed")

    outcome = await reporting.rebuild(accept=True)

    assert outcome.dead_letters == 1
    letters = await reporting.rows("SELECT id, consumer, state, decided_by FROM dead_letters")
    assert {row["consumer"] for row in letters} == {"reporting"}
    assert {row["id"]: row["state"] for row in letters} == {
        open_letter["id"]: "dead",
        discarded["id"]: "discarded",
        mended: "replayed",
    }
    assert [row["decided_by"] for row in letters if row["id"] == mended] == ["kursnav rebuild"]
    await reporting.is_whole()
    await client.post(f"/reporting/v1/dead-letters/{open_letter['id']}/discard", json={"reason": "sent by mistake"})


async def test_what_was_discarded_is_not_applied_although_it_could_be(reporting: Reporting) -> None:
    before = await reporting.facts()
    letter = await _made_dead(reporting, "project-changed")
    await reporting.rows("UPDATE dead_letters SET state = 'discarded' WHERE id = $1", letter)

    await reporting.rebuild(accept=True)

    assert len(await reporting.facts()) == len(before) - 1
    state = "DELETE FROM dead_letters WHERE id = $1 RETURNING state"
    assert await reporting.rows(state, letter) == [{"state": "discarded"}]
    await reporting.rebuild(accept=True)
    await reporting.is_whole()


async def _made_dead(reporting: Reporting, what: str) -> UUID:
    """A fact that an older version of the service would have put aside."""
    [row] = await reporting.rows(
        f"WITH gone AS (DELETE FROM facts_v{await reporting.version()}.facts "
        "WHERE type LIKE '%' || $1::text || '%' RETURNING *) "
        'INSERT INTO dead_letters (id, consumer, identity, topic, partition, "offset", headers, reason, detail, '
        "state, received_at) SELECT gen_random_uuid(), 'reporting', event_id::text, topic, partition, \"offset\", "
        "'[]', 'unknown-type', '', 'dead', now() FROM gone RETURNING id",
        what,
    )
    letter: UUID = row["id"]
    return letter


async def test_what_cannot_be_decoded_is_a_dead_letter_in_both_versions(reporting: Reporting) -> None:
    topic = reporting.origin.prefix + BOOKING.name
    reporting.attended.attends("before it", 7)
    await reporting.publish()
    await put(reporting.origin.stack.bootstrap_servers, topic, [(b"k", b"{}", [("x-note", b"\xff")])])
    await reporting.origin.settled(dead_letters=True)
    columns = 'topic, partition, "offset", key, value, headers, reason, state'
    letters = f"SELECT {columns} FROM dead_letters WHERE state = 'dead' ORDER BY topic, partition, \"offset\""
    before = await reporting.rows(letters)
    assert [row["reason"] for row in before] == ["header-not-utf8"]

    outcome = await reporting.rebuild()

    assert (outcome.swapped, outcome.dead_letters) == (True, 1)
    assert await reporting.rows(letters) == before
    await reporting.is_whole()
    [letter] = await reporting.rows("SELECT id FROM dead_letters WHERE state = 'dead'")
    client = reporting.origin.client(Role.OPERATOR)
    await client.post(f"/reporting/v1/dead-letters/{letter['id']}/discard", json={"reason": "sent by mistake"})


async def test_a_swap_waits_for_those_who_use_the_facts(reporting: Reporting) -> None:
    version = await reporting.version()
    waiting = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND NOT granted"
    async with reporting.origin.services["reporting"].units.system() as unit:
        assert await in_use(unit) == version
        rebuilding = asyncio.create_task(reporting.rebuild())
        await eventually(lambda: reporting.rows(waiting), what="the swap waits")
        assert await reporting.version() == version
    assert (await rebuilding).swapped
    assert await reporting.version() == version + 1


async def test_one_rebuild_at_a_time(reporting: Reporting) -> None:
    connection = await asyncpg.connect(reporting.owner_url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", REBUILD_LOCK)
        with pytest.raises(RebuildRefused, match="another rebuild"):
            await reporting.rebuild()
    finally:
        await connection.close()


async def test_only_reporting_can_be_rebuilt(reporting: Reporting) -> None:
    code, output = await reporting.command("attendance")
    assert code == 1
    assert "Restore its backup" in output
    assert sys.executable not in output


async def test_a_new_version_has_the_shape_and_the_rights_of_the_first(stack: Stack) -> None:
    shape = """
        SELECT 'column', column_name, data_type, is_nullable FROM information_schema.columns WHERE table_schema = $1
        UNION ALL SELECT 'index', indexname, replace(indexdef, $1, ''), '' FROM pg_indexes WHERE schemaname = $1
        UNION ALL SELECT 'policy', policyname, qual, with_check FROM pg_policies WHERE schemaname = $1
        UNION ALL SELECT 'right', grantee, privilege_type, ''
            FROM information_schema.role_table_grants WHERE table_schema = $1
        UNION ALL SELECT 'security', relrowsecurity::text, relforcerowsecurity::text, '' FROM pg_class
            WHERE relkind = 'r' AND relnamespace = $1::regnamespace
        UNION ALL SELECT 'usage', has_schema_privilege('reporting_app', $1, 'USAGE')::text,
            has_schema_privilege('reporting_app', $1, 'CREATE')::text, ''
    """
    async with databases.cloned(stack.admin_url, "reporting") as name:
        engine = create_engine(databases.owner_url(stack.admin_url, "reporting", name), application="test")
        await schemas.create(engine, 2)
        await engine.dispose()
        connection = await asyncpg.connect(databases.superuser_url(stack.admin_url, name))
        try:
            first, second = [sorted(map(tuple, await connection.fetch(shape, f"facts_v{n}"))) for n in (1, 2)]
        finally:
            await connection.close()
    assert second == first
    assert len(first) > 20


async def test_migrations_go_down_and_up_again_from_any_version(stack: Stack) -> None:
    async with databases.cloned(stack.admin_url, "reporting") as name:
        owner_url = databases.owner_url(stack.admin_url, "reporting", name)
        engine = create_engine(owner_url, application="test")
        for version in (2, 3):
            await schemas.create(engine, version)
        async with engine.begin() as connection:
            await connection.execute(text("UPDATE active_facts SET version = 2"))
        before_versions = int(head_of("reporting")) - 2
        await migrate("reporting", owner_url, f"-{before_versions}")
        assert await schemas.existing(engine) == {1}
        await migrate("reporting", owner_url)
        await migrate("reporting", owner_url, "base")
        assert await schemas.existing(engine) == set()
        await engine.dispose()


async def test_the_runtime_role_cannot_say_which_version_counts(reporting: Reporting) -> None:
    url = databases.app_url(reporting.origin.stack.admin_url, "reporting", reporting.origin.databases["reporting"])
    connection = await asyncpg.connect(url)
    try:
        for statement in ("UPDATE active_facts SET version = 9", "DELETE FROM active_facts", "CREATE SCHEMA facts_v9"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()
