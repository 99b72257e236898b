"""`kursnav bench`: speed and size on this machine, on parts of its own, in about four minutes."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import tempfile
from pathlib import Path

from infra.bench.measure import BenchError, Result, measure
from infra.bench.stack import BenchStack
from infra.bench.table import as_json, tables
from infra.commands.console import console, errors
from infra.demo.api import ApiError
from infra.local.errors import StackError
from infra.local.stack import refuse_production


def bench(as_json_only: bool = False) -> None:
    """Prints tables, or one JSON object on the standard output; progress goes to the standard error."""
    refuse_production()
    logging.getLogger("aiokafka").setLevel(logging.ERROR)  # new topics have no leader for a moment: not worth a line
    result = asyncio.run(_run(Path(tempfile.mkdtemp(prefix="kursnav-bench-"))))
    if as_json_only:
        sys.stdout.write(json.dumps(as_json(result), indent=1) + "\n")
    else:
        console.print(*tables(result), sep="\n")


async def _run(folder: Path) -> Result:
    stack = BenchStack(folder)
    kept = True
    try:
        result = await measure(stack, say=lambda line: errors.print(f"[dim]{line}[/dim]"))
        kept = False
    except (BenchError, ApiError, TimeoutError) as error:
        raise StackError(
            f"the benchmark stopped: {str(error) or 'a measurement took too long'}\nThe logs are kept in {stack.logs}."
        ) from error
    finally:
        await stack.stop()
        stack.remove(keep_logs=kept)
    return result
