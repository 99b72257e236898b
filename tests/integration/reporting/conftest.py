"""What the suites of reports share."""

from tests.integration.reporting.ordering import origin, service

__all__ = ["origin", "service"]
