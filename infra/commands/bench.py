"""`kursnav bench`: speed and size on this machine, on parts of its own, in about two minutes."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from infra.bench.measure import Result, measure
from infra.bench.stack import BenchStack
from infra.bench.table import as_json, tables
from infra.commands.console import console, errors
from infra.local.stack import refuse_production


def bench(as_json_only: bool = False) -> None:
    """Prints tables, or one JSON object on the standard output; progress goes to the standard error."""
    refuse_production()
    with tempfile.TemporaryDirectory(prefix="kursnav-bench-") as folder:
        result = asyncio.run(_run(Path(folder)))
    if as_json_only:
        sys.stdout.write(json.dumps(as_json(result), indent=1) + "\n")
    else:
        console.print(*tables(result), sep="\n")


async def _run(folder: Path) -> Result:
    stack = BenchStack(folder / "data")
    try:
        return await measure(stack, say=lambda line: errors.print(f"[dim]{line}[/dim]"))
    finally:
        await stack.stop()
        stack.remove()
