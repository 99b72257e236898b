"""What the blackouts' calls take and answer, and the warning that others carry."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from shared.contracts.types import MunicipalityCode
from shared.web.bodies import ANSWER, DaysBody
from shared.web.fields import Why

WhyBlackout = Annotated[Why, Field(max_length=1000)]


class BlackoutBody(DaysBody):
    """When nobody of a municipality can take part; a municipality may leave out which, it is its own."""

    municipality: MunicipalityCode | None = None
    reason: WhyBlackout


class BlackoutShown(DaysBody):
    model_config = {**DaysBody.model_config, **ANSWER}

    id: UUID
    municipality: str
    reason: str


class WarningShown(BaseModel):
    """What speaks against a session without forbidding it."""

    code: Literal["blackout"] = "blackout"
    blackout_id: UUID
    municipality: str
    reason: str
