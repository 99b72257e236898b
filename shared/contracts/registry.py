"""The register of published event types: class <-> `ce_type`."""

import importlib
from collections.abc import Callable
from functools import cache
from typing import ClassVar, Final, TypeVar

from pydantic import BaseModel, ConfigDict

from shared.contracts.topics import Topic

SCHEMAS = "https://kursnav.se/schemas"
MODULES = (
    "booking_v1",
    "catalogue_v1",
    "participants_v1",
    "people_v1",
    "people_v2",
    "attendance_v1",
    "signatures_v1",
    "surveys_v1",
    "reports_v1",
    "signouts_v1",
)


class Part(BaseModel):
    """A value inside an event. Frozen; fields that a newer minor version added are ignored."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", validate_by_name=True, validate_by_alias=True, serialize_by_alias=True
    )


class EventData(Part):
    """The data of one event type; `@event` registers it and fills the class variables.

    `traced` is False where correlation would lead from the event to a person.
    """

    ce_type: ClassVar[str]
    topic: ClassVar[Topic]
    dataschema: ClassVar[str]
    minor: ClassVar[int]
    key_format: ClassVar[str | None]
    about: ClassVar[str | None]
    projection: ClassVar[str | None]
    traced: ClassVar[bool]


FACT_ONLY: Final = "fact-only"
"""The projection of events that no figure reads: they are kept, and change no current state."""

E = TypeVar("E", bound=EventData)
_by_type: dict[str, type[EventData]] = {}


def event(
    name: str,
    *,
    topic: Topic,
    minor: int = 0,
    key: str | None = None,
    about: str | None = None,
    projection: str | None = None,
    traced: bool = True,
) -> Callable[[type[E]], type[E]]:
    """Register an event type: `name` is `<context>.<what-happened>.v<major>`, `minor` counts its compatible changes.

    `key` says how the message key follows from the data (`"{session_id}"`, `"course/{code}"`); None when only the
    producer knows it. What reporting reads declares two things more: `about`, its natural key, over the data, `{key}`
    and `{event_id}` (of all events about one thing the highest sequence counts), and the `projection` of the current
    state that takes it. Reporting does not start while a type on one of its topics lacks either.
    """

    def register(contract: type[E]) -> type[E]:
        contract.ce_type = f"se.kursnav.{name}"
        if contract.ce_type in _by_type:
            raise ValueError(f"two classes are registered as {contract.ce_type}")
        contract.topic = topic
        contract.minor = minor
        contract.dataschema = f"{SCHEMAS}/{contract.ce_type}/{minor}"
        contract.key_format = key
        contract.about = about
        contract.projection = projection
        contract.traced = traced
        _by_type[contract.ce_type] = contract
        return contract

    return register


@cache
def _load() -> dict[str, type[EventData]]:
    for module in MODULES:
        importlib.import_module(f"shared.contracts.{module}")
    return _by_type


def by_type(ce_type: str) -> type[EventData] | None:
    """The contract of `ce_type`, None when no version of kursnav publishes it."""
    return _load().get(ce_type)


def all_contracts() -> tuple[type[EventData], ...]:
    """Every published type, in order of `ce_type`."""
    return tuple(contract for _, contract in sorted(_load().items()))


@cache
def types_of(topic: Topic) -> frozenset[str]:
    """The `ce_type` of every type on a topic."""
    return frozenset(contract.ce_type for contract in all_contracts() if contract.topic is topic)


def key_of(data: EventData) -> str:
    """The message key that `data` itself names. Raises ValueError for types whose producer must give it."""
    if data.key_format is None:
        raise ValueError(f"the data of {data.ce_type} does not name its key")
    return data.key_format.format_map(vars(data))
