"""Reports of a story without a database: what SQL would answer is said by the recomputation."""

from services.reporting.recompute.cofinancing import cofinancing
from services.reporting.recompute.figures import figures
from services.reporting.recompute.model import Facts
from services.reporting.recompute.narrow import narrowed
from services.reporting.reports.content import Json, Order
from services.reporting.reports.copy_state import Stated, of_report
from services.reporting.reports.freeze import Frozen, content_from, freeze
from services.reporting.reports.kinds.register import KINDS
from services.reporting.reports.periods import period_of


def stated(order: Order, facts: Facts, given: Json | None = None) -> Stated:
    """What SQL answers of these facts."""
    period = period_of(order.period, facts.project.period)
    content = content_from(order, facts, (), given or {})
    answered = content.figures if KINDS[order.kind].released else figures(facts, period.days, order.municipality)
    return Stated(
        figures={"suppressed": [], **answered, "cut_off": content.order.cut_off},
        cofinancing=of_report(cofinancing(facts, period.last, order.day), order.municipality),
        months=content.months,
        given=given or {},
    )


def frozen(order: Order, facts: Facts, given: Json | None = None) -> Frozen:
    """The report of these facts, of which it takes those of its days."""
    period = period_of(order.period, facts.project.period).days
    return freeze(order, narrowed(facts, period, order.day), stated(order, facts, given))
