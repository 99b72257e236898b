"""An attendance service whose mail goes to a box: what is told to whom."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2

from shared.contracts.envelope import decode
from shared.contracts.people_v2 import ContactOfEmployment, PersonChangedV2
from shared.contracts.registry import EventData
from shared.contracts.topics import SIGNATURES
from shared.messaging.delivery import Event
from tests.support.answers import answered
from tests.support.clock import FixedClock
from tests.support.events import stamped
from tests.support.eventually import eventually
from tests.support.kafka_log import everything_on
from tests.support.mailbox import Mail, Mailed, mailbox
from tests.support.school import School, mark
from tests.support.services import running
from tests.support.stack import Stack
from tests.support.story import Session, employment_of

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
LINK, CODE = "Din sida för kurserna", "Koden för att skriva under"


@dataclass
class Post(Mailed):
    """An attendance service whose mail goes to a box here; its neighbours are played on the topics."""

    school: School

    async def tell(self, *events: Event, at: datetime | None = None) -> None:
        """Neighbours publish events that were recorded now, and happened now or `at`."""
        now = self.clock.at
        await self.origin.send(*(stamped(event, time=at or now, recorded_at=now) for event in events))
        await self.origin.settled()

    async def session(self, starts: datetime) -> Session:
        session = self.school.unannounced(starts)
        await self.tell(self.school.scheduled(session))
        return session

    async def person(self, *, language: str = "sv", protected: bool = False, **contact: str) -> tuple[UUID, str]:
        """Somebody with an address of their own, unless `contact` says otherwise."""
        person = uuid4()
        address = f"{person.hex[:12]}@example.se"
        named = {"given_name": "Maja", "family_name": "Ek"} if not protected else {}
        fields = {**named, **(contact or {"email": address})}
        known = ContactOfEmployment(employment_id=employment_of(person), **fields)
        data: EventData = PersonChangedV2(language=language, protected=protected, contacts=(known,))
        await self.tell(self.school.event(data, key=f"person/{person}"))
        return person, address

    async def link(self, person: UUID, address: str, **body: Any) -> tuple[str, str]:
        """The id and the token of a link that the office sends."""
        before = await self.mails_about(address, LINK)
        made = await self.school.post("/links", {"participant_id": str(person), **body}, 202)
        mails = await self.mails_about(address, LINK, len(before) + 1)
        return made["id"], token_in(mails[-1])

    async def mails_about(self, address: str, subject: str, count: int = 0) -> list[Mail]:
        """The mails of this subject, once there are so many. More than these fail the test."""

        async def found() -> list[Mail]:
            return [mail for mail in await self.box.mails(address) if mail["subject"] == subject]

        mails = await eventually(found, until=lambda mails: len(mails) >= count, what=f"{subject} to {address}")
        assert len(mails) <= count or count == 0
        return mails

    async def first_links(self, count: int, address: str) -> list[Mail]:
        """The mails to somebody who got seats. A notice that came before the roll tries again after some seconds."""
        self.clock.at += timedelta(minutes=1)
        return await self.box.until(count, address)

    @property
    def anybody(self) -> httpx2.AsyncClient:
        return self.origin.client()

    async def apply(self, *events: Event) -> None:
        """Applies events by attendance's own handlers, which is quicker; nobody gets a mail for them."""
        await self.school.tell(*events)

    async def participant(self, *, minutes: int | None = None) -> "Participant":
        """Somebody who attended a session that is attested, and has a link."""
        person, address = await self.person()
        session = await self.attended(person, minutes=minutes)
        link_id, token = await self.link(person, address)
        return Participant(self, person, address, session, link_id, token)

    async def attended(self, *people: UUID, minutes: int | None = None, starts: datetime | None = None) -> Session:
        """A session that people attended, attested an hour after its end."""
        session = self.school.unannounced(starts or self.clock.at + DAY)
        confirmed = [self.school.confirmed(session, person) for person in people]
        await self.apply(self.school.scheduled(session), *confirmed)
        self.clock.at = session.occasions[-1].ends_at + timedelta(hours=1)
        said: dict[str, Any] = {} if minutes is None else {"minutes": minutes}
        marks = [mark(session, person, **said) for person in people]
        outcomes = await self.school.outcomes(session, *marks, device_time=self.clock.at.isoformat())
        assert set(outcomes) == {"accepted"}
        await self.school.attest(session)
        return session

    async def held(self, *people: UUID, starts: datetime = NOW - DAY, attested: datetime | None = None) -> Session:
        """A session at which they were, attested now or at `attested`."""
        before, session = self.clock.at, await self.session(starts)
        self.clock.at = attested or before
        await self.tell(*(self.school.confirmed(session, person) for person in people))
        device_time = self.clock.at.isoformat()
        await self.school.post_marks(session, *(mark(session, one) for one in people), device_time=device_time)
        await self.school.attest(session)
        self.clock.at = before
        return session


@dataclass
class Participant:
    """Somebody with a link to their own page."""

    post: Post
    id: UUID
    address: str
    session: Session
    link_id: str
    token: str

    @property
    def page(self) -> str:
        return f"/attendance/v1/my/{self.token}"

    async def months(self) -> dict[str, dict[str, Any]]:
        """The months of the own page by their names."""
        shown = answered(await self.post.anybody.get(self.page))
        return {month["month"]: month for month in shown["months"]}

    async def month(self) -> dict[str, Any]:
        """The only month."""
        [month] = (await self.months()).values()
        return month

    async def code(self) -> str:
        """The code of a new mail."""
        before = await self.post.mails_about(self.address, CODE)
        answered(await self.post.anybody.post(f"{self.page}/code"))
        mail = (await self.post.mails_about(self.address, CODE, len(before) + 1))[-1]
        assert not re.search(r"[0-9]{6}", mail["subject"])
        [code] = re.findall(r"Koden är ([0-9]{6})\.", mail["text"])
        return str(code)

    async def sign(self, code: str, **other: Any) -> httpx2.Response:
        """Signs the only month as it is now, unless `other` says otherwise."""
        month = await self.month()
        body = {"month": month["month"], "document_hash": month["document_hash"], "code": code, **other}
        return await self.post.anybody.post(f"{self.page}/sign", json=body)

    async def published(self) -> list[EventData | None]:
        """What was published of the person's signatures."""
        origin = self.post.origin
        await origin.settled()
        records = await everything_on(origin.stack.bootstrap_servers, origin.prefix + SIGNATURES.name)
        own = [record for record in records if record.key == str(self.id).encode()]
        return [decode(SIGNATURES, one.key, one.value, one.headers, None)[1] for one in own]


def tokens_in(mail: Mail, page: str) -> list[str]:
    """What the links of a mail to a page end in."""
    return [line.rsplit(page, 1)[1].strip() for line in mail["text"].splitlines() if page in line]


def token_in(mail: Mail, page: str = "/min/") -> str:
    [token] = tokens_in(mail, page)
    return token


@asynccontextmanager
async def opened(stack: Stack, *services: str) -> AsyncIterator[Post]:
    """Until the block ends."""
    clock = FixedClock(NOW)
    named = services or ("attendance",)
    async with mailbox() as box, running(stack, named, clock=clock, settings=box.variables) as origin:
        yield Post("attendance", origin, box, clock, School(origin))
