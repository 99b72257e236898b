"""From facts to values: duplicates fall away, the highest sequence of a natural key counts, no order matters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from services.reporting.days import Period
from services.reporting.recompute import model
from services.reporting.recompute.merging import became_of


@dataclass(frozen=True, slots=True)
class StoredFact:
    """A fact as the figures need it."""

    event_id: str
    type: str
    key: str
    natural_key: str
    sequence: int
    occurred_at: datetime
    recorded_at: datetime
    data: Mapping[str, Any] | None


Data = Mapping[str, Any]
History = Sequence[StoredFact]
"""The facts of one natural key in order of sequence, without tombstones; never empty."""


class Assembly:
    """The values of all facts added so far. More can be added at any time: only what they are about is recomputed."""

    def __init__(self) -> None:
        self._events: set[str] = set()
        self._values: dict[str, dict[str, Any]] = defaultdict(dict)
        self._latest: dict[str, tuple[int, str]] = {}
        self._histories: dict[str, list[StoredFact]] = defaultdict(list)
        self._data_as_of: datetime | None = None

    def __len__(self) -> int:
        """How many different events have been added."""
        return len(self._events)

    def add(self, stored: Iterable[StoredFact]) -> None:
        """Takes facts in any order; one that is known already changes nothing."""
        changed = set()
        for fact in stored:
            if fact.event_id in self._events:
                continue
            self._events.add(fact.event_id)
            self._data_as_of = max(self._data_as_of or fact.recorded_at, fact.recorded_at)
            kind = fact.natural_key.partition("/")[0]
            if kind in _BY_HISTORY and fact.data is not None:
                self._histories[fact.natural_key].append(fact)
                changed.add((kind, fact.natural_key))
            elif kind in _BY_LATEST:
                self._take_latest(kind, fact)
        for kind, key in changed:
            history = sorted(self._histories[key], key=_place)
            self._values[kind][key] = _BY_HISTORY[kind](history)

    def facts(self, cut_off: model.CutOff | None = None) -> model.Facts:
        """The values, each kind in the order of its natural keys."""
        ordered = {kind: tuple(value for _, value in sorted(values.items())) for kind, values in self._values.items()}
        project = ordered.get("project", ())
        return model.Facts(
            project=project[0] if project else model.Project("", None, 0, ()),
            courses=ordered.get("course", ()),
            municipalities=ordered.get("municipality", ()),
            trainers=ordered.get("trainer", ()),
            persons=ordered.get("participant", ()),
            merges=ordered.get("merge", ()),
            sessions=ordered.get("session", ()),
            registrations=ordered.get("registration", ()),
            rolls=ordered.get("roll", ()),
            marks=self._marks(),
            signatures=tuple(line for lines in ordered.get("signature", ()) for line in lines),
            head_counts=ordered.get("head-count", ()),
            invitations=ordered.get("survey-sent", ()),
            answers=ordered.get("survey-answered", ()),
            cut_off=cut_off or {},
            data_as_of=self._data_as_of,
        )

    def _marks(self) -> tuple[model.Mark, ...]:
        """Of a merged person's marks on an occasion, under whichever id, the newest."""
        became, newest = became_of(self._values["merge"].values()), {}
        for key, mark in sorted(self._values["mark"].items(), key=lambda one: self._latest[one[0]]):
            person = became.get(mark.participant_id, mark.participant_id)
            newest[mark.session_id, person, mark.occasion_id] = key, mark
        return tuple(mark for _, mark in sorted(newest.values()))

    def _take_latest(self, kind: str, fact: StoredFact) -> None:
        if kind == "participant" and fact.data is None:
            return  # the tombstone ends the evidence, not the figures: the reduced attributes stay
        if _place(fact) < self._latest.get(fact.natural_key, (0, "")):
            return
        self._latest[fact.natural_key] = _place(fact)
        value = None if fact.data is None else _BY_LATEST[kind](fact, fact.data)
        if value is None:
            self._values[kind].pop(fact.natural_key, None)
        else:
            self._values[kind][fact.natural_key] = value


