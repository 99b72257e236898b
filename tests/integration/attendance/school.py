"""A school day for the attendance service: booking and the people topic are played by their events."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

import httpx2

from services.attendance.consumers import CONSUMERS
from shared.contracts import booking_v1 as booking
from shared.contracts.catalogue_v1 import PROJECT_KEY, ProjectChanged
from shared.contracts.people_v1 import TrainerContactChanged
from shared.contracts.people_v2 import ContactOfEmployment, PersonChangedV2
from shared.contracts.registry import EventData, key_of
from shared.messaging.delivery import Event
from shared.security.roles import Role
from tests.support.answers import answered
from tests.support.booking_world import PROJECT
from tests.support.events import delivered
from tests.support.services import Origin

NINE = datetime(2025, 3, 3, 8, tzinfo=UTC)
HOURS = timedelta(hours=1)
ALWAYS: dict[str, Any] = {"iat": 0, "exp": 4_000_000_000}
"""Claims of a token that is good whatever time a clock of the test shows."""


@dataclass
class Session:
    """A session of the story."""

    id: UUID
    occasions: list[booking.Occasion]
    trainers: list[UUID]
    state: str = "scheduled"

    def data(self, contract: type[booking.SessionEvent] = booking.SessionScheduled, **more: Any) -> EventData:
        return contract(
            session_id=self.id,
            course="HLR",
            course_title="Hjärt-lungräddning",
            duration_minutes=180,
            host_municipality="1880",
            venue="KTC",
            capacity=20,
            occasions=tuple(self.occasions),
            trainers=tuple(self.trainers),
            support=(),
            cancellation_deadline=NINE - timedelta(days=7),
            state=self.state,
            **more,
        )


@dataclass
class School:
    """Tells attendance what happened and speaks its API."""

    origin: Origin
    sequences: Counter[tuple[str, str]] = field(default_factory=Counter)

    # --- events ------------------------------------------------------------------------------------------------------

    def event(
        self, data: EventData | None, *, key: str | None = None, contract: type[EventData] | None = None
    ) -> Event:
        """The next event of its key."""
        kind = type(data) if data is not None else contract
        assert kind is not None
        key = key or key_of(data)  # type: ignore[arg-type]  # a tombstone is told with its key
        self.sequences[kind.topic.name, key] += 1
        return delivered(kind, data, key=key, sequence=self.sequences[kind.topic.name, key], at=NINE)

    async def tell(self, *events: Event) -> None:
        """Lets attendance apply events in one batch per topic."""
        units = self.origin.services["attendance"].units
        for consumer in CONSUMERS:
            names = {topic.name for topic in consumer.topics}
            batch = [event for event in events if event.topic in names]
            if batch:
                async with units.system() as unit:
                    await consumer.handler(unit, batch)

    async def session(
        self, *starts: datetime, hours: int = 3, break_minutes: int = 15, trainers: Sequence[UUID] = ()
    ) -> Session:
        """A scheduled session with an occasion at each start."""
        session = self.planned(*starts, hours=hours, break_minutes=break_minutes, trainers=trainers)
        await self.tell(self.event(session.data()))
        return session

    def planned(
        self, *starts: datetime, hours: int = 3, break_minutes: int = 15, trainers: Sequence[UUID] = ()
    ) -> Session:
        """A session that attendance has not been told of yet."""
        dates = [
            booking.Occasion(occasion_id=uuid4(), starts_at=at, ends_at=at + hours * HOURS, break_minutes=break_minutes)
            for at in starts or (NINE,)
        ]
        return Session(uuid4(), dates, list(trainers) or [uuid4()])

    def confirmed(self, session: Session, person: UUID, **more: Any) -> Event:
        data = booking.RegistrationConfirmed(**_registration(session, person, **{"via": "single", **more}))
        return self.event(data)

    def cancelled(self, session: Session, person: UUID, was: str = "confirmed", **more: Any) -> Event:
        data = booking.RegistrationCancelled(
            **_registration(session, person, **more), was=was, late=True, neutral=False, by="municipality"
        )
        return self.event(data)

    def rescheduled(self, session: Session, *occasions: booking.Occasion) -> Event:
        """The session gets these occasions instead of those that it has."""
        session.occasions = list(occasions)
        return self.event(session.data(booking.SessionRescheduled))

    def called_off(self, session: Session) -> Event:
        session.state = "cancelled"
        return self.event(session.data(booking.SessionCancelled, cause="venue"))

    def replaced(self, session: Session, to: UUID, *, at: datetime = NINE) -> Event:
        """Another trainer takes over, at a time."""
        left, session.trainers = session.trainers[0], [to]
        event = self.event(booking.TrainerReplaced(from_=left, to=to), key=str(session.id))
        return replace(event, envelope=event.envelope._replace(time=at))

    def moved_out(self, session: Session, person: UUID, to: Session) -> Event:
        return self.event(booking.RegistrationMovedOut(**_registration(session, person), to_session=to.id, late=False))

    def substituted(self, session: Session, person: UUID, by_registration: UUID) -> Event:
        data = booking.RegistrationSubstituted(**_registration(session, person), by_registration=by_registration)
        return self.event(data)

    def waitlisted(self, session: Session, person: UUID) -> Event:
        return self.event(booking.RegistrationWaitlisted(**_registration(session, person), position=1))

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

    def project(self, *settings: dict[str, Any]) -> Event:
        data = ProjectChanged.model_validate({**PROJECT, "settings": settings})
        return self.event(data, key=PROJECT_KEY)

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


def employment_of(person: UUID, municipality: str = "1884") -> UUID:
    """A person's employment by a municipality."""
    return uuid5(person, municipality)


def _registration(session: Session, person: UUID, **more: Any) -> dict[str, Any]:
    return {
        "registration_id": uuid5(session.id, str(person)),
        "session_id": session.id,
        "participant_id": person,
        "municipality": "1884",
        "employment_id": employment_of(person),
    } | more
