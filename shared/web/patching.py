"""Edits of what exists: the fields of a PATCH laid over the resource, validated as a whole."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from shared.web.errors import field_error
from shared.web.problems import FieldError, invalid

B = TypeVar("B", bound=BaseModel)


def patched(body: type[B], present: Mapping[str, Any], sent: Mapping[str, Any]) -> B:
    """The resource with the fields that a PATCH sent. Raises 422 with pointers into the patch."""
    try:
        return body.model_validate({**present, **sent})
    except ValidationError as error:
        raise invalid(*(field_error(dict(fault)) for fault in error.errors())) from None


def unchangeable(field: str, sv: str, en: str) -> FieldError:
    """The error for a field that a PATCH may not change; the sentences say what to do instead."""
    return FieldError(f"/{field}", "unchangeable", sv, en)
