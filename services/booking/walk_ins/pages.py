"""The pages of walk-ins: those who came without being registered, to be identified."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from services.booking.catalogue.queries import municipality_names
from services.booking.registrations.preview import MOST, prospects, where_to_begin
from services.booking.sessions.queries import find_session
from services.booking.staff.queries import workplaces
from services.booking.walk_ins.bodies import IdentifyBody
from services.booking.walk_ins.identify import identify
from services.booking.walk_ins.problems import staff_missing
from services.booking.walk_ins.queries import to_identify, walk_in_row, walk_in_shown
from shared.web.fields import Line
from shared.web.pages import Done, View, _, page_router
from shared.web.routing import Role, Unit, allow

router = page_router()

LIST = "/boka/oanmalda"
ONE = f"{LIST}/{{walk_in}}"


@router.get(LIST)
async def walk_ins(unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)) -> View:
    """Who is to be identified, the latest last."""
    return View("walk_ins/list.html", walk_ins=await to_identify(unit), municipalities=await municipality_names(unit))


@router.get(ONE)
async def choose_person(
    walk_in: UUID,
    workplace: Line | None = None,
    q: Line | None = None,
    *,
    request: Request,
    unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR),
) -> View | Response:
    """Who was it? Whoever is employed that day, registered or not; at first of the workplace chosen from last."""
    if elsewhere := await where_to_begin(unit, request):
        return elsewhere
    shown = walk_in_shown(await walk_in_row(unit, walk_in))
    people = await prospects(unit, shown.session, municipality=shown.municipality, workplace=workplace, begins_with=q)
    return View(
        "walk_ins/one.html",
        walk_in=shown,
        session=(await find_session(unit, shown.session)).shown,
        people=people,
        workplaces=await workplaces(unit),
        most=len(people) == MOST,
    )


@router.get(f"{ONE}/kontrollera")
async def check_person(walk_in: UUID, staff: UUID, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)) -> View:
    """What will happen, before it does."""
    shown = walk_in_shown(await walk_in_row(unit, walk_in))
    people = await prospects(unit, shown.session, staff=[staff])
    if not people:
        raise staff_missing()
    session = (await find_session(unit, shown.session)).shown
    return View("walk_ins/check.html", walk_in=shown, session=session, person=people[0])


@router.post(f"{ONE}/kontrollera")
async def settle(walk_in: UUID, body: IdentifyBody, unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR)) -> Done:
    await identify(unit, walk_in, body.staff)
    return Done(LIST, _("The presence has found its person."))
