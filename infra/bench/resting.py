"""What the services do while nobody asks them anything."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from infra.bench.stack import BenchStack

SETTLE_SECONDS: Final = 5.0
SECONDS: Final = 20.0


async def at_rest(stack: BenchStack, services: Sequence[str]) -> float:
    """Percent of a core that these services take together, which have just started and have nothing to do."""
    await asyncio.sleep(SETTLE_SECONDS)
    before, began = _processor(stack, services), time.perf_counter()
    await asyncio.sleep(SECONDS)
    return (_processor(stack, services) - before) / (time.perf_counter() - began) * 100


def _processor(stack: BenchStack, services: Sequence[str]) -> float:
    return sum(stack.cpu_seconds(service) for service in services)
