"""The services' databases: do they answer, are they new enough, and does the runtime role own nothing?"""

import asyncio
import time
from datetime import UTC, datetime

import asyncpg

from infra.doctor.configuration import Configuration
from infra.doctor.findings import Finding, clock, error, ok, warning
from shared.database.migrate import head_of

OLDEST = 180_000  # server_version_num of PostgreSQL 18
SECONDS = 10
CONNECTIONS = 20  # of one service in one process, by default

# Ownership by the role itself or by one that it belongs to; a superuser counts as the owner of everything.
OWNED = """
    SELECT (SELECT count(*) FROM pg_class WHERE pg_has_role(current_user, relowner, 'MEMBER'))
         + (SELECT count(*) FROM pg_namespace WHERE pg_has_role(current_user, nspowner, 'MEMBER'))
         + (SELECT count(*) FROM pg_database
             WHERE datname = current_database() AND pg_has_role(current_user, datdba, 'MEMBER'))
"""
BYPASSES = "SELECT rolbypassrls FROM pg_roles WHERE rolname = current_user"
NOT_FORCED = """
    SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relrowsecurity AND NOT c.relforcerowsecurity AND n.nspname NOT LIKE 'pg\\_%' ORDER BY 1
"""
OPEN_TO_ALL = "SELECT has_database_privilege('public', current_database(), 'CONNECT')"
FREE_CONNECTIONS = """
    SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int - count(*)
      FROM pg_stat_activity WHERE backend_type = 'client backend'
"""
FOREIGN_TABLES = """
    SELECT count(*) FROM pg_tables
     WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND tableowner <> current_user
"""


async def examine(configuration: Configuration) -> list[Finding]:
    """Every database whose address is known, as runtime role and, where its address is known too, as owner."""
    examined = []
    for service in configuration.services:
        variable = f"{service.upper()}_DATABASE_URL"
        examined.append(_as_runtime(service, variable, configuration.get(variable)))
        owner = f"{service.upper()}_OWNER_DATABASE_URL"
        if url := configuration.get(owner):
            examined.append(_as_owner(service, owner, url))
    # At once: a server that is silent is waited for once, not for each of its databases.
    return [finding for findings in await asyncio.gather(*examined) for finding in findings]


async def connect(url: str) -> asyncpg.Connection:
    """A connection of the doctor's own; raises what asyncpg raises, TimeoutError after ten seconds."""
    return await asyncpg.connect(url.replace("postgresql+asyncpg://", "postgresql://"), timeout=SECONDS)


async def _connect(part: str, variable: str, url: str) -> asyncpg.Connection | Finding:
    try:
        return await connect(url)
    except (OSError, ValueError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as wrong:
        return error(part, f"cannot be reached: {str(wrong) or type(wrong).__name__}", f"Start it, or mend {variable}.")


async def _as_runtime(service: str, variable: str, url: str) -> list[Finding]:
    part = f"database of {service}"
    connection = await _connect(part, variable, url)
    if isinstance(connection, Finding):
        return [connection]
    try:
        return [
            await _version(part, connection),
            await _clock(part, connection),
            await _role(part, connection),
            await _revision(part, service, connection),
            await _row_security(part, connection),
            await _others(part, connection),
            await _connections(part, connection),
        ]
    finally:
        await connection.close()


async def _version(part: str, connection: asyncpg.Connection) -> Finding:
    number, name = (
        int(await connection.fetchval("SHOW server_version_num")),
        await connection.fetchval("SHOW server_version"),
    )
    if number < OLDEST:
        return error(part, f"PostgreSQL {name} is too old", "Use PostgreSQL 18 or later.")
    return ok(part, f"PostgreSQL {name} answers")


async def _clock(part: str, connection: asyncpg.Connection) -> Finding:
    began, ours = time.perf_counter(), datetime.now(UTC)
    theirs: datetime = await connection.fetchval("SELECT clock_timestamp()")
    took = time.perf_counter() - began
    return clock(part, (theirs - ours).total_seconds() - took / 2, took / 2)


async def _role(part: str, connection: asyncpg.Connection) -> Finding:
    role = await connection.fetchval("SELECT current_user")
    owned, bypasses = await connection.fetchval(OWNED), await connection.fetchval(BYPASSES)
    if owned or bypasses:
        reason = f"owns {owned} things" if owned else "bypasses row-level security"
        advice = (
            "Give the service a role that owns nothing and belongs to no owner, as infra/postgres/10-services.sh does."
        )
        return error(part, f"the role {role} {reason}: the tables' policies may not hold for it", advice)
    return ok(part, f"the role {role} owns nothing")


async def _revision(part: str, service: str, connection: asyncpg.Connection) -> Finding:
    try:
        revision = await connection.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        revision = None
    if revision != head_of(service):
        text = f"is at revision {revision or 'none'}, this program wants {head_of(service)}"
        return error(
            part, text, f"kursnav migrate {service} (as its owner), or start the version that fits the database."
        )
    return ok(part, f"is at revision {revision}")


async def _row_security(part: str, connection: asyncpg.Connection) -> Finding:
    tables = [row[0] for row in await connection.fetch(NOT_FORCED)]
    if tables:
        advice = f"kursnav migrate; by hand: ALTER TABLE {tables[0]} FORCE ROW LEVEL SECURITY."
        return error(part, f"row-level security is not forced on {', '.join(tables)}", advice)
    return ok(part, "row-level security is forced where it is enabled")


async def _others(part: str, connection: asyncpg.Connection) -> Finding:
    if await connection.fetchval(OPEN_TO_ALL):
        name = await connection.fetchval("SELECT current_database()")
        advice = f"As its owner: REVOKE CONNECT, TEMPORARY ON DATABASE {name} FROM PUBLIC."
        return warning(part, "lets every role of the server connect, also another service's", advice)
    return ok(part, "lets only its own roles connect")


async def _connections(part: str, connection: asyncpg.Connection) -> Finding:
    free = await connection.fetchval(FREE_CONNECTIONS)
    if free < CONNECTIONS:
        advice = "Raise max_connections, or lower KURSNAV_POOL_SIZE: a service uses up to that many in each process."
        return warning(part, f"only {free} connections are free", advice)
    return ok(part, f"{free} connections are free")


async def _as_owner(service: str, variable: str, url: str) -> list[Finding]:
    part = f"owner of {service}"
    connection = await _connect(part, variable, url)
    if isinstance(connection, Finding):
        return [connection]
    try:
        foreign = await connection.fetchval(FOREIGN_TABLES)
    finally:
        await connection.close()
    if foreign:
        advice = f"Let the role of {variable} own them (REASSIGN OWNED BY … TO …), or name the role that does."
        return [error(part, f"{foreign} tables belong to another role: migrations will fail", advice)]
    return [ok(part, "owns every table")]
