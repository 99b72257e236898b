"""The morning that the benchmark plays, in a small county."""

from uuid import UUID

from infra.bench.morning import SINGLY, TOGETHER, County, county_morning
from shared.security.roles import Role
from tests.support import databases, tokens
from tests.support.services import running
from tests.support.stack import Stack

SMALL = County(sessions=8, people=6, phones=4)


def token(trainer: UUID) -> str:
    return tokens.token(Role.TRAINER, trainer_id=trainer)


async def test_each_mark_of_a_morning_is_on_its_roll(stack: Stack) -> None:
    async with running(stack, ["attendance"], processes=["attendance"]) as origin:
        service = origin.processes["attendance"]
        await service.start()
        url = databases.superuser_url(stack.admin_url, origin.databases["attendance"])
        morning = await county_morning(service.port, url, token, SMALL, tighter=300)
        [rolls] = await origin.rows(
            "attendance",
            "SELECT count(*) AS sessions, sum(minutes) AS minutes, count(DISTINCT participant_id) AS people FROM cells",
        )
    assert (morning.failed, morning.lost, morning.why) == (0, 0, "")
    assert len(morning.taps.latencies) == SMALL.marks // 2
    assert len(morning.returned.latencies) == 2 * SMALL.phones
    assert (len(morning.singly.latencies), len(morning.batches.latencies)) == (SMALL.sessions * SINGLY, SMALL.sessions)
    people = SMALL.marks + SMALL.sessions * (SINGLY + TOGETHER)
    assert (rolls["people"], rolls["minutes"]) == (people, people * 165)
