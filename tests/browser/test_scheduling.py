"""What the office schedules: from the municipalities' wishes by the plan to a session, which then moves."""

from datetime import date, timedelta

import pytest

from services.booking.planning.working_days import term_after, term_of
from shared.clock import local_day
from shared.web.pages.formatting import day
from tests.browser.conftest import Handed
from tests.browser.site import Site
from tests.support.answers import ok
from tests.support.booking_world import HALLEFORS, NORA, OREBRO

pytestmark = pytest.mark.asyncio(loop_scope="session")

WISHING = {"mouse": NORA, "keyboard": HALLEFORS, "no-script": OREBRO}


async def test_the_office_schedules_what_the_plan_proposes_and_moves_it(site: Site, handed: Handed, way: str) -> None:
    world, code, title = site.world, f"PLAN{way[:2].upper()}", f"Planerad {way}"
    term = term_after(term_of(local_day(world.clock.at)))
    await world.course(code, ["base", "other"], title=title)
    wishes = {"wishes": [{"course": code, "seats": 6}]}
    ok(await world.municipality(WISHING[way]).put(f"/booking/v1/demand/{term}", json=wishes), 201)
    plan = await world.get(f"/booking/v1/demand/{term}/plan")
    [proposed] = [one for one in plan["sessions"] if one["course"] == code]
    on = date.fromisoformat(proposed["date"])

    hand = await handed("samordnare")
    await hand.open(f"/boka/behov/{term}")
    await hand.reads(title)
    await hand.go_on("Se förslaget till plan")
    await hand.follow(f"Lägg in {title}, {day(on)}")
    await hand.write("Lokal", "Planlokalen")
    await hand.day("Slutar", f"{on}T16:00")
    await hand.day("Avboka senast", f"{on}T08:00")
    await hand.press("Lägg in kurstillfället")
    [made] = (await world.get("/booking/v1/sessions", course=code))["items"]
    assert (made["host_municipality"], made["capacity"]) == (WISHING[way], proposed["capacity"])

    await world.outcomes(made["id"], await world.staff(WISHING[way], given_name="Ida", family_name=f"Plan{way[:2]}"))
    await hand.open(f"/boka/kurstillfallen/{made['id']}")
    await hand.go_on("Flytta till annat datum")
    await hand.reads("1 person får mejl om det nya datumet.")
    later = f"{on + timedelta(days=1)}"
    await hand.day("Börjar", f"{later}T10:00")
    await hand.day("Slutar", f"{later}T15:00")
    await hand.press("Flytta kurstillfället")
    [moved] = (await world.get(f"/booking/v1/sessions/{made['id']}"))["occasions"]
    assert moved["starts_at"].startswith(f"{later}T10:00")
