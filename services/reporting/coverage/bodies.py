"""What the call of the training coverage returns."""

from datetime import date

from pydantic import BaseModel


class TitleCoverageShown(BaseModel):
    """`required`: whether the differentiation model asks for the course; `share` = trained ÷ employments."""

    title: str
    course: str
    required: bool
    employments: int
    trained: int
    share: float | None


class CoverageShown(BaseModel):
    as_of: date
    rows: list[TitleCoverageShown]
