"""Field types of attendance's bodies."""

from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from shared.web.cursors import Page

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]+$")]
"""A short text, not empty."""

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=r"^[^\x00]+$")]
"""Why somebody decided so; stays in attendance."""


def after_id(page: Page) -> UUID | None:
    """The id after which a list in order of ids goes on, None on the first page. Raises 400."""
    last = page.key(UUID)
    return None if last is None else last[0]
