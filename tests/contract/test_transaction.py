"""A unit of work begins and ends its transaction itself; whatever breaks, the next one meets nothing of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.database import engine as engines
from shared.database.errors import is_transient
from shared.database.transaction import NotCommitted, Transaction
from shared.database.unit_of_work import Unit, Units
from shared.security.roles import Scope
from tests.support.databases import app_url, superuser_url
from tests.support.mechanisms import SERVICE, engine_for, units_of
from tests.support.stack import Stack

COUNT = "SELECT count(*) FROM notes"
# Nothing that could end a quotation may get into the text of a statement.
UNUSUAL = ["Örebro", "18'84", "'; DROP TABLE notes; --", "$1", "back\\slash", "x" * 65]


@pytest.fixture
async def single(stack: Stack, database: str) -> AsyncIterator[Units]:
    """Units that share one connection, so that each meets what the last left on it."""
    engine: AsyncEngine = engine_for(stack.admin_url, database, pool_size=1)
    yield units_of(engine)
    await engine.dispose()


async def note(unit: Unit, municipality: str) -> None:
    insert = "INSERT INTO notes (id, municipality, text) VALUES (:id, :municipality, 'x')"
    await unit.execute(insert, {"id": uuid4(), "municipality": municipality})


@pytest.mark.parametrize("municipality", ["1884", *UNUSUAL])
async def test_a_scope_holds_whatever_its_name(single: Units, municipality: str) -> None:
    for whose in (municipality, "1861"):
        async with single.open(scope=Scope("municipality", whose)) as unit:
            await note(unit, whose)
    async with single.open(scope=Scope("municipality", municipality)) as unit:
        assert await unit.scalar("SELECT current_setting('kursnav.municipality')") == municipality
        assert await unit.scalar(COUNT) == 1
    async with single.system() as unit:
        assert await unit.scalar(COUNT) == 2


async def test_the_scope_ends_with_the_transaction(single: Units) -> None:
    async with single.system() as unit:
        await note(unit, "1884")
    async with single.open() as unit:
        assert await unit.scalar(COUNT) == 0


async def test_an_error_that_a_use_case_swallows_is_no_commit(single: Units) -> None:
    async def swallow() -> None:
        async with single.system() as unit:
            await note(unit, "1884")
            with suppress(DBAPIError):
                await unit.execute("SELECT 1 / 0")

    with pytest.raises(NotCommitted):
        await swallow()
    async with single.system() as unit:
        assert await unit.scalar(COUNT) == 0


@pytest.mark.parametrize("statement", ["SELECT 1 / 0", "SELECT missing FROM notes"])
async def test_after_an_error_the_connection_is_as_new(single: Units, statement: str) -> None:
    backends: list[int] = []

    async def fail() -> None:
        async with single.system() as unit:
            await note(unit, "1884")
            backends.append(await unit.scalar("SELECT pg_backend_pid()"))
            await unit.execute(statement)

    with pytest.raises(DBAPIError):
        await fail()
    async with single.open(scope=Scope("municipality", "1861")) as unit:
        assert await unit.scalar("SELECT current_setting('kursnav.scope')") == "municipality"
        assert await unit.scalar("SELECT pg_backend_pid()") == backends[0], "thrown away although it was sound"
    async with single.system() as unit:
        assert await unit.scalar(COUNT) == 0


async def test_what_an_attempt_did_is_taken_back_with_its_scope(single: Units) -> None:
    async with single.open(scope=Scope("municipality", "1884")) as unit:
        async with unit.attempt():
            await note(unit, "1884")
            async with unit.as_system():
                await note(unit, "1861")
        async with unit.as_system():
            assert await unit.scalar("SELECT current_setting('kursnav.scope')") == "system"
        async with unit.attempt() as attempt:
            await note(unit, "1884")
            attempt.keep()
    async with single.system() as unit:
        assert [row["municipality"] for row in await unit.all("SELECT municipality FROM notes")] == ["1884"]


async def test_nobody_meets_a_connection_that_the_database_ended(single: Units, stack: Stack, database: str) -> None:
    async with single.system() as unit:
        backend = await unit.scalar("SELECT pg_backend_pid()")
    admin = await asyncpg.connect(superuser_url(stack.admin_url, database))
    try:
        assert await admin.fetchval("SELECT pg_terminate_backend($1, 5000)", backend)
    finally:
        await admin.close()
    async with single.system() as unit:
        assert await unit.scalar("SELECT pg_backend_pid()") != backend


async def test_a_connection_that_cannot_be_rolled_back_is_thrown_away(
    single: Units, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the next unit would go on inside the transaction of this one, and commit it."""
    backends: list[int] = []

    async def unable(_: Transaction) -> None:
        """The answer to ROLLBACK never comes."""

    async def fail() -> None:
        async with single.system() as unit:
            await note(unit, "1884")
            backends.append(await unit.scalar("SELECT pg_backend_pid()"))
            raise ValueError

    with monkeypatch.context() as patch:
        patch.setattr(Transaction, "rollback", unable)
        with suppress(ValueError):
            await fail()
    async with single.system() as unit:
        assert await unit.scalar("SELECT pg_backend_pid()") != backends[0]
        assert await unit.scalar(COUNT) == 0


