"""What reporting takes from the streams: facts, and nothing else. Contact data (`people`) is not among its topics."""

from typing import Final

from services.reporting.facts.record import record
from services.reporting.facts.versions import CONSUMER, TOPICS
from shared.messaging.delivery import Consumer

FACTS: Final = Consumer(CONSUMER, TOPICS, record, deduplicates=True)
