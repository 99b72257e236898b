"""Nobody's hour counts twice, whatever commits while somebody else has looked and not committed: each pair that settles
shared minutes, both ways, with a control that counts twice without what holds them apart.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest
import pytest_asyncio

from services.attendance.cells import settle
from services.attendance.cells.overlaps import take_turns
from services.attendance.people.merged import hold_merges
from services.attendance.rolls import follow_bookings
from shared.database.errors import is_transient
from shared.database.unit_of_work import Unit
from tests.support.answers import answered
from tests.support.databases import superuser_url
from tests.support.eventually import eventually
from tests.support.race import WAITERS
from tests.support.school import NINE, School, mark
from tests.support.story import Session

pytestmark = pytest.mark.asyncio(loop_scope="module")
WHOLE = 165
DAY = timedelta(days=1)
Act = Callable[[], Awaitable[Any]]


@dataclass
class Anna:
    """Somebody with a seat on one session, and what may happen at the same moment."""

    school: School
    person: UUID
    there: Session
    here: Session

    async def mark(self) -> Act:
        """She has a seat there, and is marked."""
        await self.school.tell(self.school.confirmed(self.there, self.person))
        return lambda: self.school.post_marks(self.there, mark(self.there, self.person))

    async def arrival(self, session: Session, *, held: bool = True, **more: Any) -> Act:
        """Her seat on a session, where she is marked already."""
        if held:
            await self.school.post_marks(session, mark(session, self.person))
        event = self.school.confirmed(session, self.person, **more)
        return lambda: self.school.tell(event)

    async def walk_in(self, session: Session) -> Act:
        """Somebody who came without a seat, and turns out to be her."""
        walk_in = str(uuid4())
        trainer = self.school.trainer(session.trainers[0])
        path = f"/attendance/v1/sessions/{session.id}/walk-ins"
        answered(await trainer.post(path, json={"walk_in_id": walk_in}), 201)
        await self.school.post_marks(
            session, mark(session, self.person) | {"participant_id": None, "walk_in_id": walk_in}
        )
        return await self.arrival(session, held=False, via="walk-in", walk_in_id=walk_in)

    async def move(self, days: int) -> Act:
        """A session that she attended some days before is moved to the day of the others."""
        session = await self.school.session(NINE - days * DAY)
        await (await self.arrival(session))()
        [was] = session.occasions
        [to] = self.here.occasions
        moved = to.model_copy(update={"occasion_id": was.occasion_id})
        event = self.school.rescheduled(session, moved)
        return lambda: self.school.tell(event)

    async def minutes(self) -> int:
        statement = "SELECT sum(minutes)::int AS minutes FROM current_cells WHERE participant_id = $1"
        [row] = await self.school.origin.rows("attendance", statement, self.person)
        return int(row["minutes"])


async def mark_and_arrival(anna: Anna) -> tuple[Act, Act]:
    return await anna.mark(), await anna.arrival(anna.here)


async def mark_and_arrival_before_its_mark(anna: Anna) -> tuple[Act, Act]:
    arrives = await anna.arrival(anna.here, held=False)

    async def then_marked() -> None:
        await arrives()
        await anna.school.post_marks(anna.here, mark(anna.here, anna.person))

    return await anna.mark(), then_marked


async def mark_and_walk_in(anna: Anna) -> tuple[Act, Act]:
    return await anna.mark(), await anna.walk_in(anna.here)


async def mark_and_move(anna: Anna) -> tuple[Act, Act]:
    return await anna.mark(), await anna.move(1)


async def two_arrivals(anna: Anna) -> tuple[Act, Act]:
    return await anna.arrival(anna.here), await anna.arrival(anna.there)


async def move_and_arrival(anna: Anna) -> tuple[Act, Act]:
    return await anna.move(1), await anna.arrival(anna.here)


async def two_moves(anna: Anna) -> tuple[Act, Act]:
    return await anna.move(1), await anna.move(2)


async def two_marks(anna: Anna) -> tuple[Act, Act]:
    await (await anna.arrival(anna.here, held=False))()
    return await anna.mark(), lambda: anna.school.post_marks(anna.here, mark(anna.here, anna.person))


async def mark_and_merge(anna: Anna) -> tuple[Act, Act]:
    """Whoever is marked there turns out to be her, who is marked here."""
    ended = uuid4()
    await anna.school.tell(anna.school.confirmed(anna.there, ended))
    await (await anna.arrival(anna.here))()
    event = anna.school.merged(ended, anna.person)
    return lambda: anna.school.post_marks(anna.there, mark(anna.there, ended)), lambda: anna.school.tell(event)


async def gave_way(anna: Anna) -> Act:
    """She attended there, and came here without a seat: who marks her here finds the hour taken."""
    await (await anna.mark())()
    walk_in = str(uuid4())
    trainer = anna.school.trainer(anna.here.trainers[0])
    answered(await trainer.post(f"/attendance/v1/sessions/{anna.here.id}/walk-ins", json={"walk_in_id": walk_in}), 201)
    await (await anna.arrival(anna.here, held=False, via="walk-in", walk_in_id=walk_in))()
    return lambda: anna.school.post_marks(anna.here, mark(anna.here, anna.person))


async def absence_and_presence(anna: Anna) -> tuple[Act, Act]:
    came, absent = await gave_way(anna), mark(anna.there, anna.person, "absent", absence_reason="illness", minute=5)
    return lambda: anna.school.post_marks(anna.there, absent), came


async def cancelled_and_presence(anna: Anna) -> tuple[Act, Act]:
    came, event = await gave_way(anna), anna.school.called_off(anna.there)
    return lambda: anna.school.tell(event), came


async def moved_away_and_presence(anna: Anna) -> tuple[Act, Act]:
    came = await gave_way(anna)
    [was] = anna.there.occasions
    earlier = was.model_copy(update={"starts_at": was.starts_at - DAY, "ends_at": was.ends_at - DAY})
    event = anna.school.rescheduled(anna.there, earlier)
    return lambda: anna.school.tell(event), came


async def absence_and_somebody_else(anna: Anna) -> tuple[Act, Act]:
    """She has yielded the hour here, and is marked absent there while this roll is busy with another person."""
    await (await gave_way(anna))()
    other = uuid4()
    await anna.school.tell(anna.school.confirmed(anna.here, other))
    absent = mark(anna.there, anna.person, "absent", minute=5)
    return (
        lambda: anna.school.post_marks(anna.here, mark(anna.here, other)),
        lambda: anna.school.post_marks(anna.there, absent),
    )


APART = (
    mark_and_arrival,
    mark_and_walk_in,
    mark_and_move,
    two_arrivals,
    move_and_arrival,
    two_moves,
)
"""Pairs that nothing but the lock of who comes or moves holds apart."""


@pytest_asyncio.fixture(loop_scope="module")
async def anna(school: School) -> Anna:
    """Of two sessions that begin at once the one with the lower id keeps the minutes: there."""
    there, here = sorted([await school.session() for _ in range(2)], key=lambda session: session.id)
    return Anna(school, uuid4(), there, here)


async def race(anna: Anna, pair: Any, turned: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second comes when the first has looked. The first goes on once the second has ended, or waits for a lock."""
    acts: tuple[Act, Act] = await pair(anna)
    first, second = acts[::-1] if turned else acts
    looked, goes_on = asyncio.Event(), asyncio.Event()
    store = settle._store

    async def storing(*given: Any) -> None:
        if not looked.is_set():
            looked.set()
            await goes_on.wait()
        await store(*given)

    monkeypatch.setattr(settle, "_store", storing)
    url = superuser_url(anna.school.origin.stack.admin_url, anna.school.origin.databases["attendance"])
    connection = await asyncpg.connect(url)
    try:
        one = asyncio.ensure_future(first())
        await asyncio.wait_for(looked.wait(), 10)
        other = asyncio.ensure_future(second())

        async def ended_or_waits() -> bool:
            return other.done() or bool(await connection.fetchval(WAITERS))

        await eventually(ended_or_waits, what="the second party ends or waits")
    finally:
        goes_on.set()
        await connection.close()
    await one
    try:
        await other
    except Exception as error:
        if not is_transient(error):
            raise
        await second()  # as a consumer does


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("pair", [*APART, mark_and_arrival_before_its_mark, two_marks, mark_and_merge])
async def test_an_hour_counts_once(anna: Anna, pair: Any, turned: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    await race(anna, pair, turned, monkeypatch)
    assert await anna.minutes() == WHOLE


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("pair", "minutes"),
    [
        (absence_and_presence, WHOLE),
        (absence_and_somebody_else, WHOLE),
        (cancelled_and_presence, WHOLE),
        (moved_away_and_presence, 2 * WHOLE),
    ],
)
async def test_an_hour_that_is_given_up_there_counts_here(
    anna: Anna, pair: Any, minutes: int, turned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await race(anna, pair, turned, monkeypatch)
    assert await anna.minutes() == minutes


async def post(anna: Anna, session: Session, sent: dict[str, Any]) -> httpx2.Response:
    """A mark, whatever it is answered."""
    body = {"device_id": "phone", "device_time": datetime.now(UTC).isoformat(), "marks": [sent]}
    return await anna.school.coordinator.post(f"/attendance/v1/sessions/{session.id}/marks", json=body)


async def test_of_two_that_wait_for_each_other_one_is_told_so_and_comes_again(
    anna: Anna, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The absence waits for the roll here, whose mark waits to take turns with it."""
    await (await gave_way(anna))()
    absent = mark(anna.there, anna.person, "absent", minute=5)
    present = mark(anna.here, anna.person, minute=5)
    looks, goes_on = asyncio.Event(), asyncio.Event()
    turns = take_turns

    async def waiting(*given: Any) -> None:
        if not looks.is_set():
            looks.set()
            await goes_on.wait()
        await turns(*given)

    monkeypatch.setattr(settle, "take_turns", waiting)

    url = superuser_url(anna.school.origin.stack.admin_url, anna.school.origin.databases["attendance"])
    connection = await asyncpg.connect(url)
    try:
        one = asyncio.ensure_future(post(anna, anna.here, present))
        await asyncio.wait_for(looks.wait(), 10)
        other = asyncio.ensure_future(post(anna, anna.there, absent))

        async def waits() -> bool:
            return bool(await connection.fetchval(WAITERS))

        await eventually(waits, what="the absence waits for the roll")
    finally:
        goes_on.set()
        await connection.close()
    answers = [await one, await other]
    assert sorted(answer.status_code for answer in answers) == [200, 503]
    [told] = [answer.json() for answer in answers if answer.status_code == 503]
    assert "Någon annan ändrar samma sak just nu" in told["detail"], told
    for session, sent in ((anna.here, present), (anna.there, absent)):
        assert (await post(anna, session, sent)).status_code == 200
    assert await anna.minutes() == WHOLE


async def first_mark_and_other_breaks(anna: Anna) -> tuple[Act, Act]:
    """Nobody is marked yet on the roll when the project says that the breaks of its day count."""
    later = Anna(anna.school, anna.person, await anna.school.session(NINE + 7 * DAY), anna.here)
    counted = ("breaks", "counted", "2025-03-10"), ("breaks", "unpaid", "2025-03-11")
    return await later.mark(), lambda: anna.school.tell(anna.school.project(*counted))


@pytest.mark.parametrize("turned", [False, True])
async def test_a_roll_that_is_marked_meanwhile_has_the_new_rule_for_breaks(
    anna: Anna, turned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await anna.school.tell(anna.school.project())
    await race(anna, first_mark_and_other_breaks, turned, monkeypatch)
    assert await anna.minutes() == 180


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("pair", APART)
async def test_control_without_coming_alone_it_counts_twice(
    anna: Anna, pair: Any, turned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def come(*given: Any) -> None: ...

    async def shared(unit: Unit, **alone: bool) -> None:
        await hold_merges(unit)

    monkeypatch.setattr(follow_bookings, "come_alone", come)
    monkeypatch.setattr(follow_bookings, "take_turns", come)
    monkeypatch.setattr(follow_bookings, "hold_merges", shared)
    await race(anna, pair, turned, monkeypatch)
    assert await anna.minutes() == 2 * WHOLE


@pytest.mark.parametrize("pair", [absence_and_presence, moved_away_and_presence])
async def test_control_who_looks_before_taking_turns_loses_it(
    anna: Anna, pair: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def turns(*given: Any) -> None: ...

    monkeypatch.setattr(settle, "take_turns", turns)
    monkeypatch.setattr(follow_bookings, "take_turns", turns)
    await race(anna, pair, False, monkeypatch)
    [row] = await anna.school.origin.rows(
        "attendance",
        "SELECT minutes FROM current_cells WHERE participant_id = $1 AND session_id = $2",
        anna.person,
        anna.here.id,
    )
    assert row["minutes"] == 0
