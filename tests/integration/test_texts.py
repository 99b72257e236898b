"""Every text that the published documents let a caller send is searched for personal numbers, and stored composed.

Generated from the OpenAPI documents: whoever adds a call is under the check at once.
"""

import json
from collections.abc import Iterator, Mapping
from itertools import cycle
from typing import Any
from unicodedata import normalize
from urllib.parse import quote
from uuid import uuid4

import pytest

from infra.settings import SERVICES
from shared.security.roles import ANY, Role
from tests.support.answers import ok, refused
from tests.support.booking_world import enter_register
from tests.support.services import api
from tests.support.stack import Stack

NUMBER = "198507099805"  # of the tax agency's test numbers
DISGUISES = [
    NUMBER,
    "850709-9805",
    "Anna 850709\u00a09805",
    "1985-07-09 9805",
    "19850709\u20139805, natt",
    "85.07.09.9805",
    "1985\u00ad0709\u00ad9805",
    "8\u200b5\u200b0\u200b7\u200b0\u200b9\u200b9\u200b8\u200b0\u200b5",
    "".join(chr(0xFF10 + int(digit)) for digit in NUMBER),
    "".join(chr(0x0660 + int(digit)) for digit in NUMBER),
    "8 5 0 7 0 9 9 8 0 5",
    "850769-9802",
    "850709\u00b79805",
]
METHODS = ("get", "post", "put", "patch", "delete")
Schema = Mapping[str, Any]
Place = tuple[str | int, ...]


