"""Every act on seats in every order that hypothesis finds, through the API on a real database: nothing is oversold."""

import asyncio
import json
from collections.abc import Awaitable
from typing import Any, ClassVar, TypeVar
from uuid import UUID, uuid4

import httpx2
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from services.booking.allocation.lock import read_session
from services.booking.allocation.promote import examine_queue
from services.booking.allocation.promotion import promotions
from services.booking.allocation.seats import Seats, shares_hold
from services.booking.allocation.taken import seats_taken
from services.booking.waiting_list.sweep import sweep
from shared.database.unit_of_work import Unit
from tests.support.answers import Json, if_match
from tests.support.booking_world import DAY, HOUR, NORA, NOW, OREBRO, World, booking_world, personal_number
from tests.support.stack import Stack

STARTS = NOW + 30 * DAY
PEOPLE = 8
T = TypeVar("T")
people = st.integers(0, PEOPLE - 1)
# The acts that fill a session come more often than those that empty it.
ACTS = (
    *("register",) * 5, *("reserve",) * 3, *("name",) * 2, *("cancel",) * 2, *("time",) * 2,
    "substitute", "move", "give back", "capacity", "walk-in", "end", "merge",
    "at least", "override", "by hand", "eve", "cancel session",
)  # fmt: skip
OVERLAPS = """
    SELECT mine.id FROM registrations mine
      JOIN registrations other ON other.participant_id = mine.participant_id AND other.id < mine.id
       AND other.status IN ('confirmed', 'waitlisted')
      JOIN sessions s ON s.id = mine.session_id JOIN sessions t ON t.id = other.session_id
     WHERE mine.status IN ('confirmed', 'waitlisted') AND s.state = 'scheduled' AND t.state = 'scheduled'
       AND (s.id = t.id OR s.starts_at < t.ends_at
       AND t.starts_at < s.ends_at) AND mine.session_id = ANY($1::uuid[]) AND mine.participant_id <> ALL($2::uuid[])
"""
EVENTS = """
    SELECT headers ->> 'ce_type' AS type, convert_from(value, 'UTF8') AS data
      FROM outbox WHERE key = $1 ORDER BY sequence
"""
AFTER_THE_END = """
    SELECT r.id FROM registrations r JOIN sessions s ON s.id = r.session_id
     WHERE s.id = ANY($1::uuid[]) AND s.state = 'cancelled' AND r.status = 'waitlisted'
    UNION ALL
    SELECT v.id FROM reservations v JOIN sessions s ON s.id = v.session_id
     WHERE s.id = ANY($1::uuid[]) AND s.state = 'cancelled' AND v.state = 'open'
"""
FORCED = """
    SELECT r.id FROM registrations r JOIN staff f ON f.id = r.staff_id JOIN sessions s ON s.id = r.session_id
      JOIN employment_periods p ON p.employment_id = f.employment_id JOIN courses c ON c.code = s.course
     WHERE s.id = ANY($1::uuid[]) AND r.status IN ('confirmed', 'waitlisted') AND r.override_reason IS NULL
       AND r.via IS DISTINCT FROM 'walk-in' AND NOT p.category = ANY(c.categories)
"""
UNEXPLAINED = """
    SELECT r.id FROM registrations r WHERE r.session_id = ANY($1::uuid[]) AND r.via = 'promotion'
       AND NOT EXISTS (SELECT FROM queue_decisions d WHERE d.entry_id = r.entry_id AND d.decision = 'promoted')
"""


