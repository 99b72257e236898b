"""Logs: one JSON object a line, through the standard library, so that uvicorn, aiokafka and SQLAlchemy speak the
same way.
"""

import logging
import logging.config
import re
import sys
import traceback
from collections.abc import Iterator
from typing import Any

import structlog
from structlog.types import EventDict, Processor

# Twelve or ten digits that could be a personal number, and are no part of a UUID. The last net only: nothing should
# log one.
PERSONAL_NUMBER = re.compile(r"(?<!\w)(?<![0-9a-f]{4}-)(?:\d{2})?\d{6}[-+]?\d{4}\b(?!-[0-9a-f]{4}-)")


OF_THE_DATABASE = ("sqlstate", "constraint_name", "table_name", "column_name")


def redact(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Replaces what looks like a personal number, wherever a library may have put it."""
    for key, value in event.items():
        if isinstance(value, str) and PERSONAL_NUMBER.search(value):
            event[key] = PERSONAL_NUMBER.sub("[personal number]", value)
    return event


def trace_of(error: BaseException) -> str:
    """Where an error and its causes come from: classes, places, what the database names.

    Messages are left out, but for those of the system: they repeat values of rows (a driver's "Key (email)=(…) exists",
    a validator's input, `int("Maja")`).
    """
    return "\n".join(line for one in _with_causes(error) for line in _lines(one))


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    """The first cause first, as Python prints them."""
    chain: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in chain:
        chain.append(one)
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    for each in reversed(chain):
        yield each
        if isinstance(each, BaseExceptionGroup):
            for part in each.exceptions:
                yield from _with_causes(part)


def _lines(error: BaseException) -> Iterator[str]:
    yield from getattr(error, "__notes__", ())
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"{frame.filename}:{frame.lineno} in {frame.name}: {frame.line}"
    named = (f"{name}={value}" for name in OF_THE_DATABASE if (value := getattr(error, name, None)))
    said = str(error) if isinstance(error, OSError) else ""
    yield " ".join((f"{type(error).__module__}.{type(error).__qualname__}", *named, said)).strip()


def format_trace(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Puts `exc_info` as text into `exception`."""
    given = event.pop("exc_info", None)
    if isinstance(given, tuple):
        given = given[1]
    error = given if isinstance(given, BaseException) or not given else sys.exc_info()[1]
    if isinstance(error, BaseException):
        event["exception"] = trace_of(error)
    return event


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    format_trace,
    redact,
]


LOGGERS: dict[str, Any] = {
    "uvicorn": {"handlers": [], "propagate": True},
    "uvicorn.access": {"level": "WARNING", "handlers": [], "propagate": True},
    "uvicorn.error": {"handlers": [], "propagate": True},
    "aiokafka": {"level": "WARNING"},
    "httpx2": {"level": "WARNING"},
}


def configure(level: str = "INFO", **bound: str) -> None:
    """Sends every logger of the process through structlog to standard error as JSON. `bound` is on every line."""

    def bind(_logger: Any, _method: str, event: EventDict) -> EventDict:
        return {**bound, **event}

    shared = [*SHARED, bind]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
                    ],
                    "foreign_pre_chain": shared,
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": LOGGERS,
        }
    )
