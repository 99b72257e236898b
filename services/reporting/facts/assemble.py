"""From facts to values: duplicates fall away, the highest sequence of a natural key counts, no order matters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, TypeVar

from services.reporting.facts.natural_key import happening
from services.reporting.figures import model

T = TypeVar("T")


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


History = Sequence[StoredFact]
"""The facts of one natural key in order of sequence; never empty."""


def assemble(stored: Iterable[StoredFact], cut_off: model.CutOff | None = None) -> model.Facts:
    """The facts below a cut-off as values, each kind in a stable order."""
    unique = {fact.event_id: fact for fact in stored}
    kinds = _by_kind(unique.values())
    project = _all(kinds["project"], _project)
    return model.Facts(
        project=project[0] if project else model.Project("", None, 0, ()),
        courses=_all(kinds["course"], _course),
        municipalities=_all(kinds["municipality"], _municipality),
        trainers=_all(kinds["trainer"], _trainer),
        persons=_all(kinds["participant"], _person),
        sessions=_all(kinds["session"], _session),
        registrations=_all(kinds["registration"], _registration),
        rolls=_all(kinds["roll"], _roll),
        marks=_all(kinds["mark"], _mark),
        signatures=tuple(line for lines in _all(kinds["signature"], _signature) for line in lines),
        head_counts=_all(kinds["head-count"], _head_count),
        invitations=_all(kinds["survey-sent"], _invitation),
        answers=_all(kinds["survey-answered"], _answer),
        cut_off=cut_off or {},
        data_as_of=max((fact.recorded_at for fact in unique.values()), default=None),
    )


def _by_kind(stored: Iterable[StoredFact]) -> dict[str, dict[str, list[StoredFact]]]:
    """Kind -> natural key -> its facts in order of sequence."""
    histories: dict[str, list[StoredFact]] = defaultdict(list)
    for fact in stored:
        histories[fact.natural_key].append(fact)
    kinds: dict[str, dict[str, list[StoredFact]]] = defaultdict(dict)
    for key in sorted(histories):
        kinds[key.partition("/")[0]][key] = sorted(histories[key], key=lambda fact: (fact.sequence, fact.event_id))
    return kinds


def _all(histories: Mapping[str, History], make: Callable[[History], T | None]) -> tuple[T, ...]:
    made = (make(history) for history in histories.values())
    return tuple(value for value in made if value is not None)


def _latest(history: History) -> tuple[StoredFact, Mapping[str, Any]] | None:
    """The fact that counts with its data; None after a tombstone."""
    last = history[-1]
    return None if last.data is None else (last, last.data)


# --- booking ----------------------------------------------------------------------------------------------------------


def _session(history: History) -> model.Session | None:
    states = [(fact, fact.data) for fact in history if fact.data is not None]
    if not states:
        return None
    last, data = states[-1]
    occasions = tuple(map(_occasion, data["occasions"]))
    causes = [state["cause"] for _, state in states if state.get("cause")]
    cancelled = data.get("state") == "cancelled" or happening(last.type) == "session-cancelled"
    return model.Session(
        session_id=last.key,
        course=data["course"],
        host_municipality=data["host_municipality"],
        capacity=data["capacity"],
        occasions=occasions,
        former=_former([state for _, state in states[:-1]], {one.occasion_id for one in occasions}),
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


def _registration(history: History) -> model.Registration | None:
    latest = _latest(history)
    if latest is None:
        return None
    last, data = latest
    return model.Registration(
        registration_id=data["registration_id"],
        session_id=last.key,
        participant_id=data["participant_id"],
        municipality=data["municipality"],
        employment_id=data["employment_id"],
        steps=tuple(_step(fact, fact.data) for fact in history if fact.data is not None),
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


def _roll(history: History) -> model.Roll | None:
    """The sealed roll; None while it is reopened: until it is attested again the session has no attested minutes."""
    latest = _latest(history)
    if latest is None or happening(latest[0].type) != "roll-attested":
        return None
    last, data = latest
    lines = tuple(
        model.SealedMinutes(line["participant_id"], line["occasion_id"], line["minutes"], line["excused"])
        for line in data["minutes"]
    )
    return model.Roll(last.key, data["roll_version"], data["sealed_hash"], lines, last.event_id)


def _mark(history: History) -> model.Mark | None:
    latest = _latest(history)
    if latest is None:
        return None
    last, data = latest
    return model.Mark(last.key, data["participant_id"], data["occasion_id"], data["minutes"], last.event_id)


def _head_count(history: History) -> model.HeadCount | None:
    latest = _latest(history)
    return latest and model.HeadCount(latest[0].key, latest[1]["occasion_id"], latest[1]["count"], latest[0].event_id)


def _signature(history: History) -> tuple[model.SignedMinutes, ...] | None:
    """The lines of a signed month; none once it was voided."""
    latest = _latest(history)
    if latest is None or happening(latest[0].type) != "hours-signed":
        return None
    last, data = latest
    return tuple(
        model.SignedMinutes(
            last.key, data["month"], item["session_id"], item["occasion_id"], item["minutes"], last.event_id
        )
        for item in data["items"]
    )


def _invitation(history: History) -> model.SurveyInvitation | None:
    latest = _latest(history)
    if latest is None:
        return None
    last, data = latest
    return model.SurveyInvitation(last.key, data["audience"], data["invited"], last.event_id)


def _answer(history: History) -> model.SurveyAnswer | None:
    latest = _latest(history)
    return latest and model.SurveyAnswer(latest[0].key, latest[1]["audience"], latest[1]["answers"], latest[0].event_id)


# --- catalogue and persons --------------------------------------------------------------------------------------------


def _person(history: History) -> model.Person | None:
    """The latest attributes. A tombstone ends the evidence, not the figures: the reduced attributes stay."""
    states = [(fact, fact.data) for fact in history if fact.data is not None]
    if not states:
        return None
    last, data = states[-1]
    return model.Person(
        participant_id=last.key,
        gender=data["gender"],
        birth_year=data.get("birth_year"),
        age_group=data.get("age_group"),
        employments=tuple(map(_employment, data["employments"])),
        event_id=last.event_id,
    )


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


def _municipality(history: History) -> model.Municipality | None:
    latest = _latest(history)
    if latest is None:
        return None
    last, data = latest
    commitments = tuple(
        model.Commitment(one["minutes"], date.fromisoformat(one["valid_from"])) for one in data["commitments"]
    )
    return model.Municipality(data["code"], data["name"], commitments, last.event_id)


def _trainer(history: History) -> model.Trainer | None:
    latest = _latest(history)
    if latest is None:
        return None
    last, data = latest
    qualifications = tuple(
        model.Qualification(one["code"], date.fromisoformat(one["obtained_on"])) for one in data["qualifications"]
    )
    return model.Trainer(
        trainer_id=data["trainer_id"],
        qualifications=qualifications,
        home_municipality=data["home_municipality"],
        active_from=_day(data.get("active_from")),
        active_to=_day(data.get("active_to")),
        event_id=last.event_id,
    )


def _course(history: History) -> model.Course | None:
    latest = _latest(history)
    if latest is None:
        return None
    last, data = latest
    return model.Course(data["code"], data["title"], data["duration_minutes"], last.event_id)


def _project(history: History) -> model.Project | None:
    latest = _latest(history)
    if latest is None:
        return None
    last, data = latest
    period = model.Period(date.fromisoformat(data["period"]["from"]), date.fromisoformat(data["period"]["to"]))
    settings = tuple(
        model.Setting(one["key"], one["value"], date.fromisoformat(one["valid_from"])) for one in data["settings"]
    )
    return model.Project(data["name"], period, data["commitment_minutes"], settings, last.event_id)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
