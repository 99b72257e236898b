"""The pages of walk-ins: who came without being registered is taken in, and identified."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from services.booking.catalogue.queries import municipality_names
from services.booking.registrations.preview import MOST, prospects, where_to_begin
from services.booking.sessions.queries import find_session
from services.booking.staff.queries import workplaces
from services.booking.staff.vault import TheVault
from services.booking.walk_ins.bodies import IdentifyBody, WalkInBody
from services.booking.walk_ins.identify import identify
from services.booking.walk_ins.problems import nobody_named, staff_missing
from services.booking.walk_ins.queries import to_identify, walk_in_row, walk_in_shown
from services.booking.walk_ins.take_in import ensure_own, take_in
from shared.web.fields import Line
from shared.web.pages import Done, View, _, page_router
from shared.web.routing import Role, Unit, allow

router = page_router()

LIST = "/boka/oanmalda"
ONE = f"{LIST}/{{walk_in}}"
NEW = "/boka/kurstillfallen/{session}/oanmald"
PRESENCE = "/narvaro/listor/{}/oanmald/{}"


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


@router.get(NEW)
async def who_came(session: UUID, unit: Unit = allow(Role.TRAINER, Role.COORDINATOR)) -> View:
    """Step 1: who is it? Whether the person was there is attendance's, which asks next."""
    await ensure_own(unit, session)
    return View(
        "walk_ins/new.html",
        session=(await find_session(unit, session)).shown,
        walk_in_id=unit.ids.uuid7(),
        municipalities=await municipality_names(unit),
    )


@router.post(NEW)
async def enter_who_came(
    session: UUID, body: WalkInBody, vault: TheVault, unit: Unit = allow(Role.TRAINER, Role.COORDINATOR)
) -> Done:
    if not (body.personal_number or body.name):
        raise nobody_named()
    await take_in(unit, vault, session, body)
    on_behalf_of = f"?municipality={body.municipality}" if body.municipality else ""
    return Done(PRESENCE.format(session, body.walk_in_id) + on_behalf_of)
