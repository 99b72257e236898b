"""Times in answers are shown with Sweden's offset (http-api, conventions), whichever service answers."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, get_args, get_origin

import pytest
from fastapi.routing import APIRoute
from pydantic import BaseModel

from infra.contracts import PLACEHOLDERS
from infra.serve import create
from infra.settings import SERVICES
from shared.web.times import ShownTime

SHOWN = get_args(ShownTime)[1]


def routes(holder: Any) -> Iterator[APIRoute]:
    """The routes of an application, included or its own."""
    for route in holder.routes:
        if isinstance(route, APIRoute):
            yield route
        else:
            inner = getattr(route, "original_router", None)
            yield from routes(inner) if inner else ()


def models(kind: Any) -> Iterator[type[BaseModel]]:
    """The models within a type, and those within them."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
        for field in kind.model_fields.values():
            yield from models(field.annotation)
    for inner in get_args(kind):
        yield from models(inner)


def is_bare(kind: Any, metadata: tuple[Any, ...] = ()) -> bool:
    """Whether a `datetime` stands somewhere in a type without being a `ShownTime`."""
    if get_origin(kind) is Annotated:
        return is_bare(get_args(kind)[0], get_args(kind)[1:])
    if kind is datetime:
        return SHOWN not in metadata
    return any(is_bare(inner) for inner in get_args(kind))


@pytest.mark.parametrize("name", SERVICES)
def test_every_time_of_an_answer_is_a_shown_time(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in PLACEHOLDERS.items():
        monkeypatch.setenv(key, value)
    answered = {model for route in routes(create(name).app) for model in models(route.response_model)}
    assert len(answered) > 3
    bare = {
        f"{model.__name__}.{field_name}"
        for model in answered
        for field_name, field in model.model_fields.items()
        if is_bare(field.annotation, tuple(field.metadata))
    }
    assert bare == set()
