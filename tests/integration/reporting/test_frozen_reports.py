"""What is frozen stays: the service cannot change it, and whoever can is found out."""

import asyncpg
import pytest

from tests.integration.reporting.ordering import build, ordered, verdict
from tests.support import databases
from tests.support.services import Origin
from tests.support.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_what_is_frozen_cannot_be_changed_by_the_service(stack: Stack, origin: Origin) -> None:
    report = await ordered(origin)
    await build(origin)
    url = databases.app_url(stack.admin_url, "reporting", origin.databases["reporting"])
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SELECT set_config('kursnav.scope', 'system', false)")
        for statement, error in (
            ("UPDATE reports SET hash = 'x'", asyncpg.RestrictViolationError),
            ("DELETE FROM reports", asyncpg.InsufficientPrivilegeError),
            ("UPDATE report_rows SET row = '{}'", asyncpg.InsufficientPrivilegeError),
            ("DELETE FROM report_files", asyncpg.InsufficientPrivilegeError),
            (f"INSERT INTO report_files VALUES ('{report['id']}', 'docx', '', '')", asyncpg.RestrictViolationError),
            (f"INSERT INTO report_rows VALUES ('{report['id']}', 99999, 'k', '{{}}')", asyncpg.RestrictViolationError),
        ):
            with pytest.raises(error):
                await connection.execute(statement)
        await connection.execute("SELECT set_config('kursnav.scope', 'municipality', false)")
        for table in ("reports", "report_rows", "report_files"):
            assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0
    finally:
        await connection.close()
    assert (await verdict(origin, report["id"]))["hash_matches"]


@pytest.mark.parametrize(
    ("tampering", "reconciles", "named"),
    [
        ("UPDATE report_files SET content = content || '\\x20' WHERE format = 'csv'", True, "csv"),
        ("DELETE FROM report_rows WHERE number = 1", False, "input rows"),
        (
            "UPDATE reports SET document = jsonb_set(document, '{figures,seats,offered}', '7')",
            False,
            "seats.offered: the rows give 0, the report says 7",
        ),
    ],
)
async def test_tampering_with_the_database_is_found(
    stack: Stack, origin: Origin, tampering: str, reconciles: bool, named: str
) -> None:
    report = await ordered(origin)
    await build(origin)
    connection = await asyncpg.connect(databases.superuser_url(stack.admin_url, origin.databases["reporting"]))
    try:
        await connection.execute("SET session_replication_role = replica")  # past the trigger
        await connection.execute(tampering)
    finally:
        await connection.close()
    found = await verdict(origin, report["id"])
    assert (found["reconciles"], found["hash_matches"]) == (reconciles, False)
    assert any(named in problem for problem in found["problems"])
