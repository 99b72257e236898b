"""A county's morning: trainers mark people on two hundred sessions, and a hundred phones that had no network return.

Ten minutes of marks come in one, so ten times as close together. Half of them are single taps, each sent by itself as
the phone page does; the other half a hundred phones kept, and send all at once, whereupon each fetches its day. Nothing
else is left out: each mark is judged, stored, and on its way to reporting. Afterwards as many marks as go: one a call,
and twenty a call. A call that is refused is not sent again, as a phone would; lost is what was answered and is not on
its roll.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import text

from infra.bench.load import Call, Sample, closed_loop, get, open_loop, post
from shared.clock import SystemClock, local_day
from shared.database.engine import create_engine
from shared.database.unit_of_work import Unit, Units
from shared.ids import SystemIds

NAMES: Final = UUID(int=0x6B75)
MORNING_SECONDS: Final = 600
TIGHTER: Final = 10
CONNECTIONS: Final = 32
CLIENTS: Final = 20
SINGLY, TOGETHER = 4, 20
"""People of a session whom clients mark one a call, and all in one, without a pause."""
FILL: Final = (
    """
    INSERT INTO rolls (session_id, course, course_title, host_municipality, venue, cancelled, trainers, former_trainers,
                       starts_at, ends_at, sequence, state, roll_version, content_version)
    SELECT session, 'HLR', 'Hjärt-lungräddning', '1880', 'Sal 1', false, ARRAY[trainer], '{}',
           starts, starts + interval '3 hours', 1, 'open', 1, 1
      FROM CAST(:starts AS timestamptz) AS starts,
           unnest(CAST(:sessions AS uuid[]), CAST(:trainers AS text[])) AS one (session, trainer)
    """,
    """
    INSERT INTO occasions (occasion_id, session_id, starts_at, ends_at, break_minutes, dropped)
    SELECT session, session, starts, starts + interval '3 hours', 15, false
      FROM CAST(:starts AS timestamptz) AS starts, unnest(CAST(:sessions AS uuid[])) AS session
    """,
    """
    INSERT INTO people (participant_id, contacts, language, protected, erased, sequence)
    SELECT person, '{"1": {"given_name": "Anna", "family_name": "Andersson"}}', 'sv', false, false, 1
      FROM unnest(CAST(:people AS uuid[])) AS person
    """,
    """
    INSERT INTO roll_entries (registration_id, session_id, participant_id, municipality, registration, after_seal,
                              sequence)
    SELECT person, session, person, '1880', 'confirmed', false, 1
      FROM unnest(CAST(:people AS uuid[]), CAST(:their_sessions AS uuid[])) AS one (person, session)
    """,
)
# Marks that count: recorded, and what their rolls say of their people.
KEPT: Final = text(
    "SELECT count(*) FROM marks JOIN cells USING (mark_id) WHERE cells.status = 'present' "
    "AND marks.mark_id = ANY (CAST(:marks AS uuid[]))"
)


@dataclass(frozen=True)
class County:
    """How much there is of everything."""

    sessions: int = 200
    people: int = 15
    phones: int = 100

    @property
    def marks(self) -> int:
        return self.sessions * self.people


@dataclass(frozen=True)
class Morning:
    """What became of it: the answers to taps and to phones that returned, and how many marks of calls that were
    answered are on no roll.
    """

    county: County = field(default_factory=County)
    taps: Sample = field(default_factory=Sample)
    returned: Sample = field(default_factory=Sample)
    singly: Sample = field(default_factory=Sample)
    batches: Sample = field(default_factory=Sample)
    lost: int = 0

    @property
    def _samples(self) -> tuple[Sample, ...]:
        return self.taps, self.returned, self.singly, self.batches

    @property
    def failed(self) -> int:
        return sum(sample.failed for sample in self._samples)

    @property
    def refused(self) -> set[str]:
        """The marks of calls that were refused."""
        return {mark for sample in self._samples for call in sample.refused for mark in call.label.split()}

    @property
    def why(self) -> str:
        """What the first call that failed was answered."""
        return next((sample.first_failure for sample in self._samples if sample.failed), "")

    @property
    def marks_in_batches(self) -> float:
        """A second."""
        return self.batches.per_second * TOGETHER


@dataclass(frozen=True)
class _Seat:
    """One person on one session of a trainer."""

    session: UUID
    trainer: UUID
    person: UUID

    @property
    def mark(self) -> UUID:
        return uuid5(NAMES, f"mark of {self.person}")


async def county_morning(
    port: int, database_url: str, token: Callable[[UUID], str], county: County, tighter: int = TIGHTER
) -> Morning:
    """Fills attendance's database, which `database_url` opens for a superuser, and marks by the service at `port`."""
    seats = list(_seats(county))
    tokens = {trainer: token(trainer) for trainer in {seat.trainer for seat in seats}}
    engine = create_engine(database_url, application="kursnav-bench")
    try:
        units = Units("attendance", engine, SystemClock(), SystemIds())
        async with units.system() as unit:
            await _fill(unit, seats)
        half = county.marks // 2
        taps = [_sync([seat], tokens) for seat in seats[:half]]
        rate = len(taps) * tighter / MORNING_SECONDS
        tapped = await open_loop(port, taps, rate, CONNECTIONS, on_send=lambda _: None)
        returned = await closed_loop(port, _returning(seats[half : county.marks], tokens), county.phones)
        singly, batches = await _without_a_pause(port, seats[county.marks :], county, tokens)
        done = Morning(county, tapped, returned, singly, batches)
        answered = [seat.mark for seat in seats if str(seat.mark) not in done.refused]
        async with units.system() as unit:
            kept = await unit.scalar(KEPT, {"marks": answered})
    finally:
        await engine.dispose()
    return replace(done, lost=len(answered) - int(kept))


