"""The page of co-financing: the hours attended against the hours promised; booking's start page shows it as a part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.reporting.figures.asking import counting
from services.reporting.figures.cofinancing import cofinancing
from shared.clock import local_day
from shared.database.unit_of_work import Unit
from shared.security.roles import Role
from shared.web.pages import View, page_router
from shared.web.routing import allow

router = page_router()


def worst_first(municipalities: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Whoever will lack most of the promise on top; who may not be told last."""

    def outlook(one: dict[str, Any]) -> tuple[bool, float]:
        end = one["forecast"]["at_end"]
        return end is None, end or 0.0

    return sorted(municipalities, key=outlook)


@router.get("/uppfoljning/atagande")
async def attainment(unit: Unit = allow(Role.MUNICIPALITY, Role.COORDINATOR, Role.FUNDER)) -> View:
    """A municipality's own hours; to the others everybody's."""
    today = local_day(unit.clock.now())
    table = await cofinancing(unit, await counting(unit), None, today)
    rows = [one for one in worst_first(table["municipalities"]) if unit.municipality in (None, one["code"])]
    return View("figures/attainment.html", rows=rows, project=table["project"], today=today)
