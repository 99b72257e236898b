"""The pages of demand as the office reads it: what is wished for, and the plan that follows."""

from services.booking.catalogue.queries import course_titles, municipality_names
from services.booking.fields import Term
from services.booking.planning.propose_plan import propose_plan
from services.booking.planning.queries import demands
from shared.web.pages import View, page_router
from shared.web.routing import Role, Unit, allow

router = page_router()


@router.get("/boka/behov/{term}/plan")
async def plan(term: Term, unit: Unit = allow(Role.COORDINATOR)) -> View:
    """The sessions that would give what is wished for, and what they do for each commitment."""
    return View(
        "plan_pages/plan.html",
        term=term,
        plan=await propose_plan(unit, term),
        demands=(await demands(unit, term)).items,
        courses=await course_titles(unit),
        municipalities=await municipality_names(unit),
    )
