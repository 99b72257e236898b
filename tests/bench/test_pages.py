"""The pages that the benchmark asks for, in a small county."""

from infra.bench.county import LARGE, Size
from infra.bench.pages import CALLERS, OFFICE_ONLY, addresses_of, pages_beside
from tests.support import databases
from tests.support.services import SESSION_KEYS, running
from tests.support.stack import Stack

# The addresses name twenty workplaces of a hundred people each: a step without people sends its reader back.
SMALL = Size(staff=2_400, sessions=60)


async def test_each_page_is_asked_of_what_was_filled_in_and_shown(stack: Stack) -> None:
    async with running(stack, ["booking"], processes=["booking"]) as origin:
        service = origin.processes["booking"]
        await service.start()
        url = databases.superuser_url(stack.admin_url, origin.databases["booking"])
        paced = await pages_beside(service.port, url, SESSION_KEYS, SMALL, asked=2)
        [made] = await origin.rows(
            "booking",
            """
            SELECT (SELECT count(*) FROM staff) AS staff, (SELECT count(*) FROM staff WHERE municipality = $1) AS large,
                   (SELECT count(*) FROM sessions) AS sessions, (SELECT count(*) FROM registrations) AS registrations,
                   (SELECT count(*) FROM waiting_entries) AS waiting, (SELECT count(*) FROM vault) AS numbers
            """,
            LARGE,
        )
    assert paced.alone.keys() == paced.together.keys()
    assert len(paced.alone) == len(addresses_of([], [], "2026H2")) * len(CALLERS) - len(OFFICE_ONLY)
    assert min(paced.alone.values()) > 0
    assert (made["staff"], made["large"], made["sessions"]) == (2_400, 960, 60)
    assert made["registrations"] > 60 * 20
    assert made["waiting"] > 0 == made["numbers"]