async def test_a_connection_lost_in_the_middle_is_one_error_and_not_two(
    single: Units, stack: Stack, database: str
) -> None:
    admin = await asyncpg.connect(superuser_url(stack.admin_url, database))

    async def lose() -> None:
        async with single.system() as unit:
            await note(unit, "1884")
            backend = await unit.scalar("SELECT pg_backend_pid()")
            await admin.fetchval("SELECT pg_terminate_backend($1, 5000)", backend)
            await unit.fetch(COUNT)

    try:
        with pytest.raises(DBAPIError):
            await lose()
    finally:
        await admin.close()
    async with single.system() as unit:
        assert await unit.scalar(COUNT) == 0


async def test_a_connection_that_has_lost_its_thread_is_thrown_away(
    single: Units, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What asyncpg says when the server is killed between two messages of one statement."""

    async def confused(*_: object) -> None:
        raise asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress")

    async def fail() -> None:
        async with single.system() as unit:
            await unit.fetch(COUNT)

    async with single.system() as unit:
        before = await unit.scalar("SELECT pg_backend_pid()")
    with monkeypatch.context() as patch:
        patch.setattr(asyncpg.Connection, "fetch", confused)
        with pytest.raises(DBAPIError) as lost:
            await fail()
    assert is_transient(lost.value), "503, not 500"
    async with single.system() as unit:
        assert await unit.scalar("SELECT pg_backend_pid()") != before


async def test_a_server_that_takes_the_connection_and_says_nothing_is_busy(
    single: Units, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silence(*_: object, **__: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(asyncpg, "connect", silence)
    with pytest.raises(DBAPIError) as lost:
        async with single.system() as unit:
            await unit.scalar(COUNT)
    assert is_transient(lost.value), "503, not 500"


async def test_connections_are_kept_and_never_more_than_the_pool(stack: Stack, database: str) -> None:
    """One that is opened for a rush and closed after each use costs more than what it was opened for."""
    engine = engine_for(stack.admin_url, database, pool_size=2)
    units = units_of(engine)

    async def backend() -> int:
        async with units.system() as unit:
            await unit.execute("SELECT pg_sleep(0.01)")
            return int(await unit.scalar("SELECT pg_backend_pid()"))

    try:
        used = [await asyncio.gather(*(backend() for _ in range(6))) for _ in range(3)]
    finally:
        await engine.dispose()
    assert len({pid for round_ in used for pid in round_}) == 2


@pytest.mark.parametrize(
    ("limit", "statement"),
    [("STATEMENT_SECONDS", "SELECT pg_sleep(20)"), ("TRANSACTION_SECONDS", "SELECT pg_sleep(0.3)")],
)
async def test_of_a_service_neither_a_statement_nor_a_transaction_lasts_for_ever(
    stack: Stack, database: str, monkeypatch: pytest.MonkeyPatch, limit: str, statement: str
) -> None:
    monkeypatch.setattr(engines, limit, 1)
    bounded = engines.create_engine(app_url(stack.admin_url, SERVICE, database), application="test", bounded=True)

    async def goes_on() -> None:
        async with units_of(bounded).system() as unit:
            for _ in range(20):
                await unit.execute(statement)

    try:
        with pytest.raises(DBAPIError) as ended:
            await goes_on()
    finally:
        await bounded.dispose()
    assert is_transient(ended.value), "503, not 500"
