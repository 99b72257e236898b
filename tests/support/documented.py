"""Every status and every problem that a test meets is one that the call's OpenAPI document names."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import httpx2

from infra.settings import SERVICES
from shared.web.openapi import PROBLEM_JSON, names_in
from shared.web.problems import BASE

DOCUMENTS = Path(__file__).parents[2] / "docs" / "contracts"


async def answers_as_documented(response: httpx2.Response) -> None:
    """A hook of a client; addresses without a call, and methods that a call does not have, are nobody's to document."""
    _, service, *rest = response.request.url.path.split("/")
    operation = operation_of(service, response.request.method, "/" + "/".join(rest)) if service in SERVICES else None
    if operation is None:
        return
    call, documents = f"{response.request.method} {response.request.url.path}", operation["responses"]
    assert str(response.status_code) in documents, f"{call} answered {response.status_code}, which no document names"
    if response.headers.get("content-type") != PROBLEM_JSON:
        return
    await response.aread()
    name = response.json()["type"].removeprefix(BASE)
    documented = names_in(documents[str(response.status_code)])
    assert name in documented, f"{call} refused with {response.status_code} {name}, which its document does not name"


HOOKS = {"response": [answers_as_documented]}


def operation_of(service: str, method: str, path: str) -> Mapping[str, Any] | None:
    """What a service's published document says about a call; a path without parameters goes first."""
    found = [template for template in paths_of(service) if _pattern(template).fullmatch(path)]
    first = min(found, key=lambda template: template.count("{"), default=None)
    operation: Mapping[str, Any] | None = paths_of(service)[first].get(method.lower()) if first else None
    return operation


@cache
def paths_of(service: str) -> Mapping[str, Any]:
    document: Mapping[str, Any] = json.loads((DOCUMENTS / f"openapi-{service}.json").read_text("utf-8"))
    paths: Mapping[str, Any] = document["paths"]
    return paths


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)))
