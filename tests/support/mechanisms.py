"""A database with only the mechanisms' tables and three plain ones, for the suites that specify the mechanisms."""

import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.local.postgres import create_roles
from shared.clock import Clock, SystemClock
from shared.database import mechanisms, scope
from shared.database.engine import create_engine
from shared.database.unit_of_work import Units
from shared.ids import SystemIds
from shared.jobs import schema
from shared.mail import schema as mails
from shared.security.cipher import Cipher
from shared.web.sign_in import signouts
from tests.support.databases import app_url, owner_url
from tests.support.stack import Stack
from tests.support.topics import topics

SERVICE = "booking"
CIPHER = Cipher({"test": b"t" * 32}, active="test")

# `effects` has no constraint on purpose: an effect that happens twice must be seen.
TABLES = [
    """
    CREATE TABLE effects (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        consumer text NOT NULL, event_id uuid NOT NULL, key text NOT NULL, sequence bigint NOT NULL, note text NOT NULL
    )
    """,
    """
    CREATE TABLE notes (
        id uuid PRIMARY KEY, municipality text NOT NULL, text text NOT NULL, revision integer NOT NULL DEFAULT 1
    )
    """,
    *scope.policy("notes", scope.own_municipality()),
    # Deferred: the statement succeeds and the commit fails, as when a disk is full or a connection breaks.
    """
    CREATE FUNCTION refuse_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.text = 'fail at commit' THEN RAISE EXCEPTION 'the commit fails on purpose'; END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER refuse_at_commit AFTER INSERT ON notes DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION refuse_at_commit()
    """,
]


def fingerprint() -> str:
    """Changes whenever the tables change."""
    sources = (mechanisms.__file__, scope.__file__, schema.__file__, mails.__file__, signouts.__file__, __file__)
    return hashlib.sha256(b"\0".join(Path(source).read_bytes() for source in sources)).hexdigest()[:12]


@asynccontextmanager
async def fresh_database(admin_url: str) -> AsyncIterator[str]:
    """The name of a fresh database; dropped at the end."""
    name, template = f"test_mechanisms_{secrets.token_hex(5)}", f"template_mechanisms_{fingerprint()}"
    admin = await asyncpg.connect(admin_url)
    try:
        await admin.execute("select pg_advisory_lock(hashtext('kursnav test mechanisms'))")
        if not await admin.fetchval("select 1 from pg_database where datname = $1", template):
            await _make(admin, admin_url, template)
        await admin.execute(f'create database "{name}" template "{template}" owner "{SERVICE}_owner"')
        await admin.execute("select pg_advisory_unlock(hashtext('kursnav test mechanisms'))")
        yield name
    finally:
        await admin.execute(f'drop database if exists "{name}" with (force)')
        await admin.close()


async def _make(admin: "asyncpg.Connection[asyncpg.Record]", admin_url: str, template: str) -> None:
    await create_roles(admin, admin_url)
    for old in await admin.fetch(r"select datname from pg_database where datname like 'template\_mechanisms\_%'"):
        await admin.execute(f'drop database "{old["datname"]}" with (force)')
    unfinished = f"{template}_unfinished"
    await admin.execute(f'create database "{unfinished}" owner "{SERVICE}_owner"')
    engine = create_engine(owner_url(admin_url, SERVICE, unfinished), application="test-template", pool_size=1)
    async with engine.begin() as connection:
        await connection.run_sync(_create)
    await engine.dispose()
    await admin.execute(f'alter database "{unfinished}" rename to "{template}"')


def _create(connection: Connection) -> None:
    operations = Operations(MigrationContext.configure(connection))
    operations.execute("CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)")
    mechanisms.create(operations, SERVICE)
    for statement in TABLES:
        operations.execute(statement)
    # The tests change notes and effects at will, also as what they are: rows of the runtime role.
    everything = "SELECT, INSERT, UPDATE, DELETE"
    mechanisms.create_2(operations, SERVICE, {"effects": everything, "notes": everything})
    mechanisms.create_3(operations, SERVICE)
    schema.create(operations, SERVICE)
    schema.create_recurring(operations, SERVICE)
    mails.create(operations, SERVICE)
    signouts.create(operations, SERVICE)
    mechanisms.create_forget(operations, SERVICE, {**mechanisms.FORGET_2, "jobs": schema.FORGET})


def engine_for(admin_url: str, name: str, *, application: str = "test", pool_size: int = 10) -> AsyncEngine:
    """An engine of the runtime role, which owns nothing."""
    return create_engine(app_url(admin_url, SERVICE, name), application=application, pool_size=pool_size)


def units_of(engine: AsyncEngine, clock: Clock | None = None) -> Units:
    """Units of work as a service has them."""
    return Units(SERVICE, engine, clock or SystemClock(), SystemIds(), CIPHER)


# --- fixtures: a folder's conftest takes over those that it uses -----------------------------------------------------


@pytest.fixture
async def database(stack: Stack) -> AsyncIterator[str]:
    """The name of a fresh database with the mechanisms' tables."""
    async with fresh_database(stack.admin_url) as name:
        yield name


@pytest.fixture
async def engine(stack: Stack, database: str) -> AsyncIterator[AsyncEngine]:
    """Connections of the runtime role to it."""
    engine = engine_for(stack.admin_url, database)
    yield engine
    await engine.dispose()


@pytest.fixture
def units(engine: AsyncEngine) -> Units:
    """Units of work on it."""
    return units_of(engine)


@pytest.fixture
async def prefix(stack: Stack) -> AsyncIterator[str]:
    """All topics under a prefix of their own."""
    async with topics(stack.bootstrap_servers) as chosen:
        yield chosen
