"""The attendance certificates: every person's month with its hours, and the occasions that they come from."""

from collections.abc import Sequence

from services.reporting.days import Period
from services.reporting.recompute.ledger import Attended, Ledger, Selection, ledger_of
from services.reporting.recompute.minutes import claimable, total
from services.reporting.recompute.model import Facts
from services.reporting.reports.content import Content
from services.reporting.reports.kinds.kind import Kind, attested
from services.reporting.reports.kinds.persons import employers
from services.reporting.reports.listed import PARTICIPANT, Column, Listed
from services.reporting.reports.sections.delivery import attested_hours
from services.reporting.reports.words import Words

MONTHS, OCCASIONS = "months", "occasions"
Month = tuple[str, str, str]
"""Participant, month, employer."""


def lists(facts: Facts, content: Content) -> tuple[Listed, ...]:
    words, ledger = Words(content.order.language), ledger_of(facts)
    rows = sorted(attested(facts, content), key=_in_order)
    return _months(ledger, content, words, rows), _occasions(content, words, rows)


def _months(ledger: Ledger, content: Content, words: Words, rows: Sequence[Attended]) -> Listed:
    months: dict[Month, list[Attended]] = {}
    for row in rows:
        months.setdefault((row.participant_id, f"{row.day:%Y-%m}", row.municipality), []).append(row)
    columns = (
        Column(PARTICIPANT, words("participant"), "id"),
        Column("month", words("by_month")),
        Column("municipality", words("municipality")),
        Column("occasions", words("occasions"), "count"),
        Column("minutes", words("attested_time"), "minutes"),
        Column("signed", words("signed_time"), "minutes"),
        Column("claimable", words("claimable_time"), "minutes"),
    )
    found = tuple(
        (who, month, employers(content, [code]), len(theirs), *_minutes(ledger, content.period.days, theirs))
        for (who, month, code), theirs in sorted(months.items())
    )
    return Listed(MONTHS, words("list.months"), columns, found)


def _minutes(ledger: Ledger, period: Period, rows: Sequence[Attended]) -> tuple[int, int, int | None]:
    signed = sum(row.minutes for row in rows if row.signed == row.minutes)
    return total(rows), signed, claimable(ledger, rows, period, Selection())[1]


def _occasions(content: Content, words: Words, rows: Sequence[Attended]) -> Listed:
    columns = (
        Column(PARTICIPANT, words("participant"), "id"),
        Column("date", words("date"), "date"),
        Column("course", words("by_course")),
        Column("municipality", words("municipality")),
        Column("minutes", words("attested_time"), "minutes"),
        Column("signed", words("signed")),
    )
    courses = content.names["courses"]
    found = tuple(
        (
            row.participant_id,
            row.day.isoformat(),
            str(courses.get(row.session.course, row.session.course)),
            employers(content, [row.municipality]),
            row.minutes,
            words("yes" if row.signed == row.minutes else "no"),
        )
        for row in rows
    )
    return Listed(OCCASIONS, words("list.occasions"), columns, found)


def _in_order(row: Attended) -> tuple[str, ...]:
    return row.participant_id, row.occasion.starts_at.isoformat(), row.occasion.occasion_id


KIND = Kind(
    "attendance-certificates",
    (attested_hours,),
    lists=lists,
    adds_up={
        MONTHS: {"minutes": "minutes.attested", "claimable": "minutes.claimable"},
        OCCASIONS: {"minutes": "minutes.attested"},
    },
)
