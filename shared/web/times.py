"""Times in answers: stored in UTC, shown with Sweden's offset (http-api, conventions)."""

from datetime import datetime
from typing import Annotated

from pydantic import PlainSerializer, WithJsonSchema

from shared.clock import STOCKHOLM


def _shown(at: datetime) -> str:
    return at.astimezone(STOCKHOLM).isoformat()


ShownTime = Annotated[
    datetime,
    PlainSerializer(_shown, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An instant of an answer: `2025-03-01T09:00:00+01:00`."""
