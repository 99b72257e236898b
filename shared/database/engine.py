"""One engine per service and process. PostgreSQL is the only dialect."""

import os
import socket
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

GONE_SECONDS = 30  # without an answer of the other machine's kernel: it is gone, and so is the connection
KEEPALIVE = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, GONE_SECONDS // 3),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, GONE_SECONDS // 6),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 4),
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, GONE_SECONDS * 1000),
)
WAIT_SECONDS = 3  # for a connection of the pool: who waits longer is told to come again
STATEMENT_SECONDS = 120
TRANSACTION_SECONDS = 600  # an import of 50,000 rows or a report of a million facts; whatever lasts longer hangs
ABANDONED_SECONDS = 120  # of silence within a transaction: figures are counted in one, for seconds


def asyncpg_url(url: str) -> str:
    """The URL with the driver that kursnav uses, whatever the operator wrote."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.split("+")[0] not in ("postgresql", "postgres"):
        raise ValueError(f"a database URL must begin with postgresql://, not {scheme}://")
    return f"postgresql+asyncpg://{rest}"


def create_engine(
    url: str,
    *,
    application: str,
    pool_size: int = 20,
    lock_timeout_ms: int = 3000,
    abandoned_seconds: float = ABANDONED_SECONDS,
    bounded: bool = False,
) -> AsyncEngine:
    """An engine with at most `pool_size` connections, which speak UTC and give up a lock after `lock_timeout_ms`.

    A transaction in which nothing is said for `abandoned_seconds` (0: however long) is ended by the server, and its
    locks with it: its process is asleep. `bounded`: so is one that lasts for ten minutes, and a statement after two.
    Of a machine that is gone both ends learn within half a minute.
    """
    server_settings = {
        "application_name": application,
        "timezone": "UTC",
        "lock_timeout": f"{lock_timeout_ms}ms",
        "idle_in_transaction_session_timeout": f"{abandoned_seconds * 1000:.0f}ms",
        "statement_timeout": f"{STATEMENT_SECONDS if bounded else 0}s",
        "transaction_timeout": f"{TRANSACTION_SECONDS if bounded else 0}s",
        "tcp_keepalives_idle": f"{GONE_SECONDS // 3}",
        "tcp_keepalives_interval": f"{GONE_SECONDS // 6}",
        "tcp_user_timeout": f"{GONE_SECONDS * 1000}",
        "jit": "off",
    }
    engine = create_async_engine(
        asyncpg_url(url),
        pool_size=pool_size,
        max_overflow=0,  # one that is closed after each use costs more than the request it was opened for
        pool_use_lifo=True,  # the few that a quiet service needs keep their prepared statements
        pool_timeout=WAIT_SECONDS,
        pool_pre_ping=False,
        hide_parameters=True,  # else every database error in the log repeats names and addresses
        connect_args={"server_settings": server_settings, "timeout": 10},
    )
    event.listen(engine.sync_engine, "connect", _watches_the_way)
    event.listen(engine.sync_engine, "checkout", _stands)
    return engine


def _watches_the_way(connection: Any, *_: object) -> None:
    """Lets the kernel end a connection whose other end has vanished: a statement would wait for it for 15 minutes, and
    hours when it had nothing left to send.
    """
    # The driver shows its socket to nobody; the transport's own stands in for one and takes no options.
    descriptor = connection.driver_connection._transport.get_extra_info("socket").fileno()
    with socket.socket(fileno=os.dup(descriptor)) as same:
        if same.family != socket.AF_UNIX:
            for level, option, value in KEEPALIVE:
                same.setsockopt(level, option, value)


def _stands(connection: Any, *_: object) -> None:
    """Makes the pool replace a connection that the server has ended meanwhile: after a restart nobody meets those."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError
