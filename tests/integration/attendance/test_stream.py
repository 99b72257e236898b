"""The rolls from real Kafka: every message twice, every first attempt fails, topics in any order."""

from uuid import uuid4

from shared.contracts.topics import ATTENDANCE, BOOKING
from shared.messaging.delivery import Event
from tests.support.eventually import eventually
from tests.support.kafka_log import everything_on, put
from tests.support.school import School, mark
from tests.support.services import running
from tests.support.stack import Stack
from tests.support.story import Session


def scheduled(school: School) -> tuple[Session, Event]:
    session = school.unannounced()
    return session, school.scheduled(session)


async def test_rolls_names_and_held_marks_from_the_topics(stack: Stack) -> None:
    async with running(stack, ["attendance"]) as origin:
        school = School(origin)
        session, first = scheduled(school)
        people = [uuid4() for _ in range(30)]
        late = uuid4()
        names = [school.named(person, "Anna", f"Nr {n:02}") for n, person in enumerate(people)]
        cancelled = people[:5]
        await origin.send(*names[:15])
        await origin.send(first, *(school.confirmed(session, person) for person in people))
        await origin.send(*(school.cancelled(session, person) for person in cancelled), *names[15:])
        await origin.settled()
        roll = await school.roll(session)
        assert [person["name"] for person in roll["people"]] == [f"Anna Nr {n:02}" for n in range(5, 30)]

        assert await school.outcomes(session, mark(session, late)) == ["held"]
        assert (await origin.position("attendance"))["held"] == 1
        await origin.send(school.confirmed(session, late))
        await origin.settled()
        await school.attest(session)
        await origin.settled()
        log = await everything_on(stack.bootstrap_servers, origin.prefix + ATTENDANCE.name)
        told = [one.header("ce_type").split(".")[3] for one in log if one.key.decode() == str(session.id)]
        assert told == ["attendance-recorded", "roll-attested"]


async def test_what_cannot_be_read_is_kept_and_the_rest_goes_on(stack: Stack) -> None:
    async with running(stack, ["attendance"]) as origin:
        school = School(origin)
        session, first = scheduled(school)
        await put(stack.bootstrap_servers, origin.prefix + BOOKING.name, [(str(uuid4()).encode(), b"{", [])])
        await origin.send(first, school.confirmed(session, uuid4()))
        await origin.settled(dead_letters=True)
        assert len((await school.roll(session))["people"]) == 1
        position = await eventually(lambda: origin.position("attendance"), until=lambda now: now["dead_letters"] == 2)
        assert position["lag"] == 0


async def test_behind_what_cannot_be_read_the_session_waits_and_others_go_on(stack: Stack) -> None:
    """Rolls follow the order of a session's events: what comes after a gap is not applied before the gap is closed."""
    async with running(stack, ["attendance"]) as origin:
        school = School(origin)
        (session, first), (other, second) = scheduled(school), scheduled(school)
        await origin.send(first, second)
        await put(stack.bootstrap_servers, origin.prefix + BOOKING.name, [(str(session.id).encode(), b"{", [])])
        await origin.send(school.confirmed(session, uuid4()), school.confirmed(other, uuid4()))
        await origin.settled(dead_letters=True)
        position = await origin.position("attendance")
        assert (position["dead_letters"], position["parked"]) == (2, 1)
        assert (await school.roll(session))["people"] == []
        assert len((await school.roll(other))["people"]) == 1
