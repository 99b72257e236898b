"""Where a list goes on, for lists in order of one column."""

from uuid import UUID

from shared.web.cursors import Page
from shared.web.problems import Problem


def after_text(page: Page) -> str:
    """The text after which a list in order of a text goes on, `""` on the first page. Raises 400."""
    last = _last(page)
    if last is None:
        return ""
    if not isinstance(last, str) or "\x00" in last:
        raise _foreign()
    return last


def after_id(page: Page) -> UUID | None:
    """The id after which a list in order of ids goes on, None on the first page. Raises 400."""
    last = _last(page)
    if last is None:
        return None
    try:
        return UUID(str(last))
    except ValueError:
        raise _foreign() from None


def _last(page: Page) -> object:
    if page.after is None:
        return None
    if len(page.after) != 1:
        raise _foreign()
    return page.after[0]


def _foreign() -> Problem:
    return Problem(
        "invalid-cursor",
        400,
        "Markören (cursor) hör inte till den här listan. Börja om från listans första sida.",
        "The cursor is not one of this list. Begin again at the first page of the list.",
    )
