"""`kursnav doctor` on real parts: it sees what is wrong and says what to do."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from functools import partial
from uuid import uuid4

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from infra.commands.doctor import examine
from infra.doctor import broker, databases, machine, restored
from infra.doctor.configuration import Configuration
from infra.doctor.findings import Finding, Level
from infra.local.stack import kursnav
from shared.contracts.topics import ALL, BOOKING
from tests.support.databases import app_url, cloned, empty, owner_url, superuser_url
from tests.support.eventually import eventually
from tests.support.services import environment
from tests.support.stack import Stack
from tests.support.topics import topics

COUNT = "INSERT INTO event_counters (topic, key, last) VALUES ($1, $2, $3)"
RAISE = "UPDATE event_counters SET last = $1 WHERE key = $2"
APPLY = """
    INSERT INTO facts_v1.facts (event_id, type, topic, key, sequence,
                                partition, "offset", natural_key, occurred_at, recorded_at)
    VALUES ($1, 't', $2, $3, $4, 0, 0, 'n', now(), now())
"""
NOWHERE = "127.0.0.1:9"  # the discard port: nothing listens


@pytest.fixture
async def names(stack: Stack) -> AsyncIterator[dict[str, str]]:
    """A database of each service."""
    async with AsyncExitStack() as resources:
        yield {
            service: await resources.enter_async_context(cloned(stack.admin_url, service))
            for service in ("booking", "reporting")
        }


@pytest.fixture
def sound(stack: Stack, names: dict[str, str]) -> dict[str, str]:
    """The variables of a configuration without faults, but for its topics."""
    variables = environment(stack, names, prefix="")
    return {**variables, "BOOKING_OWNER_DATABASE_URL": owner_url(stack.admin_url, "booking", names["booking"])}


def errors(findings: list[Finding]) -> dict[str, str]:
    found = [finding for finding in findings if finding.level is Level.ERROR]
    assert all(finding.advice for finding in found), "an error without advice helps nobody"
    return {finding.part: finding.text for finding in found}


async def test_a_sound_configuration_has_no_errors(stack: Stack, sound: dict[str, str]) -> None:
    async with topics(stack.bootstrap_servers) as prefix:
        findings = await examine(Configuration({**sound, "KURSNAV_TOPIC_PREFIX": prefix}))
    assert errors(findings) == {}
    said = {(finding.part, finding.text) for finding in findings}
    assert ("database of booking", "the role booking_app owns nothing") in said
    assert ("owner of booking", "owns every table") in said
    assert ("Kafka", f"all {len(ALL)} topics are as declared") in said
    assert ("issuer", "publishes 1 signing key") in said
    assert ("keys", "every stored personal number has its key") in said


@pytest.mark.parametrize("role", ["superuser", "owner"])
async def test_a_runtime_role_that_owns_tables_is_an_error(
    stack: Stack, sound: dict[str, str], names: dict[str, str], role: str
) -> None:
    database = names["booking"]
    urls = {
        "superuser": superuser_url(stack.admin_url, database),
        "owner": owner_url(stack.admin_url, "booking", database),
    }
    findings = await databases.examine(Configuration({**sound, "BOOKING_DATABASE_URL": urls[role]}))
    assert "policies may not hold" in errors(findings)["database of booking"]


async def test_a_table_whose_policies_spare_its_owner_is_named(
    stack: Stack, sound: dict[str, str], names: dict[str, str]
) -> None:
    admin = await asyncpg.connect(superuser_url(stack.admin_url, names["booking"]))
    await admin.execute("ALTER TABLE staff NO FORCE ROW LEVEL SECURITY")
    await admin.close()
    assert "not forced on staff" in errors(await databases.examine(Configuration(sound)))["database of booking"]


async def test_a_database_that_lets_other_services_in_is_named(
    stack: Stack, sound: dict[str, str], names: dict[str, str]
) -> None:
    """A copy has not the rights of what it was copied from: the migrations closed that, and nobody this one."""
    part = "database of booking"
    [said] = warnings(await databases.examine(Configuration(sound)), part)
    assert "lets every role of the server connect" in said
    admin = await asyncpg.connect(stack.admin_url)
    await admin.execute(f'REVOKE CONNECT ON DATABASE "{names["booking"]}" FROM PUBLIC')
    await admin.execute(f'GRANT CONNECT ON DATABASE "{names["booking"]}" TO booking_app')
    await admin.close()
    assert not warnings(await databases.examine(Configuration(sound)), part)


def warnings(findings: list[Finding], part: str) -> list[str]:
    return [finding.text for finding in findings if (finding.level, finding.part) == (Level.WARNING, part)]


async def test_a_database_without_tables_needs_migrations(stack: Stack) -> None:
    async with empty(stack.admin_url, "booking") as name:
        chosen = Configuration({"BOOKING_DATABASE_URL": app_url(stack.admin_url, "booking", name)})
        findings = await databases.examine(chosen)
    assert "is at revision none" in errors(findings)["database of booking"]


async def test_a_database_that_is_older_than_what_it_has_sent_is_an_error(
    stack: Stack, sound: dict[str, str], names: dict[str, str]
) -> None:
    """Of two sessions, the backup knows one event less of the first than reporting has applied."""
    first, second = str(uuid4()), str(uuid4())
    counted, applied = {first: 2, second: 2}, [(first, 2), (first, 3), (second, 1)]
    await on(stack, names["booking"], COUNT, [(BOOKING.name, key, last) for key, last in counted.items()])
    assert ("events of booking", Level.OK) in levels(await restored.examine(Configuration(sound)))
    await on(stack, names["reporting"], APPLY, [(uuid4(), BOOKING.name, *each) for each in applied])
    [finding] = await restored.examine(Configuration(sound))
    assert (finding.level, "for 1 of its keys" in finding.text, first in finding.text) == (Level.ERROR, True, True)
    await on(stack, names["booking"], RAISE, [(3, first)])
    assert levels(await restored.examine(Configuration(sound))) == [("events of booking", Level.OK)]


async def on(stack: Stack, database: str, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    connection = await asyncpg.connect(superuser_url(stack.admin_url, database))
    try:
        await connection.executemany(statement, rows)
    finally:
        await connection.close()


def levels(findings: list[Finding]) -> list[tuple[str, Level]]:
    return [(finding.part, finding.level) for finding in findings]


async def test_what_does_not_answer_is_said_with_its_variable() -> None:
    chosen = Configuration(
        {"BOOKING_DATABASE_URL": f"postgresql://nobody@{NOWHERE}/booking", "KAFKA_BOOTSTRAP_SERVERS": NOWHERE}
    )
    findings = [*await databases.examine(chosen), *await broker.examine(chosen)]
    assert set(errors(findings)) == {"database of booking", "Kafka"}
    advice = " ".join(finding.advice for finding in findings)
    assert "BOOKING_DATABASE_URL" in advice
    assert "KAFKA_BOOTSTRAP_SERVERS" in advice


async def test_missing_topics_are_named(stack: Stack) -> None:
    chosen = {"KAFKA_BOOTSTRAP_SERVERS": stack.bootstrap_servers, "KURSNAV_TOPIC_PREFIX": "nobody-made-these."}
    findings = errors(await broker.examine(Configuration(chosen)))
    assert len(findings) == len(ALL)
    assert findings["topic nobody-made-these.kursnav.people.v1"] == "is missing"


async def test_a_lost_key_of_the_vault_is_an_error(stack: Stack, sound: dict[str, str], names: dict[str, str]) -> None:
    admin = await asyncpg.connect(superuser_url(stack.admin_url, names["booking"]))
    await admin.execute(
        "INSERT INTO vault (participant_id, number_index, kid, nonce, box, current)"
        " VALUES (gen_random_uuid(), '1', 'lost', '2', '3', true)"
    )
    await admin.close()
    assert "a key that is missing: lost" in errors(await machine.keys(Configuration(sound)))["keys"]


async def test_keys_that_are_none_or_the_same_are_errors(sound: dict[str, str]) -> None:
    shared = {**sound, "KURSNAV_PEOPLE_KEYS": sound["BOOKING_VAULT_KEYS"]}
    assert "share a key" in errors(await machine.keys(Configuration(shared)))["keys"]
    broken = {**sound, "KURSNAV_PEOPLE_KEYS": "short:YWJj"}
    assert "3 bytes instead of 32" in errors(await machine.keys(Configuration(broken)))["keys"]


async def test_topics_that_differ_fail_the_check_but_not_the_start(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operator may bound the retention of a topic; the services must still start."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", stack.bootstrap_servers)
    async with topics(stack.bootstrap_servers) as prefix:
        monkeypatch.setenv("KURSNAV_TOPIC_PREFIX", prefix)
        assert await ended("topics", "--check") == 0
        admin = AIOKafkaAdminClient(bootstrap_servers=stack.bootstrap_servers)
        await admin.start()
        await admin.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, f"{prefix}kursnav.booking.v1", {"retention.ms": "86400000"})]
        )
        await admin.close()
        check = partial(ended, "topics", "--check")
        await eventually(check, until=lambda status: status == 1, what="the broker has learnt of the setting")
        assert await ended("topics") == 0
        assert await check() == 1


async def ended(*arguments: str) -> int:
    """The exit status of a kursnav command."""
    process = await asyncio.create_subprocess_exec(*kursnav(*arguments), stdout=asyncio.subprocess.DEVNULL)
    return await process.wait()