def happening(ce_type: str) -> str:
    """What happened: `registration-confirmed` of `se.kursnav.booking.registration-confirmed.v1`."""
    return ce_type.split(".")[-2]


def assemble(stored: Iterable[StoredFact], cut_off: model.CutOff | None = None) -> model.Facts:
    """The values of these facts."""
    assembly = Assembly()
    assembly.add(stored)
    return assembly.facts(cut_off)


def _place(fact: StoredFact) -> tuple[int, str]:
    return fact.sequence, fact.event_id


# --- booking ----------------------------------------------------------------------------------------------------------


def _session(history: History) -> model.Session:
    last, states = history[-1], [fact.data or {} for fact in history]
    data = states[-1]
    occasions = tuple(map(_occasion, data["occasions"]))
    causes = [state["cause"] for state in states if state.get("cause")]
    cancelled = data.get("state") == "cancelled" or happening(last.type) == "session-cancelled"
    return model.Session(
        session_id=last.key,
        course=data["course"],
        host_municipality=data["host_municipality"],
        capacity=data["capacity"],
        occasions=occasions,
        former=_former(states[:-1], {one.occasion_id for one in occasions}),
        cancelled=cancelled,
        cause=causes[-1] if cancelled and causes else None,
        event_id=last.event_id,
    )


def _former(states: Iterable[Mapping[str, Any]], current: set[str]) -> tuple[model.Occasion, ...]:
    """Occasions that earlier states had and the last one has not, each as it stood last."""
    gone = {one["occasion_id"]: one for state in states for one in state["occasions"]}
    return tuple(_occasion(one) for id_, one in sorted(gone.items()) if id_ not in current)


def _occasion(data: Mapping[str, Any]) -> model.Occasion:
    starts_at, ends_at = datetime.fromisoformat(data["starts_at"]), datetime.fromisoformat(data["ends_at"])
    return model.Occasion(data["occasion_id"], starts_at, ends_at, data["break_minutes"])


_STATUS: Final = {
    "registration-confirmed": "confirmed",
    "registration-waitlisted": "waitlisted",
    "registration-cancelled": "cancelled",
    "registration-moved-out": "moved-out",
    "registration-substituted": "substituted",
}


def _registration(history: History) -> model.Registration:
    last, data = history[-1], history[-1].data or {}
    return model.Registration(
        registration_id=data["registration_id"],
        session_id=last.key,
        participant_id=data["participant_id"],
        municipality=data["municipality"],
        employment_id=data["employment_id"],
        steps=tuple(_step(fact, fact.data or {}) for fact in history),
    )


def _step(fact: StoredFact, data: Mapping[str, Any]) -> model.RegistrationStep:
    return model.RegistrationStep(
        sequence=fact.sequence,
        at=fact.occurred_at,
        status=_STATUS[happening(fact.type)],
        via=data.get("via"),
        was=data.get("was"),
        late=bool(data.get("late", False)),
        event_id=fact.event_id,
    )


# --- attendance, signatures, surveys ----------------------------------------------------------------------------------


def _roll(fact: StoredFact, data: Data) -> model.Roll | None:
    """The sealed roll; None while it is reopened: until it is attested again the session has no attested minutes."""
    if happening(fact.type) != "roll-attested":
        return None
    lines = tuple(
        model.SealedMinutes(line["participant_id"], line["occasion_id"], line["minutes"], line["excused"])
        for line in data["minutes"]
    )
    return model.Roll(fact.key, data["roll_version"], data["sealed_hash"], lines, fact.event_id)


def _mark(fact: StoredFact, data: Data) -> model.Mark:
    return model.Mark(fact.key, data["participant_id"], data["occasion_id"], data["minutes"], fact.event_id)


