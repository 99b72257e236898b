"""What tests of booking enter first, and how they read answers."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import httpx2

from shared.contracts.envelope import decode
from shared.contracts.registry import EventData
from shared.contracts.topics import ALL
from shared.security.cipher import Cipher
from shared.security.personal_numbers import check_digit
from shared.security.roles import Role
from tests.support.services import PEOPLE_KEYS, Origin

PROJECT = {
    "name": "Kompetensnavet",
    "period": {"from": "2025-01-01", "to": "2027-06-30"},
    "grant": "23731055.00",
    "commitment_minutes": 2_520_000,
    "settings": [{"key": "breaks", "value": "unpaid", "valid_from": "2025-01-01"}],
}
NORA = {"code": "1884", "name": "Nora", "org_number": "212000-2007", "employees": 460}
OREBRO = {"code": "1880", "name": "Örebro", "org_number": "212000-1967", "employees": 5600}
TITLES = [
    {"title": "care_assistant", "title_sv": "Vårdbiträde", "category": "other", "step": 2, "required_courses": []},
    {"title": "assistant_nurse", "title_sv": "Undersköterska", "category": "base", "step": 3, "required_courses": []},
]
MAJA = {
    "personal_number": "19811218-9876",
    "given_name": "Maja",
    "family_name": "Ek",
    "email": "maja.ek@nora.example",
    "phone": "070-174 06 05",
    "manager_email": "chef@nora.example",
    "workplace": "Hagby ängar",
    "title": "Undersköterska",
    "category": "base",
    "municipality": "1884",
}


def ok(answer: httpx2.Response, status: int = 200) -> Any:
    """The body of an answer that has this status."""
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def refused(answer: httpx2.Response, status: int, name: str) -> dict[str, Any]:
    """The problem of an answer that was refused as expected."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    problem: dict[str, Any] = answer.json()
    assert problem["type"] == f"https://kursnav.se/problems/{name}", problem
    return problem


def if_match(answer: httpx2.Response) -> dict[str, str]:
    """The header by which the resource of an answer is edited."""
    return {"If-Match": answer.headers["ETag"]}


def number_of(person: int) -> str:
    """The personal number of the n-th person: valid, and never given to anyone (birth numbers from 980)."""
    nine = f"{(date(1960, 1, 1) + timedelta(days=person // 20)):%y%m%d}{980 + person % 20}"
    return f"19{nine}{check_digit(nine)}"


async def enter_register(origin: Origin) -> httpx2.AsyncClient:
    """The project, two municipalities and the titles; answers the coordinator's client."""
    office = origin.client(Role.COORDINATOR)
    ok(await office.put("/booking/v1/project", json=PROJECT), 201)
    for municipality in (NORA, OREBRO):
        ok(await office.put(f"/booking/v1/municipalities/{municipality['code']}", json=municipality), 201)
    ok(await office.put("/booking/v1/titles", json=TITLES), 201)
    return office


async def published(origin: Origin, topic: str) -> list[tuple[str, EventData | None]]:
    """Key and data of what waits in booking's outbox for a topic, in order."""
    rows = await origin.rows("booking", "SELECT * FROM outbox WHERE topic = $1 ORDER BY id", topic)
    cipher = Cipher.from_setting(PEOPLE_KEYS)
    declared = next(each for each in ALL if each.name == topic)
    return [(row["key"], decode(declared, row["key"].encode(), row["value"], _headers(row), cipher)[1]) for row in rows]


def _headers(row: Mapping[str, Any]) -> list[tuple[str, bytes]]:
    headers = {**json.loads(row["headers"]), "ce_sequence": str(row["sequence"])}
    return [(name, str(value).encode()) for name, value in headers.items()]
