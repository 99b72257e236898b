"""The template over HTTP."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.web.bodies import ANSWER, Body
from shared.web.fields import Code, Day, Line
from shared.web.sentences import wrong

Source = Literal[
    "personal_number",
    "given_name",
    "family_name",
    "participant_id",
    "gender",
    "age_group",
    "birth_year",
    "municipality",
    "title",
    "category",
    "first_day",
    "last_day",
    "participations",
    "minutes",
    "hours",
    "constant",
]


class TemplateColumnBody(Body):
    """A column as the authority names it. `codes` gives the authority's code for each value of ours; what has none is
    to fix.
    """

    name: Line
    source: Source
    required: bool = True
    codes: Annotated[dict[str, Line], Field(min_length=1, max_length=500)] | None = None
    value: Line | None = Field(default=None, description="Of the source `constant`.")

    @model_validator(mode="after")
    def _constant(self) -> Self:
        if (self.source == "constant") != (self.value is not None):
            raise wrong(
                "value_of_constant",
                "Ange `value` för källan constant, och bara där.",
                "Give `value` for the source constant, and only there.",
                at="value",
            )
        return self


class TemplateVersionBody(Body):
    version: Code
    valid_from: Day
    columns: Annotated[list[TemplateColumnBody], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def _once(self) -> Self:
        names = [column.name for column in self.columns]
        if len({*names, "participant_id"}) <= len(names):
            raise wrong(
                "named_twice",
                "Varje kolumn ska ha ett eget namn, och inte participant_id.",
                "Each column has a name of its own, and not participant_id.",
                at="columns",
            )
        return self


class TemplateBody(Body):
    """Every version, the coming ones too; a report takes the one in force on the last day of its period."""

    versions: Annotated[list[TemplateVersionBody], Field(min_length=1, max_length=50)]

    @model_validator(mode="after")
    def _one_a_day(self) -> Self:
        days: set[date] = {one.valid_from for one in self.versions}
        if len(days) < len(self.versions) or len({one.version for one in self.versions}) < len(self.versions):
            raise wrong(
                "version_twice",
                "Varje version ska ha ett eget namn och en egen första dag.",
                "Each version has a name and a first day of its own.",
                at="versions",
            )
        return self


class TemplateShown(TemplateBody):
    """The versions as they are stated."""

    model_config = ANSWER
