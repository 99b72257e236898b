"""Field types of booking's bodies."""

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, PlainSerializer, StringConstraints

from services.booking.codes import code_key
from shared.web.sentences import wrong

_NO_CONTROL = r"^[^\x00-\x1f\x7f]*$"


def _unique(values: list[Any]) -> list[Any]:
    if len({code_key(value) if isinstance(value, str) else value for value in values}) != len(values):
        raise wrong("repeated", "Varje värde får stå en gång.", "Each value may stand only once.")
    return values


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_NO_CONTROL)]
"""One line of text, not empty."""


Prose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000, pattern=r"^[^\x00]*$")]
"""Text of any number of lines, possibly empty."""

Code = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\s/\x00-\x1f\x7f]+$")
]
"""A short name that others refer to: no spaces, no slash, nothing that a terminal would obey."""

_NO_AT = r"[^@\s\x00-\x1f]+"
EMAIL = re.compile(rf"^{_NO_AT}@{_NO_AT}\.{_NO_AT}$")
Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=254, pattern=EMAIL.pattern)]

Phone = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=3, max_length=40, pattern=r"^[0-9+() /.-]+$")
]

LanguageTag = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
"""A language as in BCP 47: `sv`, `en`, `ar`."""

Term = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9]{4}H[12]$")]
"""Half a year: `2026H2`."""

MinutesUpTo = Annotated[int, Field(ge=0, le=2_000_000_000)]


def _plain(amount: Decimal) -> str:
    return format(amount, "f")


Kronor = Annotated[
    Decimal,
    Field(ge=0, max_digits=14, decimal_places=2),
    PlainSerializer(_plain, return_type=str, when_used="json"),
]
"""An amount: a decimal string in JSON."""

Support = Literal["language_support", "sign_interpreter"]
"""What a person needs, or a session offers."""

Unique = AfterValidator(_unique)
"""For lists in which nothing may stand twice."""
