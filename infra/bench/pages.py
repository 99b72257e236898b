"""How fast booking's pages are in a large county: its heaviest ones, asked by cookie as browsers do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Final

from sqlalchemy import RowMapping
from starlette.responses import Response

from infra.bench.county import COMING, LARGE, REGISTERED, Size, coming_term, fill
from infra.bench.load import Call, closed_loop, get
from shared.clock import SystemClock, local_day
from shared.database.engine import create_engine
from shared.database.unit_of_work import Units
from shared.ids import SystemIds
from shared.security.roles import Caller, Role
from shared.web.sign_in.sessions import Sessions

CLIENTS: Final = (1, 4)
WARM_UP, ASKED = 5, 40
CALLERS: Final = {
    "municipality": Caller("bench-municipality", "Bench", frozenset({Role.MUNICIPALITY}), LARGE),
    "coordinator": Caller("bench-coordinator", "Bench", frozenset({Role.COORDINATOR})),
}
OFFICE_ONLY: Final = {"plan of a term", "planning board", "log", "log of one person", "log of one session"}
SESSION, STAFF, REGISTRATIONS = "/boka/kurstillfallen", "/boka/personal", "/boka/anmalningar"


@dataclass(frozen=True)
class Paced:
    """95 of 100 requests of each page were as fast: milliseconds by page, with one client and with four."""

    size: Size = field(default_factory=Size)
    alone: Mapping[str, float] = field(default_factory=dict)
    together: Mapping[str, float] = field(default_factory=dict)

    @property
    def worst(self) -> str:
        """The slowest page with one client: with more, others' work on the same processor is in the time."""
        return max(self.alone, key=lambda page: self.alone[page], default="")


class PageError(Exception):
    """A page was not shown."""


async def pages_beside(port: int, database_url: str, session_keys: str, size: Size, asked: int = ASKED) -> Paced:
    """Fills booking's database, which `database_url` opens for a superuser, and asks the service at `port`.

    Raises PageError for an answer other than 2xx.
    """
    engine = create_engine(database_url, application="kursnav-bench")
    try:
        units = Units("booking", engine, SystemClock(), SystemIds())
        async with units.system() as unit:
            await fill(unit, size)
        async with units.system() as unit:
            now = {"now": unit.recorded_at}
            sessions, registered = await unit.all(COMING, now), await unit.all(REGISTERED, {**now, "large": LARGE})
            term = coming_term(local_day(unit.recorded_at))
        cookies = _cookies(Sessions(session_keys, secure=False, units=units))
    finally:
        await engine.dispose()
    taken: list[dict[str, float]] = [{}, {}]
    for name, addresses in addresses_of(sessions, registered, term).items():
        for role, cookie in cookies.items():
            if role == "municipality" and name in OFFICE_ONLY:
                continue
            calls = cycle([get(address, cookie) for address in addresses])
            await _milliseconds(port, f"{name}, {role}", calls, WARM_UP, 1)
            for clients, found in zip(CLIENTS, taken, strict=True):
                found[f"{name}, {role}"] = await _milliseconds(port, f"{name}, {role}", calls, asked, clients)
    return Paced(size, *taken)


async def _milliseconds(port: int, page: str, calls: Iterator[Call], count: int, clients: int) -> float:
    sample = await closed_loop(port, islice(calls, count), clients)
    if sample.failed:
        raise PageError(f"the page “{page}” was not shown: {sample.first_failure}")
    return sample.milliseconds(0.95)


def addresses_of(
    sessions: Sequence[RowMapping], registered: Sequence[RowMapping], term: str
) -> dict[str, Sequence[str]]:
    """Each page's name, and the addresses that are asked for in turn."""
    some = [f"{SESSION}/{one['id']}" for one in sessions[:20]]
    queues = [f"{SESSION}/{one['id']}/reservlista" for one in sessions if one["full"]][:20]
    theirs = [f"{REGISTRATIONS}/{one['id']}" for one in registered]
    return {
        "home": ["/"],
        "courses for everybody": ["/kurser"],
        "sessions": [SESSION],
        "sessions with free seats": [f"{SESSION}?has_free_seats=true"],
        "sessions that are over": [f"{SESSION}?period=past"],
        "one session": some,
        "registering, step 2, one workplace": [f"{one}/anmal?workplace=Enhet+{n}" for n, one in enumerate(some)],
        "registering, step 2, a whole municipality": [f"{one}/anmal?workplace=" for one in some],
        "registering, step 3": [f"{one}/anmal/kontrollera?workplace=Enhet+{n}" for n, one in enumerate(some)],
        "staff": [STAFF],
        "staff by workplace": [f"{STAFF}?sort=-workplace"],
        "staff by name": [f"{STAFF}?q={begin}" for begin in ("anna", "anna+b", "berg", "li", "saga+holm", "nobody")],
        "one of the staff": [f"{STAFF}/{one['staff_id']}" for one in registered],
        "registrations": [REGISTRATIONS],
        "registrations that are over": [f"{REGISTRATIONS}?period=past"],
        "registrations by name": [f"{REGISTRATIONS}?q={begin}" for begin in ("anna", "berg", "nobody")],
        "one registration": theirs,
        "replacing somebody": [f"{one}/ersatt" for one in theirs],
        "moving somebody": [f"{one}/flytta" for one in theirs],
        "waiting list": queues,
        "burned seats": ["/boka/outnyttjade-platser"],
        "needs of a term": [f"/boka/behov/{term}"],
        "mails": ["/boka/utskick"],
        "mails by name": [f"/boka/utskick?q={begin}" for begin in ("anna", "nobody")],
        "plan of a term": [f"/boka/behov/{term}/plan"],
        "planning board": ["/boka/planering"],
        "log": ["/boka/logg"],
        "log of one person": ["/boka/logg?q=anna+berg"],
        "log of one session": [f"/boka/logg?target=session/{one['id']}" for one in sessions[:20]],
    }


def _cookies(sessions: Sessions) -> dict[str, str]:
    cookies = {}
    for role, caller in CALLERS.items():
        response = Response()
        sessions.begin(response, caller)
        cookies[role] = response.headers["set-cookie"].partition(";")[0]
    return cookies
