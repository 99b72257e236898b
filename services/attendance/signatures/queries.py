"""Reading months: what is attested and what is signed of it. In the scope of the whole project."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, text

from services.attendance.signatures.rules import Item, Month
from shared.database.unit_of_work import Unit

# An id that ended stands for the person who remains, in seals and signatures alike.
OF_PEOPLE = text(
    """
    SELECT * FROM attested_lines
     WHERE participant_id = ANY (CAST(:people AS uuid[])) AND session_id = ANY (ARRAY(
           SELECT session_id FROM roll_entries
            WHERE participant_id = ANY (CAST(:people AS uuid[])) OR participant_id = ANY (ARRAY(
                  SELECT ended FROM merged_participants WHERE became = ANY (CAST(:people AS uuid[]))))))
    """
)
OF_MONTH = text(
    """
    SELECT * FROM attested_lines
     WHERE session_id = ANY (ARRAY(SELECT session_id FROM occasions WHERE starts_at >= :begin AND starts_at < :end))
       AND month = :month
    """
)
SIGNATURES = """
    SELECT sig.*, coalesce(merged.became, sig.participant_id) AS person,
           (SELECT jsonb_object_agg(item.occasion_id, item.minutes) FROM signed_items AS item
             WHERE item.signature_id = sig.id AND sig.ended_at IS NULL) AS items
      FROM signatures AS sig LEFT JOIN merged_participants AS merged ON merged.ended = sig.participant_id
"""
SIGNED_BY = text(
    f"{SIGNATURES} WHERE coalesce(merged.became, sig.participant_id) = ANY (CAST(:people AS uuid[])) "
    "ORDER BY sig.signed_at, sig.id"
)
SIGNED_IN = text(f"{SIGNATURES} WHERE sig.month = :month ORDER BY sig.signed_at, sig.id")
SIGNED_ON = """
    SELECT coalesce(merged.became, sig.participant_id) AS person, item.occasion_id, item.minutes
      FROM signed_items AS item JOIN signatures AS sig ON sig.id = item.signature_id AND sig.ended_at IS NULL
      LEFT JOIN merged_participants AS merged ON merged.ended = sig.participant_id
     WHERE item.session_id = ANY ($1)
"""
COLUMNS = tuple(Item.__dataclass_fields__)


async def months_of(unit: Unit, people: Collection[UUID]) -> dict[tuple[UUID, str], Month]:
    """Every month of people in which something is attested or was signed."""
    asked = {"people": sorted(people)}
    return _months(await unit.all(OF_PEOPLE, asked), await unit.all(SIGNED_BY, asked))


async def months_in(unit: Unit, month: str, begin: datetime, end: datetime) -> list[Month]:
    """Everybody's month, in order of their ids. `begin`, `end`: its first instant, and that of the next."""
    attested = await unit.all(OF_MONTH, {"month": month, "begin": begin, "end": end})
    found = _months(attested, await unit.all(SIGNED_IN, {"month": month}))
    return [found[key] for key in sorted(found)]


async def month_of(unit: Unit, person: UUID, month: str) -> Month:
    """One month of a person; nothing is in it when nothing was attested."""
    return (await months_of(unit, [person])).get((person, month), Month(person, month))


async def signed_on(unit: Unit, session_ids: Collection[UUID]) -> dict[UUID, dict[UUID, int]]:
    """The signed minutes of sessions, by person and occasion. Only in system scope."""
    found: defaultdict[UUID, dict[UUID, int]] = defaultdict(dict)
    for row in await unit.fetch(SIGNED_ON, sorted(session_ids)):
        found[row["person"]][row["occasion_id"]] = row["minutes"]
    return found


def _months(attested: Iterable[RowMapping], signatures: Iterable[RowMapping]) -> dict[tuple[UUID, str], Month]:
    items: defaultdict[tuple[UUID, str], list[Item]] = defaultdict(list)
    for row in attested:
        items[row["participant_id"], row["month"]].append(Item(**{name: row[name] for name in COLUMNS}))
    signed: defaultdict[tuple[UUID, str], list[RowMapping]] = defaultdict(list)
    for row in signatures:
        signed[row["person"], row["month"]].append(row)
    return {key: _month(key, items[key], signed[key]) for key in {*items, *signed}}


def _month(key: tuple[UUID, str], items: list[Item], signatures: list[RowMapping]) -> Month:
    """`signatures`: oldest first."""
    person, month = key
    in_order = tuple(sorted(items, key=lambda item: (item.starts_at, item.occasion_id)))
    if not signatures:
        return Month(person, month, in_order)
    last = signatures[-1]
    signed = {UUID(name): minutes for row in signatures for name, minutes in (row["items"] or {}).items()}
    voided = last["void_cause"] is not None
    return Month(person, month, in_order, signed, voided, last["id"], last["method"], last["signed_at"])
