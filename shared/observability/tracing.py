"""Traces: OpenTelemetry, one setting away. Without `KURSNAV_OTLP_ENDPOINT` its SDK is not loaded; a span is a look-up.

A trace goes from the request through outbox, relay and Kafka to the effect: the `traceparent` header of the events
carries it (events.md). Names and attributes hold routes, topics and consumers, never ids of persons or contents.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span, Tracer

Kind = Literal["SERVER", "PRODUCER", "CONSUMER"]

_tracers: dict[str, "Tracer"] = {}


def configure(services: Iterable[str], instance: str, exporter: "SpanExporter") -> Callable[[], None]:
    """Turns tracing on for the services of this process; the answer sends what is left and turns it off."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    processor = BatchSpanProcessor(exporter)  # in a thread of its own: a slow collector delays nobody
    providers = []
    for service in services:
        resource = Resource.create({"service.name": f"kursnav-{service}", "service.instance.id": instance})
        provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        provider.add_span_processor(processor)
        providers.append(provider)
        _tracers[service] = provider.get_tracer("kursnav")

    def off() -> None:
        _tracers.clear()
        for provider in providers:
            provider.shutdown()

    return off


def collector(endpoint: str) -> "SpanExporter":
    """Sends spans to a collector by OTLP over HTTP; `OTEL_EXPORTER_OTLP_HEADERS` and the like apply."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")


def enabled(service: str) -> bool:
    """Whether spans of this service go anywhere."""
    return service in _tracers


def span(
    service: str, name: str, *, kind: Kind, parent: str | None, attributes: Mapping[str, str | int] | None = None
) -> AbstractContextManager[str | None]:
    """A span around a block. Gives its `traceparent` for what the block causes; the parent's when tracing is off."""
    tracer = _tracers.get(service)
    return _Off(parent) if tracer is None else _On(tracer, name, kind, parent, attributes)


class _Off:
    """No span: hands on the traceparent as it came."""

    __slots__ = ("parent",)

    def __init__(self, parent: str | None) -> None:
        self.parent = parent

    def __enter__(self) -> str | None:
        return self.parent

    def __exit__(self, *_: object) -> None:
        return None


class _On:
    """A span whose place in the trace is the traceparent alone: no context variable leaks into the next message."""

    def __init__(
        self, tracer: "Tracer", name: str, kind: Kind, parent: str | None, attributes: Mapping[str, str | int] | None
    ) -> None:
        from opentelemetry.trace import SpanKind

        self._span: Span = tracer.start_span(
            name, context=_context(parent), kind=SpanKind[kind], attributes=dict(attributes or {})
        )

    def __enter__(self) -> str:
        from opentelemetry.trace import set_span_in_context
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        carrier: dict[str, str] = {}
        TraceContextTextMapPropagator().inject(carrier, set_span_in_context(self._span))
        return carrier["traceparent"]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        from opentelemetry.trace import StatusCode

        if kind is not None:
            self._span.set_status(StatusCode.ERROR, kind.__name__)  # the message may quote contents
        self._span.end()


def _context(parent: str | None) -> "Context":
    """The trace to continue; an empty context begins a new one."""
    from opentelemetry.context import Context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract({"traceparent": parent} if parent else {}, context=Context())
