"""What the trainers' calls take and answer."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, model_validator

from shared.codes import code_key
from shared.contracts.types import MunicipalityCode
from shared.web.bodies import ANSWER, Body
from shared.web.fields import Code, Day, Email, Line
from shared.web.sentences import wrong


class QualificationBody(Body):
    """A qualification, such as KlinSim1, and the day it was obtained."""

    code: Code
    obtained_on: Day


def _each_once(qualifications: list[QualificationBody]) -> list[QualificationBody]:
    if len({code_key(qualification.code) for qualification in qualifications}) != len(qualifications):
        raise wrong("repeated", "Varje behörighet får stå en gång.", "Each qualification may stand only once.")
    return qualifications


Qualifications = Annotated[list[QualificationBody], AfterValidator(_each_once)]


class TrainerBody(Body):
    """A trainer; active from `active_from`, left as of `active_to`."""

    name: Line
    email: Email
    home_municipality: MunicipalityCode
    qualifications: Qualifications = []
    active_from: Day | None = None
    active_to: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.active_from and self.active_to and self.active_to < self.active_from:
            raise wrong(
                "before_from",
                "`active_to` ligger före `active_from`.",
                "`active_to` lies before `active_from`.",
                at="active_to",
            )
        return self


class TrainerPatch(Body):
    """The fields of a trainer to change; null empties an optional one."""

    name: Line | None = None
    email: Email | None = None
    home_municipality: MunicipalityCode | None = None
    qualifications: Qualifications | None = None
    active_from: Day | None = None
    active_to: Day | None = None


class TrainerShown(TrainerBody):
    model_config = ANSWER

    id: UUID
