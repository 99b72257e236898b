"""Bases of what comes in. A route takes JSON of exact types (shared.web.intake); a body also names all it knows."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.web.fields import Day
from shared.web.sentences import wrong

ANSWER = ConfigDict(extra="ignore")
"""For an answer that has the fields of a body: others may be added to it."""


class Body(BaseModel):
    """What a request carries. An unknown field is refused by its name."""

    model_config = ConfigDict(extra="forbid")


class DaysBody(Body):
    """A period: local days, both inclusive."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    from_: Day = Field(alias="from")
    to: Day

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.to < self.from_:
            raise wrong("before_from", "`to` ligger före `from`.", "`to` lies before `from`.", at="to")
        return self
