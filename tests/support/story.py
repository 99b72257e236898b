"""A story told in events: what booking and attendance would publish.

`Story` is what reporting consumes: `facts()` of it for unit tests, `current.py` for its figures in a database,
`Origin.send(*story.told)` for a service. A `School` (school.py) tells an attendance service what booking publishes.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from services.reporting.facts.natural_key import natural_key
from services.reporting.recompute.model import Facts
from shared.contracts import attendance_v1, booking_v1, catalogue_v1, participants_v1, signatures_v1, surveys_v1
from shared.contracts.registry import EventData, key_of
from shared.messaging.delivery import Event
from tests.support.assemble import StoredFact, assemble
from tests.support.booking_world import PROJECT
from tests.support.events import delivered

NAMESPACE = UUID("8f1f8f7e-58a5-4d0c-9d0a-3a4a3f6d1c11")
RECORDED = datetime(2026, 1, 15, 8, tzinfo=UTC)
BEFORE = datetime(2025, 1, 1, 8, tzinfo=UTC)
Name = str | UUID


def id_of(name: Name) -> UUID:
    """The same name gives the same id in every story; an id is its own."""
    return name if isinstance(name, UUID) else uuid5(NAMESPACE, name)


def at(day: str, hour: int = 9, minute: int = 0) -> datetime:
    """A UTC time on a day."""
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC) + timedelta(hours=hour, minutes=minute)


def stored(event: Event) -> StoredFact:
    """An event as reporting keeps it."""
    data = None if event.data is None else json.loads(event.data.model_dump_json(exclude_none=True))
    return StoredFact(
        event_id=str(event.id),
        type=event.type,
        key=event.key,
        natural_key=natural_key(event.type, event.key, str(event.id), data),
        sequence=event.sequence,
        occurred_at=event.time,
        recorded_at=event.recorded_at,
        data=data,
    )


@dataclass
class Session:
    """A session of the story: its name, and the state that each of its events repeats."""

    name: Name
    state: dict[str, Any]

    @property
    def id(self) -> UUID:
        return id_of(self.name)

    @property
    def occasions(self) -> list[booking_v1.Occasion]:
        occasions: list[booking_v1.Occasion] = self.state["occasions"]
        return occasions

    @property
    def trainers(self) -> list[UUID]:
        trainers: list[UUID] = self.state["trainers"]
        return trainers


@dataclass
class BookingStory:
    """What booking publishes: each method is an event, the next of its key, and `told` keeps them in order."""

    told: list[Event] = field(default_factory=list)
    recorded_at: datetime = RECORDED
    booked_at: datetime = BEFORE
    """When sessions were scheduled and seats taken, unless said otherwise."""
    _sequences: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))

    def event(self, data: EventData, *, key: str | None = None, when: datetime | None = None) -> Event:
        """Of data that no method is for. It happened when it was recorded, unless said otherwise."""
        return self._next(type(data), data, key or key_of(data), when)

    def bury(self, contract: type[EventData], key: str) -> Event:
        """A tombstone."""
        return self._next(contract, None, key, None)

    def _next(self, contract: type[EventData], data: EventData | None, key: str, when: datetime | None) -> Event:
        place = (contract.topic.name, key)
        self._sequences[place] += 1
        event = delivered(
            contract,
            data,
            key=key,
            sequence=self._sequences[place],
            at=when or self.recorded_at,
            recorded_at=self.recorded_at,
            event_id=id_of(f"{place} {self._sequences[place]}"),
        )
        self.told.append(event)
        return event

    def project(self, *settings: tuple[str, Any, str], minutes: int = 2_520_000) -> Event:
        """The project with these settings: key, value and the day since which it holds."""
        dated = [{"key": key, "value": value, "valid_from": day} for key, value, day in settings]
        stated = {**PROJECT, "commitment_minutes": minutes, "settings": dated}
        return self.event(catalogue_v1.ProjectChanged.model_validate(stated))

    def municipality(self, code: str, *commitments: tuple[int, str], name: str = "") -> Event:
        promised = commitments or ((60_000, "2025-01-01"),)
        stated = [{"minutes": n, "employees": 100, "valid_from": day} for n, day in promised]
        data = {"code": code, "name": name or code, "commitments": stated}
        return self.event(catalogue_v1.MunicipalityChanged.model_validate(data))

    def qualified(self, name: str, obtained: str, *, starts: str | None = None, ends: str | None = None) -> Event:
        """A trainer who has been qualified since a day."""
        data = {
            "trainer_id": id_of(name),
            "qualifications": [{"code": "KlinSim1", "obtained_on": obtained}],
            "home_municipality": "1880",
            "active_from": starts,
            "active_to": ends,
        }
        return self.event(catalogue_v1.TrainerChanged.model_validate(data))

    def person(
        self,
        name: Name,
        *employments: Mapping[str, Any],
        gender: str = "woman",
        birth_year: int | None = 1980,
        **erased: Any,
    ) -> Event:
        """A person with these employments; without any, one at 1884 for ever."""
        chosen = list(employments or (employment(name),))
        data = {"participant_id": id_of(name), "gender": gender, "birth_year": birth_year, "employments": chosen}
        return self.event(participants_v1.ParticipantChanged.model_validate(data | erased))

    def merged(self, ended: Name, into: Name) -> Event:
        return self.event(participants_v1.ParticipantsMerged(participant_id=id_of(ended), into=id_of(into)))

    def planned(
        self,
        name: Name,
        *occasions: tuple[datetime, int],
        course: str = "TR1",
        capacity: int = 10,
        breaks: int = 0,
        host: str = "1880",
        **fields: Any,
    ) -> Session:
        """A session that nobody was told of yet: occasions of start and length in minutes, `breaks` of them unpaid."""
        state = {
            "session_id": id_of(name),
            "course": course,
            "course_title": course,
            "duration_minutes": sum(length for _, length in occasions),
            "host_municipality": host,
            "venue": "Örebro",
            "capacity": capacity,
            "occasions": [occasion(name, i, start, length, breaks) for i, (start, length) in enumerate(occasions)],
            "trainers": [],
            "support": [],
            "cancellation_deadline": occasions[0][0] - timedelta(days=7),
            "state": "scheduled",
        }
        return Session(name, state | fields)

    def scheduled(self, session: Session) -> Event:
        return self.changed(session, booking_v1.SessionScheduled, when=self.booked_at)

    def rescheduled(self, session: Session, *occasions: booking_v1.Occasion) -> Event:
        """These occasions instead of those that it has."""
        return self.changed(session, booking_v1.SessionRescheduled, occasions=list(occasions))

    def changed(
        self, session: Session, contract: type[booking_v1.SessionEvent], *, when: datetime | None = None, **changes: Any
    ) -> Event:
        session.state |= changes
        return self.event(contract.model_validate(session.state), when=when)

    def called_off(self, session: Session, cause: str = "too-few") -> Event:
        return self.changed(session, booking_v1.SessionCancelled, state="cancelled", cause=cause)

    def confirmed(
        self, session: Session, who: Name, *, when: datetime | None = None, at_employer: str = "1884", **fields: Any
    ) -> Event:
        data = {**registration(session, who, at_employer), "via": "single", **fields}
        return self.event(booking_v1.RegistrationConfirmed.model_validate(data), when=when or self.booked_at)

    def cancelled(self, session: Session, who: Name, *, when: datetime | None = None, **fields: Any) -> Event:
        """Late, of a seat, unless said otherwise."""
        said = {"was": "confirmed", "late": True, "neutral": False, "by": "municipality"}
        data = registration(session, who) | said | fields
        return self.event(booking_v1.RegistrationCancelled.model_validate(data), when=when)

    def waitlisted(self, session: Session, who: Name, *, when: datetime | None = None) -> Event:
        data = registration(session, who) | {"position": 1}
        return self.event(booking_v1.RegistrationWaitlisted.model_validate(data), when=when or self.booked_at)

    def moved_out(
        self, session: Session, who: Name, to: Session, *, when: datetime | None = None, late: bool = False
    ) -> Event:
        data = registration(session, who) | {"to_session": to.id, "late": late}
        return self.event(booking_v1.RegistrationMovedOut.model_validate(data), when=when)

    def substituted(self, session: Session, who: Name, by: Name, *, when: datetime | None = None) -> Event:
        data = registration(session, who) | {"by_registration": registration(session, by)["registration_id"]}
        return self.event(booking_v1.RegistrationSubstituted.model_validate(data), when=when)


@dataclass
class Story(BookingStory):
    """What reporting consumes: what booking publishes, and what attendance does of it."""

    def facts(self, told: Iterable[Event] | None = None) -> Facts:
        """What reporting makes of it."""
        return assemble(stored(one) for one in (self.told if told is None else told))

    def merge(self, ended: Name, into: Name, *employments: Mapping[str, Any], **person: Any) -> None:
        """Two participants turn out to be one, whose employments these are."""
        self.merged(ended, into)
        self.person(into, *employments, **person)

    def session(self, name: Name, *occasions: tuple[datetime, int], **fields: Any) -> Session:
        """A scheduled session, `planned` so."""
        session = self.planned(name, *occasions, **fields)
        self.scheduled(session)
        return session

    def move(self, session: Session, who: Name, to: Session, *, when: datetime, late: bool = False) -> None:
        self.moved_out(session, who, to, when=when, late=late)
        self.confirmed(to, who, when=when, via="move")

    def substitute(self, session: Session, who: Name, by: Name, *, when: datetime, waiting: bool = False) -> None:
        self.substituted(session, who, by, when=when)
        if waiting:
            self.waitlisted(session, by, when=when)
        else:
            self.confirmed(session, by, when=when, via="substitution")

    def attended(self, session: Session, who: Name, minutes: int, *, at_employer: str = "1884") -> None:
        """One person had a seat and was there, and the roll is attested."""
        self.confirmed(session, who, at_employer=at_employer)
        self.attest(session, (who, minutes))

    def mark(self, session: Session, who: Name, minutes: int, *, occasion: int = 0) -> None:
        self.event(
            attendance_v1.AttendanceRecorded.model_validate(
                {
                    "mark_id": id_of(f"mark {session.name} {who} {len(self.told)}"),
                    "participant_id": id_of(who),
                    "occasion_id": session.occasions[occasion].occasion_id,
                    "minutes": minutes,
                    "scheduled_minutes": 180,
                    "status": "present" if minutes else "absent",
                    "source": "trainer",
                    "marked_at": RECORDED,
                    "received_at": RECORDED,
                    "roll_version": 1,
                }
            ),
            key=str(session.id),
        )

    def attest(
        self, session: Session, *lines: tuple[Name, int] | tuple[Name, int, int], excused: Iterable[str] = ()
    ) -> None:
        """A sealed roll: lines of (who, minutes) on the first occasion or (who, minutes, occasion)."""
        self.event(
            attendance_v1.RollAttested.model_validate(
                {
                    "roll_version": len(self.told),
                    "sealed_hash": "00",
                    "attested_by": "trainer",
                    "minutes": [
                        {
                            "participant_id": id_of(who),
                            "occasion_id": session.occasions[rest[0] if rest else 0].occasion_id,
                            "minutes": minutes,
                            "scheduled_minutes": 180,
                            "excused": who in set(excused),
                        }
                        for who, minutes, *rest in lines
                    ],
                }
            ),
            key=str(session.id),
        )

    def reopen(self, session: Session) -> None:
        self.event(attendance_v1.RollReopened(reason_code="entry-error"), key=str(session.id))

    def head_count(self, session: Session, count: int) -> None:
        occasion_id = session.occasions[0].occasion_id
        self.event(
            attendance_v1.HeadCountRecorded(head_count_id=id_of("count"), occasion_id=occasion_id, count=count),
            key=str(session.id),
        )

    def sign(self, who: Name, month: str, *items: tuple[Session, int]) -> None:
        lines = [{"session_id": s.id, "occasion_id": s.occasions[0].occasion_id, "minutes": n} for s, n in items]
        data = {"participant_id": id_of(who), "month": month, "items": lines, "document_hash": "00", "method": "code"}
        self.event(signatures_v1.HoursSigned.model_validate(data))

    def void(self, who: Name, month: str) -> None:
        self.event(signatures_v1.SignatureVoided(month=month, cause="corrected"), key=str(id_of(who)))

    def invite(self, session: Session, invited: int) -> None:
        data = surveys_v1.SurveySent(survey="participant", audience="participant", invited=invited)
        self.event(data, key=str(session.id))

    def answer(self, session: Session, audience: surveys_v1.Audience = "participant", **answers: str | int) -> None:
        data = surveys_v1.SurveyAnswered(survey=audience, audience=audience, version=1, answers=answers)
        self.event(data, key=str(session.id))


def occasion(session: Name, number: int, start: datetime, length: int, breaks: int) -> booking_v1.Occasion:
    ends = start + timedelta(minutes=length)
    occasion_id = id_of(f"{session}#{number}")
    return booking_v1.Occasion(occasion_id=occasion_id, starts_at=start, ends_at=ends, break_minutes=breaks)


def employment_of(who: Name, municipality: str = "1884") -> UUID:
    """The employment of a person by a municipality."""
    return id_of(f"{who}@{municipality}")


def employment(
    who: Name,
    municipality: str = "1884",
    *,
    title: str = "assistant_nurse",
    category: str = "base",
    kind: str = "employed",
    since: str = "2020-01-01",
    until: str | None = None,
) -> dict[str, Any]:
    """An employment as the event carries it; one per person and municipality."""
    return {
        "employment_id": employment_of(who, municipality),
        "municipality": municipality,
        "employer_org_number": "212000-2007",
        "title": title,
        "category": category,
        "kind": kind,
        "valid_from": since,
        "valid_to": until,
    }


def registration(session: Session, who: Name, municipality: str = "1884") -> dict[str, Any]:
    return {
        "registration_id": id_of(f"{session.name}/{who}"),
        "session_id": session.id,
        "participant_id": id_of(who),
        "municipality": municipality,
        "employment_id": employment_of(who, municipality),
    }
