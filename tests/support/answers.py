"""How a test reads an answer: its body, or the problem by which it was refused."""

from typing import Any

import httpx2

from shared.web.openapi import PROBLEM_JSON
from shared.web.problems import BASE

Json = dict[str, Any]


def answered(answer: httpx2.Response, status: int | None = None) -> Json:
    """The body of an answer that is not a refusal, or has this status."""
    assert answer.is_success if status is None else answer.status_code == status, f"{answer.status_code} {answer.text}"
    body: Json = answer.json()
    return body


def ok(answer: httpx2.Response, status: int = 200) -> Any:
    """The body of an answer that has this status."""
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def refused(answer: httpx2.Response, status: int, name: str) -> Json:
    """The problem of an answer that was refused as expected."""
    assert problem(answer) == (status, name), answer.text
    body: Json = answer.json()
    return body


def problem(answer: httpx2.Response) -> tuple[int, str]:
    """Status and name of a refusal."""
    assert answer.headers["content-type"] == PROBLEM_JSON, answer.text
    return answer.status_code, answer.json()["type"].removeprefix(BASE)


def if_match(answer: httpx2.Response) -> dict[str, str]:
    """The header by which the resource of an answer is edited."""
    return {"If-Match": answer.headers["ETag"]}