def _head_count(fact: StoredFact, data: Data) -> model.HeadCount:
    return model.HeadCount(fact.key, data["occasion_id"], data["count"], fact.event_id)


def _signature(fact: StoredFact, data: Data) -> tuple[model.SignedMinutes, ...] | None:
    """The lines of a signed month; none once it was voided."""
    if happening(fact.type) != "hours-signed":
        return None
    return tuple(
        model.SignedMinutes(
            fact.key, data["month"], item["session_id"], item["occasion_id"], item["minutes"], fact.event_id
        )
        for item in data["items"]
    )


def _invitation(fact: StoredFact, data: Data) -> model.SurveyInvitation:
    return model.SurveyInvitation(fact.key, data["audience"], data["invited"], fact.event_id)


def _answer(fact: StoredFact, data: Data) -> model.SurveyAnswer:
    return model.SurveyAnswer(fact.key, data["audience"], data["answers"], fact.event_id)


# --- catalogue and persons --------------------------------------------------------------------------------------------


def _person(fact: StoredFact, data: Data) -> model.Person:
    return model.Person(
        participant_id=fact.key,
        gender=data["gender"],
        birth_year=data.get("birth_year"),
        age_group=data.get("age_group"),
        employments=tuple(map(_employment, data["employments"])),
        event_id=fact.event_id,
    )


def _merge(fact: StoredFact, data: Data) -> model.Merge:
    return model.Merge(fact.key, data["into"], fact.event_id)


def _employment(data: Mapping[str, Any]) -> model.Employment:
    return model.Employment(
        employment_id=data["employment_id"],
        municipality=data["municipality"],
        title=data["title"],
        category=data["category"],
        kind=data["kind"],
        valid_from=date.fromisoformat(data["valid_from"]),
        valid_to=_day(data.get("valid_to")),
    )


def _municipality(fact: StoredFact, data: Data) -> model.Municipality:
    commitments = tuple(
        model.Commitment(one["minutes"], date.fromisoformat(one["valid_from"])) for one in data["commitments"]
    )
    return model.Municipality(data["code"], data["name"], commitments, fact.event_id)


def _trainer(fact: StoredFact, data: Data) -> model.Trainer:
    qualifications = tuple(
        model.Qualification(one["code"], date.fromisoformat(one["obtained_on"])) for one in data["qualifications"]
    )
    return model.Trainer(
        trainer_id=data["trainer_id"],
        qualifications=qualifications,
        home_municipality=data["home_municipality"],
        active_from=_day(data.get("active_from")),
        active_to=_day(data.get("active_to")),
        event_id=fact.event_id,
    )


def _course(fact: StoredFact, data: Data) -> model.Course:
    return model.Course(data["code"], data["title"], data["duration_minutes"], fact.event_id)


def _project(fact: StoredFact, data: Data) -> model.Project:
    period = Period(date.fromisoformat(data["period"]["from"]), date.fromisoformat(data["period"]["to"]))
    settings = tuple(
        model.Setting(one["key"], one.get("value"), date.fromisoformat(one["valid_from"])) for one in data["settings"]
    )
    return model.Project(data["name"], period, data["commitment_minutes"], settings, fact.event_id)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


_BY_LATEST: Final[Mapping[str, Callable[[StoredFact, Data], Any]]] = {
    "roll": _roll,
    "mark": _mark,
    "head-count": _head_count,
    "signature": _signature,
    "survey-sent": _invitation,
    "survey-answered": _answer,
    "participant": _person,
    "merge": _merge,
    "municipality": _municipality,
    "trainer": _trainer,
    "course": _course,
    "project": _project,
}
"""Kind of natural key -> the value of its latest fact; None when that says that there is none."""

_BY_HISTORY: Final[Mapping[str, Callable[[History], Any]]] = {"session": _session, "registration": _registration}
"""Kind of natural key -> the value of its whole history."""
