"""Reading months: what is attested and what is signed of it. In the scope of the whole project."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from services.attendance.signatures.rules import Item, Month
from shared.database.transaction import Fetched
from shared.database.unit_of_work import Unit

# A month of everybody is thousands of lines: they come by the driver, as a person's do, and become items as they stand.
LINES = f"SELECT participant_id, month, {', '.join(Item._fields)} FROM attested_lines"  # noqa: S608
# An id that ended stands for the person who remains, in seals and signatures alike.
OF_PEOPLE = f"""
    {LINES}
     WHERE participant_id = ANY ($1) AND session_id = ANY (ARRAY(
           SELECT session_id FROM roll_entries
            WHERE participant_id = ANY ($1) OR participant_id = ANY (ARRAY(
                  SELECT ended FROM merged_participants WHERE became = ANY ($1)))))
"""  # noqa: S608
OF_MONTH = f"""
    {LINES}
     WHERE session_id = ANY (ARRAY(SELECT session_id FROM occasions WHERE starts_at >= $2 AND starts_at < $3))
       AND month = $1
"""  # noqa: S608
SIGNATURES = """
    SELECT coalesce(merged.became, sig.participant_id) AS person, sig.month, sig.id, sig.method, sig.signed_at,
           sig.void_cause, item.occasions, item.minutes
      FROM signatures AS sig LEFT JOIN merged_participants AS merged ON merged.ended = sig.participant_id
      LEFT JOIN LATERAL (SELECT array_agg(occasion_id) AS occasions, array_agg(minutes) AS minutes FROM signed_items
                          WHERE signature_id = sig.id AND sig.ended_at IS NULL) AS item ON true
"""
SIGNED_BY = f"""
    {SIGNATURES} WHERE coalesce(merged.became, sig.participant_id) = ANY ($1) ORDER BY sig.signed_at, sig.id
"""
SIGNED_IN = f"{SIGNATURES} WHERE sig.month = $1 ORDER BY sig.signed_at, sig.id"
SIGNED_ON = """
    SELECT coalesce(merged.became, sig.participant_id) AS person, item.occasion_id, item.minutes
      FROM signed_items AS item JOIN signatures AS sig ON sig.id = item.signature_id AND sig.ended_at IS NULL
      LEFT JOIN merged_participants AS merged ON merged.ended = sig.participant_id
     WHERE item.session_id = ANY ($1)
"""


async def months_of(unit: Unit, people: Collection[UUID]) -> dict[tuple[UUID, str], Month]:
    """Every month of people in which something is attested or was signed."""
    asked = sorted(people)
    return _months(await unit.fetch(OF_PEOPLE, asked), await unit.fetch(SIGNED_BY, asked))


async def months_in(unit: Unit, month: str, begin: datetime, end: datetime) -> list[Month]:
    """Everybody's month, in order of their ids. `begin`, `end`: its first instant, and that of the next."""
    attested = await unit.fetch(OF_MONTH, month, begin, end)
    found = _months(attested, await unit.fetch(SIGNED_IN, month))
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


def _months(attested: Fetched, signatures: Fetched) -> dict[tuple[UUID, str], Month]:
    items: defaultdict[tuple[UUID, str], list[Item]] = defaultdict(list)
    for row in attested:
        person, month, *item = row.values()
        items[person, month].append(Item(*item))
    signed: defaultdict[tuple[UUID, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in signatures:
        signed[row["person"], row["month"]].append(row)
    return {key: _month(key, items[key], signed[key]) for key in {*items, *signed}}


def _month(key: tuple[UUID, str], items: list[Item], signatures: list[Mapping[str, Any]]) -> Month:
    """`signatures`: oldest first."""
    person, month = key
    in_order = tuple(sorted(items, key=lambda item: (item.starts_at, item.occasion_id)))
    if not signatures:
        return Month(person, month, in_order)
    last = signatures[-1]
    signed: dict[UUID, int] = {}
    for row in signatures:
        signed.update(zip(row["occasions"] or (), row["minutes"] or (), strict=True))
    voided = last["void_cause"] is not None
    return Month(person, month, in_order, signed, voided, last["id"], last["method"], last["signed_at"])
