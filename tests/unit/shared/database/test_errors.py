"""What passes by itself is tried again and never becomes a dead letter; what does not, is not retried for ever."""

import errno
import socket

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.database.errors import is_transient, sqlstate
from shared.messaging.pipeline import TryAgain, is_retryable
from shared.web.errors import CONCURRENT, LOCKED, UNAVAILABLE, UNFIT_VALUE, refusal_of
from shared.web.problems import Problem


def wrapped(error: Exception, *, lost: bool = False) -> DBAPIError:
    return DBAPIError("SELECT 1", None, error, connection_invalidated=lost)


PASSING: list[Exception] = [
    wrapped(asyncpg.DeadlockDetectedError("deadlock")),
    wrapped(asyncpg.SerializationError("serialization")),
    wrapped(asyncpg.LockNotAvailableError("lock timeout")),
    wrapped(asyncpg.AdminShutdownError("shutting down")),
    wrapped(asyncpg.CannotConnectNowError("starting up")),
    wrapped(asyncpg.TooManyConnectionsError("too many")),
    wrapped(asyncpg.DiskFullError("disk")),
    wrapped(ValueError("the connection is gone"), lost=True),
    InterfaceError("closed", None, Exception("closed"), connection_invalidated=True),
    PoolTimeout("no connection was free"),
    ConnectionRefusedError("nobody listens"),
    TimeoutError("too slow"),
    OSError(errno.EHOSTUNREACH, "no route to host"),
    socket.gaierror(socket.EAI_AGAIN, "the name server does not answer"),
]
STAYING: list[Exception] = [
    wrapped(asyncpg.UniqueViolationError("twice")),
    wrapped(asyncpg.ForeignKeyViolationError("nobody")),
    wrapped(asyncpg.NumericValueOutOfRangeError("too large")),
    wrapped(asyncpg.UndefinedColumnError("no such column")),
    InterfaceError("too many arguments", None, asyncpg.InterfaceError("the number of query arguments exceeds 32767")),
    wrapped(asyncpg.ProtocolViolationError("bind message has 40000 parameters")),
    wrapped(asyncpg.ConfigurationLimitExceededError("temp_file_limit")),
    FileNotFoundError(errno.ENOENT, "no such file"),
    ValueError("ours"),
    KeyError("ours"),
]


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(getattr(error, "orig", None) or error).__name__)
def test_what_is_retryable_is_retried(error: Exception) -> None:
    assert is_transient(error)
    assert is_retryable(error)


@pytest.mark.parametrize("error", STAYING, ids=lambda error: type(getattr(error, "orig", None) or error).__name__)
def test_what_stays_is_not(error: Exception) -> None:
    assert not is_transient(error)
    assert not is_retryable(error)


def test_a_handler_can_ask_for_another_try() -> None:
    assert is_retryable(TryAgain())


@pytest.mark.parametrize(
    ("error", "refusal"),
    [
        (wrapped(asyncpg.LockNotAvailableError("lock")), LOCKED),
        (wrapped(asyncpg.AdminShutdownError("down")), UNAVAILABLE),
        (wrapped(asyncpg.UniqueViolationError("twice")), CONCURRENT),
        (wrapped(asyncpg.CharacterNotInRepertoireError("nul")), UNFIT_VALUE),
        (wrapped(asyncpg.UndefinedColumnError("ours")), None),
    ],
)
def test_a_caller_is_told_what_to_do(error: DBAPIError, refusal: Problem | None) -> None:
    assert refusal_of(error) is refusal


def test_the_state_is_read_through_the_wrapping() -> None:
    assert sqlstate(wrapped(asyncpg.DeadlockDetectedError("deadlock"))) == "40P01"
    assert sqlstate(ValueError("no state")) is None