class SeatsMachine(RuleBasedStateMachine):
    """Three sessions, two of them at one time, the third for a category that some do not have; eight people of two
    municipalities.
    """

    world: ClassVar[World]
    runner: ClassVar[asyncio.Runner]

    @initialize(capacity=st.integers(1, 4), share=st.integers(0, 2))
    def begin(self, capacity: int, share: int) -> None:
        self.world.clock.at = NOW
        self.reservations: list[str] = []
        self.came: set[str] = set()
        self.overbooked: set[str] = set()
        self.run(self._begin(capacity, min(share, capacity)))

    async def _begin(self, capacity: int, share: int) -> None:
        world, release = self.world, (NOW + 10 * DAY).isoformat()
        shares: Json = {"seat_shares": {NORA: share}, "shares_release_at": release} if share else {}
        self.sessions = [await world.session(capacity, starts=STARTS, **shares)]
        self.sessions.append(await world.session(2, starts=STARTS + HOUR))
        self.sessions.append(await world.session(2, starts=STARTS + 3 * DAY, course="PALS"))
        self.numbers = [personal_number(next(world._numbers)) for _ in range(PEOPLE)]
        codes = [(NORA, OREBRO)[place % 2] for place in range(PEOPLE)]
        pairs = zip(codes, self.numbers, strict=True)
        kinds = ("base", "base", "licensed")
        self.staff = [
            await world.staff(code, number=number, category=kinds[place % 3])
            for place, (code, number) in enumerate(pairs)
        ]

    # --- acts ---------------------------------------------------------------------------------------------------------

    @rule(
        kind=st.sampled_from(ACTS),
        session=st.sampled_from((0, 0, 0, 1, 1, 2)),
        chosen=st.lists(people, min_size=3, max_size=3, unique=True),
        number=st.integers(1, 20),
    )
    def act(self, kind: str, session: int, chosen: list[int], number: int) -> None:
        person, other, _ = chosen
        match kind:
            case "register":
                self.register(session, chosen[: 1 + number % 3], waitlist=number % 4 > 0)
            case "cancel":
                self.cancel(session, person, ("work", "illness")[number % 2])
            case "substitute":
                self.substitute(session, person, other)
            case "move":
                self.move(session, person)
            case "reserve":
                self.reserve(session, (NORA, OREBRO)[person % 2], 1 + number % 2, number)
            case "name":
                self.name(number, person)
            case "give back":
                self.give_back(number)
            case "capacity":
                self.change_capacity(session, 1 + number % 5)
            case "walk-in":
                self.walk_in(session, person)
            case "end":
                self.end_employment(person)
            case "merge":
                self.merge(person, other)
            case "at least":
                self.register(session, chosen, waitlist=number % 4 > 0, policy="at_least", at_least=1 + number % 3)
            case "override":
                self.register(session, chosen[:1], waitlist=True, override={"reason": "Behövs på plats"})
            case "by hand":
                self.move_by_hand(session, person, 1 + number % 3, promote=number % 2 > 0)
            case "eve":
                self.world.clock.at = max(self.world.clock.at, STARTS - 6 * HOUR)
            case "cancel session":
                self.cancel_session(session, number)
            case _:
                self.world.clock.advance(number * 8 * HOUR)

    def register(self, session: int, chosen: list[int], waitlist: bool, **fields: Any) -> None:
        policy = {"policy": ("any", "all")[len(chosen) % 2], **fields}
        staff = [self.staff[each] for each in chosen]
        first = self.run(self._in_line(session))
        self.ask(self.world.register(self.sessions[session], *staff, waitlist=waitlist, **policy))
        waiting = self.run(self._in_line(session))
        statuses = {row["id"]: row["status"] for row in self.registrations(session)}
        passed = {id_ for id_ in first - waiting if statuses[str(id_)] == "waitlisted"}
        assert not passed, "a newcomer took a seat that who waits could use"

    async def _in_line(self, session: int) -> set[UUID]:
        """Who of the queue could get a seat that is free now: by itself or, close to the start, by hand."""
        at, units = self.world.clock.at, self.world.origin.services["booking"].app.state.units
        async with units.system() as unit:
            found = await read_session(unit, UUID(self.sessions[session]))
            if found.has_started(at) or found.state != "scheduled":
                return set()
            queue = await examine_queue(unit, found, min(at, found.starts_at - 13 * HOUR))
        return {member.registration_id for _, member in promotions(queue.plan)} if queue else set()

    def move_by_hand(self, session: int, person: int, position: int, *, promote: bool) -> None:
        if registration := self.active(session, person):
            body = {"entry": registration, "position": position, "reason": "Behövs på plats", "promote": promote}
            self.post(f"sessions/{self.sessions[session]}/queue/move", **body)

    def cancel_session(self, session: int, number: int) -> None:
        """Seldom, or nothing would be left to try."""
        if number > 14:
            self.post(f"sessions/{self.sessions[session]}/cancel", cause="venue")

    def cancel(self, session: int, person: int, reason: str) -> None:
        if registration := self.active(session, person):
            self.post(f"registrations/{registration}/cancel", reason=reason)

    def substitute(self, session: int, person: int, other: int) -> None:
        if registration := self.active(session, person):
            self.post(f"registrations/{registration}/substitute", staff=self.staff[other])

    def move(self, session: int, person: int) -> None:
        if registration := self.active(session, person):
            self.post(f"registrations/{registration}/move", session=self.sessions[(session + 1) % 3])

    def reserve(self, session: int, municipality: str, seats: int, days: int) -> None:
        body = {"seats": seats, "municipality": municipality}
        name_by = (self.world.clock.at + days * DAY).isoformat()
        answer = self.post(f"sessions/{self.sessions[session]}/reservations", **body, name_by=name_by)
        if answer.is_success:
            self.reservations.append(answer.json()["id"])

    def name(self, place: int, person: int) -> None:
        if self.reservations:
            path = self.reservation(place)
            seen = if_match(self.run(self.world.coordinator.get(path)))
            body = {"staff": [self.staff[person]]}
            self.ask(self.world.coordinator.put(f"{path}/names", json=body, headers=seen))

    def give_back(self, place: int) -> None:
        if self.reservations:
            path = self.reservation(place)
            seen = if_match(self.run(self.world.coordinator.get(path)))
            self.ask(self.world.coordinator.delete(path, headers=seen))

    def change_capacity(self, session: int, capacity: int) -> None:
        self.ask(self.world.patch(self.sessions[session], capacity=capacity))

    def walk_in(self, session: int, person: int) -> None:
        body = {"walk_in_id": str(uuid4()), "personal_number": self.numbers[person]}
        answer = self.post(f"sessions/{self.sessions[session]}/walk-ins", **body)
        if answer.is_success and answer.json()["registration_id"]:
            registration = self.run(self.world.get(f"/booking/v1/registrations/{answer.json()['registration_id']}"))
            self.came.add(registration["participant_id"])
            self.overbooked.add(self.sessions[session])

    def end_employment(self, person: int) -> None:
        path = f"/booking/v1/staff/{self.staff[person]}"
        seen = if_match(self.run(self.world.coordinator.get(path)))
        self.ask(self.world.coordinator.delete(path, headers=seen))

    def merge(self, ended: int, into: int) -> None:
        ids = [
            self.run(self.world.get(f"/booking/v1/staff/{self.staff[each]}"))["participant_id"]
            for each in (ended, into)
        ]
        answer = self.post(f"participants/{ids[0]}/merge", into=ids[1], reason="Samma person")
        if answer.is_success and ids[0] in self.came:
            self.came.add(ids[1])

    # --- what always holds --------------------------------------------------------------------------------------------

    @invariant()
    def the_rules_of_seats_hold(self) -> None:
        self.run(self._check())

    async def _check(self) -> None:
        units = self.world.origin.services["booking"].app.state.units
        await sweep(units)
        async with units.system() as unit:
            for session in self.sessions:
                await self._check_seats(unit, UUID(session))
            ids, came = [UUID(session) for session in self.sessions], [UUID(each) for each in self.came]
            assert await unit.fetch(OVERLAPS, ids, came) == []  # who came stands there over another registration
            for nobody in (UNEXPLAINED, AFTER_THE_END, FORCED):
                assert await unit.fetch(nobody, ids) == [], nobody

    async def _check_seats(self, unit: Unit, session_id: UUID) -> None:
        """Nothing is oversold at any prefix of the events, shares hold until their release, and nobody waits beside a
        seat that the queue's rules would give.
        """
        at = self.world.clock.at
        rows = await unit.fetch(EVENTS, str(session_id))
        Ledger().follow([(row["type"].split(".")[3], json.loads(row["data"])) for row in rows])
        session = await read_session(unit, session_id)
        seats = Seats(session.capacity, await seats_taken(unit, session_id, at), session.shares_at(at))
        if str(session_id) not in self.overbooked:
            assert sum(seats.taken.values()) <= seats.capacity
            assert shares_hold(seats)
        queue = await examine_queue(unit, session, at)
        if queue is not None:
            assert list(promotions(queue.plan)) == []
            assert all(verdict.why for verdict in queue.plan.verdicts)

    # --- words --------------------------------------------------------------------------------------------------------

    def run(self, coroutine: Awaitable[T]) -> T:
        async def awaited() -> T:
            return await coroutine

        return self.runner.run(awaited())

    def ask(self, call: Awaitable[httpx2.Response]) -> httpx2.Response:
        """Whatever the state, an act is done or refused, never an accident."""
        answer = self.run(call)
        assert answer.status_code < 500, answer.text
        return answer

    def post(self, path: str, **body: Any) -> httpx2.Response:
        return self.ask(self.world.coordinator.post(f"/booking/v1/{path}", json=body))

    def reservation(self, place: int) -> str:
        return f"/booking/v1/reservations/{self.reservations[place % len(self.reservations)]}"

    def registrations(self, session: int, **query: str) -> list[Json]:
        found: list[Json] = self.run(
            self.world.get("/booking/v1/registrations", session=self.sessions[session], **query)
        )["items"]
        return found

    def active(self, session: int, person: int) -> str | None:
        items = self.registrations(session, staff=self.staff[person])
        return next((each["id"] for each in items if each["status"] in ("confirmed", "waitlisted")), None)


