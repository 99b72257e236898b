"""Requests that schemathesis makes from the OpenAPI documents, allowed ones and wrong ones, by every role: never an
accident, and never an answer that its document does not describe.
"""

import asyncio
import json
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product
from typing import Any, TypeVar

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from infra.settings import SERVICES
from shared.clock import SystemClock
from shared.security.roles import Role
from tests.support.booking_world import NORA, OREBRO, World
from tests.support.documented import DOCUMENTS
from tests.support.services import Origin, running
from tests.support.stack import Stack

pytestmark = [pytest.mark.slow]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
RIGHT, WRONG = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
EXAMPLES = [(role, RIGHT, 2 if role is Role.COORDINATOR else 1) for role in Role] + [
    (role, WRONG, 1) for role in (Role.COORDINATOR, Role.MUNICIPALITY)
]
ENDLESS = "/reporting/v1/live"
FIELDS = {
    "staff": "staff_id", "session": "session_id", "trainers": "trainer_id", "trainer_id": "trainer_id",
    "participant_id": "participant_id", "on_behalf_of": "trainer_id", "into": "participant_id",
}  # fmt: skip
"""Fields of bodies that name a row, by the parameter of a path that names the same."""
T = TypeVar("T")


@dataclass
class Callers:
    """The three services with a small project, and a client per role."""

    runner: asyncio.Runner
    origin: Origin
    clients: Mapping[Role, httpx2.AsyncClient]
    known: Mapping[str, Sequence[str]]
    wrong: dict[str, str] = field(default_factory=dict)

    def run(self, coroutine: Awaitable[T]) -> T:
        async def awaited() -> T:
            return await coroutine

        return self.runner.run(awaited())

    def try_out(self, service: str) -> None:
        """Every call by every role; what departs from the document is kept by call and kind."""
        document = json.loads((DOCUMENTS / f"openapi-{service}.json").read_text("utf-8"))
        found: Iterator[Any] = schemathesis.openapi.from_dict(document).get_all_operations()
        calls = [each.ok() for each in found]
        for call, (role, mode, examples) in product(calls, EXAMPLES):
            if f"/{service}{call.path}" != ENDLESS and (mode is RIGHT or _takes_anything(call)):
                self._try(service, call, role, mode, examples)

    def _try(self, service: str, call: Any, role: Role, mode: GenerationMode, examples: int) -> None:
        @settings(
            max_examples=examples,
            phases=(Phase.generate,),
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=call.as_strategy(generation_mode=mode), place=st.integers(0, 20), exists=st.booleans())
        def one(case: Any, place: int, exists: bool) -> None:
            if exists:
                self._of_this_project(case, place)
            answer = self.run(self._sent(service, case, role))
            try:
                case.validate_response(answer, checks=CHECKS)
            except FailureGroup as failed:
                self.wrong.setdefault(f"{role} {service} {call.label}", str(failed))

        one()

    def _of_this_project(self, case: Any, place: int) -> None:
        """The rows that the case names are there."""
        for name in case.path_parameters or {}:
            if found := self.known.get(name):
                case.path_parameters[name] = found[place % len(found)]
        case.body = self._filled(case.body, place)
        if "If-Match" in (case.headers or {}):
            case.headers["If-Match"] = "*"

    def _filled(self, body: Any, place: int) -> Any:
        if isinstance(body, list):
            return [self._filled(each, place + number) for number, each in enumerate(body)]
        if not isinstance(body, dict):
            return body
        return {name: self._row(name, value, place) for name, value in body.items()}

    def _row(self, name: str, value: Any, place: int) -> Any:
        found = self.known.get(FIELDS.get(name, ""))
        if not found:
            return self._filled(value, place)
        row = found[place % len(found)]
        return [row] if isinstance(value, list) else row

    async def _sent(self, service: str, case: Any, role: Role) -> httpx2.Response:
        given = case.as_transport_kwargs(base_url=f"http://kursnav.test/{service}")
        del given["cookies"]
        headers = {name: value for name, value in given.pop("headers").items() if name != "Authorization"}
        if isinstance(data := given.pop("data", None), str | bytes):
            given["content"] = data
        elif data is not None:
            given["data"] = data
        if files := given.pop("files", None):
            given["files"] = [(name, (file, str(part).encode("utf-8", "replace"))) for name, (file, part) in files]
        request = self.clients[role].build_request(**given, headers=headers)
        request.read()  # else nobody can read it again to say what was wrong
        return await self.clients[role].send(request)


def _takes_anything(call: Any) -> bool:
    """Whether anything in a request could be wrong: a link is any text, and unknown at worst."""
    return bool(call.body or call.query or any(one.name != "token" for one in call.path_parameters))


@pytest.fixture(scope="module")
def callers(stack: Stack) -> Iterator[Callers]:
    with asyncio.Runner() as runner:
        opened = running(stack)
        origin = runner.run(opened.__aenter__())
        try:
            yield runner.run(_prepared(runner, origin))
        finally:
            runner.run(opened.__aexit__(None, None, None))


async def _prepared(runner: asyncio.Runner, origin: Origin) -> Callers:
    world = await World.made(origin, SystemClock())  # type: ignore[arg-type]  # a real clock will do
    now = SystemClock().now().replace(minute=0, second=0, microsecond=0)
    trainer = await world.trainer(home_municipality=NORA)
    staff = [await world.staff(code) for code in (NORA, OREBRO, NORA, OREBRO)]
    begun = now - timedelta(days=10)
    sessions = [
        await world.session(2, starts=now + timedelta(days=20), trainers=[trainer]),
        await world.session(3, starts=begun, at=begun - timedelta(days=30), trainers=[trainer]),
    ]
    await world.register(sessions[0], *staff, policy="any")
    await world.register(sessions[1], *staff, policy="any", at=begun - timedelta(days=20))
    await origin.settled()
    clients = {
        role: origin.client(
            role,
            municipality=NORA if role is Role.MUNICIPALITY else None,
            trainer_id=trainer if role is Role.TRAINER else None,
        )
        for role in Role
    }
    return Callers(runner, origin, clients, await _known(world, sessions, staff, str(trainer)))


async def _known(world: World, sessions: list[str], staff: list[str], trainer: str) -> dict[str, list[str]]:
    people = [(await world.get(f"/booking/v1/staff/{each}"))["participant_id"] for each in staff]
    registrations = [each["id"] for each in (await world.get("/booking/v1/registrations"))["items"]]
    courses = [each["id"] for each in (await world.get("/booking/v1/courses"))["items"]]
    return {
        "session_id": sessions,
        "staff_id": staff,
        "participant_id": people,
        "registration_id": registrations,
        "course_id": courses,
        "trainer_id": [trainer],
    }


@pytest.mark.parametrize("service", SERVICES)
def test_no_request_brings_an_accident_or_an_answer_that_is_not_documented(callers: Callers, service: str) -> None:
    callers.try_out(service)
    wrong, callers.wrong = callers.wrong, {}
    assert not wrong, "\n\n".join(f"{call}\n{what}" for call, what in wrong.items())
    callers.run(callers.origin.settled(within=60))
