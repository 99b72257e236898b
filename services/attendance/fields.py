"""Field types of attendance's bodies."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, StringConstraints

from shared.web.cursors import Page
from shared.web.problems import Problem

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]+$")]
"""A short text, not empty."""

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=r"^[^\x00]+$")]
"""Why somebody decided so; stays in attendance."""


def _plausible(at: datetime) -> datetime:
    if not 2000 <= at.year < 2200:
        raise ValueError("give a time of this century")
    return at


Moment = Annotated[AwareDatetime, AfterValidator(_plausible)]
"""A time with offset."""


def after_id(page: Page) -> UUID | None:
    """The id after which a list in order of ids goes on, None on the first page. Raises 400."""
    if page.after is None:
        return None
    try:
        [last] = page.after
        return UUID(str(last))
    except ValueError:
        raise foreign_cursor() from None


def foreign_cursor() -> Problem:
    """400 for a cursor that another list gave."""
    return Problem(
        "invalid-cursor",
        400,
        "Markören (cursor) hör inte till den här listan. Börja om från listans första sida.",
        "The cursor is not one of this list. Begin again at the first page of the list.",
    )
