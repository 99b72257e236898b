"""The migrations make exactly the tables that the code declares, go up twice and down again, and leave the runtime
role owning nothing.
"""

import pkgutil
from collections.abc import Iterator
from hashlib import sha256
from importlib import import_module
from types import ModuleType

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.sql.schema import Table
from sqlmodel import SQLModel

from infra.settings import SERVICES
from shared.database.engine import create_engine
from shared.database.migrate import head_of, migrate
from tests.support import databases
from tests.support.stack import Stack

MECHANISMS = {
    "alembic_version",
    "consumer_positions",
    "dead_letters",
    "event_counters",
    "idempotency_keys",
    "inbox",
    "jobs",
    "mails",
    "outbox",
    "relay_lease",
    "signouts",
}


OWNED = "SELECT count(*) FROM pg_class JOIN pg_roles ON pg_roles.oid = relowner WHERE rolname = current_user"
PRIVILEGED = (
    "SELECT rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
)
TABLES = (
    "SELECT tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY tablename"
)
OPEN = """
    SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE relkind IN ('r', 'p') AND nspname NOT IN ('pg_catalog', 'information_schema')
       AND NOT (relrowsecurity AND relforcerowsecurity AND EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid))
"""
CATALOGUE = "project municipalities commitment_statements commitments courses packages titles title_list".split()
OPEN_TO_ALL = {
    "booking": {*CATALOGUE, "sessions", "occasions", "session_trainers"},
    "attendance": {"project_settings", "catalogue_names", "merged_participants"},
    "reporting": {"active_facts"},
}
"""Tables of what belongs to everybody: the catalogue, and when and by whom a course is given."""


@pytest.mark.parametrize("service", SERVICES)
async def test_migrated_database_is_what_the_tables_declare(stack: Stack, service: str) -> None:
    metadata = declared(service)
    assert metadata.tables, f"{service} declares no tables"
    async with databases.cloned(stack.admin_url, service) as name:
        engine = create_engine(databases.owner_url(stack.admin_url, service, name), application="test")
        async with engine.connect() as connection:
            differences = await connection.run_sync(compare, metadata)
        await engine.dispose()
    assert differences == []


@pytest.mark.parametrize("service", SERVICES)
async def test_migrations_run_twice_and_down_to_nothing(stack: Stack, service: str) -> None:
    async with databases.empty(stack.admin_url, service) as name:
        owner = databases.owner_url(stack.admin_url, service, name)
        assert await migrate(service, owner) == ("", head_of(service))
        assert await migrate(service, owner) == (head_of(service), head_of(service))
        assert await migrate(service, owner, "base") == (head_of(service), "")
        assert await tables_left(owner) == ["alembic_version"]


@pytest.mark.parametrize("service", SERVICES)
async def test_runtime_role_owns_nothing_and_cannot_step_round_row_level_security(stack: Stack, service: str) -> None:
    async with databases.cloned(stack.admin_url, service) as name:
        engine = create_engine(databases.app_url(stack.admin_url, service, name), application="test")
        async with engine.connect() as connection:
            owned = await connection.scalar(text(OWNED))
            privileged = await connection.scalar(text(PRIVILEGED))
        await engine.dispose()
    assert (owned, privileged) == (0, False)


@pytest.mark.parametrize("service", SERVICES)
async def test_every_table_is_under_row_level_security_or_known_to_be_open(stack: Stack, service: str) -> None:
    async with databases.cloned(stack.admin_url, service) as name:
        engine = create_engine(databases.app_url(stack.admin_url, service, name), application="test")
        async with engine.connect() as connection:
            found = set(await connection.scalars(text(OPEN)))
        await engine.dispose()
    assert found - MECHANISMS == OPEN_TO_ALL[service]


async def test_what_waits_to_be_sent_and_what_was_answered_outlive_the_change_to_least_privilege(stack: Stack) -> None:
    """What was sent by then goes; an answer is its caller's under the digest of who that is."""
    async with databases.empty(stack.admin_url, "booking") as name:
        owner = databases.owner_url(stack.admin_url, "booking", name)
        await migrate("booking", owner, "0002")
        connection = await asyncpg.connect(databases.superuser_url(stack.admin_url, name))
        try:
            await connection.execute(AS_BEFORE)
            await migrate("booking", owner, "0003")
            waiting = await connection.fetch("SELECT key FROM outbox")
            callers = await connection.fetch("SELECT caller FROM idempotency_keys")
        finally:
            await connection.close()
    assert [row["key"] for row in waiting] == ["waits"]
    assert [row["caller"] for row in callers] == [sha256(b"anna/1884/").hexdigest()]


async def test_answers_of_before_stay_readable_when_they_are_encrypted_but_for_secrets(stack: Stack) -> None:
    async with databases.empty(stack.admin_url, "booking") as name:
        owner = databases.owner_url(stack.admin_url, "booking", name)
        await migrate("booking", owner, "0021")
        connection = await asyncpg.connect(databases.superuser_url(stack.admin_url, name))
        try:
            await connection.execute(ANSWERED)
            await migrate("booking", owner, "0022")
            kept = await connection.fetch("SELECT path, kid, answer FROM idempotency_keys")
        finally:
            await connection.close()
    path = sha256(b"/booking/v1/staff").hexdigest()
    assert [tuple(row) for row in kept] == [(path, None, b'["hash", 201, {"etag": "1"}]\n{"id": 1}')]


ANSWERED = """
    INSERT INTO idempotency_keys VALUES
        ('anna', 'POST', '/booking/v1/staff', 'k', 'hash', 201, '{"etag": "1"}', '{"id": 1}', now()),
        ('anna', 'POST', '/booking/v1/webhooks', 'k', 'hash', 201, '{}', '{"secret": "whsec_1"}', now())
"""
AS_BEFORE = """
    INSERT INTO outbox (event_id, topic, key, sequence, headers, recorded_at, published_at)
    VALUES (gen_random_uuid(), 't', 'sent', 1, '{}', now(), now()),
           (gen_random_uuid(), 't', 'waits', 1, '{}', now(), NULL);
    INSERT INTO idempotency_keys VALUES ('anna/1884/', 'POST', '/', 'k', '', 201, '{}', '', now())
"""


def compare(connection: Connection, metadata: MetaData) -> list[object]:
    """What differs between the database and the declared tables, mechanisms' tables left out."""
    schemas = {table.schema for table in metadata.tables.values()}

    def ours(thing: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
        schema = thing.schema if isinstance(thing, Table) else None
        return not (kind == "table" and name in MECHANISMS and schema in (None, "public"))

    options = {"include_object": ours, "include_schemas": schemas != {None}, "compare_server_default": False}
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, metadata))


def declared(service: str) -> MetaData:
    """The tables of a service, with every module that declares one imported."""
    package = import_module(f"services.{service}")
    for module in modules(package):
        if module.rsplit(".", 1)[-1] == "tables":
            import_module(module)
    base = import_module(f"services.{service}.tables")
    [metadata] = [
        thing.metadata
        for thing in vars(base).values()
        if isinstance(thing, type) and thing.__module__ == base.__name__ and issubclass(thing, SQLModel)
    ]
    return metadata


def modules(package: ModuleType) -> Iterator[str]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield found.name


async def tables_left(url: str) -> list[str]:
    engine = create_engine(url, application="test")
    async with engine.connect() as connection:
        rows = await connection.scalars(text(TABLES))
        names = list(rows)
    await engine.dispose()
    return names
