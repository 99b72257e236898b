"""A trainer's rolls of a day, as a phone takes them along into a place without network."""

from datetime import date
from uuid import UUID

from sqlalchemy import RowMapping, text

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

ROLLS = text(
    """
    SELECT * FROM rolls WHERE NOT cancelled AND EXISTS (
           SELECT FROM occasions WHERE occasions.session_id = rolls.session_id AND NOT dropped
              AND occasions.starts_at >= :begin AND occasions.starts_at < :end)
     ORDER BY starts_at, session_id
    """
)
FORGET = text(
    """
    SELECT session_id FROM rolls
     WHERE (:trainer = ANY (trainers) OR jsonb_exists(former_trainers, :trainer))
       AND EXISTS (SELECT FROM occasions WHERE occasions.session_id = rolls.session_id
                      AND occasions.starts_at >= :begin AND occasions.starts_at < :end)
       AND (state = 'attested' OR cancelled OR NOT :trainer = ANY (trainers)
            OR NOT EXISTS (SELECT FROM occasions WHERE occasions.session_id = rolls.session_id AND NOT dropped
                              AND occasions.starts_at >= :begin AND occasions.starts_at < :end)
            OR EXISTS (SELECT FROM people_on_rolls AS person
                        WHERE person.session_id = rolls.session_id AND person.erased))
     ORDER BY session_id
    """
)


async def day_of(unit: Unit, day: date, language: str) -> DayShown:
    """What a trainer's phone needs of a local day, and what it has to forget of it."""
    assert unit.trainer_id is not None, "the route lets trainers in"
    span = {"begin": day_start(day), "end": day_end(day)}
    rolls = await unit.all(ROLLS, span)
    seeds = await seeds_of(unit, {roll["session_id"] for roll in rolls})
    async with unit.as_system():  # of whom somebody else teaches now nothing but the id is told
        forget = await unit.all(FORGET, {**span, "trainer": str(unit.trainer_id)})
    return DayShown(
        server_time=unit.recorded_at,
        trainer_id=unit.trainer_id,
        rolls=[
            _roll(roll, shown, seeds, day)
            for roll, shown in zip(rolls, await rolls_shown(unit, rolls, language), strict=True)
        ],
        forget=[row["session_id"] for row in forget],
    )


def _roll(roll: RowMapping, shown: RollShown, seeds: dict[UUID, bytes], day: date) -> DayRollShown:
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
