"""Databases of a service that a measurement has for itself."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping

import asyncpg

from infra.local.postgres import service_urls
from shared.clock import SystemClock
from shared.database.engine import create_engine
from shared.database.migrate import migrate
from shared.database.unit_of_work import Units
from shared.ids import SystemIds


@contextlib.asynccontextmanager
async def database_of(service: str, admin_url: str, name: str) -> AsyncIterator[Mapping[str, str]]:
    """The URLs of its roles; dropped at the end."""
    admin = await asyncpg.connect(admin_url)
    try:
        await admin.execute(f'CREATE DATABASE "{name}" OWNER {service}_owner')
        urls = service_urls(admin_url, service, name)
        await migrate(service, urls[f"{service.upper()}_OWNER_DATABASE_URL"])
        try:
            yield urls
        finally:
            await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await admin.close()


@contextlib.asynccontextmanager
async def reporting_units(admin_url: str, name: str) -> AsyncIterator[Units]:
    """Such a database, as the service's role sees it."""
    async with database_of("reporting", admin_url, name) as urls:
        engine = create_engine(urls["REPORTING_DATABASE_URL"], application="kursnav-bench")
        try:
            yield Units("reporting", engine, SystemClock(), SystemIds())
        finally:
            await engine.dispose()
