"""Freezing: from an order and facts to a report that never changes. Pure: the same rows give the same bytes in every
format.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import zip_longest
from typing import Final

from services.reporting.recompute import model
from services.reporting.recompute.cofinancing import cofinancing
from services.reporting.recompute.figures import figures, timestamp
from services.reporting.recompute.ledger import Selection, ledger_of, within
from services.reporting.recompute.minutes import total
from services.reporting.recompute.model import FIGURES_VERSION
from services.reporting.reports.content import Content, Json, Order, flat
from services.reporting.reports.copy_state import Stated, of_report
from services.reporting.reports.formats.render_csv import render_csv
from services.reporting.reports.formats.render_html import render_html
from services.reporting.reports.formats.render_json import render_json
from services.reporting.reports.formats.render_pdf import render_pdf
from services.reporting.reports.formats.render_xlsx import CreditedMinutes, render_xlsx
from services.reporting.reports.frame import present
from services.reporting.reports.kinds.kind import attested
from services.reporting.reports.kinds.register import KINDS
from services.reporting.reports.periods import Period, period_of
from services.reporting.reports.reconcile import problems_of
from services.reporting.reports.rows import InputRow, facts_of, hash_of, rows_of

RULE_SETTINGS: Final = ("breaks", "illness_neutral", "rounding", "signature_required", "unit_cost")
"""The project's dated settings that decide figures."""


@dataclass(frozen=True)
class Frozen:
    """A finished report: content, the rows it rests on, and its files by format (`pdf`, …)."""

    content: Content
    rows: tuple[InputRow, ...]
    files: Mapping[str, bytes]


class DoesNotReconcile(Exception):
    """The figures do not agree with the rows: the report must not be issued. `problems` says where."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


def freeze(order: Order, facts: model.Facts, stated: Stated) -> Frozen:
    """Computes again, checks and renders a report. Raises DoesNotReconcile, also where SQL and rows do not agree."""
    rows = rows_of(facts)
    order = replace(order, cut_off=stated.figures["cut_off"])
    as_of = stated.figures["data_as_of"]
    facts = facts_of(rows, order.cut_off, datetime.fromisoformat(as_of) if as_of else None)  # as they will be read
    recomputed = content_from(order, facts, rows, stated.given)
    content = answered(recomputed, stated)
    problems = [*disagreements(content, recomputed), *problems_of(content)]
    if problems:
        raise DoesNotReconcile(problems)
    return Frozen(content, rows, render(content, facts))


def frozen_or_reason(order: Order, facts: model.Facts, stated: Stated) -> Frozen | str:
    """Runs in the pool. What goes wrong comes back as its reason: the same facts would fail the same way again."""
    try:
        return freeze(order, facts, stated)
    except DoesNotReconcile as error:
        return f"does not reconcile: {error}"
    except Exception as error:
        return f"cannot be built: {type(error).__name__}: {error}"


def answered(content: Content, stated: Stated) -> Content:
    """The content with SQL's answers in the place of the recomputation's; of a released one, its figures."""
    if KINDS[content.order.kind].released:
        return replace(content, figures=stated.figures)
    attested = {one["month"]: one["attested"] for one in stated.months}
    months = [one | {"attested": attested.get(one["month"], 0)} for one in content.months]
    return replace(content, figures=stated.figures, cofinancing=stated.cofinancing, months=months)


def disagreements(content: Content, recomputed: Content) -> list[str]:
    """Where the recomputation from the rows says another number."""
    says, gives = flat(content), flat(recomputed)
    different = sorted(path for path in says.keys() | gives.keys() if says.get(path) != gives.get(path))
    return [
        *(f"{path}: the rows give {gives.get(path)}, the report says {says.get(path)}" for path in different),
        *_listed_otherwise(content, recomputed),
    ]


def _listed_otherwise(content: Content, recomputed: Content) -> Iterable[str]:
    says, gives = ({one.name: one for one in each.lists} for each in (content, recomputed))
    for name in sorted(says.keys() | gives.keys()):
        if name not in says or name not in gives or says[name].columns != gives[name].columns:
            yield f"lists.{name}: the rows give another list"
            continue
        pairs = zip_longest(says[name].rows, gives[name].rows)
        yield from (
            f"lists.{name}, row {number}: the rows give {gives_}, the report says {says_}"
            for number, (says_, gives_) in enumerate(pairs, 1)
            if says_ != gives_
        )


def content_from(order: Order, facts: model.Facts, rows: Sequence[InputRow], given: Json) -> Content:
    """The content that rows, read as facts, give, whoever computes it and whenever."""
    kind = KINDS[order.kind]
    exact = _figures_from(order, facts, rows, given)
    exact = replace(exact, lists=kind.lists(facts, exact))
    return kind.release(facts, exact) if kind.release else exact


def _figures_from(order: Order, facts: model.Facts, rows: Sequence[InputRow], given: Json) -> Content:
    period = period_of(order.period, facts.project.period)
    today = order.day if facts.rules > 2 else period.last
    return Content(
        order=order,
        data_as_of=timestamp(facts.data_as_of),
        rule_versions=_rules(facts.project, period),
        row_count=len(rows),
        rows_hash=hash_of(rows),
        figures=figures(facts, period.days, order.municipality),
        cofinancing=of_report(cofinancing(facts, period.last, today), order.municipality),
        months=[
            {"month": month.written, "attested": _attested(facts, month, order.municipality)}
            for month in period.months()
        ],
        names=_names(facts),
        given=given,
    )


def render(content: Content, facts: model.Facts) -> dict[str, bytes]:
    """The files of a report, by format."""
    shown = present(content)
    return {
        "html": render_html(shown),
        "pdf": render_pdf(content, shown),
        "xlsx": render_xlsx(content, shown, credited_minutes(content, facts)),
        "csv": render_csv(content),
        "json": render_json(content),
    }


def credited_minutes(content: Content, facts: model.Facts) -> list[CreditedMinutes] | None:
    """The attested rows of the report's period, where its kind shows them."""
    if not KINDS[content.order.kind].with_occasions:
        return None
    return [
        CreditedMinutes(
            row.day,
            row.session.course,
            row.session.session_id,
            row.occasion.occasion_id,
            row.participant_id,
            row.municipality,
            row.minutes,
        )
        for row in attested(facts, content)
    ]


def _attested(facts: model.Facts, month: Period, municipality: str | None) -> int:
    return total(within(ledger_of(facts).attested, month.days, Selection(municipality)))


def _rules(project: model.Project, period: Period) -> Json:
    """The version of the figures' rules, and each setting that was in force on some day of the period."""
    rules: Json = {"figures": FIGURES_VERSION}
    for key in RULE_SETTINGS:
        dated = sorted(
            (one for one in project.settings if one.key == key and one.valid_from <= period.last),
            key=lambda one: one.valid_from,
        )
        before = [one for one in dated if one.valid_from <= period.first]
        in_force = before[-1:] + [one for one in dated if one.valid_from > period.first]
        if in_force:
            rules[key] = [{"value": one.value, "valid_from": one.valid_from.isoformat()} for one in in_force]
    return rules


def _names(facts: model.Facts) -> Json:
    return {
        "project": facts.project.name,
        "courses": {one.code: one.title for one in facts.courses},
        "municipalities": {one.code: one.name for one in facts.municipalities},
    }
