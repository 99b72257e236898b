"""A background step that fails says where, without the values of the row that it failed on."""

import asyncio
from uuid import UUID

from structlog.testing import capture_logs

from shared.database.unit_of_work import Units
from shared.observability.logging import trace_of
from shared.service import Background
from tests.support.eventually import eventually
from tests.support.services import api
from tests.support.stack import Stack

AGAIN = UUID(int=1)
NAME = "Maja Lind"


async def enter_twice(units: Units) -> None:
    async with units.system() as unit:
        for _ in range(2):
            await unit.execute(
                "INSERT INTO participants (participant_id, gender, protected, erased, personal_number_hint) "
                "VALUES (:id, :name, false, false, NULL)",
                {"id": AGAIN, "name": NAME},
            )


async def test_a_failing_step_is_logged_with_its_trace(stack: Stack) -> None:
    async with api(stack, "booking") as origin:
        with capture_logs() as logged:
            step = asyncio.create_task(origin.services["booking"]._repeat(Background("enter", 60, enter_twice)))
            [line] = await eventually(lambda: [one for one in logged if one["event"] == "background_step_failed"])
            step.cancel()
    trace = trace_of(line["exc_info"])
    assert "enter_twice" in trace
    assert "sqlstate=23505 constraint_name=participants_pkey" in trace
    assert NAME not in trace
    assert str(AGAIN) not in trace
