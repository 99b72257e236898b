"""How long the reports of a county's year take, and of them the PDF and the JSON."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from infra.bench import years
from infra.bench.databases import reporting_units
from services.reporting.recompute.model import Facts
from services.reporting.reports.content import Order
from services.reporting.reports.copy_state import Stated, copy_state
from services.reporting.reports.formats.render_json import render_json
from services.reporting.reports.formats.render_pdf import render_pdf
from services.reporting.reports.frame import present
from services.reporting.reports.freeze import freeze
from shared.workshop import Workshop

KINDS: Final = ("progress", "participants", "attendance-certificates")
"""One that sums up, and those with a line for everybody, and for everybody's months."""


@dataclass(frozen=True)
class Rendered:
    """Seconds for all of a report (rows copied, counted twice, five files), and for its PDF and its JSON alone."""

    kind: str
    whole: float
    pdf: float
    json: float
    pdf_megabytes: float


async def reports_of_a_year(admin_url: str) -> list[Rendered]:
    """A year of 1,834 people in a database of its own. Raises DoesNotReconcile."""
    workshop = Workshop()
    try:
        async with reporting_units(admin_url, "reports") as units:
            await years.fill(units, 1)
            found = []
            for kind in KINDS:
                order = Order("bench", kind, 1, None, str(years.LAST_YEAR), None, "sv", {}, "2026-01-01T08:00:00Z", {})
                began = time.perf_counter()
                facts, stated = await copy_state(units, order)
                copied = time.perf_counter() - began
                found.append(await workshop.run(_rendered, order, facts, stated, copied))
            return found
    finally:
        workshop.close()


def _rendered(order: Order, facts: Facts, stated: Stated, copied: float) -> Rendered:
    """In a process of its own, as the service's job makes it."""
    began = time.perf_counter()
    frozen = freeze(order, facts, stated)
    whole = copied + time.perf_counter() - began
    shown, began = present(frozen.content), time.perf_counter()
    pdf = render_pdf(frozen.content, shown)
    between = time.perf_counter()
    render_json(frozen.content)
    ended = time.perf_counter()
    return Rendered(order.kind, whole, between - began, ended - between, len(pdf) / 2**20)
