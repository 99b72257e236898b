"""Field types of booking's bodies."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from shared.codes import code_key
from shared.web.sentences import wrong


def _unique(values: list[Any]) -> list[Any]:
    if len({code_key(value) if isinstance(value, str) else value for value in values}) != len(values):
        raise wrong("repeated", "Varje värde får stå en gång.", "Each value may stand only once.")
    return values


Term = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^20[0-9]{2}H[12]$")]
"""Half a year: `2026H2`."""

MinutesUpTo = Annotated[int, Field(ge=0, le=2_000_000_000)]


Support = Literal["language_support", "sign_interpreter"]
"""What a person needs, or a session offers."""

Unique = AfterValidator(_unique)
"""For lists in which nothing may stand twice."""
