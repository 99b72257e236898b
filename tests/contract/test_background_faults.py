"""A recurring job that fails says where, without the values of the row that it failed on."""

from datetime import timedelta
from uuid import UUID

from structlog.testing import capture_logs

from shared.database.unit_of_work import Units
from shared.jobs.recurring import Every
from shared.jobs.worker import Worker, recurring
from shared.observability.logging import trace_of
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
    worker = Worker([recurring("enter", Every(timedelta(minutes=1)), enter_twice)])
    async with api(stack, "booking") as origin:
        units = origin.services["booking"].units
        with capture_logs() as logged:
            await worker.run_as_of(units, units.clock.now())
    [line] = [one for one in logged if one["event"] == "job_failed"]
    trace = trace_of(line["exc_info"])
    assert "enter_twice" in trace
    assert "sqlstate=23505 constraint_name=participants_pkey" in trace
    assert NAME not in trace
    assert str(AGAIN) not in trace
