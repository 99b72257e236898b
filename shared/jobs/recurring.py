"""Work that comes again: one row in the table of jobs, which waits for the next run whenever one has ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import text

from shared.clock import STOCKHOLM, local_day
from shared.database.unit_of_work import Units
from shared.jobs.queue import beginner_of

# A pause that a new version has made shorter holds at once.
SCHEDULE = text(
    """
    INSERT INTO jobs (id, kind, state, done, total, owner, began, request, run_at, attempt, queued_at, recurring)
    VALUES (:id, :kind, 'queued', 0, 0, '', CAST(:began AS jsonb), '{}', :run_at, 0, :now, true)
    ON CONFLICT (id) DO UPDATE SET run_at = excluded.run_at
     WHERE jobs.state = 'queued' AND excluded.run_at < jobs.run_at
    """
)


class Recurrence(Protocol):
    """When the next run is due, after one that ended at `now`: what was missed meanwhile is one run."""

    def after(self, now: datetime) -> datetime: ...


@dataclass(frozen=True)
class Every:
    pause: timedelta

    def after(self, now: datetime) -> datetime:
        return now + self.pause


@dataclass(frozen=True)
class Daily:
    """At a time of day in Sweden; one that the clocks skip is the one an hour later."""

    at: time

    def after(self, now: datetime) -> datetime:
        today = local_day(now)
        return next(at for at in map(self._on, (today, today + timedelta(days=1))) if at > now)

    def _on(self, day: date) -> datetime:
        return datetime.combine(day, self.at, tzinfo=STOCKHOLM).astimezone(UTC)


async def schedule(units: Units, recurrences: Mapping[str, Recurrence]) -> None:
    """Enters each recurring job that has no row yet."""
    now = units.clock.now()
    async with units.system() as unit:
        for kind, recurrence in recurrences.items():
            row = {"id": uuid5(NAMESPACE_OID, kind), "kind": kind, "run_at": recurrence.after(now), "now": now}
            await unit.execute(SCHEDULE, {**row, "began": beginner_of(unit)})
