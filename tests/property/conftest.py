"""What the generated years share."""

from tests.support.current import current

__all__ = ["current"]
