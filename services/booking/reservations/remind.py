"""Which reservations are to be reminded of: once each, 72 hours before their names are due."""

from collections.abc import Sequence

from sqlalchemy import RowMapping, text

from shared.database.unit_of_work import Unit

# Not of what was entered afterwards, nor of what was held so late that the deadline was plain.
DUE = text(
    """
    UPDATE reservations SET reminded_at = :now
     WHERE state = 'open' AND reminded_at IS NULL AND reserved_at = entered_at
       AND :now >= name_by - interval '72 hours' AND :now < name_by AND reserved_at < name_by - interval '72 hours'
    RETURNING id, session_id, municipality, seats - named AS held, name_by
    """
)


async def take_due_reminders(unit: Unit) -> Sequence[RowMapping]:
    """The reservations whose municipalities are to be reminded now: each is returned by one transaction only.

    Whoever takes them sends the reminders in the same transaction, as a job. Only in system scope.
    """
    return await unit.all(DUE, {"now": unit.recorded_at})
