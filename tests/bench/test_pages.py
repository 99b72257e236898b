"""The pages that the benchmark asks for, in a small county."""

from infra.bench.county import LARGE, Size
from infra.bench.pages import FILLED, Paced, pages_beside
from tests.support import databases
from tests.support.services import SESSION_KEYS, running
from tests.support.stack import Stack

# The addresses name twenty workplaces of a hundred people each: a step without people sends its reader back.
SMALL = Size(staff=2_400, sessions=60)
MADE = {
    "booking": """
        SELECT (SELECT count(*) FROM staff) AS staff, (SELECT count(*) FROM sessions) AS sessions,
               (SELECT count(*) FROM staff WHERE municipality = $1) AS large,
               (SELECT count(*) > 60 * 20 FROM registrations) AS registered,
               (SELECT count(*) > 0 FROM waiting_entries) AS waiting, (SELECT count(*) FROM vault) AS numbers
    """,
    "attendance": """
        SELECT (SELECT count(*) FROM people) AS staff, (SELECT count(*) FROM rolls) AS sessions,
               (SELECT count(*) FROM roll_entries) AS entries, (SELECT count(*) > 30 FROM seals) AS sealed,
               (SELECT count(*) > 0 FROM conflicts) AS doubted, (SELECT count(*) > 0 FROM signatures) AS signed
    """,
    "reporting": """
        SELECT (SELECT count(*) FROM facts_v1.sessions) AS sessions, (SELECT count(*) FROM reports) AS reports
    """,
}


async def test_each_page_is_asked_of_what_was_filled_in_and_shown(stack: Stack) -> None:
    paced, found = Paced(SMALL), {}
    async with running(stack, tuple(FILLED), processes=tuple(FILLED)) as origin:
        for service, made in MADE.items():
            process = origin.processes[service]
            await process.start()
            url = databases.superuser_url(stack.admin_url, origin.databases[service])
            await pages_beside(service, process.port, url, SESSION_KEYS, paced, asked=1)
            [found[service]] = await origin.rows(service, made, *([LARGE] if "$1" in made else []))
    assert paced.together.keys() <= paced.alone.keys()
    assert min(paced.alone.values()) > 0
    assert {page.rpartition(", ")[2] for page in paced.alone} == {
        *("municipality", "coordinator", "trainer", "participant", "funder", "evaluator")
    }
    assert found == {
        "booking": {"staff": 2_400, "large": 960, "sessions": 60, "registered": True, "waiting": True, "numbers": 0},
        "attendance": {
            "staff": 2_400,
            "sessions": 60,
            "entries": 60 * 20,
            "sealed": True,
            "doubted": True,
            "signed": True,
        },
        "reporting": {"sessions": 60, "reports": 1},
    }
