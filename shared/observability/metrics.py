"""Prometheus metrics, named once. Served at `/metrics` of the process; not routed outside."""

from prometheus_client import Counter, Gauge, Histogram

REQUEST_SECONDS = Histogram(
    "kursnav_http_request_seconds",
    "Seconds from a request's first byte to its answer.",
    ["service", "method", "route", "status"],
)
OUTBOX_UNSENT = Gauge("kursnav_outbox_unsent", "Events committed and not yet sent.", ["service"])
OUTBOX_AGE_SECONDS = Gauge(
    "kursnav_outbox_age_seconds", "Seconds that the oldest unsent event has waited.", ["service"]
)
PUBLISHED = Counter("kursnav_outbox_published_total", "Events sent and marked.", ["service"])
LAG = Gauge("kursnav_consumer_lag", "Records of the topics that a service has not applied yet.", ["service"])
DEAD_LETTERS = Gauge("kursnav_dead_letters", "Open dead letters, and events parked behind one.", ["service", "state"])
HELD = Gauge("kursnav_held", "Facts that wait for their counterpart.", ["service"])
EVENTS = Counter("kursnav_events_total", "Records taken from the topics.", ["service", "consumer"])
BATCH_SECONDS = Histogram(
    "kursnav_batch_seconds", "Seconds from a batch's arrival to its commit.", ["service", "consumer"]
)
EVENT_AGE_SECONDS = Histogram(
    "kursnav_event_age_seconds",
    "Seconds from when an event was recorded until it was applied.",
    ["service", "consumer"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)
RECORDS_GONE = Counter(
    "kursnav_records_gone_total", "Records that a topic lost before this process's consumers applied them.", ["topic"]
)
JOBS_OPEN = Gauge("kursnav_jobs_open", "Jobs that are due and have not ended.", ["service"])
JOBS_AGE_SECONDS = Gauge("kursnav_jobs_age_seconds", "Seconds since the oldest of them was due.", ["service"])
JOBS_FAILED = Counter("kursnav_jobs_failed_total", "Jobs that were given up.", ["service", "kind"])
