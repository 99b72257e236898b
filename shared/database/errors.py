"""Which database errors pass by themselves: a retry can mend them, and a caller should try again."""

from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout

LOCK_NOT_AVAILABLE = "55P03"
UNIQUE_VIOLATION = "23505"
# serialization failure, deadlock, lock timeout, statement cancelled, shutdown, starting up, connection and resource
# classes
TRANSIENT_STATES = {"40001", "40P01", LOCK_NOT_AVAILABLE, "57014", "57P01", "57P02", "57P03", "25006"}
TRANSIENT_CLASSES = ("08", "53")


def sqlstate(error: BaseException) -> str | None:
    """The five-character SQLSTATE of an error from PostgreSQL, None for any other error."""
    original = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(original, "sqlstate", None)
    return str(state) if state else None


def is_transient(error: BaseException) -> bool:
    """True when the same work may succeed later without anybody changing anything."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if isinstance(error, PoolTimeout | InterfaceError | ConnectionError | OSError | TimeoutError):
        return True
    state = sqlstate(error)
    return state is not None and (state in TRANSIENT_STATES or state.startswith(TRANSIENT_CLASSES))
