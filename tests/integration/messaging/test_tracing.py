"""One trace leads from a request through outbox, relay and Kafka to the fact that reporting keeps."""

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.messaging.pipeline import Pipeline
from shared.observability import tracing
from shared.security.roles import Role
from tests.support.disturbed import FailedFirst
from tests.support.services import Origin, running
from tests.support.stack import Stack

TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
COURSE = {
    "code": "TR1",
    "title": "TR1",
    "description": "",
    "duration_minutes": 60,
    "categories": ["base"],
    "languages": ["sv"],
}


async def make_a_course(origin: Origin) -> None:
    headers = {"traceparent": f"00-{TRACE}-{CALLER}-01"}
    made = await origin.client(Role.COORDINATOR).post("/booking/v1/courses", json=COURSE, headers=headers)
    assert made.status_code == 201, made.text
    await origin.settled()


async def spans_of_a_course(stack: Stack, pipeline: type[Pipeline]) -> list[ReadableSpan]:
    """All spans until the course is a fact of reporting."""
    exporter = InMemorySpanExporter()
    off = tracing.configure(("booking", "reporting"), "test-0", exporter)
    try:
        async with running(stack, ("booking", "reporting"), pipeline=pipeline) as origin:
            await make_a_course(origin)
            facts = await origin.rows("reporting", "SELECT type FROM facts_v1.facts")
    finally:
        off()
    assert [fact["type"] for fact in facts] == ["se.kursnav.catalogue.course-changed.v1"]
    return [span for span in exporter.get_finished_spans() if format(_context(span)[0], "032x") == TRACE]


def _context(span: ReadableSpan) -> tuple[int, int]:
    context = span.get_span_context()
    assert context is not None
    return context.trace_id, context.span_id


def _parent(span: ReadableSpan) -> int:
    assert span.parent is not None
    return span.parent.span_id


async def test_a_request_its_event_and_its_fact_are_one_trace(stack: Stack) -> None:
    spans = {span.name: span for span in await spans_of_a_course(stack, Pipeline)}
    assert set(spans) == {"POST /v1/courses", "send kursnav.catalogue.v1", "apply reporting"}
    request, sent, applied = spans["POST /v1/courses"], spans["send kursnav.catalogue.v1"], spans["apply reporting"]
    assert format(_parent(request), "016x") == CALLER
    assert _parent(sent) == _context(request)[1]
    assert _parent(applied) == _context(sent)[1]
    assert applied.resource.attributes["service.name"] == "kursnav-reporting"
    assert applied.resource.attributes["service.instance.id"] == "test-0"


async def test_a_failed_attempt_is_a_span_with_an_error(stack: Stack) -> None:
    spans = await spans_of_a_course(stack, FailedFirst)
    applied = [span for span in spans if span.name == "apply reporting"]
    assert [span.status.status_code.name for span in applied] == ["ERROR", "UNSET"]
    assert applied[0].status.description == "OnPurpose"
