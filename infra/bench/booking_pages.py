"""Booking's pages in a large county: what a municipality, the project office and a trainer open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from infra.bench.county import LARGE, Pages, Size, coming_term, fill, made
from shared.clock import local_day
from shared.database.unit_of_work import Unit, Units

SESSION, STAFF, REGISTRATIONS = "/boka/kurstillfallen", "/boka/personal", "/boka/anmalningar"
COMING: Final = """
    SELECT id FROM sessions WHERE starts_at > :now AND state = 'scheduled' ORDER BY starts_at, id LIMIT 20
"""
QUEUES: Final = """
    SELECT id FROM sessions s WHERE starts_at > :now AND EXISTS (SELECT FROM waiting_entries WHERE session_id = s.id)
     ORDER BY starts_at, id LIMIT 20
"""
REGISTERED: Final = """
    SELECT r.id, r.staff_id, r.participant_id FROM registrations r JOIN sessions s ON s.id = r.session_id
     WHERE s.starts_at > :now AND r.status = 'confirmed' AND r.municipality = :large
     ORDER BY s.starts_at, r.id LIMIT 20
"""
RESERVED: Final = "SELECT id FROM reservations WHERE municipality = :large ORDER BY name_by, id LIMIT 20"
CAME: Final = "SELECT id FROM walk_ins ORDER BY came_at DESC, id LIMIT 20"
BLACKOUTS: Final = "SELECT id FROM blackouts WHERE municipality = :large ORDER BY from_day"
COURSES: Final = "SELECT id FROM courses ORDER BY code"


async def filled(units: Units, size: Size) -> dict[str, Pages]:
    async with units.system() as unit:
        await fill(unit, size)
    async with units.system() as unit:
        coming = [f"{SESSION}/{one}" for one in await _ids(unit, COMING)]
        shared = await _of_both(unit, coming)
        return {
            "municipality": shared | _of_municipality(),
            "coordinator": shared | await _of_office(unit, coming),
            "trainer": {"somebody came": [f"{SESSION}/{made('session 1')}/oanmald"]},
        }


async def _of_both(unit: Unit, coming: Sequence[str]) -> Pages:
    return (
        _of_sessions(coming)
        | await _of_registrations(unit)
        | await _of_seats(unit, coming)
        | _of_everybody(coming_term(local_day(unit.recorded_at)))
    )


def _of_everybody(term: str) -> Pages:
    return {
        "home": ["/"],
        "courses for everybody": ["/kurser"],
        "courses": ["/boka/kurser"],
        "packages": ["/boka/paket"],
        "titles": ["/boka/titlar"],
        "staff": [STAFF],
        "staff by workplace": [f"{STAFF}?sort=-workplace"],
        "staff by name": [f"{STAFF}?q={begin}" for begin in ("anna", "anna+b", "berg", "li", "saga+holm", "nobody")],
        "entering one of the staff": [f"{STAFF}/ny"],
        "looking for one by number": [f"{STAFF}/sok"],
        "uploading": [f"{STAFF}/fil", f"{REGISTRATIONS}/fil"],
        "burned seats": ["/boka/outnyttjade-platser"],
        "needs of a term": [f"/boka/behov/{term}"],
        "mails": ["/boka/utskick"],
        "mails by name": [f"/boka/utskick?q={begin}" for begin in ("anna", "nobody")],
        "blackouts": ["/boka/sparrtider"],
        "walk-ins": ["/boka/oanmalda"],
    }


def _of_sessions(coming: Sequence[str]) -> Pages:
    workplaces = list(enumerate(coming))
    return {
        "sessions": [SESSION],
        "sessions with free seats": [f"{SESSION}?has_free_seats=true"],
        "sessions that are over": [f"{SESSION}?period=past"],
        "one session": coming,
        "registering, step 2, one workplace": [f"{one}/anmal?workplace=Enhet+{n}" for n, one in workplaces],
        "registering, step 2, a whole municipality": [f"{one}/anmal?workplace=" for one in coming],
        "registering, step 3": [f"{one}/anmal/kontrollera?workplace=Enhet+{n}" for n, one in workplaces],
    }


async def _of_registrations(unit: Unit) -> Pages:
    registered = await unit.all(text(REGISTERED), {"now": unit.recorded_at, "large": LARGE})
    theirs = [f"{REGISTRATIONS}/{one['id']}" for one in registered]
    staff = [f"{STAFF}/{one['staff_id']}" for one in registered]
    return {
        "one of the staff": staff,
        "ending an employment": [f"{one}/avsluta" for one in staff],
        "registrations": [REGISTRATIONS],
        "registrations that are over": [f"{REGISTRATIONS}?period=past"],
        "registrations by name": [f"{REGISTRATIONS}?q={begin}" for begin in ("anna", "berg", "nobody")],
        "one registration": theirs,
        "replacing somebody": [f"{one}/ersatt" for one in theirs],
        "moving somebody": [f"{one}/flytta" for one in theirs],
        "cancelling a place": [f"{one}/avboka" for one in theirs],
    }


async def _of_seats(unit: Unit, coming: Sequence[str]) -> Pages:
    """Held seats, queues, and who came without being registered."""
    reserved = [f"/boka/reservationer/{one}" for one in await _ids(unit, RESERVED)]
    return {
        "waiting list": [f"{SESSION}/{one}/reservlista" for one in await _ids(unit, QUEUES)],
        "reserving seats": [f"{one}/reservera" for one in coming],
        "naming reserved seats": [f"{one}?workplace=Enhet+{n}" for n, one in enumerate(reserved)],
        "giving seats back": [f"{one}/lamna-tillbaka" for one in reserved],
        "identifying a walk-in": [f"/boka/oanmalda/{one}?workplace=Enhet+0" for one in await _ids(unit, CAME)],
        "withdrawing a blackout": [f"/boka/sparrtider/{one}/ta-bort" for one in await _ids(unit, BLACKOUTS)],
    }


def _of_municipality() -> Pages:
    webhook = f"/boka/webhooks/{made('webhook')}"
    return {
        "webhooks": ["/boka/webhooks"],
        "adding a webhook": ["/boka/webhooks/ny"],
        "one webhook": [webhook],
        "changing or removing a webhook": [f"{webhook}/hemlighet", f"{webhook}/ta-bort"],
    }


async def _of_office(unit: Unit, coming: Sequence[str]) -> Pages:
    term = coming_term(local_day(unit.recorded_at))
    trainers = [f"/boka/utbildningsledare/{made(f'trainer {n}')}" for n in range(20)]
    people = [f"/boka/deltagare/{made(f'participant {n}')}" for n in range(20)]
    return {
        "plan of a term": [f"/boka/behov/{term}/plan"],
        "planning board": ["/boka/planering"],
        "scheduling a session": [f"{SESSION}/nytt"],
        "changing a session": [f"{one}/andra" for one in coming],
        "moving a session": [f"{one}/flytta" for one in coming],
        "cancelling a session": [f"{one}/stall-in" for one in coming],
        "one course": ["/boka/kurser/ny", *(f"/boka/kurser/{one}" for one in await _ids(unit, COURSES))],
        "one package": ["/boka/paket/nytt", f"/boka/paket/{made('package')}"],
        "one title": ["/boka/titlar/ny"],
        "municipalities": ["/boka/kommuner"],
        "one municipality": ["/boka/kommuner/ny", f"/boka/kommuner/{LARGE}"],
        "settings": ["/boka/installningar"],
        "one setting": ["/boka/installningar/rounding", "/boka/installningar/breaks"],
        "trainers": ["/boka/utbildningsledare"],
        "one trainer": trainers,
        "a trainer's absence": [f"{one}/franvaro" for one in trainers],
        "another number": [f"{one}/nummer" for one in people],
        "merging two": [f"{one}/sammanfoga" for one in people],
        "erasing somebody": [f"{one}/radera" for one in people],
        "named copies": ["/boka/namngivna-kopior"],
        "log": ["/boka/logg"],
        "log of one person": ["/boka/logg?q=anna+berg"],
        "log of one session": [one.replace(SESSION, "/boka/logg?target=session") for one in coming],
        "operation of booking": ["/boka/drift"],
    }


async def _ids(unit: Unit, statement: str) -> list[UUID]:
    asked = text(statement)
    given: dict[str, Any] = {"now": unit.recorded_at, "large": LARGE}
    return [one["id"] for one in await unit.all(asked, {name: given[name] for name in asked.compile().params})]
