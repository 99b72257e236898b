"""What must hold before a report is issued, whoever counted: its figures agree with each other."""

from collections.abc import Iterable
from typing import Any

from services.reporting.reports.content import Content, flat
from services.reporting.reports.kinds.kind import ROWS
from services.reporting.reports.kinds.register import KINDS


def problems_of(content: Content) -> list[str]:
    """A sentence for each total that its parts do not add up to, in English (they are for the operator's log and for
    `verify`). Released figures are each rounded by itself, and add up to nothing.
    """
    if KINDS[content.order.kind].released:
        return []
    figures, stated = content.figures, content.cofinancing
    persons, participations = figures["unique_participants"], figures["participations"]
    totals = [
        ("unique_participants.by_gender", sum(persons["by_gender"].values()), persons["total"]),
        ("unique_participants.by_age", sum(persons["by_age"].values()), persons["total"]),
        ("participations.by_category", sum(participations["by_category"].values()), participations["total"]),
        ("participations.by_title", sum(participations["by_title"].values()), participations["total"]),
        ("participations.by_course", sum(participations["by_course"].values()), participations["total"]),
        (
            "sessions.cancelled_by_cause",
            sum(figures["sessions"]["cancelled_by_cause"].values()),
            figures["sessions"]["cancelled"],
        ),
        ("months", sum(month["attested"] for month in content.months), figures["minutes"]["attested"]),
    ]
    if content.order.municipality is None:
        nobodys = {"attested_minutes": stated["project"]["unmatched_minutes"]}
        totals += [
            (
                f"cofinancing {name}",
                sum(one[name] for one in stated["municipalities"]) + nobodys.get(name, 0),
                stated["project"][name],
            )
            for name in ("commitment_minutes", "attested_minutes", "claimable_minutes")
        ]
    totals += _of_lists(content)
    return [
        f"{name}: the parts sum to {parts}, the total says {total}" for name, parts, total in totals if parts != total
    ]


def _of_lists(content: Content) -> Iterable[tuple[str, Any, Any]]:
    numbers, adds_up = flat(content), KINDS[content.order.kind].adds_up
    for one in content.lists:
        for column, path in adds_up.get(one.name, {}).items():
            parts = len(one.rows) if column == ROWS else _sum(one.column(column))
            yield f"lists.{one.name} {column or 'rows'}", parts, numbers[path]


def _sum(values: Iterable[Any]) -> int | None:
    """None as soon as a part cannot be told: then its whole cannot either. What is no number adds nothing."""
    parts = list(values)
    return None if None in parts else sum(part for part in parts if isinstance(part, int))
