"""What the calls of the economy take and return."""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from shared.contracts.types import Money
from shared.web.bodies import Body
from shared.web.fields import Day, Line
from shared.web.sentences import wrong
from shared.web.written import as_amount

Kind = Literal["income", "cost", "carry-over"]
SWEDISH: dict[str, Kind] = {"intäkt": "income", "kostnad": "cost", "förs över": "carry-over"}


def _understood(kind: Any) -> Any:
    """A kind as a sheet writes it."""
    return SWEDISH.get(kind.strip().lower(), kind) if isinstance(kind, str) else kind


Amount = Annotated[Money, BeforeValidator(as_amount), Field(max_digits=14, decimal_places=2)]
"""Kronor; what takes an earlier row back has a minus."""


class EntryBody(Body):
    """A row of an economy table. Without `covers_from` it covers the year (or the part of it that the project has
    lasted) from its beginning, without `covers_to` to the end of its month.
    """

    date: Day
    kind: Annotated[Kind, BeforeValidator(_understood)]
    category: Line
    amount: Amount
    note: Line | None = None
    covers_from: Day | None = None
    covers_to: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if (self.covers_from or date.min) > (self.covers_to or date.max):
            raise wrong(
                "before_from",
                "covers_to ligger före covers_from.",
                "covers_to lies before covers_from.",
                at="covers_to",
            )
        return self


class MonthsCoveredShown(BaseModel):
    """The days that rows cover, null without any; `missing` are the year's months that they do not cover wholly."""

    model_config = {"serialize_by_alias": True, "validate_by_name": True}

    from_: date | None = Field(alias="from")
    to: date | None
    missing: list[str]


class CoveragesShown(BaseModel):
    income: MonthsCoveredShown
    costs: MonthsCoveredShown


class EconomyShown(BaseModel):
    """Kronor of a year. `balance` = income − costs − carry_over: what the rows do not account for. `by_category` are
    the costs.
    """

    income: Money
    costs: Money
    carry_over: Money
    balance: Money
    coverage: CoveragesShown
    by_category: dict[str, Money]
