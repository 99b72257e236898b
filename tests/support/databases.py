"""Databases for tests: a template per service, made by its own migrations, and a clone per test module."""

import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from infra.local.postgres import create_roles, database_url
from infra.settings import ROOT

MIGRATING = (
    "services/{service}/migrations",
    "shared/database",
    "shared/jobs",
)  # what decides a migrated database's shape


def fingerprint(service: str) -> str:
    """Changes whenever a file that takes part in the service's migrations changes."""
    digest = hashlib.sha256()
    for folder in MIGRATING:
        for path in sorted((ROOT / folder.format(service=service)).rglob("*.py")):
            digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def app_url(admin_url: str, service: str, database: str) -> str:
    """The URL of the service's own role, which owns nothing."""
    return database_url(admin_url, f"{service}_app", database)


def owner_url(admin_url: str, service: str, database: str) -> str:
    """The URL of the role that owns the service's tables."""
    return database_url(admin_url, f"{service}_owner", database)


def superuser_url(admin_url: str, database: str) -> str:
    """The superuser's URL to another database: sees all rows, for assertions only."""
    return urlunsplit(urlsplit(admin_url)._replace(path=f"/{database}"))


@asynccontextmanager
async def cloned(admin_url: str, service: str) -> AsyncIterator[str]:
    """The name of a fresh database with the service's tables; dropped at the end."""
    name = f"test_{service}_{secrets.token_hex(5)}"
    admin = await asyncpg.connect(admin_url)
    try:
        await _make_clone(admin, admin_url, service, name)
        yield name
    finally:
        await admin.execute(f'drop database if exists "{name}" with (force)')
        await admin.close()


@asynccontextmanager
async def empty(admin_url: str, service: str) -> AsyncIterator[str]:
    """The name of a fresh database without tables, owned by the service's owner: for tests of migrations."""
    name = f"test_{service}_{secrets.token_hex(5)}"
    admin = await asyncpg.connect(admin_url)
    try:
        await create_roles(admin, admin_url)
        await admin.execute(f'create database "{name}" owner "{service}_owner"')
        yield name
    finally:
        await admin.execute(f'drop database if exists "{name}" with (force)')
        await admin.close()


async def _make_clone(admin: "asyncpg.Connection[asyncpg.Record]", admin_url: str, service: str, name: str) -> None:
    """Under a lock: nobody may be connected to the template, or make it, while it is copied."""
    await admin.execute("select pg_advisory_lock(hashtext('kursnav test template ' || $1))", service)
    try:
        template = await _template(admin, admin_url, service)
        await admin.execute(f'create database "{name}" template "{template}" owner "{service}_owner"')
    finally:
        await admin.execute("select pg_advisory_unlock(hashtext('kursnav test template ' || $1))", service)


async def _template(admin: "asyncpg.Connection[asyncpg.Record]", admin_url: str, service: str) -> str:
    from shared.database.migrate import migrate

    template = f"template_{service}_{fingerprint(service)}"
    if await admin.fetchval("select 1 from pg_database where datname = $1", template):
        return template
    await create_roles(admin, admin_url)
    for old in await admin.fetch("select datname from pg_database where datname like $1", f"template\\_{service}\\_%"):
        await admin.execute(f'drop database "{old["datname"]}" with (force)')
    unfinished = f"{template}_unfinished"
    await admin.execute(f'create database "{unfinished}" owner "{service}_owner"')
    await migrate(service, owner_url(admin_url, service, unfinished))
    await admin.execute(f'alter database "{unfinished}" rename to "{template}"')
    return template
