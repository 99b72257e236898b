"""What the call of price scenarios takes and returns."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from shared.contracts.types import Money, MunicipalityCode
from shared.web.bodies import Body
from shared.web.fields import Kronor
from shared.web.sentences import wrong


def _each_once(codes: list[str]) -> list[str]:
    if len(set(codes)) != len(codes):
        raise wrong("repeated", "Varje kommun får stå en gång.", "Each municipality may stand only once.")
    return codes


class ScenarioBody(Body):
    """Who stays, and what the centre costs a year: whatever is held, and for each session."""

    members: Annotated[list[MunicipalityCode], Field(min_length=1, max_length=500), AfterValidator(_each_once)]
    fixed_costs: Kronor
    cost_per_session: Kronor
    sessions: Annotated[int, Field(ge=0, le=100_000)]


class MemberShown(BaseModel):
    code: str
    employees: int
    price: Money


class ScenarioShown(BaseModel):
    """The whole cost and each member's part of it; the parts sum exactly to it."""

    total: Money
    members: list[MemberShown]