async def _without_a_pause(
    port: int, seats: Sequence[_Seat], county: County, tokens: Mapping[UUID, str]
) -> tuple[Sample, Sample]:
    one_a_call = county.sessions * SINGLY
    by_session: defaultdict[UUID, list[_Seat]] = defaultdict(list)
    for seat in seats[one_a_call:]:
        by_session[seat.session].append(seat)
    singly = [_sync([seat], tokens) for seat in seats[:one_a_call]]
    batches = [_sync(own, tokens) for own in by_session.values()]
    return await closed_loop(port, singly, CLIENTS), await closed_loop(port, batches, CLIENTS)


def _seats(county: County) -> Iterator[_Seat]:
    """Neighbours in time stand on other rolls, as trainers tap all over the county."""
    for nr in range(county.people + SINGLY + TOGETHER):
        for number in range(county.sessions):
            session = uuid5(NAMES, f"session {number}")
            yield _Seat(session, uuid5(NAMES, f"trainer {number % county.phones}"), uuid5(session, str(nr)))


async def _fill(unit: Unit, seats: Sequence[_Seat]) -> None:
    taught = {seat.session: seat.trainer for seat in seats}
    values = {
        "starts": unit.recorded_at - timedelta(hours=1),
        "sessions": list(taught),
        "trainers": [str(trainer) for trainer in taught.values()],
        "people": [seat.person for seat in seats],
        "their_sessions": [seat.session for seat in seats],
    }
    for statement in FILL:
        await unit.execute(text(statement), values)


def _returning(seats: Sequence[_Seat], tokens: Mapping[UUID, str]) -> Iterator[Call]:
    """Each phone sends what it kept, then fetches its day: first all the ones, then all the others."""
    noted: defaultdict[UUID, list[_Seat]] = defaultdict(list)
    for seat in seats:
        noted[seat.trainer].append(seat)
    yield from (_sync(own, tokens) for own in noted.values())
    day = f"/attendance/v1/days/{local_day(datetime.now(UTC))}"
    yield from (get(day, token=tokens[trainer]) for trainer in noted)


def _sync(seats: Sequence[_Seat], tokens: Mapping[UUID, str]) -> Call:
    """What a phone noted, in one call."""
    now = datetime.now(UTC).isoformat()
    by_session: defaultdict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for seat in seats:
        by_session[seat.session].append(
            {
                "mark_id": str(seat.mark),
                "participant_id": str(seat.person),
                "occasion_id": str(seat.session),
                "status": "present",
                "marked_at": now,
                "base_version": 1,
            }
        )
    sessions = [{"session_id": str(session), "marks": marks} for session, marks in by_session.items()]
    device = str(uuid5(NAMES, f"phone of {seats[0].trainer}"))
    body = {"device_id": device, "device_time": now, "sessions": sessions}
    return post("/attendance/v1/sync", body, tokens[seats[0].trainer], " ".join(str(seat.mark) for seat in seats))
