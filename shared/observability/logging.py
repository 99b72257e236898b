"""Logs: one JSON object a line, through the standard library, so that uvicorn, aiokafka and SQLAlchemy speak the
same way.
"""

import logging
import logging.config
import re
from typing import Any

import structlog
from structlog.types import EventDict, Processor

# Twelve or ten digits that could be a personal number, and are no part of a UUID. The last net only: nothing should
# log one.
PERSONAL_NUMBER = re.compile(r"(?<!\w)(?<![0-9a-f]{4}-)(?:\d{2})?\d{6}[-+]?\d{4}\b(?!-[0-9a-f]{4}-)")


def redact(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Replaces what looks like a personal number, wherever a library may have put it."""
    for key, value in event.items():
        if isinstance(value, str) and PERSONAL_NUMBER.search(value):
            event[key] = PERSONAL_NUMBER.sub("[personal number]", value)
    return event


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
    redact,
]


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
            "loggers": {
                "uvicorn": {"handlers": [], "propagate": True},
                "uvicorn.access": {"level": "WARNING", "handlers": [], "propagate": True},
                "uvicorn.error": {"handlers": [], "propagate": True},
                "aiokafka": {"level": "WARNING"},
                "httpx2": {"level": "WARNING"},
            },
        }
    )
