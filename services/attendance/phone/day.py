"""A trainer's rolls of a day, as a phone takes them along into a place without network."""

import json
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from services.attendance.check_in.rules import PERIOD_SECONDS
from services.attendance.check_in.seeds import seeds_of
from services.attendance.check_in.seeds import shown as seed_shown
from services.attendance.phone.bodies import CheckInShown, DayRollShown, DayShown
from services.attendance.rolls.bodies import PersonOnRollShown, RollShown
from services.attendance.rolls.lock import ATTESTED
from services.attendance.rolls.shown import rolls_shown
from shared.clock import day_end, day_start, local_day
from shared.database.unit_of_work import Unit
from shared.web.etags import etag

ROLLS = """
    SELECT * FROM rolls WHERE trainers && CAST($1 AS text[]) AND NOT cancelled AND EXISTS (
           SELECT FROM occasions WHERE occasions.session_id = rolls.session_id AND NOT dropped
              AND occasions.starts_at >= $2 AND occasions.starts_at < $3)
     ORDER BY starts_at, session_id
"""
# Of whom somebody else teaches now nothing but the id is told. `over`: whoever teaches it. On which of a day's rolls
# somebody was erased is known with their people: asked here it read the whole county's once for each roll.
FORGET = """
    SELECT * FROM (
        SELECT session_id, trainers, CAST(former_trainers AS text) AS former,
               state = 'attested' OR cancelled
               OR NOT EXISTS (SELECT FROM occasions WHERE occasions.session_id = rolls.session_id AND NOT dropped
                                 AND occasions.starts_at >= $2 AND occasions.starts_at < $3) AS over
          FROM rolls
         WHERE (trainers && CAST($1 AS text[]) OR jsonb_exists_any(former_trainers, CAST($1 AS text[])))
           AND EXISTS (SELECT FROM occasions WHERE occasions.session_id = rolls.session_id
                          AND occasions.starts_at >= $2 AND occasions.starts_at < $3)) AS roll
     WHERE over OR former <> '{}'
"""


async def days_of(unit: Unit, trainers: Collection[UUID], day: date, language: str) -> dict[UUID, DayShown]:
    """What the phones of trainers need of a local day, and what they have to forget of it: read for all of them."""
    asked = sorted({str(trainer) for trainer in trainers})
    span = asked, day_start(day), day_end(day)
    async with unit.as_system():
        rolls = await unit.fetch(ROLLS, *span)
        seeds = await seeds_of(unit, {roll["session_id"] for roll in rolls})
        forget = await unit.fetch(FORGET, *span)
        shown = await rolls_shown(unit, rolls, language)
    days = [(roll, _roll(roll, one, seeds, day)) for roll, one in zip(rolls, shown.rolls, strict=True)]
    found = {}
    for trainer in trainers:
        own = [one for roll, one in days if str(trainer) in roll["trainers"]]
        over = {row["session_id"] for row in forget if _forgets(row, str(trainer))}
        over.update(one.session_id for one in own if one.session_id in shown.erased)
        found[trainer] = DayShown(server_time=unit.recorded_at, trainer_id=trainer, rolls=own, forget=sorted(over))
    return found


def _forgets(roll: Mapping[str, Any], trainer: str) -> bool:
    if trainer in roll["trainers"]:
        return bool(roll["over"])
    return trainer in json.loads(roll["former"])


def _roll(roll: Mapping[str, Any], shown: RollShown, seeds: dict[UUID, bytes], day: date) -> DayRollShown:
    attested = roll["state"] == ATTESTED
    people = [_nameless(person) for person in shown.people] if attested else shown.people
    today = [one.occasion_id for one in shown.occasions if local_day(one.starts_at) == day and not attested]
    return DayRollShown(
        **{**dict(shown), "people": people},
        course_title=roll["course_title"],
        venue=roll["venue"],
        etag=etag(roll["roll_version"]),
        check_in=[
            CheckInShown(occasion_id=one, seed=seed_shown(seeds[one]), period_seconds=PERIOD_SECONDS) for one in today
        ],
    )


def _nameless(person: PersonOnRollShown) -> PersonOnRollShown:
    return person.model_copy(update={"name": None, "support_needs": []})
