"""Tracing costs nothing and changes nothing until it is turned on."""

import subprocess
import sys

from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.observability import tracing

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_when_off_the_callers_trace_is_handed_on() -> None:
    with tracing.span("booking", "POST /v1/courses", kind="SERVER", parent=PARENT) as traceparent:
        assert traceparent == PARENT


def test_when_off_no_sdk_is_imported() -> None:
    program = "import sys, shared.web.routing; print([name for name in sys.modules if 'opentelemetry.sdk' in name])"
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "[]"


def test_turned_off_again_nothing_is_recorded() -> None:
    exporter = InMemorySpanExporter()
    off = tracing.configure(["booking"], "booking-0", exporter)
    assert tracing.enabled("booking")
    assert not tracing.enabled("reporting")
    with tracing.span("booking", "one", kind="SERVER", parent=None):
        pass
    off()
    with tracing.span("booking", "two", kind="SERVER", parent=None):
        pass
    assert [span.name for span in exporter.get_finished_spans()] == ["one"]