def texts(
    schema: Schema, known: Schema, above: tuple[str | int, ...] = (), seen: tuple[str, ...] = ()
) -> Iterator[Any]:
    """The places of all texts in a schema, as keys and places from the body down; anything goes: a text inside."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in seen:
            yield from texts(known[name], known, above, (*seen, name))
        return
    for one in (*schema.get("anyOf", ()), *schema.get("allOf", ()), *schema.get("oneOf", ())):
        yield from texts(one, known, above, seen)
    for name, one in schema.get("properties", {}).items():
        yield from texts(one, known, (*above, name), seen)
    if "items" in schema:
        yield from texts(schema["items"], known, (*above, 0), seen)
    if "additionalProperties" in schema and isinstance(schema["additionalProperties"], Mapping):
        yield from texts(schema["additionalProperties"], known, (*above, "x"), seen)
    if schema.get("type") == "string":
        yield above
    if not schema.keys() & {"type", "anyOf", "allOf", "oneOf"}:
        yield (*above, "x", 0)


def body_with(place: Place, text: str) -> Any:
    body: Any = text
    for step in reversed(place):
        body = [body] if isinstance(step, int) else {step: body}
    return body


def operations(document: Schema) -> Iterator[tuple[str, str, Schema]]:
    for path, methods in document["paths"].items():
        if path.startswith("/v1/"):
            yield from ((method, path, methods[method]) for method in METHODS if method in methods)


def sendable(document: Schema) -> Iterator[tuple[str, str, str, Any]]:
    """Method, path, where (`body`, `query`, `path`) and which place of every text of every call."""
    known = document["components"]["schemas"]
    for method, path, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            if parameter["in"] in ("query", "path"):
                yield method, path, parameter["in"], parameter["name"]
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            for place in dict.fromkeys(texts(content["application/json"]["schema"], known)):
                yield method, path, "body", place


@pytest.mark.parametrize("service", SERVICES)
async def test_no_text_of_any_call_takes_a_personal_number(stack: Stack, service: str) -> None:
    async with api(stack, service) as origin:
        client = origin.client(*ANY, municipality="1880", trainer_id=uuid4())
        document = ok(await client.get(f"/{service}/openapi.json"))
        disguise, tried = cycle(DISGUISES), 0
        for method, path, where, place in sendable(document):
            if where == "body" and place[-1:] == ("personal_number",):
                continue
            if "{token}" in path or path.endswith(".pdf"):
                continue  # asks for a known link first; two ids and nothing else
            for text in (next(disguise), next(disguise), next(disguise)):
                target = f"/{service}{path}"
                options: dict[str, Any] = {}
                if where == "path":
                    target = target.replace(f"{{{place}}}", quote(text, safe=""))
                elif where == "query":
                    options["params"] = {place: text}
                else:
                    options["json"] = body_with(place, text)
                target = "/".join(str(uuid4()) if part.startswith("{") else part for part in target.split("/"))
                answer = await client.request(method.upper(), target, **options)
                context = f"{method} {path} {where} {place} {text!r}: {answer.status_code} {answer.text}"
                assert answer.status_code == 422, context
                problem = refused(answer, 422, "personal-number")
                expected = "".join(f"/{step}" for step in place) if where == "body" else f"/{where}/{place}"
                assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [
                    (expected, "personal-number")
                ], context
                tried += 1
        assert tried > 60


@pytest.mark.parametrize("service", SERVICES)
async def test_a_key_of_idempotency_a_name_and_a_login_hold_no_number(stack: Stack, service: str) -> None:
    async with api(stack, service) as origin:
        client, path = origin.client(Role.OPERATOR), f"/{service}/v1/dead-letters/{uuid4()}/discard"
        headers = {"Idempotency-Key": "order 850709-9805"}
        problem = refused(await client.post(path, json={"reason": "x"}, headers=headers), 422, "personal-number")
        assert problem["errors"][0]["pointer"] == "/header/Idempotency-Key"
        answer = await client.post(path, json={"reason": {"a": {"850709-9805": 1}}})
        assert refused(answer, 422, "personal-number")["errors"][0]["pointer"] == "/reason/a"
        assert NUMBER[2:8] not in answer.text
        for claims in ({"sub": NUMBER}, {"name": "Anna 850709-9805"}):
            login = origin.client(Role.OPERATOR, **claims)
            refused(await login.get(f"/{service}/v1/dead-letters"), 403, "forbidden")


COURSE = {"code": "HYG", "title": "Basal hygien", "duration_minutes": 60, "categories": ["base"]}


@pytest.mark.parametrize(
    "given",
    [
        {"X-Request-Id": "850709-9805"},
        {"X-Request-Id": "order.19850709.9805"},
        {"traceparent": f"00-{NUMBER.zfill(32)}-00f067aa0ba902b7-01"},
        {"traceparent": f"00-4bf92f3577b34da6a3ce929d0e0e4736-{NUMBER}abcd-01"},
    ],
)
async def test_ids_of_requests_and_traces_that_hold_a_number_are_replaced(stack: Stack, given: dict[str, str]) -> None:
    async with api(stack, "booking") as origin:
        office = origin.client(Role.COORDINATOR)
        ok(await office.post("/booking/v1/courses", json=COURSE, headers=given), 201)
        kept = {"X-Request-Id": "order-4711", "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}
        ok(await office.post("/booking/v1/courses", json={**COURSE, "code": "B"}, headers=kept), 201)
        rows = await origin.rows("booking", "SELECT headers FROM outbox ORDER BY id")
    replaced, other = (json.loads(row["headers"]) for row in rows)
    sent = {"ce_correlationid": given.get("X-Request-Id"), "traceparent": given.get("traceparent")}
    assert all(replaced[name] and replaced[name] != value for name, value in sent.items())
    assert (other["ce_correlationid"], other["traceparent"]) == (kept["X-Request-Id"], kept["traceparent"])


async def test_texts_are_stored_composed_and_asked_for_in_any_composition(stack: Stack) -> None:
    async with api(stack, "booking") as origin:
        office = await enter_register(origin)
        loose = {**COURSE, "code": normalize("NFD", "Å1"), "title": normalize("NFD", "Åkalla, årlig")}
        course = ok(await office.post("/booking/v1/courses", json=loose), 201)
        assert (course["code"], course["title"]) == ("Å1", "Åkalla, årlig")
        found = ok(await office.get("/booking/v1/courses", params={"code": normalize("NFD", "å1")}))["items"]
        assert found == [course]


async def test_what_looks_like_a_number_and_is_none_is_taken(stack: Stack) -> None:
    async with api(stack, "booking") as origin:
        office = await enter_register(origin)
        described = {
            **COURSE,
            "description": "Frågor: 070-123 45 67, +46 70 123 45 67, 019-21 10 00. Org.nr 212000-1967. "
            "Nästa gång 2026-03-01 09.30–16.00. Kostar 23 731 055 kr. Se 0197a000-0000-7000-8000-000000000000.",
        }
        ok(await office.post("/booking/v1/courses", json=described, headers={"Idempotency-Key": str(uuid4())}), 201)
