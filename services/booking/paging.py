"""Where a list goes on, for lists in order of one column."""

from uuid import UUID

from shared.web.cursors import Page


def after_text(page: Page) -> str:
    """The text after which a list in order of a text goes on, `""` on the first page. Raises 400."""
    last = page.key(str)
    return "" if last is None else last[0]


def after_id(page: Page) -> UUID | None:
    """The id after which a list in order of ids goes on, None on the first page. Raises 400."""
    last = page.key(UUID)
    return None if last is None else last[0]
