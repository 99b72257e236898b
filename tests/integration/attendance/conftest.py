"""The attendance service behind its HTTP API on a database of its own; events are applied by its own handlers."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.attendance.school import School
from tests.support.services import api
from tests.support.stack import Stack


@pytest.fixture
async def school(stack: Stack) -> AsyncIterator[School]:
    """A fresh school."""
    async with api(stack, "attendance") as origin:
        yield School(origin)
