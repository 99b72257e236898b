"""What the suites of reports share."""

from tests.integration.reporting.ordering import origin, service
from tests.support.current import current

__all__ = ["current", "origin", "service"]
