"""A story told in events: what booking and attendance would publish, as facts for unit tests or records for Kafka."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid5

from services.reporting.facts.natural_key import natural_key
from services.reporting.recompute.model import Facts
from shared.contracts import attendance_v1, booking_v1, catalogue_v1, participants_v1, signatures_v1, surveys_v1
from shared.contracts.registry import EventData
from shared.messaging.delivery import Event
from tests.support.assemble import StoredFact, assemble
from tests.support.booking_world import PROJECT
from tests.support.events import delivered

NAMESPACE = UUID("8f1f8f7e-58a5-4d0c-9d0a-3a4a3f6d1c11")
RECORDED = datetime(2026, 1, 15, 8, tzinfo=UTC)
BEFORE = datetime(2025, 1, 1, 8, tzinfo=UTC)
Via = Literal["single", "group", "import", "reservation", "promotion", "walk-in", "substitution", "move"]


def id_of(name: str) -> UUID:
    """The same name gives the same id in every story."""
    return uuid5(NAMESPACE, name)


def at(day: str, hour: int = 9, minute: int = 0) -> datetime:
    """A UTC time on a day."""
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC) + timedelta(hours=hour, minutes=minute)


@dataclass(frozen=True)
class Told:
    """One event of the story; `data` None is a tombstone of `contract`."""

    contract: type[EventData]
    data: EventData | None
    key: str
    sequence: int
    occurred_at: datetime
    recorded_at: datetime
    event_id: UUID

    def stored(self) -> StoredFact:
        data = None if self.data is None else json.loads(self.data.model_dump_json(exclude_none=True))
        return StoredFact(
            event_id=str(self.event_id),
            type=self.contract.ce_type,
            key=self.key,
            natural_key=natural_key(self.contract.ce_type, self.key, str(self.event_id), data),
            sequence=self.sequence,
            occurred_at=self.occurred_at,
            recorded_at=self.recorded_at,
            data=data,
        )

    def event(self) -> Event:
        return delivered(
            self.contract,
            self.data,
            key=self.key,
            sequence=self.sequence,
            at=self.occurred_at,
            recorded_at=self.recorded_at,
            event_id=self.event_id,
        )


@dataclass
class Session:
    """A session of the story: its id, its occasions, and the state that each of its events repeats."""

    name: str
    state: dict[str, Any]

    @property
    def id(self) -> UUID:
        return id_of(self.name)

    @property
    def occasions(self) -> Sequence[Mapping[str, Any]]:
        occasions: Sequence[Mapping[str, Any]] = self.state["occasions"]
        return occasions


@dataclass
class Story:
    """Tells events in order; `facts()` is what reporting makes of them."""

    told: list[Told] = field(default_factory=list)
    recorded_at: datetime = RECORDED
    _sequences: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))

    def facts(self, told: Iterable[Told] | None = None) -> Facts:
        return assemble(one.stored() for one in (self.told if told is None else told))

    def tell(self, data: EventData, *, key: str | None = None, when: datetime | None = None) -> Told:
        assert key or data.key_format
        key = key or str(data.key_format).format(**data.model_dump())
        return self._add(type(data), data, key, when)

    def bury(self, contract: type[EventData], key: str) -> Told:
        """A tombstone."""
        return self._add(contract, None, key, None)

    def _add(self, contract: type[EventData], data: EventData | None, key: str, when: datetime | None) -> Told:
        place = (contract.topic.name, key)
        self._sequences[place] += 1
        sequence = self._sequences[place]
        event_id = id_of(f"{place} {sequence}")
        told = Told(contract, data, key, sequence, when or self.recorded_at, self.recorded_at, event_id)
        self.told.append(told)
        return told

    # --- catalogue and persons ---

    def project(self, *settings: tuple[str, Any, str], minutes: int = 2_520_000) -> None:
        dated = [{"key": key, "value": value, "valid_from": day} for key, value, day in settings]
        stated = {**PROJECT, "commitment_minutes": minutes, "settings": dated}
        self.tell(catalogue_v1.ProjectChanged.model_validate(stated))

    def municipality(self, code: str, *commitments: tuple[int, str], name: str = "") -> None:
        promised = commitments or ((60_000, "2025-01-01"),)
        self.tell(
            catalogue_v1.MunicipalityChanged.model_validate(
                {
                    "code": code,
                    "name": name or code,
                    "commitments": [{"minutes": n, "employees": 100, "valid_from": day} for n, day in promised],
                }
            )
        )

    def trainer(self, name: str, obtained: str, *, starts: str | None = None, ends: str | None = None) -> None:
        self.tell(
            catalogue_v1.TrainerChanged.model_validate(
                {
                    "trainer_id": id_of(name),
                    "qualifications": [{"code": "KlinSim1", "obtained_on": obtained}],
                    "home_municipality": "1880",
                    "active_from": starts,
                    "active_to": ends,
                }
            )
        )

    def person(
        self,
        name: str,
        *employments: Mapping[str, Any],
        gender: str = "woman",
        birth_year: int | None = 1980,
        **erased: Any,
    ) -> str:
        """A person with these employments (default: one at 1884 for ever); returns the participant id."""
        chosen = employments or (employment(name),)
        self.tell(
            participants_v1.ParticipantChanged.model_validate(
                {
                    "participant_id": id_of(name),
                    "gender": gender,
                    "birth_year": birth_year,
                    "employments": list(chosen),
                    **erased,
                }
            )
        )
        return str(id_of(name))

    def merge(self, ended: str, into: str, *employments: Mapping[str, Any], **person: Any) -> None:
        """Two participants turn out to be one, whose employments these are."""
        self.tell(participants_v1.ParticipantsMerged(participant_id=id_of(ended), into=id_of(into)))
        self.person(into, *employments, **person)

    # --- booking ---

    def session(
        self,
        name: str,
        *occasions: tuple[datetime, int],
        course: str = "TR1",
        capacity: int = 10,
        breaks: int = 0,
        host: str = "1880",
    ) -> Session:
        """A session; each occasion is its start and its length in minutes, `breaks` of them unpaid."""
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
        self.tell(booking_v1.SessionScheduled.model_validate(state), when=BEFORE)
        return Session(name, state)

    def change(self, session: Session, contract: type[booking_v1.SessionEvent], **changes: Any) -> None:
        session.state |= changes
        self.tell(contract.model_validate(session.state))

    def cancel_session(self, session: Session, cause: str = "too-few") -> None:
        self.change(session, booking_v1.SessionCancelled, state="cancelled", cause=cause)

    def confirm(
        self, session: Session, who: str, *, when: datetime = BEFORE, via: Via = "single", at_employer: str = "1884"
    ) -> None:
        self.tell(
            booking_v1.RegistrationConfirmed.model_validate({**registration(session, who, at_employer), "via": via}),
            when=when,
        )

    def cancel(self, session: Session, who: str, *, when: datetime, late: bool, was: str = "confirmed") -> None:
        data = registration(session, who) | {"was": was, "late": late, "neutral": False, "by": "municipality"}
        self.tell(booking_v1.RegistrationCancelled.model_validate(data), when=when)

    def waitlist(self, session: Session, who: str, *, when: datetime = BEFORE) -> None:
        data = registration(session, who) | {"position": 1}
        self.tell(booking_v1.RegistrationWaitlisted.model_validate(data), when=when)

    def move(self, session: Session, who: str, to: Session, *, when: datetime, late: bool = False) -> None:
        data = registration(session, who) | {"to_session": to.id, "late": late}
        self.tell(booking_v1.RegistrationMovedOut.model_validate(data), when=when)
        self.confirm(to, who, when=when, via="move")

    def substitute(self, session: Session, who: str, by: str, *, when: datetime, waiting: bool = False) -> None:
        data = registration(session, who) | {"by_registration": id_of(f"{session.name}/{by}")}
        self.tell(booking_v1.RegistrationSubstituted.model_validate(data), when=when)
        if waiting:
            self.waitlist(session, by, when=when)
        else:
            self.confirm(session, by, when=when, via="substitution")

    # --- attendance, signatures, surveys ---

    def attended(self, session: Session, who: str, minutes: int, *, at_employer: str = "1884") -> None:
        """One person had a seat and was there, and the roll is attested."""
        self.confirm(session, who, at_employer=at_employer)
        self.attest(session, (who, minutes))

    def mark(self, session: Session, who: str, minutes: int, *, occasion: int = 0) -> None:
        self.tell(
            attendance_v1.AttendanceRecorded.model_validate(
                {
                    "mark_id": id_of(f"mark {session.name} {who} {len(self.told)}"),
                    "participant_id": id_of(who),
                    "occasion_id": session.occasions[occasion]["occasion_id"],
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
        self, session: Session, *lines: tuple[str, int] | tuple[str, int, int], excused: Iterable[str] = ()
    ) -> None:
        """A sealed roll: lines of (who, minutes) on the first occasion or (who, minutes, occasion)."""
        self.tell(
            attendance_v1.RollAttested.model_validate(
                {
                    "roll_version": len(self.told),
                    "sealed_hash": "00",
                    "attested_by": "trainer",
                    "minutes": [
                        {
                            "participant_id": id_of(who),
                            "occasion_id": session.occasions[rest[0] if rest else 0]["occasion_id"],
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
        self.tell(attendance_v1.RollReopened(reason_code="entry-error"), key=str(session.id))

    def head_count(self, session: Session, count: int) -> None:
        occasion_id = session.occasions[0]["occasion_id"]
        self.tell(
            attendance_v1.HeadCountRecorded(head_count_id=id_of("count"), occasion_id=occasion_id, count=count),
            key=str(session.id),
        )

    def sign(self, who: str, month: str, *items: tuple[Session, int]) -> None:
        lines = [{"session_id": s.id, "occasion_id": s.occasions[0]["occasion_id"], "minutes": n} for s, n in items]
        data = {"participant_id": id_of(who), "month": month, "items": lines, "document_hash": "00", "method": "code"}
        self.tell(signatures_v1.HoursSigned.model_validate(data))

    def void(self, who: str, month: str) -> None:
        self.tell(signatures_v1.SignatureVoided(month=month, cause="corrected"), key=str(id_of(who)))

    def invite(self, session: Session, invited: int) -> None:
        data = surveys_v1.SurveySent(survey="participant", audience="participant", invited=invited)
        self.tell(data, key=str(session.id))

    def answer(self, session: Session, audience: surveys_v1.Audience = "participant", **answers: str | int) -> None:
        data = surveys_v1.SurveyAnswered(survey=audience, audience=audience, version=1, answers=answers)
        self.tell(data, key=str(session.id))


def occasion(session: str, number: int, start: datetime, length: int, breaks: int) -> dict[str, Any]:
    return {
        "occasion_id": id_of(f"{session}#{number}"),
        "starts_at": start,
        "ends_at": start + timedelta(minutes=length),
        "break_minutes": breaks,
    }


def employment(
    who: str,
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
        "employment_id": id_of(f"{who}@{municipality}"),
        "municipality": municipality,
        "employer_org_number": "212000-2007",
        "title": title,
        "category": category,
        "kind": kind,
        "valid_from": since,
        "valid_to": until,
    }


def registration(session: Session, who: str, municipality: str = "1884") -> dict[str, Any]:
    return {
        "registration_id": id_of(f"{session.name}/{who}"),
        "session_id": session.id,
        "participant_id": id_of(who),
        "municipality": municipality,
        "employment_id": id_of(f"{who}@{municipality}"),
    }
