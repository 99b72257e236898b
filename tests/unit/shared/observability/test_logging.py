"""Logs: one JSON object a line from every library, and no personal number in any."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import asyncpg
import pytest
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError

from shared.observability.logging import redact, trace_of

SPEAK = """
import logging, structlog
from shared.observability.logging import configure
configure("INFO", instance="kursnav-7")
logging.getLogger("uvicorn.error").warning("started %s", "now")
logging.getLogger("aiokafka").warning("group rebalanced")
logging.getLogger("sqlalchemy.engine").error("number 19811218-9876 refused")
structlog.get_logger("kursnav").info("request", status=201, detail="811218-9876")
try:
    1 / 0
except ZeroDivisionError as error:
    structlog.get_logger("kursnav").error("request_failed", exc_info=error)
"""


def lines() -> list[dict[str, object]]:
    ended = subprocess.run([sys.executable, "-c", SPEAK], capture_output=True, text=True, timeout=30)
    assert ended.returncode == 0, ended.stderr
    return [json.loads(line) for line in ended.stderr.splitlines()]


def test_every_library_speaks_json_with_time_level_and_instance() -> None:
    spoken = lines()
    assert [line["event"] for line in spoken][:2] == ["started now", "group rebalanced"]
    for line in spoken:
        assert {"event", "level", "logger", "timestamp", "instance"} <= line.keys()
        assert line["instance"] == "kursnav-7"
    assert "ZeroDivisionError" in str(spoken[-1]["exception"])


class Rows(BaseModel):
    minutes: int


def failing(fault: Callable[[], object]) -> BaseException:
    with pytest.raises(Exception) as failed:  # noqa: PT011 # whatever it is
        fault()
    return failed.value


def duplicate() -> None:
    error = asyncpg.UniqueViolationError("duplicate key value violates unique constraint")
    error.constraint_name, error.detail = "ix_staff_email", "Key (email)=(maja@nora.example) already exists."
    try:
        raise error
    except asyncpg.PostgresError as driver:
        raise DBAPIError("INSERT", None, driver) from driver


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        (duplicate, ("asyncpg.exceptions.UniqueViolationError", "sqlstate=23505", "constraint_name=ix_staff_email")),
        (lambda: int("maja@nora.example"), ("builtins.ValueError", 'int("maja@nora.example")')),
        (lambda: Rows(minutes="maja@" + "nora.example"), ("ValidationError", "main.py")),
        (lambda: Path("/nowhere/file").read_text(), ("FileNotFoundError", "/nowhere/file")),
    ],
)
def test_a_trace_says_where_and_not_with_which_values(fault: Callable[[], object], named: Sequence[str]) -> None:
    trace = trace_of(failing(fault))
    assert [word for word in (*named, __file__) if word not in trace] == []
    values = [line for line in trace.splitlines() if "maja@nora.example" in line and " in <lambda>: " not in line]
    assert values == []


def test_a_personal_number_never_leaves() -> None:
    said = [{**line, "timestamp": "some time, whose fraction may be any digits"} for line in lines()]
    assert "9876" not in json.dumps(said)


@pytest.mark.parametrize("text", ["19811218-9876", "198112189876", "811218-9876", "8112189876", "811218+9876"])
def test_whatever_looks_like_one_is_replaced(text: str) -> None:
    event = redact(logging.getLogger(), "info", {"event": f"seen {text}.", "count": 3})
    assert event == {"event": "seen [personal number].", "count": 3}


def test_ids_and_times_are_left() -> None:
    event = {"id": "01942000-0000-7000-8000-000000000001", "at": "2025-03-03T09:30:00Z", "org": "1884"}
    assert redact(logging.getLogger(), "info", dict(event)) == event
