"""Field types that several contracts share."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, PlainSerializer, StringConstraints, WithJsonSchema


def _utc_text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


Utc = Annotated[AwareDatetime, PlainSerializer(_utc_text, return_type=str, when_used="json")]
"""An instant: aware in code, RFC 3339 with `Z` in JSON."""

Money = Annotated[
    Decimal,
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}),
]
"""Kronor, as a decimal string in JSON."""

Minutes = Annotated[int, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]
MunicipalityCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
Month = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
"""A calendar month in Stockholm: `2025-11`."""

Category = Literal["base", "licensed", "other"]
"""Occupational category; base is undersköterskor and stödassistenter."""
