"""Pages: a template and a few lines, by the same use cases as the API (CONTRIBUTING, "A page")."""

from shared.web.pages.languages import _
from shared.web.pages.routing import Done, page_router
from shared.web.pages.views import View, entered

__all__ = ["Done", "View", "_", "entered", "page_router"]
