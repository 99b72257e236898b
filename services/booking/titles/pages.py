"""The page of the differentiation model. It is replaced as a whole, by the API."""

from services.booking.catalogue.queries import course_titles
from services.booking.titles import queries
from shared.web.pages import View, page_router
from shared.web.routing import ANY, Unit, allow

router = page_router()


@router.get("/boka/titlar")
async def title_list(unit: Unit = allow(*ANY)) -> View:
    """Titles in the model's order, with the courses that each asks for."""
    titles, _revision = await queries.titles(unit)
    return View("titles/list.html", titles=titles, course_titles=await course_titles(unit))
