"""The rolls from real Kafka: every message twice, every first attempt fails, topics in any order."""

from collections.abc import Sequence
from uuid import uuid4

from aiokafka import AIOKafkaProducer

from shared.contracts import booking_v1 as booking
from shared.contracts.envelope import encode_headers, encode_value
from shared.contracts.registry import by_type
from shared.contracts.topics import ATTENDANCE, BOOKING
from shared.messaging.delivery import Event
from shared.security.cipher import Cipher
from tests.integration.attendance.school import NINE, School, Session, mark
from tests.support.eventually import eventually
from tests.support.kafka_log import everything_on
from tests.support.services import PEOPLE_KEYS, Origin, running
from tests.support.stack import Stack

CIPHER = Cipher.from_setting(PEOPLE_KEYS)


async def publish(origin: Origin, events: Sequence[Event]) -> None:
    """Sends events to the topics of the running service."""
    producer = AIOKafkaProducer(bootstrap_servers=origin.stack.bootstrap_servers)
    await producer.start()
    try:
        for event in events:
            contract = by_type(event.type)
            assert contract is not None
            headers = encode_headers(
                contract,
                event_id=event.id,
                source="/kursnav/booking",
                subject=event.envelope.subject,
                time=event.time,
                recorded_at=event.recorded_at,
                sequence=event.sequence,
            )
            await producer.send_and_wait(
                origin.prefix + event.topic,
                encode_value(event.data, key=event.key, cipher=CIPHER) if event.data else None,
                key=event.key.encode(),
                headers=[(name, text.encode()) for name, text in headers.items()],
            )
    finally:
        await producer.stop()


def scheduled(school: School) -> tuple[Session, Event]:
    session = Session(uuid4(), [], [uuid4()])
    session.occasions = [
        booking.Occasion(occasion_id=uuid4(), starts_at=NINE, ends_at=NINE.replace(hour=11), break_minutes=15)
    ]
    return session, school.event(session.data())


async def test_rolls_names_and_held_marks_from_the_topics(stack: Stack) -> None:
    async with running(stack, ["attendance"]) as origin:
        school = School(origin)
        session, first = scheduled(school)
        people = [uuid4() for _ in range(30)]
        late = uuid4()
        names = [school.named(person, "Anna", f"Nr {n:02}") for n, person in enumerate(people)]
        cancelled = people[:5]
        await publish(origin, names[:15])
        await publish(origin, [first, *(school.confirmed(session, person) for person in people)])
        await publish(origin, [school.cancelled(session, person) for person in cancelled] + names[15:])
        await origin.settled()
        roll = await school.roll(session)
        assert [person["name"] for person in roll["people"]] == [f"Anna Nr {n:02}" for n in range(5, 30)]

        assert await school.outcomes(session, mark(session, late)) == ["held"]
        assert (await origin.position("attendance"))["held"] == 1
        await publish(origin, [school.confirmed(session, late)])
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
        producer = AIOKafkaProducer(bootstrap_servers=stack.bootstrap_servers)
        await producer.start()
        await producer.send_and_wait(origin.prefix + BOOKING.name, b"{", key=str(uuid4()).encode())
        await producer.stop()
        await publish(origin, [first, school.confirmed(session, uuid4())])
        await origin.settled(dead_letters=True)
        assert len((await school.roll(session))["people"]) == 1
        position = await eventually(lambda: origin.position("attendance"), until=lambda now: now["dead_letters"] == 1)
        assert position["lag"] == 0


async def test_behind_what_cannot_be_read_the_session_waits_and_others_go_on(stack: Stack) -> None:
    """Rolls follow the order of a session's events: what comes after a gap is not applied before the gap is closed."""
    async with running(stack, ["attendance"]) as origin:
        school = School(origin)
        (session, first), (other, second) = scheduled(school), scheduled(school)
        await publish(origin, [first, second])
        producer = AIOKafkaProducer(bootstrap_servers=stack.bootstrap_servers)
        await producer.start()
        await producer.send_and_wait(origin.prefix + BOOKING.name, b"{", key=str(session.id).encode())
        await producer.stop()
        await publish(origin, [school.confirmed(session, uuid4()), school.confirmed(other, uuid4())])
        await origin.settled(dead_letters=True)
        position = await origin.position("attendance")
        assert (position["dead_letters"], position["parked"]) == (1, 1)
        assert (await school.roll(session))["people"] == []
        assert len((await school.roll(other))["people"]) == 1
