"""How fast the pages of a service are in a large county, asked by cookie as browsers do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Final

from starlette.responses import Response

from infra.bench import attendance_pages, booking_pages, reporting_pages
from infra.bench.county import LARGE, Size, made
from infra.bench.load import Call, closed_loop, get
from shared.clock import SystemClock
from shared.database.engine import create_engine
from shared.database.unit_of_work import Units
from shared.ids import SystemIds
from shared.security.roles import Caller, Role
from shared.web.sign_in.sessions import Sessions

CLIENTS: Final = (1, 4)
WARM_UP, ASKED = 5, 40
LONGEST_MS, MOST_MS = 1000, 2000
"""A page that takes longer, the second time that it is asked for, makes a report or counts one again: that is enough to
know. Of others so many milliseconds are measured, alone and together.
"""
FILLED: Final = {
    "booking": booking_pages.filled,
    "attendance": attendance_pages.filled,
    "reporting": reporting_pages.filled,
}
"""Fills the database of a service with a county, and names the pages that each reader opens there."""


@dataclass(frozen=True)
class Paced:
    """95 of 100 requests of each page were as fast: milliseconds by page, with one client and with four; a page that
    is asked once stands in the first alone.
    """

    size: Size = field(default_factory=Size)
    alone: dict[str, float] = field(default_factory=dict)
    together: dict[str, float] = field(default_factory=dict)

    @property
    def worst(self) -> str:
        """The slowest page with one client: with more, others' work on the same processor is in the time."""
        return max(self.alone, key=lambda page: self.alone[page], default="")

    def of_four(self, page: str) -> str:
        """Milliseconds with four clients; nothing for what was asked once."""
        return f"{self.together[page]:.0f}" if page in self.together else ""


class PageError(Exception):
    """A page was not shown."""


async def pages_beside(
    service: str, port: int, database_url: str, session_keys: str, paced: Paced, asked: int = ASKED
) -> None:
    """Fills the service's database, which `database_url` opens for a superuser, and asks the service at `port`.

    Raises PageError for an answer other than 2xx.
    """
    engine = create_engine(database_url, application="kursnav-bench")
    try:
        units = Units(service, engine, SystemClock(), SystemIds())
        readers = await FILLED[service](units, paced.size)
        cookies = _cookies(Sessions(session_keys, secure=False, units=units))
    finally:
        await engine.dispose()
    for reader, pages in readers.items():
        for name, addresses in pages.items():
            await _ask(port, f"{name}, {reader}", addresses, cookies[reader], paced, asked)


async def _ask(port: int, page: str, addresses: Sequence[str], cookie: str, paced: Paced, asked: int) -> None:
    if not addresses:
        raise PageError(f"nothing was found to open the page “{page}” with")
    calls = cycle([get(address, cookie) for address in addresses])
    await _milliseconds(port, page, calls, 1, 1)
    usual = paced.alone[page] = await _milliseconds(port, page, calls, 1, 1)
    if usual > LONGEST_MS:
        return
    if asked > WARM_UP:
        await _milliseconds(port, page, calls, WARM_UP, 1)
    count = min(asked, max(max(CLIENTS), int(MOST_MS / usual)))
    for clients, found in zip(CLIENTS, (paced.alone, paced.together), strict=True):
        found[page] = await _milliseconds(port, page, calls, count, clients)


async def _milliseconds(port: int, page: str, calls: Iterator[Call], count: int, clients: int) -> float:
    sample = await closed_loop(port, islice(calls, count), clients)
    if sample.failed:
        raise PageError(f"the page “{page}” was not shown: {sample.first_failure}")
    return sample.milliseconds(0.95)


def _cookies(sessions: Sessions) -> dict[str, str]:
    """The cookie of each reader; a participant has none, but a link."""
    cookies = {"participant": ""}
    for role in Role:
        caller = Caller(
            f"bench-{role}",
            "Bench",
            frozenset({role}),
            LARGE if role is Role.MUNICIPALITY else None,
            made("trainer 1") if role is Role.TRAINER else None,
        )
        response = Response()
        sessions.begin(response, caller)
        cookies[role.value] = response.headers["set-cookie"].partition(";")[0]
    return cookies
