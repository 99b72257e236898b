"""The order of a report, for tests that freeze one without a service."""

from dataclasses import replace
from typing import Any

from services.reporting.reports.content import Order

FIRST = Order(
    id="01936f2e-0000-7000-8000-000000000001",
    kind="progress",
    version=1,
    supersedes=None,
    period="2025",
    municipality=None,
    language="sv",
    texts={},
    created_at="2026-01-19T08:30:00Z",
    cut_off={"kursnav.attendance.v1": {"0": 3}},
)


def order(**changes: Any) -> Order:
    """The first report of 2025, changed so."""
    return replace(FIRST, **changes)
