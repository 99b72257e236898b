"""Transient errors: a retry may succeed, and a caller should try again.

A narrow list: what is on it by mistake is tried again for ever and holds up everything behind it.
"""

import errno
import socket

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

LOCK_NOT_AVAILABLE = "55P03"
SERIALIZATION_FAILURE = "40001"
DEADLOCK = "40P01"
UNIQUE_VIOLATION = "23505"
FOREIGN_KEY_VIOLATION = "23503"
TRANSIENT_STATES = {
    "08000",  # connection exception; 08P01 is none of these: the driver and the server misunderstand each other
    "08001",  # cannot connect
    "08003",  # connection does not exist
    "08004",  # connection rejected
    "08006",  # connection failure
    "25006",  # read only: a standby, until the failover is over
    SERIALIZATION_FAILURE,
    DEADLOCK,
    "53000",  # insufficient resources; 53400 is none of these: a configured limit
    "53100",  # disk full
    "53200",  # out of memory
    "53300",  # too many connections
    LOCK_NOT_AVAILABLE,
    "57014",  # statement cancelled
    "57P01",  # shutting down
    "57P02",  # crashed
    "57P03",  # starting up
}
TRANSIENT_ERRNOS = {
    errno.EHOSTDOWN,
    errno.EHOSTUNREACH,
    errno.ENETDOWN,
    errno.ENETUNREACH,
    errno.ENOBUFS,
    errno.EMFILE,
    errno.ENFILE,
}


def sqlstate(error: BaseException) -> str | None:
    """The five-character SQLSTATE of an error from PostgreSQL, None for any other error."""
    original = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(original, "sqlstate", None)
    return str(state) if state else None


def is_transient(error: BaseException) -> bool:
    """True when the same work may succeed later without anybody changing anything."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or sqlstate(error) in TRANSIENT_STATES
    if isinstance(error, PoolTimeout | ConnectionError | TimeoutError | socket.gaierror):
        return True
    return sqlstate(error) in TRANSIENT_STATES or (isinstance(error, OSError) and error.errno in TRANSIENT_ERRNOS)
