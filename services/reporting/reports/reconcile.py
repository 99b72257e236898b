"""What must hold before a report is issued: its figures agree with its rows and with each other.

The sums over the rows are computed here a second time, in the plainest way and without the code that makes the figures.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from services.reporting.reports.content import Content, Json
from services.reporting.reports.rows import InputRow
from shared.clock import local_day


def problems_of(content: Content, rows: Sequence[InputRow]) -> list[str]:
    """A sentence for each disagreement, in English (they are for the operator's log and for `verify`); empty when all
    agree.
    """
    problems = list(_sums(content))
    if content.order.municipality is None:
        problems += _against_rows(content, rows)
    return problems


def _sums(content: Content) -> Iterable[str]:
    """Parts add up to their totals."""
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
    return (
        f"{name}: the parts sum to {parts}, the total says {total}" for name, parts, total in totals if parts != total
    )


def _against_rows(content: Content, rows: Sequence[InputRow]) -> Iterable[str]:
    """Attested minutes, persons, participations and sessions, counted straight from the sealed rolls."""
    lines = list(_sealed_lines(rows))
    period, figures = content.period, content.figures
    inside = [(who, session, minutes) for who, session, day, minutes in lines if period.first <= day <= period.last]
    project = content.cofinancing["project"]
    counted = [
        ("minutes.attested", sum(minutes for _, _, minutes in inside), figures["minutes"]["attested"]),
        ("unique_participants.total", len({who for who, _, _ in inside}), figures["unique_participants"]["total"]),
        (
            "participations.total",
            len({(who, session) for who, session, _ in inside}),
            figures["participations"]["total"],
        ),
        (
            "cofinancing.project.attested_minutes",
            sum(minutes for _, _, day, minutes in lines if day <= period.last),
            project["attested_minutes"],
        ),
    ]
    return (
        f"{name}: the rows give {rows_give}, the report says {says}"
        for name, rows_give, says in counted
        if rows_give != says
    )


def _sealed_lines(rows: Sequence[InputRow]) -> Iterable[tuple[str, str, date, int]]:
    """(participant, session, local day, minutes) of every line with minutes on a sealed roll of a session that was
    not cancelled.
    """
    days: dict[tuple[str, str], date] = {}
    into: dict[str, str] = {}
    for row in rows:
        if row.kind == "sessions":
            days |= _days(row.value())
        elif row.kind == "merges":
            into[row.value()["participant_id"]] = row.value()["into"]
    for row in rows:
        if row.kind == "rolls":
            roll = row.value()
            for line in roll["lines"]:
                day = days.get((roll["session_id"], line["occasion_id"]))
                if day is not None and line["minutes"] > 0:
                    yield _one_of(into, line["participant_id"]), roll["session_id"], day, line["minutes"]


def _one_of(into: dict[str, str], participant: str) -> str:
    """The participant that this one became by merging, however many steps that took."""
    for _ in into:
        participant = into.get(participant, participant)
    return participant


def _days(session: Json) -> dict[tuple[str, str], date]:
    if session["cancelled"] or not session["occasions"]:
        return {}
    occasions: list[Any] = [*session["former"], *session["occasions"]]
    return {
        (session["session_id"], one["occasion_id"]): local_day(datetime.fromisoformat(one["starts_at"]))
        for one in occasions
    }
