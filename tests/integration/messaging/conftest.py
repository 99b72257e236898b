"""What the messaging suites share."""

from tests.integration.messaging.relaying import producer, relay, relay_of, sent
from tests.support.mechanisms import database, engine, prefix, units
from tests.support.notes import at_work

__all__ = ["at_work", "database", "engine", "prefix", "producer", "relay", "relay_of", "sent", "units"]
