"""`kursnav bench`: speed and size on this machine, on parts of its own, in about a quarter of an hour."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from infra.bench.measure import BenchError, Say, measure, measure_pages, measure_reports
from infra.bench.pages import PageError
from infra.bench.stack import BenchStack
from infra.bench.table import as_json, live_json, pages_json, pages_table, report_json, reports_table, tables
from infra.commands.console import console, errors
from infra.demo.api import ApiError
from infra.local.errors import StackError
from infra.local.stack import refuse_production

T = TypeVar("T")


def bench(as_json_only: bool = False, pages_only: bool = False, reports_only: bool = False) -> None:
    """Prints tables, or one JSON object on the standard output; progress goes to the standard error.

    When the pages, which come last, cannot be measured, the rest is printed before that is said.
    """
    refuse_production()
    logging.getLogger("aiokafka").setLevel(logging.ERROR)  # new topics have no leader for a moment: not worth a line
    failure: StackError | None = None
    if pages_only:
        paced = asyncio.run(_run(measure_pages))
        found, shown = pages_json(paced), [pages_table(paced)]
    elif reports_only:
        heard, reports = asyncio.run(_run(measure_reports))
        found = {"live": live_json(heard), "reports": {one.kind: report_json(one) for one in reports}}
        shown = [reports_table(heard, reports)]
    else:
        result = asyncio.run(_run(measure))
        try:
            result.pages = asyncio.run(_run(measure_pages))
        except StackError as error:
            failure = error
        found, shown = as_json(result), tables(result)
    if as_json_only:
        sys.stdout.write(json.dumps(found, indent=1) + "\n")
    else:
        console.print(*shown, sep="\n")
    if failure is not None:
        raise failure


async def _run(measured: Callable[[BenchStack, Say], Awaitable[T]]) -> T:
    """A measurement on parts of its own."""
    stack = BenchStack(Path(tempfile.mkdtemp(prefix="kursnav-bench-")))
    kept = True
    try:
        result = await measured(stack, lambda line: errors.print(f"[dim]{line}[/dim]"))
        kept = False
    except (BenchError, PageError, ApiError, ConnectionError, TimeoutError) as error:
        raise StackError(
            f"the benchmark stopped: {str(error) or 'a measurement took too long'}\nThe logs are kept in {stack.logs}."
        ) from error
    finally:
        await stack.stop()
        stack.remove(keep_logs=kept)
    return result
