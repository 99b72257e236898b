"""The start page of each role, and the pages for everybody."""

from datetime import timedelta

from services.booking.catalogue.queries import municipality_names, setting_on
from services.booking.home import queries
from shared.clock import local_day
from shared.security.roles import ANY
from shared.web.admission import anybody
from shared.web.pages import Done, View, page_router
from shared.web.pages.operations import ADDRESSES, NAMES
from shared.web.routing import Role, Unit, allow

router = page_router()

ELSEWHERE = {Role.TRAINER: "/narvaro", Role.FUNDER: "/uppfoljning", Role.EVALUATOR: "/uppfoljning"}
OPERATION = [(NAMES[service], address) for service, address in ADDRESSES.items()]
"""Each service, and where it says whether everything has arrived."""


@router.get("/")
async def home(unit: Unit = allow(*ANY, by=anybody)) -> View | Done:
    """What needs whoever is signed in today; whose work is another service's begins there."""
    if unit.role in ELSEWHERE:
        return Done(ELSEWHERE[unit.role])
    if unit.role is Role.MUNICIPALITY:
        return await _municipality(unit)
    if unit.role is Role.COORDINATOR:
        return await _office(unit)
    return View("home/operator.html" if unit.role is Role.OPERATOR else "home/start.html", operation=OPERATION)


async def _municipality(unit: Unit) -> View:
    away, today = await queries.away(unit), local_day(unit.recorded_at)
    return View(
        "home/municipality.html",
        waiting=await queries.waiting(unit),
        now=unit.recorded_at,
        away_today=[row for row in away if local_day(row["starts_at"]) <= today],
        away_later=[row for row in away if local_day(row["starts_at"]) > today],
        reserved=await queries.reserved(unit),
        walk_ins=await queries.walk_ins_to_identify(unit),
    )


async def _office(unit: Unit) -> View:
    coming, queues = await queries.coming(unit), await queries.queues(unit)
    undecided = await queries.undecided(unit)
    return View(
        "home/office.html",
        last_month=f"{local_day(unit.recorded_at).replace(day=1) - timedelta(days=1):%Y-%m}",
        soon=[row for row in coming if row["starts_at"] < unit.recorded_at + queries.SOON],
        without_trainer=len({row["id"] for row in coming if row["without_trainer"]}),
        too_few=len({row["id"] for row in coming if row["too_few"]}),
        waiting=sum(row["people"] for row in queues),
        walk_ins=undecided["walk_ins"],
        refused_mails=undecided["mails"],
        queues=queues,
        municipalities=await municipality_names(unit),
        operation=OPERATION,
    )


@router.get("/kurser")
async def courses(unit: Unit = allow(*ANY, by=anybody)) -> View:
    """The public list of coming sessions."""
    return View("home/courses.html", sessions=await queries.offered(unit))


@router.get("/tillganglighet")
async def accessibility(unit: Unit = allow(*ANY, by=anybody)) -> View:
    email = await setting_on(unit, "office_email", local_day(unit.recorded_at))
    return View("home/accessibility.html", office_email=email)


@router.get("/integritet")
async def privacy(unit: Unit = allow(*ANY, by=anybody)) -> View:
    return View("home/privacy.html")
