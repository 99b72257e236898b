"""One engine per service and process. PostgreSQL is the only dialect."""

from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


def asyncpg_url(url: str) -> str:
    """The URL with the driver that kursnav uses, whatever the operator wrote."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.split("+")[0] not in ("postgresql", "postgres"):
        raise ValueError(f"a database URL must begin with postgresql://, not {scheme}://")
    return f"postgresql+asyncpg://{rest}"


def create_engine(
    url: str, *, application: str, pool_size: int = 20, lock_timeout_ms: int = 3000, **options: Any
) -> AsyncEngine:
    """An engine with at most `pool_size` connections, which speak UTC and give up a lock after `lock_timeout_ms`."""
    server_settings = {
        "application_name": application,
        "timezone": "UTC",
        "lock_timeout": f"{lock_timeout_ms}ms",
        "jit": "off",
    }
    engine = create_async_engine(
        asyncpg_url(url),
        pool_size=pool_size,
        max_overflow=0,  # one that is closed after each use costs more than the request it was opened for
        pool_use_lifo=True,  # the few that a quiet service needs keep their prepared statements
        pool_timeout=10,
        pool_pre_ping=False,
        hide_parameters=True,  # else every database error in the log repeats names and addresses
        connect_args={"server_settings": server_settings, "timeout": 10},
        **options,
    )
    event.listen(engine.sync_engine, "checkout", _stands)
    return engine


def _stands(connection: Any, *_: object) -> None:
    """Makes the pool replace a connection that the server has ended meanwhile: after a restart nobody meets those."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError
