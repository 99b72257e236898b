"""Every body of every call knows its fields and takes no type for another: found by schema, tried field by field."""

import json
import os
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, get_args

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from infra.contracts import PLACEHOLDERS
from infra.serve import create
from infra.settings import SERVICES
from services.attendance.head_counts.bodies import HeadCountBody
from services.attendance.marks.bodies import MarkBody
from services.attendance.marks.read_mark import read
from services.attendance.walk_ins.bodies import WalkInBody
from shared.web.bodies import Body
from shared.web.intake import Intake
from shared.web.problems import Problem
from shared.web.routing import UnitRoute
from shared.web.sentences import SWEDISH

EPOCH = 1735689600  # midnight: also a date
WRONG: dict[str, list[Any]] = {
    "integer": ["1", True, 1.5],
    "number": ["1", True],
    "boolean": ["true", 1],
    "string": [1, True],
    "date": [EPOCH, str(EPOCH), True],
    "uuid": [1, True],
    "date-time": [EPOCH, str(EPOCH), True],
    "object": [[], "x"],
    "mapping": [[], "x"],
    "array": [{}, "x"],
}
RIGHT = {"date": "2025-03-01", "date-time": "2025-03-01T09:00:00+01:00", "uuid": "00000000-0000-0000-0000-000000000000"}
Path = tuple[str | int, ...]


@cache
def served() -> list[UnitRoute]:
    """Every route of every service that runs in a unit of work."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in PLACEHOLDERS.items():
            patch.setitem(os.environ, name, value)
        return [route for name in SERVICES for route in create(name).app.routes if isinstance(route, UnitRoute)]


@cache
def bodies() -> dict[str, TypeAdapter[Any]]:
    """The JSON bodies by their call."""
    found = {f"{min(route.methods or ())} {route.path}": Intake(route).body for route in served()}
    return {call: body for call, body in found.items() if body is not None}


def fields(schema: Mapping[str, Any], known: Mapping[str, Any], at: Path = ()) -> Iterator[tuple[Path, set[str]]]:
    """Where a body has what: each place with the kinds that it takes (a number that is also taken as text is both)."""
    kinds: set[str] = set()
    for one in schema.get("anyOf", [schema]):
        found = known[one["$ref"].rpartition("/")[2]] if "$ref" in one else one
        if "type" in found:
            kinds.add(kind_of(found))
        for name, inner in found.get("properties", {}).items():
            yield from fields(inner, known, (*at, name))
        if isinstance(found.get("items"), Mapping):
            yield from fields(found["items"], known, (*at, 0))
    if kinds:
        yield at, kinds


def kind_of(schema: Mapping[str, Any]) -> str:
    """`object` has fields, a `mapping` has data for keys."""
    if schema["type"] == "object":
        return "object" if "properties" in schema else "mapping"
    return str(schema["format"] if schema.get("format") in WRONG | RIGHT else schema["type"])


def kinds_of_all() -> Iterator[tuple[str, Path, str]]:
    """Every place of every body that takes one kind only."""
    for call, body in bodies().items():
        schema = body.json_schema()
        for at, kinds in fields(schema, schema.get("$defs", {})):
            if len(kinds - {"null"}) == 1:
                yield call, at, (kinds - {"null"}).pop()


def places() -> Iterator[tuple[str, Path, Any]]:
    for call, at, kind in kinds_of_all():
        for wrong in WRONG.get(kind, []):
            yield call, at, wrong


def holding(at: Path, value: Any) -> Any:
    """A body with nothing but this value at this place."""
    for part in reversed(at):
        value = [value] if part == 0 else {part: value}
    return value


def faults(call: str, body: Any) -> dict[Path, str]:
    try:
        bodies()[call].validate_json(json.dumps(body), strict=True)
    except ValidationError as error:
        return {fault["loc"]: fault["type"] for fault in error.errors()} | faults_of_parts(call, body)
    return faults_of_parts(call, body)


def faults_of_parts(call: str, body: Any) -> dict[Path, str]:
    """The parts of a batch are read one by one, so that a fault in one concerns no other."""
    if not isinstance(body, dict):
        return {}
    if call == "POST /v1/sessions/{session_id}/marks":
        return dict(faults_in(body, {"marks": MarkBody}, ()))
    sessions = body.get("sessions") if call == "POST /v1/sync" else None
    return {
        at: code
        for number, session in enumerate(sessions if isinstance(sessions, list) else [])
        if isinstance(session, dict)
        for at, code in faults_in(session, PARTS, ("sessions", number))
    }


PARTS: dict[str, type[Body]] = {"walk_ins": WalkInBody, "head_counts": HeadCountBody, "marks": MarkBody}


def faults_in(holder: dict[str, Any], kinds: Mapping[str, type[Body]], above: Path) -> Iterator[tuple[Path, str]]:
    for name, kind in kinds.items():
        parts = holder.get(name)
        for number, sent in enumerate(parts if isinstance(parts, list) else []):
            try:
                read(kind, sent, name, number)
            except Problem as problem:
                for error in problem.errors:
                    yield (*above, *place_of(error.pointer)), error.code


def place_of(pointer: str) -> Path:
    return tuple(int(part) if part.isdigit() else part for part in pointer[1:].split("/"))


@pytest.mark.parametrize(("call", "at", "wrong"), list(places()), ids=str)
def test_no_value_is_taken_for_another(call: str, at: Path, wrong: Any) -> None:
    assert at in faults(call, holding(at, wrong))


def test_days_times_and_ids_are_taken_as_texts() -> None:
    tried = [(call, at, RIGHT[kind]) for call, at, kind in kinds_of_all() if kind in RIGHT]
    assert {value for _, _, value in tried} == set(RIGHT.values())
    assert [(call, at) for call, at, value in tried if at in faults(call, holding(at, value))] == []


@pytest.mark.parametrize("call", bodies())
def test_a_field_that_there_is_none_of_is_named(call: str) -> None:
    schema = bodies()[call].json_schema()
    objects = [at for at, kinds in fields(schema, schema.get("$defs", {})) if "object" in kinds]
    assert objects
    for at in objects:
        place = (*at, "nowhere")
        assert faults(call, holding(place, 1)).get(place) == "extra_forbidden"


def test_what_a_body_finds_wrong_has_a_sentence_of_its_own() -> None:
    kinds = {kind for call, at, wrong in places() for kind in faults(call, holding(at, wrong)).values()}
    own = {"not_iso", "one_person", "before_from", "repeated", "not_among_staff", "not_a_period"}
    assert kinds - own <= SWEDISH.keys()


def models(kind: Any) -> Iterator[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
        for field in kind.model_fields.values():
            yield from models(field.annotation)
    for part in get_args(kind):
        yield from models(part)


@pytest.mark.parametrize("call", bodies())
def test_bodies_are_of_one_base(call: str) -> None:
    """`shared.web.bodies.Body`: what a body says about unknown fields stands in one place, and in OpenAPI."""
    assert [model.__name__ for model in models(bodies()[call]._type) if not issubclass(model, Body)] == []
