"""The start page of attendance: today's sessions, and what waits."""

from services.attendance.home.queries import MOST, waiting
from services.attendance.rolls.http import session_shown
from services.attendance.rolls.queries import sessions
from shared.clock import local_day
from shared.web.pages import View, page_router
from shared.web.routing import Role, Unit, allow

router = page_router()


@router.get("/narvaro")
async def home(unit: Unit = allow(Role.COORDINATOR, Role.TRAINER)) -> View:
    today = local_day(unit.recorded_at)
    over = await sessions(unit, to_attest_at=unit.recorded_at, limit=MOST)
    return View(
        "home/start.html",
        today=[session_shown(row) for row in await sessions(unit, from_=today, to=today, limit=MOST)],
        over=[session_shown(row) for row in over],
        waiting=await waiting(unit),
    )
