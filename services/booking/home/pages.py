"""The start page of each role, and the pages for everybody."""

from services.booking.catalogue.queries import setting_on
from services.booking.home import queries
from shared.clock import local_day
from shared.security.roles import ANY
from shared.web.admission import anybody
from shared.web.pages import View, page_router
from shared.web.routing import Role, Unit, allow

router = page_router()


@router.get("/")
async def home(unit: Unit = allow(*ANY, by=anybody)) -> View:
    """What needs whoever is signed in today."""
    if unit.role is Role.MUNICIPALITY:
        return View(
            "home/municipality.html",
            waiting=await queries.waiting(unit),
            away=await queries.away(unit),
            reserved=await queries.reserved(unit),
            walk_ins=await queries.walk_ins_to_identify(unit),
        )
    if unit.role is Role.COORDINATOR:
        coming, queues = await queries.coming(unit), await queries.queues(unit)
        return View("home/office.html", coming=coming, queues=queues, open=await queries.undecided(unit))
    return View("home/start.html")


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