class Ledger:
    """Counts the seats of a session from its events alone, one after the other."""

    def __init__(self) -> None:
        self.capacity = 0
        self.seated: set[str] = set()
        self.held: dict[str, int] = {}

    @property
    def taken(self) -> int:
        return len(self.seated) + sum(self.held.values())

    def follow(self, events: list[tuple[str, Json]]) -> None:
        for name, data in events:
            before = self.taken
            self.take(name, data)
            assert data.get("walk_in_id") or self.taken <= max(self.capacity, before), (name, data)

    def take(self, name: str, data: Json) -> None:
        self.capacity = data.get("capacity", self.capacity)
        if name == "registration-confirmed":
            if data["via"] == "reservation" and data["registration_id"] not in self.seated:
                self.held[data["municipality"]] -= 1
            self.seated.add(data["registration_id"])
        elif name in ("registration-cancelled", "registration-moved-out", "registration-substituted"):
            self.seated.discard(data["registration_id"])
        elif name in ("seats-reserved", "seats-released"):
            change = data["seats"] if name == "seats-reserved" else -data["seats"]
            self.held[data["municipality"]] = self.held.get(data["municipality"], 0) + change
            assert self.held[data["municipality"]] >= 0


@pytest.mark.slow
def test_no_order_of_acts_breaks_the_rules_of_seats(stack: Stack) -> None:
    with asyncio.Runner() as runner:
        opened = booking_world(stack)
        world = runner.run(opened.__aenter__())
        try:
            machine = type("Machine", (SeatsMachine,), {"world": world, "runner": runner})
            checks = settings(
                max_examples=6,
                stateful_step_count=30,
                deadline=None,
                phases=(Phase.generate,),  # each step asks a database: what is found is read as it is, not made smaller
                suppress_health_check=list(HealthCheck),
            )
            run_state_machine_as_test(machine, settings=checks)
        finally:
            runner.run(opened.__aexit__(None, None, None))
