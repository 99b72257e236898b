"""A school day in a running attendance service: booking and the people topic are played by their events."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2

from services.attendance.consumers import CONSUMERS
from shared.contracts import booking_v1 as booking
from shared.contracts.people_v1 import TrainerContactChanged
from shared.contracts.people_v2 import ContactOfEmployment, PersonChangedV2
from shared.messaging.delivery import Event
from shared.security.roles import Role
from tests.support.answers import answered
from tests.support.services import Origin
from tests.support.story import BookingStory, Session, employment_of

NINE = datetime(2025, 3, 3, 8, tzinfo=UTC)
HOURS = timedelta(hours=1)
ALWAYS: dict[str, Any] = {"iat": 0, "exp": 4_000_000_000}
"""Claims of a token that is good whatever time a clock of the test shows."""


class School(BookingStory):
    """Tells attendance what booking and the people topic publish, and speaks its API."""

    def __init__(self, origin: Origin) -> None:
        super().__init__(recorded_at=NINE, booked_at=NINE)
        self.origin = origin

    # --- events ------------------------------------------------------------------------------------------------------

    async def tell(self, *events: Event) -> None:
        """Lets attendance apply events in one batch per topic."""
        units = self.origin.services["attendance"].units
        for consumer in CONSUMERS:
            names = {topic.name for topic in consumer.topics}
            batch = [event for event in events if event.topic in names]
            if batch:
                async with units.system() as unit:
                    await consumer.handler(unit, batch)

    async def session(self, *starts: datetime, **fields: Any) -> Session:
        """A scheduled session with an occasion at each start."""
        session = self.unannounced(*starts, **fields)
        await self.tell(self.scheduled(session))
        return session

    def unannounced(
        self, *starts: datetime, hours: int = 3, break_minutes: int = 15, trainers: Sequence[UUID] = ()
    ) -> Session:
        """A session that attendance has not been told of yet."""
        return self.planned(
            uuid4(),
            *((at, hours * 60) for at in starts or (NINE,)),
            breaks=break_minutes,
            course="HLR",
            course_title="Hjärt-lungräddning",
            venue="KTC",
            trainers=list(trainers) or [uuid4()],
        )

    def replaced(self, session: Session, to: UUID, *, when: datetime = NINE) -> Event:
        """Another trainer takes over."""
        left, session.state["trainers"] = session.trainers[0], [to]
        return self.event(booking.TrainerReplaced(from_=left, to=to), key=str(session.id), when=when)

    def named(self, person: UUID, given: str, family: str, *, protected: bool = False) -> Event:
        names = {} if protected else {"given_name": given, "family_name": family}
        contact = ContactOfEmployment(employment_id=employment_of(person), **names)
        return self.contacts(person, contact, protected=protected)

    def contacts(self, person: UUID, *contacts: ContactOfEmployment, protected: bool = False) -> Event:
        """How each employer addresses a person."""
        data = PersonChangedV2(language="sv", protected=protected, contacts=contacts)
        return self.event(data, key=f"person/{person}")

    def taught_by(self, session: Session, name: str) -> Event:
        """What the session's trainer is called."""
        data = TrainerContactChanged(name=name, email="trainer@example.se")
        return self.event(data, key=f"trainer/{session.trainers[0]}")

    async def with_people(
        self, number: int, *, starts: Sequence[datetime] = (), **options: Any
    ) -> tuple[Session, list[UUID]]:
        """A session with confirmed people."""
        session = await self.session(*starts, **options)
        people = [uuid4() for _ in range(number)]
        await self.tell(*(self.confirmed(session, person) for person in people))
        return session, people

    # --- HTTP --------------------------------------------------------------------------------------------------------

    @property
    def coordinator(self) -> httpx2.AsyncClient:
        return self.origin.client(Role.COORDINATOR, **ALWAYS)

    def trainer(self, trainer_id: UUID) -> httpx2.AsyncClient:
        return self.origin.client(Role.TRAINER, trainer_id=trainer_id)

    async def roll(self, session: Session, client: httpx2.AsyncClient | None = None) -> dict[str, Any]:
        return await got(client or self.coordinator, f"/attendance/v1/sessions/{session.id}/roll")

    async def post_marks(
        self,
        session: Session,
        *marks: dict[str, Any],
        device: str = "phone",
        client: httpx2.AsyncClient | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        body = {"device_id": device, "device_time": datetime.now(UTC).isoformat(), "marks": list(marks), **more}
        return answered(
            await (client or self.coordinator).post(f"/attendance/v1/sessions/{session.id}/marks", json=body)
        )

    async def outcomes(self, session: Session, *marks: dict[str, Any], **options: Any) -> list[str]:
        answer = await self.post_marks(session, *marks, **options)
        return [result["outcome"] for result in answer["results"]]

    async def post(self, path: str, body: Any, status: int = 200, **headers: str) -> dict[str, Any]:
        return answered(await self.coordinator.post(f"/attendance/v1{path}", json=body, headers=headers), status)

    async def attest(self, session: Session, status: int = 200, **body: Any) -> dict[str, Any]:
        """The coordinator attests for the trainer, the roll as it is now unless the body says otherwise."""
        if "roll_version" not in body:
            body["roll_version"] = (await self.roll(session))["roll_version"]
        body = {**for_the_trainer(session), **body}
        return await self.post(f"/sessions/{session.id}/attest", body, status)

    async def published(self, session: Session, *names: str) -> list[dict[str, Any]]:
        """The events of a session in order, as they lie in the outbox: type name and data."""
        events = await self.origin.outbox("attendance", "key = $1", str(session.id))
        found = [{"name": event.name, **event.data.model_dump(mode="json")} for event in events if event.data]
        return [event for event in found if not names or event["name"] in names]


def for_the_trainer(session: Session) -> dict[str, str]:
    """What a coordinator says who attests."""
    return {"on_behalf_of": str(session.trainers[0]), "reason": "Listan kom på papper"}


async def got(client: httpx2.AsyncClient, path: str, status: int = 200) -> dict[str, Any]:
    """What a GET answers."""
    return answered(await client.get(path), status)


def mark(session: Session, person: UUID, status: str = "present", occasion: int = 0, **more: Any) -> dict[str, Any]:
    """One mark of a device; made at the start of the occasion unless `marked_at` says otherwise."""
    at = session.occasions[occasion].starts_at + timedelta(minutes=more.pop("minute", 0))
    return {
        "mark_id": str(uuid4()),
        "participant_id": str(person),
        "occasion_id": str(session.occasions[occasion].occasion_id),
        "status": status,
        "marked_at": at.isoformat(),
        "base_version": 1,
        **more,
    }
