"""Bookings that go on while things break, and the count of what became of them."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle
from uuid import UUID

import httpx2

from shared.contracts.booking_v1 import RegistrationConfirmed, RegistrationWaitlisted
from tests.faults.chain import Chain, new_key
from tests.support.answers import Json
from tests.support.eventually import eventually
from tests.support.pace import lasts

EVERY_SECONDS = 0.25
"""Between two bookings: the machine is small, and it is the time of the outage that matters."""
REST_SECONDS = 30.0
"""Longer than a request goes on that nobody waits for."""
BOOKED = (RegistrationConfirmed.ce_type, RegistrationWaitlisted.ce_type)


@dataclass
class Booking:
    """One person's request, sent under one key until it is answered."""

    person: str
    key: str = field(default_factory=new_key)
    answers: list[httpx2.Response] = field(default_factory=list)

    @property
    def accepted(self) -> httpx2.Response | None:
        """The first 2xx."""
        return next((answer for answer in self.answers if answer.is_success), None)


@dataclass(frozen=True)
class Tally:
    """Of one session, over all services. All but the first must be 0."""

    acknowledged: int
    lost: int
    doubled: int
    half: int
    oversold: int

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.half or self.oversold)


@dataclass
class Load:
    """Bookings on one session; when it is full they go to its waiting list."""

    chain: Chain
    session: str
    capacity: int
    bookings: list[Booking]
    ended: int = 0  # bookings that have an answer, or are without one for good

    @classmethod
    async def prepared(cls, chain: Chain, people: int) -> "Load":
        """A session with seats for half of the people."""
        capacity = max(1, people // 2)
        session = await chain.session(capacity)
        return cls(chain, session, capacity, [Booking(person) for person in await chain.world.several(people)])

    async def during(self, fault: Callable[[], Awaitable[None]]) -> None:
        """Sends them at an even pace, whatever becomes of them, while the fault comes and goes."""
        await asyncio.gather(self._sent(self.bookings), fault())

    async def as_long_as(self, fault: Callable[[], Awaitable[None]]) -> None:
        """Sends for as long as the fault takes: who was not booked asks again after the others."""
        scene = asyncio.ensure_future(fault())
        await asyncio.gather(self._sent(cycle(self.bookings), scene.done), scene)

    async def _sent(self, bookings: Iterable[Booking], enough: Callable[[], bool] = lambda: False) -> None:
        began = time.monotonic()
        under_way = []
        for number, booking in enumerate(bookings):
            await lasts(began + number * EVERY_SECONDS - time.monotonic())
            if enough():
                break
            if not booking.accepted:
                under_way.append(asyncio.create_task(self._send(booking)))
        await asyncio.gather(*under_way)

    async def _send(self, booking: Booking) -> None:
        answer = await self.chain.register(self.session, booking.person, booking.key)
        self.ended += 1
        if answer is not None:
            assert answer.status_code != 500, f"what breaks outside is no fault of ours: {answer.text}"
            booking.answers.append(answer)

    async def answered(self, number: int) -> None:
        """Waits until so many are ended: a fault comes in the middle of the load."""
        await eventually(lambda: self.ended, within=60, until=lambda ended: ended >= number, what=f"{number} answers")

    async def taken(self, number: int) -> None:
        """Waits until so many were answered with a 2xx."""

        def accepted() -> int:
            return sum(bool(booking.accepted) for booking in self.bookings)

        await eventually(accepted, within=60, until=lambda found: found >= number, what=f"{number} bookings taken")

    async def insisted(self) -> None:
        """Sends each again under its key: what was answered is answered the same, what was not is carried out now."""
        for booking in self.bookings:
            before = booking.accepted
            await self._send(booking)
            again = booking.answers[-1]
            assert again.status_code == 201, again.text
            assert before is None or before.content == again.content, "the same request has the same answer"

    async def counted_at_rest(self) -> Tally:
        """The first clean count, or the last one: what is lost, double or half stays so however long one looks.

        A request whose caller gave up may still be under way on a slow machine, though everything had arrived.
        """
        looks: list[Tally] = []

        async def look() -> bool:
            looks.append(await self.counted())
            return looks[-1].clean

        with suppress(AssertionError):
            await eventually(look, within=REST_SECONDS)
        return looks[-1]

    async def counted(self) -> Tally:
        """What booking, attendance's roll and reporting's facts hold of the bookings, once all has arrived."""
        rows, session = self.chain.origin.rows, UUID(self.session)
        booked = await rows("booking", "SELECT * FROM registrations WHERE session_id = $1", session)
        entries = await rows("attendance", "SELECT * FROM roll_entries WHERE session_id = $1", session)
        facts = await rows(
            "reporting",
            "SELECT data ->> 'participant_id' AS participant_id FROM facts_v1.facts WHERE key = $1 AND type = ANY($2)",
            self.session,
            list(BOOKED),
        )
        in_booking = Counter(row["participant_id"] for row in booked)
        on_roll = {row["participant_id"] for row in entries}
        in_facts = Counter(UUID(row["participant_id"]) for row in facts)
        everywhere = {row["staff_id"]: row for row in booked if row["participant_id"] in on_roll & set(in_facts)}
        accepted = [result for booking in self.bookings if (result := _result(booking))]
        confirmed = sum(row["status"] == "confirmed" for row in booked)
        return Tally(
            acknowledged=len(accepted),
            lost=sum(not _kept(result, everywhere) for result in accepted),
            doubled=_more_than_one(in_booking) + _more_than_one(in_facts),
            half=len(set(in_booking) ^ on_roll) + len(set(in_booking) ^ set(in_facts)),
            oversold=max(0, confirmed - self.capacity),
        )


def _result(booking: Booking) -> Json | None:
    """What the caller was told of the person, when there was a 2xx."""
    if booking.accepted is None:
        return None
    results: Sequence[Json] = booking.accepted.json()["results"]
    return results[0]


def _kept(result: Json, everywhere: dict[UUID, Json]) -> bool:
    row = everywhere.get(UUID(result["staff"]))
    return row is not None and row["status"] == result["outcome"]


def _more_than_one(counted: Counter[UUID]) -> int:
    return sum(number - 1 for number in counted.values())
