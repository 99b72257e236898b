"""What the calls of titles take and return."""

from typing import Annotated

from pydantic import BaseModel, Field

from services.booking.fields import Unique
from shared.contracts.types import Category
from shared.web.bodies import Body
from shared.web.fields import Code, Line


class TitleBody(Body):
    """One title of the differentiation model; `step` rises with responsibility."""

    title: Code
    title_sv: Line | None = None
    category: Category
    step: Annotated[int, Field(ge=0, le=100)] | None = None
    required_courses: Annotated[list[Code], Unique] = []


class TitlesShown(BaseModel):
    """The differentiation model, in its order."""

    items: list[TitleBody]
