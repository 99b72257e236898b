"""What was marked and sealed is evidence: whoever holds the service's own password can add to it, and no more."""

import asyncpg
import pytest

from tests.integration.attendance.school import School, mark
from tests.support.databases import app_url


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("UPDATE marks SET minutes = 480", asyncpg.InsufficientPrivilegeError),
        ("UPDATE marks SET recorded_by = 'somebody else'", asyncpg.InsufficientPrivilegeError),
        ("UPDATE marks SET standing = 'discarded'", asyncpg.InsufficientPrivilegeError),
        ("DELETE FROM marks", asyncpg.InsufficientPrivilegeError),
        ("DELETE FROM rolls", asyncpg.InsufficientPrivilegeError),
        ("DELETE FROM cells", asyncpg.InsufficientPrivilegeError),
        ("DELETE FROM outbox", asyncpg.InsufficientPrivilegeError),
        ("UPDATE seals SET content = '{}'", asyncpg.InsufficientPrivilegeError),
        ("UPDATE refused_marks SET problem = 'none'", asyncpg.InsufficientPrivilegeError),
        ("UPDATE head_counts SET count = 40", asyncpg.InsufficientPrivilegeError),
    ],
)
async def test_it_can_be_neither_changed_nor_deleted(school: School, statement: str, error: type[Exception]) -> None:
    session, [anna] = await school.with_people(1)
    assert await school.outcomes(session, mark(session, anna)) == ["accepted"]
    await school.attest(session)
    origin = school.origin
    connection = await asyncpg.connect(app_url(origin.stack.admin_url, "attendance", origin.databases["attendance"]))
    try:
        await connection.execute("SELECT set_config('kursnav.scope', 'system', false)")
        with pytest.raises(error):
            await connection.execute(statement)
    finally:
        await connection.close()
