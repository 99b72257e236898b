"""Attendance's pages in a large county: of a trainer, the project office, a municipality, and by a personal link."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import RowMapping, insert, text, update
from sqlmodel import col

from infra.bench.county import Pages, Size, made
from infra.bench.rolls import fill_rolls
from services.attendance.links.tables import Link
from services.attendance.surveys.tables import SurveyLink, SurveyRound
from shared.database.unit_of_work import Unit, Units
from shared.security.links import digest_of, new_token

ROLLS: Final = "/narvaro/listor"
PLACEMENTS: Final = "/narvaro/placeringar"
MANY: Final = 20
SESSIONS: Final = text(
    """
    SELECT session_id, state, ends_at < :now AS over, to_char(starts_at, 'YYYY-MM') AS month,
           (SELECT participant_id FROM roll_entries WHERE session_id = rolls.session_id LIMIT 1) AS person,
           (SELECT occasion_id FROM occasions WHERE session_id = rolls.session_id LIMIT 1) AS occasion
      FROM rolls WHERE :trainer = '' OR trainers @> ARRAY[CAST(:trainer AS text)] ORDER BY starts_at DESC
    """
)
CONFLICTS: Final = text(
    """
    SELECT id FROM conflicts JOIN rolls USING (session_id)
     WHERE :trainer = '' OR trainers @> ARRAY[CAST(:trainer AS text)] ORDER BY id LIMIT 20
    """
)
# Half of the pages are of people who have signed.
MONTHS: Final = text(
    """
    SELECT participant_id, max(month) AS month FROM attested_lines GROUP BY participant_id
     ORDER BY participant_id LIMIT 20
    """
)
WEEKS: Final = text("SELECT placement_id, min(week) AS week FROM weekly_notes GROUP BY 1 ORDER BY 1 LIMIT 20")


async def filled(units: Units, size: Size) -> dict[str, Pages]:
    async with units.system() as unit:
        await fill_rolls(unit, size)
    async with units.system() as unit:
        months = await unit.all(MONTHS)
        certificates: Pages = {
            "certificates": [f"/narvaro/intyg?month={one['month']}" for one in months],
            "certificates by name": [f"/narvaro/intyg?month={one['month']}&q=anna" for one in months],
        }
        return {
            "trainer": await _of_rolls(unit, str(made("trainer 1"))) | {"the phone's page": ["/narvaro/telefon"]},
            "coordinator": await _of_rolls(unit, "") | await _of_office(unit, months) | certificates,
            "municipality": certificates | {"placements": [PLACEMENTS]},
            "participant": await _by_link(unit, months),
        }


async def _of_rolls(unit: Unit, trainer: str) -> Pages:
    """`trainer`: whose sessions, empty for everybody's."""
    sessions = await unit.all(SESSIONS, {"now": unit.recorded_at, "trainer": trainer})
    conflicts = await unit.all(CONFLICTS, {"trainer": trainer})
    sealed = [one for one in sessions if one["state"] == "attested"][:MANY]
    to_seal = [f"{ROLLS}/{one['session_id']}" for one in sessions if one["over"] and one["state"] == "open"][:MANY]
    rolls = [f"{ROLLS}/{one['session_id']}" for one in sealed]
    return {
        "attendance today": ["/narvaro"],
        "rolls": [ROLLS],
        "rolls to attest": [f"{ROLLS}?state=to-attest"],
        "one roll": rolls,
        "marking a roll": [f"{one}/markera" for one in to_seal],
        "attesting a roll": [f"{one}/attestera" for one in to_seal],
        "correcting a roll": [
            f"{address}/ratta?participant_id={one['person']}&occasion_id={one['occasion']}"
            for address, one in zip(rolls, sealed, strict=True)
        ],
        "a roll's history": [f"{one}/historik" for one in rolls],
        "a roll on paper": [f"{one}/skriv-ut" for one in rolls],
        "a walk-in's presence": [f"{one}/oanmald/{made('came')}" for one in to_seal],
        "conflicts": ["/narvaro/konflikter"],
        "one conflict": [f"/narvaro/konflikter/{one['id']}" for one in conflicts],
    }


async def _of_office(unit: Unit, months: Sequence[RowMapping]) -> Pages:
    weeks = await unit.all(WEEKS)
    signed = "/narvaro/underskrifter"
    return {
        "signatures": [f"{signed}?month={one['month']}" for one in months],
        "one person's month": [f"{signed}/{one['month']}/{one['participant_id']}" for one in months],
        "one person's links": [f"/narvaro/lankar/{one['participant_id']}" for one in months],
        "surveys on paper": ["/narvaro/enkater"],
        "answers on paper": [f"/narvaro/enkater/{made('session 0')}"],
        "placements": [PLACEMENTS],
        "entering a placement": [f"{PLACEMENTS}/ny?q={begin}" for begin in ("anna", "berg", "nobody")],
        "one placement": [f"{PLACEMENTS}/{one['placement_id']}" for one in weeks],
        "one week": [f"{PLACEMENTS}/{one['placement_id']}/{one['week']}" for one in weeks],
        "a phone's file": ["/narvaro/telefon-fil"],
        "operation of attendance": ["/narvaro/drift"],
    }


async def _by_link(unit: Unit, months: Sequence[RowMapping]) -> Pages:
    tokens = [new_token() for _ in months]
    links = [
        {
            "id": unit.ids.uuid7(),
            "participant_id": one["participant_id"],
            "digest": digest_of(token),
            "made_at": unit.recorded_at,
            "made_by": "bench",
            "expires_at": unit.recorded_at + timedelta(days=30),
        }
        for one, token in zip(months, tokens, strict=True)
    ]
    await unit.execute(insert(Link), links)
    own = [(f"/min/{token}", one["month"]) for token, one in zip(tokens, months, strict=True)]
    return {
        "own page": [home for home, _ in own],
        "own month": [f"{home}/{month}" for home, month in own],
        "signing by code": [f"{home}/{month}/kod" for home, month in own],
        "answering a survey": [f"/enkat/{await _survey(unit)}"],
        "checking in": ["/incheckning"],
        "is it genuine?": [f"/intyg/{'0' * 64}"],
    }


async def _survey(unit: Unit) -> str:
    """A link to a survey that is open for a month more."""
    session, token = made("session 0"), new_token()
    asked = {"session_id": session, "survey": "participant"}
    of_session = col(SurveyRound.session_id) == session, col(SurveyRound.survey) == "participant"
    still_open = {"closes_at": unit.recorded_at + timedelta(days=30), "waiting": b""}
    await unit.execute(update(SurveyRound).where(*of_session).values(still_open))
    await unit.execute(insert(SurveyLink), asked | {"digest": digest_of(token), "answered": False})
    return token
