"""A dry run of the statistics file: what the authority would send back, before anything is frozen."""

from dataclasses import asdict

from services.reporting.figures.asking import counting
from services.reporting.recompute.model import Facts
from services.reporting.reports.bodies import ReportBody, StatisticsCheckShown, ToFixShown
from services.reporting.reports.content import Json, Order
from services.reporting.reports.copy_state import state_at
from services.reporting.reports.freeze import content_from
from services.reporting.reports.kinds import statistics
from services.reporting.reports.order_report import check_order
from services.reporting.statistics_file.rules import ToFix
from shared.database.unit_of_work import Unit
from shared.web.problems import FieldError, invalid
from shared.workshop import Workshop


async def try_statistics_file(unit: Unit, body: ReportBody, workshop: Workshop) -> StatisticsCheckShown:
    """Raises 422 for another kind, and for what cannot be ordered."""
    if body.kind != statistics.NAME:
        sv, en = "Bara statistikfilen kan provas.", "Only the statistics file has a dry run."
        raise invalid(FieldError("/query/dry_run", "no-dry-run", sv, en))
    await check_order(unit, body)
    order = _order(unit, body)
    facts, stated = await state_at(unit, await counting(unit), order)
    faults = await workshop.run(_faults, order, facts, stated.given)
    return StatisticsCheckShown(
        template=stated.given["template"]["version"],
        ready=not faults,
        to_fix=[ToFixShown.model_validate(asdict(one)) for one in faults],
    )


def _faults(order: Order, facts: Facts, given: Json) -> list[ToFix]:
    return statistics.lacking(facts, content_from(order, facts, (), given))


def _order(unit: Unit, body: ReportBody) -> Order:
    return Order(
        id="",
        kind=body.kind,
        version=0,
        supersedes=None,
        period=body.period,
        municipality=body.municipality,
        language=body.language,
        texts={},
        created_at=unit.recorded_at.isoformat(),
        cut_off={},
    )
