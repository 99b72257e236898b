"""What the calls of titles take and return."""

from collections.abc import Sequence
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


class PlacedTitleBody(TitleBody):
    """A title, and where it stands in the model; 1 is first."""

    place: Annotated[int, Field(ge=1, le=1000)]

    def put_into(self, titles: Sequence[TitleBody]) -> list[TitleBody]:
        """The other titles with this one at its place."""
        here = TitleBody(**self.model_dump(exclude={"place"}))
        return [*titles[: self.place - 1], here, *titles[self.place - 1 :]]


class TitlesShown(BaseModel):
    """The differentiation model, in its order."""

    items: list[TitleBody]
